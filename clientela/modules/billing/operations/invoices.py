"""Bills with a link: made, sent, taken back, paid in parts."""

import secrets
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.money import kopecks
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.formats import money
from clientela.modules.billing.events import InvoiceChanged
from clientela.modules.billing.models import Instalment, Invoice
from clientela.modules.billing.queries import (
    OPEN_PROJECTS,
    BillState,
    balance_of_project,
    due_now,
    plans_for,
    purpose_of,
    state_of,
)
from clientela.modules.book.operations.training import ensure_may_sell
from clientela.modules.clients.queries import require
from clientela.modules.contacts.models import WRITTEN, Message
from clientela.modules.contacts.operations.queueing import queue_message
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import ProjectClosed, mark_offered

ORIGIN = "billing.invoice"


class NothingDue(Refusal):
    """The invoice is paid, expired or taken back: ``state`` tells which."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state
        self.message = {
            BillState.PAID: _("This has been paid already."),
            BillState.EXPIRED: _("The invoice is not valid any more: its day has passed."),
        }.get(BillState(state), _("The invoice was taken back."))


class NoSuchPlan(Refusal):
    """The product is not paid in so many parts, or a part has been paid already."""

    message = _("This contract cannot be paid in so many parts.")
    field = "parts"


class BadChannel(Refusal):
    """An invoice is written: by SMS, letter or messenger."""

    message = _("Choose SMS, e-mail, VK or Telegram.")
    field = "channel"


def link_of(invoice: Invoice) -> str:
    """Where the client pays."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/pay/{invoice.token}/"


def today_for(invoice: Invoice, now: datetime) -> date:
    """The client's day."""
    return local_today(invoice.client.time_zone, now)


def bill_project(*, actor: Any, now: datetime, project: Project) -> Invoice:
    """The invoice of a project, made when it is asked for the first time. Raises ``NotAdmitted`` for a new contract."""
    if project.policy_id is None:
        ensure_may_sell(actor, project.product, now)
    return _bill(
        {"project": project}, {"client": project.client, "token": project.pay_token}, actor=actor, now=now
    )


def bill_instalment(*, actor: Any, now: datetime, instalment: Instalment) -> Invoice:
    """The invoice of one part of a premium, made when it is asked for the first time."""
    policy = instalment.policy
    return _bill(
        {"instalment": instalment}, {"client": policy.client, "policy": policy}, actor=actor, now=now
    )


def bill_part(*, now: datetime, instalment: Instalment, purpose: str, origin: str) -> Invoice:
    """The invoice of a part that something else made, such as a change of the policy; made once for its ``origin``."""
    policy = instalment.policy
    values = {"client": policy.client, "policy": policy, "purpose": purpose[:120], "origin": origin}
    return _bill({"instalment": instalment}, values, actor=None, now=now)


def bill_sum(
    *,
    actor: Any,
    now: datetime,
    policy: Policy,
    amount: Decimal,
    purpose: str,
    valid_until: date | None = None,
) -> Invoice:
    """A new invoice for a sum on a policy, such as the price of an endorsement."""
    values = {
        "client": policy.client, "amount": kopecks(amount), "purpose": purpose.strip()[:120],
        "valid_until": valid_until,
    }  # fmt: skip
    return _bill({"policy": policy}, values, actor=actor, now=now, always=True)


def _bill(
    what: dict[str, Any], values: dict[str, Any], *, actor: Any, now: datetime, always: bool = False
) -> Invoice:
    client = values["client"]
    require(actor, "payments.write", client.pk)
    if not always and (known := Invoice.objects.filter(**what).first()):
        return known
    fields = {"token": secrets.token_urlsafe(24), "created_by": actor, "created_at": now} | what | values
    try:
        with transaction.atomic():
            invoice = Invoice.objects.create(**fields)
            record(
                actor=actor, now=now, action="invoice.made", obj=client, object_name=invoice.number,
                changes={"amount": [None, due_now(invoice)]},
            )  # fmt: skip
            publish(InvoiceChanged(invoice.pk, client.pk), now=now)
    except IntegrityError:
        if always:
            raise
        return Invoice.objects.get(**what)
    return invoice


def invoice_of(token: str, *, now: datetime) -> Invoice:
    """The invoice behind a link; the link of a project makes its invoice. Raises ``Invoice.DoesNotExist``."""
    rows = Invoice.objects.select_related(
        "client__agent", "instalment", "policy__product", "policy__insured_object", "policy__agent",
        "project__product", "project__insured_object", "project__agent", "project__policy",
        "project__next_policy", "project__client",
    )  # fmt: skip
    try:
        return rows.get(token=token)
    except Invoice.DoesNotExist:
        project = Project.objects.select_related("client").filter(pay_token=token).first()
        if project is None:
            raise
        return rows.get(pk=bill_project(actor=None, now=now, project=project).pk)


@transaction.atomic
def choose_plan(*, actor: Any, now: datetime, project: Project, parts: int) -> Project:
    """In how many parts the client pays. Raises ``NoSuchPlan``, ``ProjectClosed``."""
    require(actor, "payments.write", project.client_id)
    row = Project.objects.select_for_update().get(pk=project.pk)
    if row.state not in OPEN_PROJECTS:
        raise ProjectClosed
    if row.instalments == parts:
        return row
    if parts not in plans_for(row) or balance_of_project(row).paid > 0:
        raise NoSuchPlan
    before, row.instalments, row.updated_at = row.instalments, parts, now
    row.save(update_fields=["instalments", "updated_at"])
    record(
        actor=actor, now=now, action="project.plan", obj=row.policy or row, changes={"instalments": [before, parts]},
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_invoice(*, actor: Any, now: datetime, invoice: Invoice) -> Invoice:
    """Take an invoice back: its link says so. That of a project goes with its project. Raises ``NothingDue``."""
    require(actor, "payments.write", invoice.client_id)
    row = Invoice.objects.select_for_update().select_related(None).get(pk=invoice.pk)
    state = state_of(row, today_for(row, now))
    if state in (BillState.PAID, BillState.WITHDRAWN):
        raise NothingDue(state)
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    record(actor=actor, now=now, action="invoice.withdrawn", obj=row.client, object_name=row.number)
    publish(InvoiceChanged(row.pk, row.client_id), now=now)
    return row


@transaction.atomic
def send_invoice(*, actor: Any, now: datetime, invoice: Invoice, channel: str) -> Message:
    """Send the link; the communication policy, the agent's rule among it, has the last word.

    A dropped message is kept with its verdict. Raises ``NothingDue``, ``BadChannel``, ``PermissionDenied``.
    """
    require(actor, "payments.write", invoice.client_id)
    if channel not in WRITTEN:
        raise BadChannel
    state = state_of(invoice, today_for(invoice, now))
    if state != BillState.OPEN:
        raise NothingDue(state)
    client = invoice.client
    with override(client.language):
        values = {
            "greeting": client.greeting, "sum": money(due_now(invoice), client.language),
            "purpose": purpose_of(invoice), "link": link_of(invoice),
        }  # fmt: skip
        subject = gettext("Invoice: %(purpose)s") % values
        text = gettext("%(greeting)s, %(purpose)s: %(sum)s. Pay by card or SBP: %(link)s") % values
    message = queue_message(
        now=now, actor=actor, client=client, channel=channel, subject=subject, text=text, origin=ORIGIN,
    )  # fmt: skip
    went = message.state != Message.State.DROPPED
    if went and invoice.project is not None and actor is not None and actor.can("contracts.write"):
        mark_offered(actor=actor, now=now, project=invoice.project)
    record(
        actor=actor, now=now, action="invoice.sent", obj=client, object_name=invoice.number,
        changes={"channel": [None, channel], "message": [None, message.state]},
    )  # fmt: skip
    return message
