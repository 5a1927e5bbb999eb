"""The adoption of the base: four stages, their lists, and how far each branch and agent is."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from clientela.foundation.dates import local_today
from clientela.foundation.ids import id_of
from clientela.foundation.lists.operations import views_of
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.organisation.models import Branch
from clientela.modules.organisation.queries import scope_of
from clientela.workspace.clients import panel
from clientela.workspace.clients.adoption import BY_CODE, STAGES, Stage
from clientela.workspace.clients.filters import ClientFilter
from clientela.workspace.clients.knowledge import WORDS
from clientela.workspace.clients.queries.adoption import By, Part, parts
from clientela.workspace.clients.queries.rows import TooSlow

READ = requires(Permission.CLIENTS_READ)
KEPT = 300
# A count of what is wrong is better when it is small.
BAD = ("at_risk",)


def _chosen(request: HttpRequest) -> tuple[Stage, By, int]:
    stage = BY_CODE.get(request.GET.get("stage", ""), STAGES[0])
    by: By = (
        "agent" if request.GET.get("by") == "agent" or not scope_of(request.user).everything else "branch"
    )
    return stage, by, id_of(request.GET.get("branch")) or 0


@require_safe
@READ
def page(request: HttpRequest) -> HttpResponse:
    """The stages with their views; counts and the table come after."""
    stage, by, branch = _chosen(request)
    query = f"?stage={stage.code}"
    context = {
        "stages": [
            {"stage": one, "url": f"?stage={one.code}&by={by}", "current": one is stage, "number": place}
            for place, one in enumerate(STAGES, 1)
        ],
        "stage": stage, "views": _views(request, stage),
        "by": by, "branch": branch, "branch_name": Branch.objects.filter(pk=branch).values_list("name", flat=True).first(),
        "ways": [
            {"label": _("By branch"), "url": f"{query}&by=branch", "current": by == "branch"},
            {"label": _("By agent"), "url": f"{query}&by=agent", "current": by == "agent"},
        ] if scope_of(request.user).everything else [],
        "parts_url": f"{reverse('clients:adoption_parts')}{query}&by={by}" + (f"&branch={branch}" if branch else ""),
    }  # fmt: skip
    return render(request, "clients/adoption.html", context)


def _views(request: HttpRequest, stage: Stage) -> list[dict[str, Any]]:
    """The shipped views and those people shared, with a filter each."""
    found = []
    for view in views_of(request.user, stage.list_key):
        wanted = ClientFilter.read(QueryDict(view.query))
        label = _(view.name) if view.owner_id is None else view.name
        found.append({"label": label, "url": panel.list_url(wanted), "filter": wanted})
    return found


@require_safe
@READ
def view_counts(request: HttpRequest) -> HttpResponse:
    """The views of a stage with bounded counts."""
    stage, _by, _branch = _chosen(request)
    counted = panel.with_counts(request.user, _views(request, stage), _today())
    return render(request, "clients/adoption_views.html", {"views": counted, "stage": stage})


@require_safe
@READ
def adoption_parts(request: HttpRequest) -> HttpResponse:
    """The table by branch or by agent; kept for five minutes."""
    stage, by, branch = _chosen(request)
    key = f"clients.adoption.{request.user.pk}.{_today()}.{stage.code}.{by}.{branch}"
    kept = cache.get(key)
    try:
        if kept is None:
            found, more = parts(request.user, stage, by, today=_today(), branch=branch)
            kept = {"rows": [asdict(one) for one in found], "more": more}
            cache.set(key, kept, KEPT)
    except TooSlow:
        return render(request, "clients/adoption_parts.html", {"too_slow": True})
    rows = [_row(Part(**one), stage, by, branch) for one in kept["rows"]]
    context = {
        "rows": rows, "more": kept["more"], "stage": stage, "by": by,
        "heads": [str(WORDS[code]) for code in stage.measures],
        "who": _("Branch") if by == "branch" else _("Agent"), "total": _total(rows, stage),
    }  # fmt: skip
    return render(request, "clients/adoption_parts.html", context)


def _today() -> Any:
    return local_today(settings.TIME_ZONE, timezone.now())


def _row(part: Part, stage: Stage, by: By, branch: int) -> dict[str, Any]:
    scope = ClientFilter(branch=(part.key or 0,) if by == "branch" else ((branch,) if branch else ()))
    if by == "agent" and part.key:
        scope = scope.but(agent=(part.key,))
    linked = by == "branch" or part.key is not None
    return {
        "name": part.name or pgettext("clients", "Of no agent"), "total": part.total,
        "completeness": part.completeness, "url": panel.list_url(scope) if linked else "",
        "deeper": f"?stage={stage.code}&by=agent&branch={part.key}" if by == "branch" else "",
        "cells": [_cell(code, part, scope, linked) for code in stage.measures],
    }  # fmt: skip


def _cell(code: str, part: Part, scope: ClientFilter, linked: bool) -> dict[str, Any]:
    """The share that is known, with the lists of those known and of those not."""
    known = part.counts[code]
    return {
        "label": str(WORDS[code]), "known": known, "lacking": part.total - known,
        "share": round(100 * known / part.total) if part.total else 0, "is_bad": code in BAD,
        "knows_url": panel.list_url(scope.but(knows=(code,))) if linked else "",
        "lacks_url": panel.list_url(scope.but(lacks=(code,))) if linked else "",
    }  # fmt: skip


def _total(rows: list[dict[str, Any]], stage: Stage) -> list[dict[str, Any]]:
    """One bar a measure over everybody in the table."""
    everybody = sum(row["total"] for row in rows)
    found = []
    for place, code in enumerate(stage.measures):
        known = sum(row["cells"][place]["known"] for row in rows)
        share = round(100 * known / everybody) if everybody else 0
        found.append({"label": str(WORDS[code]), "known": known, "share": share, "is_bad": code in BAD})
    return found
