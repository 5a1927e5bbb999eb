"""Figures of a funnel: conversion, time in stage, reasons lost, forecast; as plots, as tables, as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.lists.export import list_file
from clientela.foundation.ui import formats
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.organisation.queries import branches_visible_to, teams_visible_to
from clientela.modules.sales.models import Advice, Deal, Funnel
from clientela.modules.sales.queries.advice import advice_figures
from clientela.modules.sales.queries.deals import funnels, sellers
from clientela.modules.sales.queries.figures import forecast, lost_reasons, stage_figures
from clientela.workspace.deals.filters import DealFilter
from clientela.workspace.deals.forms import funnel_of
from clientela.workspace.deals.rows import mean_stay

WINDOWS = (30, 90, 365)
HEIGHT = 120
MOST_CHOICES = 200


@dataclass(frozen=True)
class Selection:
    """What the page counts: a funnel over a window, of whom; within the person's scope."""

    user: User
    now: datetime
    funnel: Funnel
    days: int
    wanted: DealFilter

    @classmethod
    def read(cls, request: HttpRequest) -> "Selection":
        """What the address asks for; Http404 where there is no funnel."""
        funnel = funnel_of(request.GET.get("funnel", ""))
        if funnel is None:
            raise Http404
        text = request.GET.get("days", "")
        days = int(text) if text in {str(one) for one in WINDOWS} else WINDOWS[1]
        return cls(caller(request), timezone.now(), funnel, days, DealFilter.read(request.GET))

    @property
    def whose(self) -> dict[str, tuple[int, ...]]:
        return {
            name: getattr(self.wanted, name)
            for name in ("branch", "team", "owner")
            if getattr(self.wanted, name)
        }

    @property
    def board(self) -> DealFilter:
        """The list of the same deals."""
        one = self.wanted
        return DealFilter(
            funnel=self.funnel.code, view="list", branch=one.branch, team=one.team, owner=one.owner
        )

    @cached_property
    def deals(self) -> "QuerySet[Deal]":
        return self.board.conditions(Deal.objects.visible_to(self.user), self.funnel, now=self.now)

    @property
    def window(self) -> timedelta:
        return timedelta(days=self.days)

    @cached_property
    def stages(self) -> list[Any]:
        return stage_figures(self.funnel, self.deals, now=self.now, window=self.window)

    @cached_property
    def months(self) -> list[Any]:
        return forecast(self.funnel, self.deals, today=local_today(self.user.time_zone, self.now))

    @cached_property
    def lost(self) -> list[Any]:
        return lost_reasons(self.funnel, self.deals, now=self.now, window=self.window)

    def query(self, **other: Any) -> str:
        """The address's part behind the question mark, with ``other`` instead."""
        pairs: list[tuple[str, Any]] = [("funnel", self.funnel.code), ("days", self.days)]
        pairs = [(name, other.get(name, value)) for name, value in pairs]
        pairs += [(name, one) for name, values in self.whose.items() for one in values]
        return urlencode(pairs) + ("&as=table" if other.get("table") else "")


class WhoseForm(forms.Form):
    """Whose deals are counted."""

    def __init__(self, chosen: Selection) -> None:
        super().__init__(initial={name: values[0] for name, values in chosen.whose.items()})
        for name, label, anyone, rows in (
            ("branch", _("Branch"), _("All branches"), branches_visible_to(chosen.user)),
            ("team", _("Team"), _("All teams"), teams_visible_to(chosen.user)),
            ("owner", _("Who works on it"), _("All people"), sellers(chosen.user)),
        ):
            choices = [(str(row.pk), str(row)) for row in rows[:MOST_CHOICES]]
            if len(choices) > 1:
                self.fields[name] = forms.ChoiceField(
                    label=label, choices=[("", anyone), *choices], required=False,
                    widget=forms.Select({"class": "input input-sm", "aria-label": label}),
                )  # fmt: skip


@require_GET
@requires(Permission.SALES_READ)
def figures(request: HttpRequest) -> HttpResponse:
    """The page of a funnel's figures."""
    chosen = Selection.read(request)
    table = request.GET.get("as") == "table"
    most = max((row[1] for row in chosen.lost), default=1)
    page, board = reverse("deals:figures"), chosen.board

    def address(**other: Any) -> str:
        return f"{page}?{chosen.query(**{'table': table} | other)}"

    context = {
        "funnel": chosen.funnel, "table": table, "form": WhoseForm(chosen), "query": chosen.query(),
        "hidden": [("funnel", chosen.funnel.code), ("days", chosen.days), *([("as", "table")] if table else [])],
        "tabs": [
            {"label": str(one), "url": address(funnel=one.code), "current": one.pk == chosen.funnel.pk}
            for one in funnels()
        ],
        "windows": [
            {"label": _("%(n)s days") % {"n": one}, "url": address(days=one), "current": one == chosen.days}
            for one in WINDOWS
        ],
        "shapes": [
            {"label": _("Plot"), "url": address(table=False), "current": not table},
            {"label": _("Table"), "url": address(table=True), "current": table},
        ],
        "stages": [
            {
                "row": one, "stay": mean_stay(one.stay, one.stage.norm_days), "width": one.conversion or 0,
                "share": _share(one), "url": board.but(stage=(one.stage.pk,)).url,
            }
            for one in chosen.stages
        ],
        "months": [
            one | {"url": board.but(month=f"{one['row'].first:%Y-%m}").url} for one in _bars(chosen.months)
        ],
        "lost": [
            {
                "label": str(reason) if reason else _("no reason"), "count": count, "amount": amount,
                "width": round(100 * count / most),
                "url": board.but(state="lost", closed=chosen.days, reason=(reason.pk,) if reason else ()).url,
            }
            for reason, count, amount in chosen.lost
        ],
        "advice": advice_figures(Advice.objects.visible_to(chosen.user), since=chosen.now - chosen.window),
        "board_url": board.but(view="board").url, "won_url": board.but(state="won", closed=30).url,
        "open_url": board.url,
    }  # fmt: skip
    return render(request, "deals/figures.html", context)


@require_GET
@requires(Permission.SALES_READ)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The figures as a file; every export is journaled."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    chosen = Selection.read(request)
    record(
        actor=chosen.user, now=chosen.now, action="deals.exported", object_type="sales.funnel", object_id=chosen.funnel.pk,
        object_name=str(chosen.funnel), changes={"format": [None, kind]}, reason=chosen.query()[:200],
        address=request.META.get("REMOTE_ADDR"),
    )  # fmt: skip
    head = [_("Figure"), pgettext("figures", "Of"), pgettext("figures", "Value"), _("Unit")]
    rows = list(_lines(chosen))
    name = f"deal-figures-{chosen.funnel.code}-{timezone.localdate()}"
    return list_file(kind, head, rows, name=name, title=_("Figures of deals"))


def _lines(chosen: Selection) -> Iterator[list[Any]]:
    """One figure a line, so that any program may sum and turn them."""
    deals, days, money = _("deals"), pgettext("unit", "days"), "₽"
    for one in chosen.stages:
        stage = str(one.stage)
        yield [_("Left it"), stage, one.left, deals]
        yield [_("Went on"), stage, one.onward, deals]
        yield [_("Conversion"), stage, one.conversion, "%"]
        stay = round(one.stay / timedelta(days=1), 2) if one.stay is not None else None
        yield [_("Mean time in the stage"), stage, stay, days]
        yield [_("Now here"), stage, one.count, deals]
        yield [_("Premium of open deals"), stage, one.amount, money]
    for month in chosen.months:
        name = f"{month.first:%Y-%m}"
        yield [pgettext("sum", "Won"), name, month.won, money]
        yield [pgettext("sum", "Open"), name, month.open, money]
        yield [_("Weighted"), name, month.weighted, money]
    for reason, count, amount in chosen.lost:
        name = str(reason) if reason else _("no reason")
        yield [_("Lost deals"), name, count, deals]
        yield [_("Premium of lost deals"), name, amount, money]


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
