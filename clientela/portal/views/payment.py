"""The pay page of an invoice: what it is for, how much, by whom, and how to pay. Card data are typed at the bank."""

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.billing import operations
from clientela.modules.billing.models import Instalment, Invoice, PayAttempt, Receipt
from clientela.modules.billing.queries import (
    BillState,
    due_now,
    plans_for,
    purpose_of,
    state_of,
)
from clientela.modules.billing.rules import instalments
from clientela.modules.billing.transfer import square_of, transfer_of
from clientela.modules.contacts.rules.start_links import start_token
from clientela.modules.contracts.models import Project
from clientela.portal.own.access import visit_of

PAGES = {
    BillState.OPEN: "pay", BillState.PAID: "paid", BillState.EXPIRED: "expired", BillState.WITHDRAWN: "withdrawn",
}  # fmt: skip


def _invoice(token: str) -> Invoice:
    try:
        return operations.invoice_of(token, now=timezone.now())
    except Invoice.DoesNotExist as unknown:
        raise Http404 from unknown


def _state(invoice: Invoice) -> BillState:
    return state_of(invoice, operations.today_for(invoice, timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def pay(request: HttpRequest, pay_token: str) -> HttpResponse:
    """Shows the invoice; a POST goes to the bank by ``method``, or chooses in how many ``parts`` it is paid."""
    invoice = _invoice(pay_token)
    with translation.override(invoice.client.language):
        if request.method == "POST":
            return _act(request, invoice)
        state = _state(invoice)
        return render(request, f"portal/{PAGES[state]}.html", _context(request, invoice, state))


def _act(request: HttpRequest, invoice: Invoice) -> HttpResponse:
    url, now = "", timezone.now()
    try:
        if "parts" in request.POST and invoice.project is not None:
            parts = request.POST["parts"]
            operations.choose_plan(
                actor=None, now=now, project=invoice.project, parts=int(parts) if parts.isdigit() else 0
            )
        else:
            method = request.POST.get("method", "")
            url = operations.start_attempt(now=now, invoice=invoice, method=method).url
    except Refusal:  # paid or taken back at this moment by somebody else, or not on offer: the page tells
        url = ""
    if request.htmx:  # type: ignore[attr-defined]
        # A browser lets no form lead to another site; a page may go there by itself.
        return HttpResponseClientRedirect(url or request.path)
    return redirect("portal:pay", pay_token=invoice.token)


@require_safe
@never_cache
def pay_state(request: HttpRequest, pay_token: str) -> HttpResponse:
    """Asked while the client waits for the bank: loads the page anew when something has changed."""
    invoice = _invoice(pay_token)
    return (
        HttpResponseClientRefresh()
        if _mark(invoice) != request.GET.get("seen", "")
        else HttpResponse(status=204)
    )


def _mark(invoice: Invoice) -> str:
    """What the page shows of the state of things, in a word."""
    last = invoice.attempts.first()
    return f"{_state(invoice)}-{last.pk}-{last.state}" if last else f"{_state(invoice)}"


@require_safe
@never_cache
def receipt(request: HttpRequest, pay_token: str) -> HttpResponse:
    """The fiscal receipt of what was paid by this invoice, as printed."""
    invoice = _invoice(pay_token)
    found = _receipts(invoice)
    if not found:
        raise Http404
    text = "\n\n".join(one.text for one in found)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _receipts(invoice: Invoice) -> list[Receipt]:
    """Of what was paid by it and of what went back."""
    of_it = Q(payment__invoice=invoice) | Q(refund__payment__invoice=invoice)
    return list(Receipt.objects.filter(of_it, state=Receipt.State.DONE).order_by("id"))


def _context(request: HttpRequest, invoice: Invoice, state: BillState) -> dict[str, Any]:
    project, client = invoice.project, invoice.client
    contract: Any = project or invoice.policy
    last = invoice.attempts.first()
    policy = project.policy if project is not None else invoice.policy
    found: dict[str, Any] = {
        "company": {"name": settings.COMPANY_NAME}, "short_number": settings.SHORT_NUMBER,
        "invoice": invoice, "project": project, "policy": policy, "contract": contract,
        "product": contract.product, "insured": contract.insured_object, "client": client,
        "agent": contract.agent or client.agent, "purpose": purpose_of(invoice), "due": due_now(invoice),
        "telegram": start_token(client.pk, local_today(settings.TIME_ZONE, timezone.now()))
        if settings.TELEGRAM_BOT else "",
    }  # fmt: skip
    if state == BillState.OPEN:
        found |= {
            "methods": operations.methods(), "is_demo": settings.DEMO, "mark": _mark(invoice),
            "waits": last if last and last.state in ("new", "pending", "waiting") else None,
            "failed": last if last and last.state == PayAttempt.State.CANCELLED else None,
            "plans": _plans(project) if project is not None else [], "code": _code(invoice, found["due"]),
        }  # fmt: skip
        if project is not None and policy is not None:
            found["change"] = project.premium - policy.premium
            found["saved"] = -found["change"]
    visit = visit_of(request)
    found["is_own"] = visit is not None and visit.entered == client
    if state == BillState.PAID:
        issued = project.next_policy if project is not None else invoice.policy
        found |= {
            "issued": issued, "receipts": _receipts(invoice),
            "later": Instalment.objects.filter(policy=issued, paid=0) if issued else [],
        }  # fmt: skip
    return found


def _plans(project: Project) -> list[dict[str, Any]]:
    """What may be chosen, or the parts that the price was made for; nothing where it is simply paid at once."""
    plans = plans_for(project)
    if plans == [1]:
        return []
    found = []
    for count in plans:
        parts = instalments(project.premium, count, project.start_date)
        found.append({"count": count, "chosen": count == project.instalments, "now": parts[0].amount, "later": parts[1:]})  # fmt: skip
    return found


def _code(invoice: Invoice, due: Any) -> dict[str, Any] | None:
    """The square code of GOST R 56042 with the requisites beside it; None until the company has typed its own."""
    transfer = transfer_of(invoice, due)
    if transfer is None or not transfer.data:
        return None
    payee, purpose = transfer.payee, transfer.purpose
    picture = square_of(transfer.data).svg_data_uri(
        scale=4, border=4, light="#fff", dark="#000", omitsize=True, encode_minimal=True
    )
    return {
        "picture": picture,
        "rows": [
            (gettext("Payee"), payee.name),
            (gettext("INN"), f"{payee.inn} / {payee.kpp}" if payee.kpp else payee.inn),
            (pgettext("requisites", "Account"), payee.account),
            (gettext("Bank"), payee.bank_name),
            (gettext("BIC"), payee.bic),
            (gettext("Correspondent account"), payee.correspondent_account),
            (pgettext("payment", "Purpose"), purpose),
        ],
    }
