"""A fiscal receipt sent once more, to the address the client names."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.phones import normalize
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.formats import money
from clientela.modules.billing.models import Payment, Receipt
from clientela.modules.billing.operations.invoices import link_of
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.operations import add_contact_point
from clientela.modules.clients.queries import require
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations.queueing import queue_message
from clientela.modules.contacts.rules import Verdict, describe

ORIGIN = "billing.receipt"


class ReceiptNotMade(Refusal):
    """What is not registered yet cannot be sent."""

    message = _("The receipt is not registered yet.")
    field = "to"


class ReceiptNotSent(Refusal):
    """The communication policy does not let it go; the message says why."""

    field = "to"

    def __init__(self, message: Message) -> None:
        failed = [check for check in Verdict.from_json(message.verdict).checks if not check.passed]
        why = str(describe(failed[0])) if failed else ""
        super().__init__(why)
        self.message = _("The communication policy does not let it go. %(why)s") % {"why": why}


def payment_of(receipt: Receipt) -> Payment:
    """What was paid, of a receipt of the payment or of its return."""
    payment = receipt.refund.payment if receipt.refund is not None else receipt.payment
    assert payment is not None
    return payment


@transaction.atomic
def send_receipt(*, actor: Any, now: datetime, receipt: Receipt, to: str) -> Message:
    """Send the receipt to an e-mail or a phone; a new one is kept on the client's card, not as the main one.

    Raises ``ReceiptNotMade``, ``ReceiptNotSent``, ``InvalidData`` for no address, ``PermissionDenied``.
    """
    payment = payment_of(receipt)
    require(actor, "payments.write", payment.client_id)
    if receipt.state != Receipt.State.DONE:
        raise ReceiptNotMade
    client = Client.objects.get(pk=payment.client_id)
    kind = "email" if "@" in to else "phone"
    point = _point(client, kind, to) or add_contact_point(
        actor=actor, now=now, client=client, kind=kind, value=to, is_primary=False, source=ORIGIN
    )
    subject, text = _words(receipt, payment, client, kind)
    channel = "email" if kind == "email" else "sms"
    message = queue_message(
        now=now, actor=None, client=client, channel=channel, subject=subject, text=text, origin=ORIGIN, contact_point=point,
    )  # fmt: skip
    if message.state == Message.State.DROPPED:
        raise ReceiptNotSent(message)
    changes = {"channel": [None, channel], "to": [None, message.address]}
    record(
        actor=actor, now=now, action="receipt.sent", obj=client, object_name=receipt.number, changes=changes
    )
    return message


def _point(client: Client, kind: str, to: str) -> ContactPoint | None:
    value = to.strip() if kind == "email" else normalize(to)
    rows = client.contact_points.filter(kind=kind)
    found: ContactPoint | None = rows.filter(value__iexact=value).first() if value else None
    return found


def _words(receipt: Receipt, payment: Payment, client: Client, kind: str) -> tuple[str, str]:
    with override(client.language):
        amount = receipt.refund.amount if receipt.refund is not None else payment.amount
        said = {
            "company": settings.COMPANY_NAME, "number": receipt.number, "sign": receipt.sign,
            "sum": money(amount, client.language),
        }  # fmt: skip
        subject = gettext("Receipt %(number)s") % said
        if kind == "email":
            return subject, receipt.text
        if receipt.refund is not None:
            text = gettext("%(company)s: %(sum)s returned, receipt %(number)s, fiscal sign %(sign)s.") % said
        else:
            text = gettext("%(company)s: %(sum)s paid, receipt %(number)s, fiscal sign %(sign)s.") % said
        link = f" {link_of(payment.invoice)}receipt/" if payment.invoice is not None else ""
        return "", text + link
