"""The client's page of a calculation: the variants side by side, and one button under each."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.dates import local_today
from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.printing import NoPrinter
from clientela.modules.contracts.models import Project
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.offer_paper import file_name, offer_pdf
from clientela.modules.quotes.operations import accept
from clientela.modules.quotes.queries.comparison import columns
from clientela.modules.quotes.rules import last_day

State = Calculation.State


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the comparison; a POST chooses a variant. The choice may be changed while the offer holds."""
    rows = Calculation.objects.select_related("client__agent", "product", "policy", "project")
    found = get_object_or_404(rows, token=token)
    with translation.override(found.client.language):
        refused = ""
        if request.method == "POST":
            variant = get_object_or_404(found.variants.all(), pk=id_of(request.POST.get("variant")) or 0)
            try:
                accept(now=timezone.now(), calculation=found, variant=variant)
            except Refusal as refusal:
                refused = str(refusal)
            else:
                return redirect("portal:offer", token=token)
        return render(request, "portal/offer.html", _context(found, refused), status=409 if refused else 200)


@require_safe
@never_cache
def offer_file(request: HttpRequest, token: str) -> HttpResponse:
    """The comparison as a PDF, while the offer is open or became a contract."""
    rows = Calculation.objects.select_related("client__agent", "client__branch", "product", "policy")
    found = get_object_or_404(rows.exclude(state=State.LOST), token=token)
    try:
        pdf = offer_pdf(found)
    except NoPrinter as refusal:
        return HttpResponse(str(refusal), status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = (
        content_disposition_header(True, file_name(found)) or "attachment"
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _context(found: Calculation, refused: str) -> dict[str, Any]:
    today = local_today(found.client.time_zone, timezone.now())
    holds = found.valid_until is not None and found.valid_until >= today
    project = found.project if found.project and found.project.state != Project.State.WITHDRAWN else None
    return {
        "company": {"name": settings.COMPANY_NAME}, "calculation": found, "client": found.client,
        "product": found.product, "agent": found.client.agent, "columns": columns(found),
        "ends_on": last_day(found.starts_on, found.months, found.answers), "refused": refused,
        "open": holds and found.state in (State.SENT, State.ACCEPTED), "accepted": found.state == State.ACCEPTED,
        "project": project, "short_number": settings.SHORT_NUMBER,
    }  # fmt: skip
