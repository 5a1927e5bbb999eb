"""Sending the comparison to the client, and what the client answers on it."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.formats import full_date, money
from clientela.foundation.ui.printing import NoPrinter
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.contacts.models import WRITTEN, Message, MessageFile
from clientela.modules.contacts.operations.queueing import queue_message
from clientela.modules.documents.files import keep_file
from clientela.modules.quotes import rules
from clientela.modules.quotes.events import CalculationAccepted, CalculationSent
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.operations.base import NotPriced, keep, lock
from clientela.modules.quotes.operations.variants import choose_in

State = Calculation.State
ORIGIN = "quotes.offer"


class BadChannel(Refusal):
    """An offer is written: by SMS, letter or messenger."""

    message = _("Choose SMS, e-mail, VK or Telegram.")
    field = "channel"


class OfferOver(Refusal):
    """The offer ran out or went further; ``message`` says what to do."""

    message = _("This offer is no longer open. Ask your agent for a new one.")


@transaction.atomic
def make_page(*, actor: Any, now: datetime, calculation: Calculation) -> Calculation:
    """Open the client's page of the comparison for whoever gets its secret address by hand.

    Raises ``NotPriced``, ``CalculationFixed``, ``PermissionDenied``.
    """
    row = _open(actor, calculation, now)
    _sent(row, now)
    return row


@transaction.atomic
def send(*, actor: Any, now: datetime, calculation: Calculation, channel: str) -> Message:
    """Write to the client with the price and the page of the comparison.

    The communication policy judges it; the page names the agent and sells nothing past the agent, so the agreement
    with the agent holds. A dropped message is kept with its verdict, and the calculation is not sent then.
    """
    if channel not in WRITTEN:
        raise BadChannel
    ensure(actor, Permission.CONTACTS_WRITE)
    row = _open(actor, calculation, now)
    subject, text = _words(row)
    message = queue_message(
        now=now, actor=actor, client=row.client, channel=channel, subject=subject, text=text, origin=ORIGIN
    )
    if message.state != Message.State.DROPPED:
        _sent(row, now)
        if channel == "email":
            _attach(row, message)
    changes = {"channel": [None, channel], "message": [None, message.state]}
    record(actor=actor, now=now, action="calculation.sent", obj=row, changes=changes)
    return message


def _attach(row: Calculation, message: Message) -> None:
    """The same as a PDF, where pages can be printed; the letter goes without it otherwise."""
    from clientela.modules.quotes.offer_paper import file_name, offer_pdf

    try:
        pdf = offer_pdf(row)
    except NoPrinter:
        return
    name, _digest = keep_file(f"documents/offer-{row.number}", pdf)
    MessageFile.objects.create(
        message=message, file=name, name=file_name(row), content_type="application/pdf", size=len(pdf)
    )


def _open(actor: Any, calculation: Calculation, now: datetime) -> Calculation:
    """Give the page its secret and its last day."""
    row = lock(actor, calculation, now=now, states=(State.DRAFT, State.SENT, State.ACCEPTED))
    if not row.variants.filter(is_chosen=True, premium__isnull=False).exists():
        raise NotPriced
    until = rules.offer_ends(local_today(row.client.time_zone, now), row.starts_on)
    keep(row, now=now, valid_until=until, token=row.token or secrets.token_urlsafe(24))
    return row


def _sent(row: Calculation, now: datetime) -> None:
    if row.state == State.DRAFT:
        keep(row, now=now, state=State.SENT, sent_at=now)
        publish(CalculationSent(row.pk, row.client_id, row.deal_ref), now=now)


def page_url(calculation: Calculation) -> str:
    """Where the client looks at the comparison; empty before it was opened."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/offer/{calculation.token}/" if calculation.token else ""


def _words(row: Calculation) -> tuple[str, str]:
    language = row.client.language
    priced = [one.premium for one in row.variants.all() if one.premium is not None]
    agent = row.client.agent
    with override(language):
        values = {
            "greeting": row.client.greeting, "product": row.product.message_name, "link": page_url(row),
            "price": money(min(priced), language), "until": full_date(row.valid_until or row.starts_on, language),
            "agent": f"{agent}" if agent else settings.COMPANY_NAME,
        }  # fmt: skip
        subject = gettext("Your calculation of %(product)s is ready") % values
        text = gettext(
            "%(greeting)s, your calculation of %(product)s is ready, from %(price)s. Compare and choose: %(link)s "
            "It holds until %(until)s. %(agent)s"
        )
        return subject, text % values


@transaction.atomic
def accept(*, now: datetime, calculation: Calculation, variant: Variant) -> Calculation:
    """The client chose a variant on the page. Choosing again changes the choice while the offer is open.

    Raises ``OfferOver``, ``NotPriced``.
    """
    row = (
        Calculation.objects.select_for_update(of=("self",))
        .select_related("client", "product")
        .get(pk=calculation.pk)
    )
    today = local_today(row.client.time_zone, now)
    if row.state not in (State.SENT, State.ACCEPTED) or row.valid_until is None or row.valid_until < today:
        raise OfferOver
    if not row.variants.filter(pk=variant.pk, premium__isnull=False).exists():
        raise NotPriced
    chosen = choose_in(row, variant, actor=None, now=now)
    if row.state == State.SENT:
        keep(row, now=now, state=State.ACCEPTED)
    record(
        actor=None, now=now, action="calculation.accepted", obj=row, changes={"variant": [None, chosen.place]}
    )
    publish(CalculationAccepted(row.pk, row.client_id, chosen.pk, row.deal_ref), now=now)
    return row
