"""The list of deliveries, and the points where clients fetch documents."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.documents.models import Delivery, PickupPoint
from clientela.modules.documents.operations.points import keep_point
from clientela.modules.documents.rules_delivery import OVER, WRONG
from clientela.modules.organisation.models import Branch
from clientela.workspace.documents.forms import PointForm
from clientela.workspace.policies.paper_words import look_of, steps_of

MOST = 200


@require_safe
@requires(Permission.CONTRACTS_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """The newest two hundred of a kind, a way and a branch."""
    person, now = caller(request), timezone.now()
    show, way, branch = (request.GET.get(name, "") for name in ("show", "way", "branch"))
    rows = Delivery.objects.visible_to(person)
    seen = rows.values_list("client__branch", flat=True).distinct()
    branches = list(Branch.objects.filter(pk__in=seen.order_by()))
    late = {row.pk for row in rows.late(now).only("pk")}
    if show == "late":
        rows = rows.filter(pk__in=late)
    elif show == "wrong":
        rows = rows.filter(state__in=WRONG)
    elif show == "over":
        rows = rows.filter(state__in=OVER)
    elif show != "all":
        show, rows = "", rows.exclude(state__in=OVER)
    if way in Delivery.Way.values:
        rows = rows.filter(way=way)
    if branch_id := id_of(branch):
        rows = rows.filter(client__branch=branch_id)
    found = rows.select_related("client__branch", "policy__product", "point")[:MOST]
    labels = {
        "": pgettext("deliveries", "Under way"), "late": pgettext("deliveries", "Late"),
        "wrong": pgettext("deliveries", "Went wrong"),
        "over": pgettext("deliveries", "Over"), "all": pgettext("deliveries", "All"),
    }  # fmt: skip
    context = {
        "rows": [{"row": row, "look": look_of(row.state), "next": steps_of(row), "late": row.pk in late} for row in found],
        "tabs": [
            {"label": label, "url": _url(code, way, branch), "current": code == show, "count": len(late) if code == "late" else None} for code, label in labels.items()
        ],
        "heading": labels[show], "show": show, "way": way, "branch": branch, "ways": Delivery.Way.choices,
        "branches": branches if len(branches) > 1 else [], "may_write": person.can(Permission.CONTRACTS_WRITE),
        "may_set": person.can(Permission.DOCUMENTS_WRITE),
    }  # fmt: skip
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    part = htmx and htmx.target == "deliveries"
    return render(request, "deliveries/rows.html" if part else "deliveries/list.html", context)


def _url(show: str, way: str, branch: str) -> str:
    told = {"show": show, "way": way, "branch": branch}
    return "?" + "&".join(
        f"{name}={value}" for name, value in told.items() if value.isalnum() or value == "-"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DOCUMENTS_WRITE)
def points(request: HttpRequest, pickup_point_id: int | None = None) -> HttpResponse:
    """All points, and the form of one of them or a new one."""
    found = get_object_or_404(PickupPoint, pk=pickup_point_id) if pickup_point_id else None
    form = PointForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            keep_point(actor=request.user, now=timezone.now(), point=form.save(commit=False))
        except Refusal as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Kept"))
            return redirect("deliveries:points")
    context = {"form": form, "point": found, "rows": PickupPoint.objects.select_related("branch")}
    return render(request, "deliveries/points.html", context, status=422 if form.errors else 200)
