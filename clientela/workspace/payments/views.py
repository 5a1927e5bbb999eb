"""Money in and out: payments, what is to be returned, open invoices, and what a bank has not told of."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from clientela.foundation.audit.operations import record
from clientela.foundation.lists.export import list_file
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.billing import operations
from clientela.modules.billing.finding import PaymentFilter
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.billing.queries import (
    due_now,
    payee_now,
    purpose_of,
    receipts_of,
    state_of,
)
from clientela.workspace.payments import forms, listing
from clientela.workspace.payments.weeks import instalments_by_week


def _payments(found: Sequence[Payment]) -> list[dict[str, Any]]:
    return [
        {
            "at": row.paid_at, "client": row.client, "contract": row.policy or row.project, "amount": row.amount,
            "words": f"{row.get_method_display()}{f', {row.slip}' if row.slip else ''}", "payment": row,
            "receipt": getattr(row, "receipt", None),
        }
        for row in found
    ]  # fmt: skip


def _refunds(user: Any, cursor: dict[str, str]) -> dict[str, Any]:
    page = listing.refunds(user, **cursor)
    rows = [
        {
            "at": row.created_at, "client": row.payment.client, "amount": row.amount, "refund": row,
            "contract": row.payment.policy or row.payment.project,
            "words": f"{row.get_state_display()}: {row.fault or row.reason}",
            "open": row.state in (Refund.State.DUE, Refund.State.REFUSED), "receipt": getattr(row, "receipt", None),
        }
        for row in page.rows
    ]  # fmt: skip
    return {"page": page, "rows": rows}


def _invoices(user: Any, cursor: dict[str, str]) -> dict[str, Any]:
    page, now = listing.invoices(user, **cursor), timezone.now()
    rows = [
        {
            "at": row.created_at, "client": row.client, "contract": row.policy or row.project, "amount": due_now(row),
            "words": f"{row.number}, {purpose_of(row)}", "invoice": row, "link": operations.link_of(row),
            "open": state_of(row, operations.today_for(row, now)) == "open",
        }
        for row in page.rows
    ]  # fmt: skip
    return {"page": page, "rows": rows}


def _hanging(user: Any, cursor: dict[str, str]) -> dict[str, Any]:
    page = listing.unanswered(user, now=timezone.now(), **cursor)
    rows = [
        {
            "at": row.created_at, "client": row.invoice.client, "contract": row.invoice.policy or row.invoice.project,
            "amount": row.amount, "words": f"{row.get_state_display()}, {row.provider} {row.external_id or '—'}",
        }
        for row in page.rows
    ]  # fmt: skip
    return {"page": page, "rows": rows}


def _instalments(user: Any, _cursor: dict[str, str]) -> dict[str, Any]:
    return {"weeks": instalments_by_week(user, today=timezone.localdate())}


SHOWN: dict[str, Callable[[Any, dict[str, str]], dict[str, Any]]] = {
    "invoices": _invoices, "instalments": _instalments, "refunds": _refunds, "hanging": _hanging,
}  # fmt: skip


@require_GET
@requires(Permission.CONTRACTS_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Payments by their conditions, and what is asked for, returned and not answered, each page by page."""
    person, show = caller(request), request.GET.get("show", "")
    show = show if show in SHOWN else ""
    labels = {
        "": pgettext("money", "Received"), "invoices": pgettext("money", "Open invoices"),
        "instalments": pgettext("money", "Instalments"),
        "refunds": pgettext("money", "Refunds"), "hanging": pgettext("money", "Without an answer of the bank"),
    }  # fmt: skip
    cursor = {name: request.GET.get(name, "") for name in ("after", "before")}
    context = SHOWN[show](person, cursor) if show else _received(request, person, cursor)
    context |= {
        "show": show, "heading": labels[show],
        "tabs": [
            {"label": label, "url": f"?show={code}" if code else "?", "current": code == show}
            for code, label in labels.items()
        ],
        "may_write": person.can(Permission.PAYMENTS_WRITE),
        "may_set": person.can(Permission.ORGANISATION_WRITE),
        "no_payee": payee_now() is None,
    }  # fmt: skip
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    return render(request, "payments/list.html" if htmx and htmx.target == "money" else "payments/home.html", context)  # fmt: skip


def _received(request: HttpRequest, person: Any, cursor: dict[str, str]) -> dict[str, Any]:
    wanted = PaymentFilter.read(request.GET)
    page = listing.page(person, wanted, **cursor)
    form = forms.ConditionsForm(wanted.values, user=person)
    return {
        "rows": _payments(page.rows), "page": page, "wanted": wanted, "totals": listing.totals(person, wanted),
        "chips": form.chips(wanted), "conditions": form, "may_export": person.can(Permission.CLIENTS_EXPORT),
    }  # fmt: skip


@require_GET
@requires(Permission.CONTRACTS_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The payments of the conditions as a file. Every export is journaled."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    person, wanted = caller(request), PaymentFilter.read(request.GET)
    record(
        actor=person, now=timezone.now(), action="payments.exported", object_type="billing.payment",
        object_name=(wanted.query or "all")[:255], changes={"format": [None, kind]},
        address=request.META.get("REMOTE_ADDR"),
    )  # fmt: skip
    head = [
        _("When"), _("Client"), _("Contract"), _("Sum"), _("How it was paid"), _("Slip"), _("Number at the bank"),
        _("Branch"), _("Agent"), pgettext("fiscal", "Receipt"),
    ]  # fmt: skip
    rows, name = listing.exported(person, wanted), f"payments-{timezone.localdate()}"
    return list_file(kind, head, rows, name=name, title=_("Payments"))


@require_GET
@requires(Permission.CONTRACTS_READ)
def receipt(request: HttpRequest, **which: int) -> HttpResponse:
    """The fiscal receipt of a payment or of a refund, as printed."""
    found = get_object_or_404(receipts_of(request.user), **which)
    template = "payments/receipt.html" if request.htmx else "payments/receipt_page.html"  # type: ignore[attr-defined]
    name = "payments:send_receipt" if "payment_id" in which else "payments:send_refund_receipt"
    user = caller(request)
    allowed = user.can(Permission.PAYMENTS_WRITE) and user.can(Permission.CLIENTS_WRITE)
    may_send = allowed and found.state == found.State.DONE
    send_url = reverse(name, kwargs=which) if may_send else ""
    return render(request, template, {"receipt": found, "send_url": send_url})


@requires(Permission.ORGANISATION_WRITE)
def requisites(request: HttpRequest) -> HttpResponse:
    """Where clients' money goes; check digits are verified."""
    form = forms.PayeeForm(request.POST if request.method == "POST" else None, instance=payee_now())
    if request.method == "POST":
        form.full_clean()
        values = {name: str(request.POST.get(name, "")) for name in operations.PAYEE_FIELDS}
        try:
            operations.set_payee(actor=request.user, now=timezone.now(), values=values)
            messages.success(request, _("Requisites kept"))
            return redirect("payments:home")
        except operations.InvalidPayee as error:
            if error.field not in form.errors:
                form.add_error(error.field, str(error.message))
    return render(request, "payments/requisites.html", {"form": form}, status=422 if form.errors else 200)
