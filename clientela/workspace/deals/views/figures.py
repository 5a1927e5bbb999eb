"""Figures of a funnel: conversion, time in stage, reasons lost, forecast; as plots or as tables."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clientela.foundation.dates import local_today
from clientela.foundation.ui import formats
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.sales.models import Advice, Deal
from clientela.modules.sales.queries.advice import advice_figures
from clientela.modules.sales.queries.deals import funnels
from clientela.modules.sales.queries.figures import forecast, lost_reasons, stage_figures
from clientela.workspace.deals.filters import DealFilter
from clientela.workspace.deals.forms import funnel_of
from clientela.workspace.deals.rows import mean_stay

WINDOWS = (30, 90, 365)
HEIGHT = 120


@require_GET
@requires(Permission.SALES_READ)
def figures(request: HttpRequest) -> HttpResponse:
    """The page of a funnel's figures over a window, within the person's scope."""
    user, now = caller(request), timezone.now()
    funnel = funnel_of(request.GET.get("funnel", ""))
    if funnel is None:
        raise Http404
    days = int(text) if (text := request.GET.get("days", "")) in {str(one) for one in WINDOWS} else WINDOWS[1]
    table = request.GET.get("as") == "table"
    deals, window = Deal.objects.visible_to(user), timedelta(days=days)
    stages = stage_figures(funnel, deals, now=now, window=window)
    months = forecast(funnel, deals, today=local_today(user.time_zone, now))
    lost = lost_reasons(funnel, deals, now=now, window=window)
    most = max((row[1] for row in lost), default=1)
    board = DealFilter(funnel=funnel.code, view="list")

    def address(code: str, span: int, as_table: bool) -> str:
        return f"{reverse('deals:figures')}?funnel={code}&days={span}" + ("&as=table" if as_table else "")

    context = {
        "funnel": funnel,
        "table": table,
        "tabs": [
            {"label": str(one), "url": address(one.code, days, table), "current": one.pk == funnel.pk} for one in funnels()
        ],
        "windows": [
            {"label": _("%(n)s days") % {"n": one}, "url": address(funnel.code, one, table), "current": one == days}
            for one in WINDOWS
        ],
        "shapes": [
            {"label": _("Plot"), "url": address(funnel.code, days, False), "current": not table},
            {"label": _("Table"), "url": address(funnel.code, days, True), "current": table},
        ],
        "stages": [
            {
                "row": one, "stay": mean_stay(one.stay, one.stage.norm_days), "width": one.conversion or 0,
                "share": _share(one),
                "url": board.but(stage=(one.stage.pk,)).url,
            }
            for one in stages
        ],
        "months": _bars(months),
        "lost": [
            {
                "label": str(reason) if reason else _("no reason"), "count": count, "amount": amount,
                "width": round(100 * count / most),
                "url": board.but(state="lost", reason=(reason.pk,) if reason else ()).url,
            }
            for reason, count, amount in lost
        ],
        "advice": advice_figures(Advice.objects.visible_to(user), since=now - window),
        "board_url": DealFilter(funnel=funnel.code).url,
    }  # fmt: skip
    return render(request, "deals/figures.html", context)


def _share(one: Any) -> int:
    """The stay as percent of twice the norm, so that the norm stands in the middle."""
    if one.stay is None:
        return 0
    return min(100, round(50 * one.stay / timedelta(days=float(one.stage.norm_days))))


def _bars(months: list[Any]) -> list[dict[str, Any]]:
    language = get_language() or "ru"
    highest = max((one.won + one.open for one in months), default=0) or 1
    return [
        {
            "row": one, "won": f"{HEIGHT * one.won / highest:.1f}", "weighted": f"{HEIGHT * one.weighted / highest:.1f}",
            "rest": f"{HEIGHT * (one.open - one.weighted) / highest:.1f}",
            "label": formats.money_short(one.total, language) if one.total else "",
        }
        for one in months
    ]  # fmt: skip
