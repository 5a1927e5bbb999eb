"""Every change to a purchase is one of these verbs; the actor is always the visitor, whom nobody knows."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.formats import full_date
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.products.models import Product
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import Incoming, receive
from clientela.portal.shop import limits
from clientela.portal.shop.cards import card_of
from clientela.portal.shop.consents import DOCUMENTS
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.pricing import answers_for, drivers_for, subject_for
from clientela.portal.shop.sending import send_now

KEPT_FOR = timedelta(days=14)
CODE_LASTS = timedelta(minutes=10)
CODE_AGAIN = timedelta(seconds=60)
MOST_TRIES = 5
LEFT_AFTER = timedelta(minutes=30)
State = Purchase.State


class WrongCode(Refusal):
    """Not the code that was sent, or it is too old."""

    message = _("The code does not fit. Look at the last SMS, or ask for a new code.")
    field = "code"


class CodeJustSent(Refusal):
    """The last one may still be on its way."""

    message = _("A code was sent a moment ago. A new one can be asked for in a minute.")


class NotConfirmed(Refusal):
    """The phone was not confirmed."""

    message = _("Confirm your phone by the code first.")


def begin(*, now: datetime, product: Product, line: str) -> Purchase:
    """A new purchase with a secret of its own."""
    return Purchase.objects.create(
        token=secrets.token_urlsafe(32), product=product, line=line, language=(get_language() or "ru")[:2],
        created_at=now, touched_at=now, expires_at=now + KEPT_FOR,
    )  # fmt: skip


@transaction.atomic
def keep(*, now: datetime, purchase: Purchase, step: str, **values: Any) -> Purchase:
    """Keep what a step told. An ordered purchase becomes open again: its price is counted anew."""
    row = lock(purchase)
    for name, value in values.items():
        setattr(row, name, value)
    row.done = [*row.done, step] if step not in row.done else row.done
    row.touched_at, row.expires_at = now, now + KEPT_FOR
    row.save()
    return row


def lock(purchase: Purchase) -> Purchase:
    """The purchase as it is now, held until the transaction ends."""
    rows = Purchase.objects.select_for_update(of=("self",)).select_related("product", "client", "calculation")
    return rows.get(pk=purchase.pk)


@transaction.atomic
def keep_person(
    *, now: datetime, purchase: Purchase, person: Mapping[str, str], agreed: Sequence[str]
) -> Purchase:
    """Who buys, and which texts they agreed to, each with its version and moment."""
    consents = {
        kind: purchase.consents.get(kind) or {"version": DOCUMENTS[kind].version, "at": now.isoformat()}
        for kind in agreed
    }
    return keep(now=now, purchase=purchase, step="you", person=dict(person), consents=consents)


@transaction.atomic
def keep_people(*, now: datetime, purchase: Purchase, step: str, **values: Any) -> Purchase:
    """Who drives or travels; naming them is agreed to with the version of the text."""
    given = {"version": DOCUMENTS["personal"].version, "at": now.isoformat()}
    return keep(
        now=now, purchase=purchase, step=step, consents={"personal": given} | purchase.consents, **values
    )


def send_code(*, now: datetime, purchase: Purchase, address: str) -> str:
    """A new code to the phone that was typed; the old one is void. Returns it, for the page of a demonstration.

    Raises ``CodeJustSent``, ``TooOften``, ``NotSent``.
    """
    phone = purchase.person["phone"]
    if purchase.code_sent_at is not None and purchase.code_sent_at > now - CODE_AGAIN:
        raise CodeJustSent
    limits.count("code-phone", phone)
    limits.count("code-address", address)
    limits.count("code-all")
    code = f"{secrets.randbelow(1_000_000):06}"
    with transaction.atomic():
        row = lock(purchase)
        row.code_digest, row.code_sent_at, row.code_tries = _digest(row, code), now, 0
        row.touched_at = now
        row.save(update_fields=["code_digest", "code_sent_at", "code_tries", "touched_at"])
    words = gettext("%(code)s is your code for %(company)s. Tell it to nobody.")
    shown = {"company": settings.COMPANY_NAME}
    send_now(
        now=now,
        channel="sms",
        to=phone,
        text=words % {"code": code, **shown},
        kept=words % {"code": "••••••", **shown},
    )
    return code


def _digest(purchase: Purchase, code: str) -> str:
    salted = signing.Signer(salt=f"shop.code.{purchase.pk}").signature(f"{purchase.person['phone']}:{code}")
    return hashlib.sha256(salted.encode()).hexdigest()


def confirm(*, now: datetime, purchase: Purchase, code: str) -> Purchase:
    """The phone is the visitor's: their card is found or made. A code fits once, five tries each.

    Raises ``WrongCode``.
    """
    typed = "".join(char for char in code if char.isdigit())
    with transaction.atomic():
        row = lock(purchase)
        fresh = row.code_sent_at is not None and row.code_sent_at > now - CODE_LASTS
        row.code_tries += 1
        fits = bool(row.code_digest) and constant_time_compare(_digest(row, typed), row.code_digest)
        good = fresh and fits and row.code_tries <= MOST_TRIES
        if good:
            row.confirmed_phone, row.code_digest = row.person["phone"], ""
            row.client = card_of(row, now=now)
            record(
                actor=None, now=now, action="purchase.confirmed", obj=row.client,
                changes={kind: [None, one["version"]] for kind, one in row.consents.items()}, reason="shop",
            )  # fmt: skip
            row.done = [*row.done, "code"] if "code" not in row.done else row.done
        row.touched_at = now
        row.save()
    if not good:  # the try is counted even so
        raise WrongCode
    return row


@transaction.atomic
def calculate(*, now: datetime, purchase: Purchase) -> Variant:
    """The calculation of the client's card as the purchase stands, priced; the variant that will be bought.

    Raises ``NotConfirmed``, and what ``quotes`` refuses.
    """
    row = lock(purchase)
    if not row.is_confirmed or row.client is None or row.starts_on is None:
        raise NotConfirmed
    found = row.calculation
    if (
        found is None
        or found.client_id != row.client_id
        or found.state in (Calculation.State.LOST, Calculation.State.REFERRED)
    ):
        found = quotes.start(
            actor=None, now=now, client=row.client, product=row.product, starts_on=row.starts_on
        )
        found.variants.exclude(is_chosen=True).delete()
    if found.state not in (Calculation.State.PROJECT, Calculation.State.ISSUED):
        answers = answers_for(row)
        found = quotes.change(
            actor=None, now=now, calculation=found, subject=subject_for(row), answers=dict.fromkeys(found.answers) | answers,
            drivers=drivers_for(row), starts_on=row.starts_on,
        )  # fmt: skip
    chosen = found.variants.get(is_chosen=True)
    row.calculation, row.shown_premium = found, chosen.premium
    row.save(update_fields=["calculation", "shown_premium"])
    return chosen


@transaction.atomic
def order(*, now: datetime, purchase: Purchase, shown: str) -> Project:
    """The contract to be paid, at the price that was ``shown``. Pressed twice it is the same one.

    Raises ``quotes.PriceMoved``, ``NotConfirmed``, and what ``quotes`` refuses.
    """
    row = lock(purchase)
    if not row.is_confirmed or row.calculation is None:
        raise NotConfirmed
    if row.shown_premium is None or shown != str(row.shown_premium):
        raise quotes.PriceMoved
    project = quotes.to_project(actor=None, now=now, calculation=row.calculation)
    if row.state != State.ORDERED:
        days = row.answers.get("days")
        values: dict[str, Any] = {"sales_channel": Policy.SalesChannel.WEB}
        if days:  # a journey ends when it ends, not with the year
            values["end_date"] = project.start_date + timedelta(days=int(days) - 1)
        Project.objects.filter(pk=project.pk).update(**values)
        project.refresh_from_db()
        row.state, row.touched_at = State.ORDERED, now
        row.save(update_fields=["state", "touched_at"])
        record(
            actor=None, now=now, action="purchase.ordered", obj=row.client,
            changes={"premium": [None, project.premium]}, reason=row.calculation.number,
        )  # fmt: skip
    return project


def send_link(*, now: datetime, purchase: Purchase, where: str, address: str) -> None:
    """The link to come back, to the visitor's own phone or e-mail. Raises ``TooOften``, ``NotSent``."""
    limits.count("code-phone", where)
    limits.count("code-address", address)
    limits.count("code-all")
    words = gettext("%(company)s: go on with your insurance here: %(link)s The link holds until %(until)s.")
    told = {
        "company": settings.COMPANY_NAME,
        "until": full_date(purchase.expires_at.date(), purchase.language),
    }
    link = link_of(purchase)
    channel = "email" if "@" in where else "sms"
    subject = gettext("Your insurance: go on where you left") if channel == "email" else ""
    send_now(
        now=now, channel=channel, to=where, subject=subject, text=words % {"link": link, **told},
        kept=words % {"link": "…", **told},
    )  # fmt: skip


def link_of(purchase: Purchase) -> str:
    """Where the purchase goes on, for an SMS or an e-mail."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/shop/go/{purchase.token}/"


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
        waiting.exclude(person={}).filter(consents__has_key="service").exclude(calculation__state="issued")
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
