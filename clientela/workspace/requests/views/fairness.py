"""Was it fair: chosen weeks of sharing, with the answers in time, on a page and as a file."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.foundation.lists.export import list_file
from clientela.foundation.ui import formats
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.requests.queries import sharing_branches
from clientela.modules.requests.reports import (
    MOST_WEEKS,
    Answers,
    Line,
    answers_of,
    sharing_report,
    this_week,
    weeks_between,
)
from clientela.workspace.requests import words
from clientela.workspace.requests.views.rules import _tabs

_SHOWN = 4
_READ = requires(Permission.ROUTING_WRITE)


def _day(text: str, default: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default


def _asked(request: HttpRequest) -> tuple[list[date], list[Any], str]:
    """The weeks, the branches in sight, and which branch was chosen."""
    now = timezone.now()
    today = this_week(now)
    first = _day(request.GET.get("first", ""), today - timedelta(weeks=_SHOWN - 1))
    weeks = weeks_between(first, _day(request.GET.get("last", ""), today), today=today)
    branches = list(sharing_branches(caller(request)))
    chosen = request.GET.get("branch", "")
    some = [one for one in branches if str(one.pk) == chosen]
    return weeks, some or branches, chosen if some else ""


@require_safe
@_READ
def fairness(request: HttpRequest) -> HttpResponse:
    """The plot of what came of each one's share, week by week, and the answers."""
    now = timezone.now()
    weeks, branches, chosen = _asked(request)
    lines = sharing_report(branches, weeks, now=now)
    latest = this_week(now)
    context = {
        "tabs": _tabs(request, "fairness"), "weeks": weeks, "first": weeks[0], "last": weeks[-1], "chosen": chosen,
        "choice": [_week(latest - timedelta(weeks=back)) for back in range(MOST_WEEKS)],
        "branches": sharing_branches(caller(request)), "rows": [_row(one) for one in lines],
        "total": _answers(answers_of(lines, weeks, branches, now=now)), "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "requests/fairness.html", context)


def _week(first: date) -> dict[str, Any]:
    language = words.lang()
    return {
        "value": first,
        "label": f"{formats.short_date(first, language)} – {formats.full_date(first + timedelta(days=6), language)}",
    }


def _row(line: Line) -> dict[str, Any]:
    plot = words.plot(line.behind, bool(line.due))
    weeks = [
        {
            "given": one.given,
            "due": formats.number(one.due, words.lang(), 1),
            "behind": one.given < one.due - 0.5,
        }
        for one in line.weeks
    ]
    return plot | {
        "line": line, "due": formats.number(line.due, words.lang(), 1), "weeks": weeks, "answers": _answers(line.answers),
    }  # fmt: skip


def _answers(one: Answers) -> dict[str, Any]:
    return {
        "came": one.came, "answered": one.answered, "late": one.late,
        "time": words.minutes(timedelta(minutes=one.minutes)) if one.minutes is not None else "–",
        "in_time": formats.percent(round(one.in_time), words.lang()) if one.in_time is not None else "–",
    }  # fmt: skip


@require_safe
@_READ
def fairness_file(request: HttpRequest) -> HttpResponseBase:
    """A line for each person and week, and one for all the weeks with the answers."""
    weeks, branches, _chosen = _asked(request)
    lines = sharing_report(branches, weeks, now=timezone.now())
    head = [
        _("Branch"), _("Person"), _("Week from"), _("Got"), _("Due"), _("Requests came"), _("Answered"), _("Middle answer, min"),
        _("In time, %"), _("Late now"),
    ]  # fmt: skip
    return list_file("csv", head, _cells(lines), name=f"fairness-{weeks[0]}-{weeks[-1]}")


def _cells(lines: list[Line]) -> Iterator[list[Any]]:
    for one in lines:
        for week in one.weeks:
            yield [one.branch, one.name, week.first.isoformat(), week.given, _number(week.due), *[""] * 5]
        said = one.answers
        yield [
            one.branch, one.name, _("all weeks"), one.given, _number(one.due), said.came, said.answered,
            _number(said.minutes), _number(said.in_time), said.late,
        ]  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}".replace(".", ",")
