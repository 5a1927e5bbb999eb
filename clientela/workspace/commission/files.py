"""Statements as files: lines for a spreadsheet, the act as PDF."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from clientela.foundation.audit.operations import record
from clientela.foundation.lists.export import list_file
from clientela.foundation.ui.markup import language
from clientela.foundation.ui.printing import NoPrinter, set_pages
from clientela.foundation.ui.spelled import sum_in_words
from clientela.modules.accounts.access import Permission, PermissionDenied, caller, requires
from clientela.modules.billing.queries import payee_now
from clientela.modules.commission import queries
from clientela.modules.commission.models import Entry, Statement
from clientela.workspace.commission import listing
from clientela.workspace.commission.views import agent_of


@require_GET
@requires(Permission.COMMISSION_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The lines of a month of all agents in sight."""
    month = listing.month_asked(request.GET)
    rows = Entry.objects.visible_to(caller(request)).filter(month=month)
    return _file(request, kind, f"commission-{month:%Y-%m}", listing.exported(rows))


@require_GET
@requires(Permission.COMMISSION_READ)
def lines(request: HttpRequest, agent_id: int, kind: str) -> HttpResponseBase:
    """The lines of one statement by the conditions of the page; one's own, or by the right to take lists out."""
    person, agent = caller(request), agent_of(request, agent_id)
    if agent.user_id != person.pk and not person.can(Permission.CLIENTS_EXPORT):
        raise PermissionDenied(Permission.CLIENTS_EXPORT)
    wanted = listing.LineFilter.read(request.GET)
    name = f"commission-{agent.code}-{wanted.month:%Y-%m}"
    return _file(request, kind, name, listing.exported(listing.listed(agent, wanted)))


def _file(request: HttpRequest, kind: str, name: str, rows: Iterator[list[Any]]) -> HttpResponseBase:
    if kind not in ("csv", "xlsx"):
        raise Http404
    _journal(request, name, kind)
    return list_file(kind, listing.heads(), rows, name=name, title=pgettext("money", "Commission"))


def _journal(request: HttpRequest, name: str, kind: str) -> None:
    record(
        actor=caller(request), now=timezone.now(), action="commission.exported", object_type="commission.entry",
        object_name=name[:255], changes={"format": [None, kind]}, address=request.META.get("REMOTE_ADDR"),
    )  # fmt: skip


@require_GET
@requires(Permission.COMMISSION_READ)
def act(request: HttpRequest, agent_id: int) -> HttpResponseBase:
    """The act of a month on paper: its sums, its lines, places to sign. A draft until the statement is closed."""
    agent, month = agent_of(request, agent_id), listing.month_asked(request.GET)
    rows = Entry.objects.filter(agent=agent, month=month, percent__isnull=False)
    sums = queries.sums_of(rows)
    closed = Statement.objects.filter(agent=agent, month=month).first()
    tax = queries.tax_due(agent, sums, closed)
    found = listing.shown().filter(pk__in=rows.values("pk")).order_by("earned_on", "id")[: listing.MOST]
    html = render_to_string(
        "commission/act.html",
        {
            "agent": agent, "month_name": listing.month_name(month), "closed": closed, "sums": sums, "tax": tax, "to_pay": sums.due - tax,
            "words": sum_in_words(sums.due - tax, language()) if sums.due >= tax else "",
            "company": settings.COMPANY_NAME, "payee": payee_now(), "language": language(), "agreement": closed.agreement_number if closed else agent.agreement_number,
            "rows": [{"entry": one, "why": listing.why(one), "percent": listing.percent_of(one)} for one in found],
        },
    )  # fmt: skip
    try:
        pdf = set_pages(html).write_pdf()
    except NoPrinter as refused:
        messages.error(request, str(refused))
        return redirect(f"{reverse('commission:statement', args=[agent_id])}?month={month:%Y-%m}")
    name = f"commission-{agent.code}-{month:%Y-%m}.pdf"
    _journal(request, name, "pdf")
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
