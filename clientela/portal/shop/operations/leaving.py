"""Who does not finish: called back, or forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import Incoming, receive
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.operations.keeping import lock
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
    return [
        {"key": key, "label": key, "value": str(value)[:200]}
        for key, value in told.items()
        if value not in (None, "")
    ]


def left(*, now: datetime, limit: int = 200) -> int:
    """Purchases that were left half an hour ago with a contact and a consent become requests, each once."""
    waiting = Purchase.objects.filter(request_ref=None, touched_at__lt=now - LEFT_AFTER, expires_at__gt=now)
    waiting = (
        waiting.exclude(person={})
        .filter(consents__has_key="service")
        .exclude(calculation__state="issued")
        .exclude(calculation__referrals__inspections__done_at__isnull=False)
    )
    found = list(waiting.order_by("touched_at").values_list("pk", flat=True)[:limit])
    for pk in found:
        with transaction.atomic():
            row = lock(Purchase(pk=pk))
            if row.request_ref is None and row.touched_at < now - LEFT_AFTER:
                person = row.person
                name = " ".join(
                    person[key] for key in ("last_name", "first_name", "middle_name") if person.get(key)
                )
                ask_call(now=now, purchase=row, name=name, phone=person["phone"])
    return len(found)


def forget(*, now: datetime) -> int:
    """Delete what nobody bought and nobody will come back to."""
    rows = Purchase.objects.filter(expires_at__lt=now).exclude(state=State.ORDERED)
    return rows.delete()[0]
