"""How a claim stands, for the client who was sent the link: steps, deadline, what we wait for, more photos."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.claims.models import Claim
from clientela.modules.claims.operations import keep_photo, papers_came
from clientela.modules.claims.rules import views_of
from clientela.portal import limits


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def claim(request: HttpRequest, claim_token: str) -> HttpResponse:
    """A POST adds a photo, or says that everything asked for is there; neither names nor accounts are shown."""
    rows = Claim.objects.select_related("client__agent", "client__branch", "policy__product", "assignee")
    found = get_object_or_404(rows, token=claim_token)
    with translation.override(found.client.language):
        refused = ""
        if request.method == "POST":
            try:
                limits.count("post", limits.address_of(request))
                _act(request, found)
            except Refusal as refusal:
                refused = str(refusal)
            else:
                return redirect("portal:claim", claim_token=claim_token)
        status = 422 if refused else 200
        return render(
            request, "portal/claim.html", _context(request, found) | {"refused": refused}, status=status
        )


def _act(request: HttpRequest, found: Claim) -> None:
    given, now = request.FILES.get("photo"), timezone.now()
    if given is not None:
        keep_photo(actor=None, now=now, claim=found, view=request.POST.get("view", ""), file=given)
    else:
        papers_came(actor=None, now=now, claim=found)


def _context(request: HttpRequest, found: Claim) -> dict[str, Any]:
    today = local_today(settings.TIME_ZONE, timezone.now())
    counts: dict[str, int] = {}
    for view in found.photos.values_list("view", flat=True):
        counts[view] = counts.get(view, 0) + 1
    branch = found.client.branch
    return {
        "company": {"name": settings.COMPANY_NAME}, "short_number": settings.SHORT_NUMBER, "claim": found,
        "product": found.policy.product, "steps": list(found.steps.all()), "zone": found.client.time_zone,
        "open": found.is_undecided, "left": (found.due_on - today).days if found.due_on else None,
        "track": _track(found, today), "agent": found.client.agent,
        "photos": [
            {"code": view.value, "label": view.label, "count": counts.get(view, 0)}
            for view in views_of(found.policy.product.line)
        ],
        "phone": (branch.phone if branch else "") or settings.SHORT_NUMBER, "sent": request.GET.get("sent") == "1",
    }  # fmt: skip


def _track(found: Claim, today: date) -> list[dict[str, Any]]:
    """What is behind and what comes, in the order a claim goes."""
    Status, state = Claim.Status, found.status
    begun = {Status.WORK, Status.WAITING, Status.PAID, Status.REFUSED}
    over = state in (Status.PAID, Status.REFUSED)
    last = Status.REFUSED.label if state == Status.REFUSED else pgettext("claim", "Decision and money")
    return [
        {"label": Status.REPORTED.label, "done": True, "now": state == Status.REPORTED},
        {"label": Status.WORK.label, "done": state in begun, "now": state in (Status.WORK, Status.WAITING)},
        {"label": last, "done": over, "now": over},
    ]
