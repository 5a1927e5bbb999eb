"""Who does not finish: called back, or forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from clientela.modules.contracts.models import Policy
from clientela.modules.quotes.queries.products import definition_of, questions_of
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import Incoming, receive, sold
from clientela.modules.sales.models import Deal
from clientela.modules.sales.operations.automatic import happened
from clientela.modules.sales.rules.happenings import Happening
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.operations.keeping import lock
from clientela.portal.shop.operations.told import label_of, value_of
from clientela.portal.shop.pricing import subject_for

LEFT_AFTER = timedelta(minutes=30)
State = Purchase.State


@transaction.atomic
def ask_call(*, now: datetime, purchase: Purchase, name: str, phone: str, why: Sequence[str] = ()) -> int:
    """A colleague calls: a request with everything that was told; asked for twice it is the same one."""
    row = lock(purchase)
    if row.request_ref is not None:
        return row.request_ref
    with override(settings.LANGUAGE_CODE):
        reasons = [gettext("Bought on the site, not finished")] if not why else list(why)
        request = receive(actor=None, now=now, incoming=Incoming(
            source=Request.Source.WEB, name=name, phone=phone, email=row.person.get("email", ""), product=row.product,
            about=str(subject_for(row).get("title", ""))[:120], text="; ".join(reasons), answers=_answers(row),
            client_id=row.client_id, origin=f"shop:{row.pk}",
        ))  # fmt: skip
    row.request_ref, row.state = request.pk, State.CALLED if row.state == State.OPEN else row.state
    row.save(update_fields=["request_ref", "state"])
    return request.pk


def _answers(purchase: Purchase) -> list[dict[str, str]]:
    told = {
        **purchase.subject,
        **{key: value for key, value in purchase.answers.items() if not isinstance(value, list)},
    }
    if purchase.starts_on:
        told["starts_on"] = purchase.starts_on.isoformat()
    asked = definition_of(purchase.product, purchase.starts_on or purchase.created_at.date())
    questions = {
        one["key"]: one for one in questions_of(asked, purchase.starts_on or purchase.created_at.date())
    }
    return [
        {"key": key, "label": label_of(key, questions)[:120], "value": value_of(key, value, questions)[:200]}
        for key, value in told.items()
        if value not in (None, "")
    ]


def _is_paid(purchase: Purchase) -> bool:
    """Whether the policy is there: it comes with the payment, the state of the calculation follows."""
    project = purchase.calculation.project if purchase.calculation else None
    return project is not None and project.next_policy_id is not None


def left(*, now: datetime, limit: int = 200) -> int:
    """Purchases that were left half an hour ago with a contact and a consent become requests, each once."""
    waiting = Purchase.objects.filter(request_ref=None, touched_at__lt=now - LEFT_AFTER, expires_at__gt=now)
    waiting = (
        waiting.exclude(person={})
        .filter(consents__has_key="service")
        .exclude(calculation__project__next_policy__isnull=False)
        .exclude(calculation__referrals__inspections__done_at__isnull=False)
    )
    found = list(waiting.order_by("touched_at").values_list("pk", flat=True)[:limit])
    for pk in found:
        with transaction.atomic():
            row = lock(Purchase(pk=pk))
            if row.request_ref is None and not _is_paid(row) and row.touched_at < now - LEFT_AFTER:
                person = row.person
                name = " ".join(
                    person[key] for key in ("last_name", "first_name", "middle_name") if person.get(key)
                )
                ask_call(now=now, purchase=row, name=name, phone=person["phone"])
    return len(found)


@transaction.atomic
def paid(*, now: datetime, policy: Policy) -> int:
    """The policy was bought here: requests of this purchase, and of earlier tries at the same, are over; how many.

    A request that joined another product's, or was closed by a person, is left alone.
    """
    mine = Purchase.objects.filter(calculation__project__next_policy=policy.pk).first()
    if mine is None:
        return 0
    row = lock(mine)  # one that is given to a colleague at this moment is seen here
    tries = Purchase.objects.filter(
        product=row.product, confirmed_phone="", person__phone=row.confirmed_phone
    )
    tries |= Purchase.objects.filter(product=row.product, client=policy.client_id)
    same = [one.request_ref for one in tries if one.request_ref and one.subject_key == row.subject_key]
    asked = {one for one in (row.request_ref, *same) if one is not None}
    count = 0
    for request in Request.objects.filter(pk__in=asked, product=row.product).order_by("pk"):
        deals = list(
            Deal.objects.filter(request=request.pk, client=policy.client_id).values_list("pk", flat=True)
        )
        if sold(now=now, request_id=request.pk, number=policy.number, deal_id=deals[0] if deals else None):
            happened(Happening.POLICY_ISSUED, deals, now=now, sold=policy, amount=policy.premium)
            count += 1
    return count


def forget(*, now: datetime) -> int:
    """Delete what nobody bought and nobody will come back to."""
    rows = Purchase.objects.filter(expires_at__lt=now).exclude(state=State.ORDERED)
    return rows.delete()[0]
