"""Acts with money in a dialog: an invoice, a refund."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.billing import operations
from clientela.modules.billing.models import Instalment, Invoice, Refund
from clientela.modules.billing.operations.sending import payment_of
from clientela.modules.billing.queries import (
    OPEN_PROJECTS,
    balance_of_project,
    payments_of,
    receipts_of,
    returnable,
)
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import WRITTEN, Message
from clientela.modules.contacts.queries.facts import KINDS
from clientela.modules.contacts.rules import Verdict, describe
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.products.queries import name_of
from clientela.workspace.clients.views.acting import Act, act, done
from clientela.workspace.payments import forms

PAY = requires(Permission.PAYMENTS_WRITE)
SEND = requires(Permission.PAYMENTS_WRITE, Permission.CLIENTS_WRITE)  # a new address is kept on the card


class NotSent(Refusal):
    """The communication policy does not let the link go."""

    field = "channel"

    def __init__(self, message: Message) -> None:
        failed = [check for check in Verdict.from_json(message.verdict).checks if not check.passed]
        why = str(describe(failed[0])) if failed else ""
        super().__init__(why)
        self.message = _("The communication policy does not let it go. %(why)s") % {"why": why}


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


@PAY
def invoice(request: HttpRequest, client_id: int) -> HttpResponse:
    """Make an invoice and send its link."""
    client = get_object_or_404(Client.objects.visible_to(request.user).select_related("agent"), pk=client_id)
    targets = _targets(client)
    kinds = set(client.contact_points.values_list("kind", flat=True))
    channels = [str(code) for code in WRITTEN if KINDS[code] in kinds]
    first = request.GET.get("target") or next(iter(targets), "")
    form = forms.InvoiceForm(
        request.POST if request.method == "POST" else None, channels=channels,
        targets=[(code, words) for code, (words, _what) in targets.items()],
        initial={"target": first, "channel": next(iter(channels), "")},
    )  # fmt: skip

    def run(data: dict[str, Any]) -> Invoice:
        what = targets[data["target"]][1]
        bill = (
            operations.bill_project(**_who(request), project=what)
            if isinstance(what, Project)
            else operations.bill_instalment(**_who(request), instalment=what)
        )
        if data["channel"]:
            message = operations.send_invoice(**_who(request), invoice=bill, channel=data["channel"])
            if message.state == Message.State.DROPPED:
                raise NotSent(message)
        return bill

    intro = (
        _("The client pays by card, SBP or code on a page; the agent stays on the contract.")
        if targets
        else _("Nothing is due: prepare a contract first.")
    )
    said = Act(_("Invoice"), _("Make the invoice"), _("The invoice is made"), run, intro)
    return act(request, form, said, client=client)


def _targets(client: Client) -> dict[str, tuple[str, Project | Instalment]]:
    found: dict[str, tuple[str, Project | Instalment]] = {}
    for project in Project.objects.filter(client=client, state__in=OPEN_PROJECTS).select_related("product")[
        :20
    ]:
        left = formats.money(balance_of_project(project).left, language())
        words = _("%(product)s from %(day)s, %(sum)s") % {
            "product": name_of(project.product), "sum": left,
            "day": formats.full_date(project.start_date, language()),
        }  # fmt: skip
        found[f"project-{project.pk}"] = (words, project)
    parts = Instalment.objects.unpaid().filter(policy__client=client, policy__status=Policy.Status.ISSUED)
    for part in parts.select_related("policy__product")[:20]:
        words = _("%(product)s %(number)s, part %(part)s until %(day)s, %(sum)s") % {
            "product": name_of(part.policy.product), "number": part.policy.number, "part": part.number,
            "day": formats.full_date(part.due_on, language()),
            "sum": formats.money(part.amount - part.paid, language()),
        }  # fmt: skip
        found[f"part-{part.pk}"] = (words, part)
    return found


@PAY
def refund(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Return money of a payment."""
    payment = get_object_or_404(payments_of(request.user).select_related("client"), pk=payment_id)
    same = hasattr(payment, "attempt")
    form = forms.RefundForm(
        request.POST if request.method == "POST" else None, same=same,
        initial={"amount": returnable(payment), "way": "same" if same else "bank"},
    )  # fmt: skip

    def run(data: dict[str, Any]) -> Refund:
        return operations.refund_payment(**_who(request), payment=payment, **data)

    left = formats.money(returnable(payment), language())
    intro = _("At most %(sum)s can go back.") % {"sum": left}
    said = Act(_("Refund"), _("Return the money"), _("The refund is written down"), run, intro, danger=True)
    return act(request, form, said, client=payment.client)


def _refund(request: HttpRequest, refund_id: int) -> Refund:
    rows = Refund.objects.visible_to(request.user).select_related("payment__client", "payment__attempt")
    return get_object_or_404(rows, pk=refund_id)


@PAY
def pay_back(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Return what is due."""
    found = _refund(request, refund_id)
    same = hasattr(found.payment, "attempt")
    form = forms.PayBackForm(request.POST if request.method == "POST" else None, same=same)

    def run(data: dict[str, Any]) -> Refund:
        return operations.pay_back(**_who(request), refund=found, **data)

    intro = f"{formats.money(found.amount, language())}. {found.reason}"
    said = Act(_("Refund"), _("Return the money"), _("The refund is written down"), run, intro)
    return act(request, form, said, client=found.payment.client)


@SEND
def send_receipt(request: HttpRequest, **which: int) -> HttpResponse:
    """Send a receipt once more, to an address of the client or a new one."""
    receipt = get_object_or_404(receipts_of(request.user), **which)
    client = payment_of(receipt).client
    points = {
        p.kind: p.value
        for p in client.contact_points.filter(kind__in=["email", "phone"]).order_by("is_primary")
    }
    form = forms.ReceiptForm(
        request.POST if request.method == "POST" else None,
        initial={"to": points.get("email") or points.get("phone", "")},
    )

    def run(data: dict[str, Any]) -> Message:
        return operations.send_receipt(**_who(request), receipt=receipt, **data)

    intro = _("Receipt %(number)s. A new address is kept on the client's card.") % {"number": receipt.number}
    return act(
        request, form, Act(_("Send the receipt"), _("Send"), _("The receipt goes"), run, intro), client=client
    )


@PAY
def drop(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Do not return what was due."""
    found = _refund(request, refund_id)
    form = forms.DropForm(request.POST if request.method == "POST" else None)

    def run(data: dict[str, Any]) -> Refund:
        return operations.drop_refund(**_who(request), refund=found, **data)

    intro = f"{formats.money(found.amount, language())}. {found.reason}"
    said = Act(
        _("The money does not go back"),
        _("Do not return"),
        _("The refund is dropped"),
        run,
        intro,
        danger=True,
    )
    return act(request, form, said, client=found.payment.client)


@PAY
@require_POST
def withdraw(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Take an invoice back."""
    found = get_object_or_404(
        Invoice.objects.visible_to(request.user).select_related("client"), pk=invoice_id
    )
    try:
        operations.withdraw_invoice(**_who(request), invoice=found)
    except Refusal as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return done(request, found.client, _("The invoice was taken back"))
