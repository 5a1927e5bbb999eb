"""The client's page of an inspection: the wanted photos one by one, taken with the phone's camera."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clientela.foundation.refusals import Refusal
from clientela.modules.underwriting.models import Inspection, View
from clientela.modules.underwriting.operations import finish, keep_shot


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def photos(request: HttpRequest, inspection_token: str) -> HttpResponse:
    """A POST keeps one photo, or hands them over when all are there; a photo may be sent again."""
    rows = Inspection.objects.select_related(
        "referral__calculation__client", "referral__calculation__product", "change__policy__client",
        "change__policy__product", "change__policy__insured_object",
    )  # fmt: skip
    found = get_object_or_404(rows, token=inspection_token)
    client, refused = found.about.client, ""
    with translation.override(client.language):
        if request.method == "POST":
            try:
                _act(request, found)
            except Refusal as refusal:
                refused = str(refusal)
            else:
                if "photo" not in request.FILES or not request.htmx:  # type: ignore[attr-defined]
                    return redirect("portal:photos", inspection_token=inspection_token)
        view = request.POST.get("view", "") if refused and request.POST.get("view") in found.views else ""
        template = "photos_body" if request.htmx else "photos"  # type: ignore[attr-defined]
        context = _context(found, refused) | {"refused_view": view}
        return render(request, f"portal/{template}.html", context, status=422 if refused else 200)


def _act(request: HttpRequest, found: Inspection) -> None:
    given = request.FILES.get("photo")
    if given is None:
        finish(now=timezone.now(), inspection=found)
    else:
        keep_shot(now=timezone.now(), inspection=found, view=request.POST.get("view", ""), file=given)


def _context(found: Inspection, refused: str) -> dict[str, Any]:
    taken = set(found.shots.values_list("view", flat=True)) & set(found.views)
    wanted: list[dict[str, Any]] = [
        {"code": code, "label": View(code).label, "taken": code in taken} for code in found.views
    ]
    following = next((one for one in wanted if not one["taken"]), None)
    for one in wanted:
        one["next"] = one is following
    return {
        "company": {"name": settings.COMPANY_NAME}, "product": found.about.product, "thing": found.thing, "wanted": wanted,
        "client": found.about.client, "over": not found.is_open, "refused": refused,
        "left": len(wanted) - len(taken), "taken_count": len(taken),
        "share": len(taken) * 100 // max(len(wanted), 1),
    }  # fmt: skip
