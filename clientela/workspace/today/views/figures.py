"""What stands beside the queue: fragments that come after the page, and the lists behind their figures."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from clientela.foundation.dates import add_months
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.rules import Role
from clientela.modules.contacts.models import Channel
from clientela.modules.products.models import Line
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.queries.norms import norms_of
from clientela.modules.renewals.queries.planning import steps_in_force
from clientela.workspace.renewals.filters import BoardFilter
from clientela.workspace.renewals.rows import contract_of
from clientela.workspace.schedules.queries.day_plan import day_plan
from clientela.workspace.today import words
from clientela.workspace.today.queries import side as reads
from clientela.workspace.training.cards import due_line

State = Renewal.State
# Lines of terms that the norm of a line judges.
NORM_LINES = {"kasko": ("kasko", "kasko_osago"), "osago": ("osago", "kasko_osago")}
COLOURS = {
    State.PAID: "good",
    State.QUOTED: "c1",
    State.PROJECT: "h3",
    State.NOTHING: "t-soon",
    State.LOST: "ink-4",
}
ORDER = (State.PAID, State.QUOTED, State.PROJECT, State.NOTHING, State.LOST)


@require_GET
@requires(Permission.RENEWALS_READ)
def side(request: HttpRequest) -> HttpResponse:
    """Norms, the month and today's touches; for who leads others also who is below the norm and what failed."""
    user, today = request.user, timezone.localdate()
    agent = reads.own_agent(user) if user.role == Role.AGENT else None  # type: ignore[union-attr]
    context: dict[str, Any] = {
        "today": today,
        "month_name": date_format(today, "F").lower()
        if words.language().startswith("ru")
        else date_format(today, "F"),
        "month": _month(reads.month_states(user, today=today), today),
        "touches": _touches(reads.touches_today(user, today=today)),
        "touches_url": reverse("today:touches"),
        "is_agent": agent is not None,
        "training": due_line(caller(request), today),
    }
    if agent is not None:
        context |= _norms(agent)
    else:
        context |= {
            "team": _team(reads.team_norms(user)),
            "failures": _failures(reads.failures(user, today=today)),
            "plan_url": reverse("today:plan"),
        }
    return render(request, "today/parts/side.html", context)


def _norms(agent: Any) -> dict[str, Any]:
    """The agent's meters, what is missing, and what keeping the norm does to the clients' messages."""
    rows = [row for row in norms_of(agent) if row.expiring]
    labels = dict(Line.choices)
    below = [row for row in rows if not row.kept and row.missing]
    keeps = [str(labels[row.line]) for row in rows if row.kept]
    return {
        "norms": [
            {
                "line": labels[row.line], "row": row,
                "label": _("%(share)s of %(target)s: %(renewed)s of %(expiring)s renewed")
                % {
                    "share": formats.percent(row.share or 0, words.language()),
                    "target": formats.percent(row.target, words.language()),
                    "renewed": row.renewed, "expiring": row.expiring,
                },
            }
            for row in rows
        ],
        "below": [
            {
                "line": labels[row.line],
                "missing": ngettext("%(n)s policy", "%(n)s policies", row.missing) % {"n": row.missing},
                "url": board(BoardFilter().but(line=NORM_LINES.get(row.line, (row.line,)), state=("nothing", "project", "quoted"))),
            }
            for row in below
        ],
        "keeps": _(" and ").join([", ".join(keeps[:-1]), keeps[-1]] if len(keeps) > 1 else keeps),
        "why_url": reverse("agents:me"),
        "judged": bool(rows),
    }  # fmt: skip


def _team(found: reads.TeamNorms) -> dict[str, Any]:
    labels = dict(Line.choices)
    rows = [{"below": row, "line": labels.get(row.line, row.line)} for row in found.worst]
    return {"kept": found.kept, "judged": found.judged, "worst": rows}


def board(wanted: BoardFilter) -> str:
    """The address of the board with a filter."""
    query = wanted.query
    return reverse("renewals:board") + (f"?{query}" if query else "")


def _month(counts: dict[str, int], today: date) -> dict[str, Any]:
    """The month's terms by state: a bar, and a link behind every figure."""
    first = today.replace(day=1)
    last = add_months(first, 1) - timedelta(days=1)
    wanted = BoardFilter().but(first=(last - today).days, last=(first - today).days)
    whole = sum(counts.values())
    decided = counts.get(State.PAID, 0) + counts.get(State.LOST, 0)
    rows = [
        {
            "label": State(state).label, "count": counts.get(state, 0), "colour": COLOURS[state],
            "share": f"{100 * counts.get(state, 0) / whole:.2f}" if whole else "0",
            "url": board(wanted.but(state=(state.value,))),
        }
        for state in ORDER
    ]  # fmt: skip
    rate = 100 * counts.get(State.PAID, 0) / decided if decided else None
    return {"rows": rows, "whole": whole, "url": board(wanted), "rate": rate}


def _touches(counts: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    """A row a channel: how many wait, went, were read, answered, failed, were held back."""
    url = reverse("today:touches")
    result = []
    for channel in Channel.values:
        own = {outcome: counts.get((channel, outcome), 0) for outcome in reads.OUTCOMES}
        if not any(own.values()):
            continue
        result.append(
            {
                "channel": channel,
                "name": str(CHANNELS[channel][1]),
                "cells": [
                    {"outcome": name, "label": outcome_name(name, channel), "count": n,
                     "url": f"{url}?channel={channel}&outcome={name}"}
                    for name, n in own.items()
                ],
            }
        )  # fmt: skip
    return result


def outcome_name(outcome: str, channel: str = "") -> str:
    """What became of touches, in a word."""
    if channel in (Channel.OPERATOR, Channel.ROBOT) and outcome == "sent":
        return pgettext("touches", "done")
    return {
        "waits": pgettext("touches", "wait"),
        "sent": pgettext("touches", "sent"),
        "opened": pgettext("touches", "read"),
        "replied": pgettext("touches", "answered"),
        "failed": pgettext("touches", "failed"),
        "dropped": pgettext("touches", "held back"),
    }[outcome]


def _failures(found: reads.Failures) -> dict[str, Any]:
    return {"count": found.count, "rows": [_touch(touch, found.details) for touch in found.touches]}


def _touch(touch: Touch, details: dict[int, str] | None = None) -> dict[str, Any]:
    from clientela.modules.renewals.rules import Reason

    reason = str(Reason(touch.reason).label) if touch.reason in Reason.values else touch.reason
    return {
        "touch": touch,
        "client": touch.renewal.client,
        "contract": contract_of(touch.renewal),
        "name": touch.step.name if touch.step else str(CHANNELS[touch.channel][1]),
        "state": Touch.State(touch.state).label,
        "detail": (details or {}).get(touch.pk) or touch.reason_detail or reason,
        "url": reverse("renewals:term", args=[touch.renewal_id]),
    }


@require_GET
@requires(Permission.RENEWALS_READ)
def plan(request: HttpRequest) -> HttpResponse:
    """What tomorrow will send in the person's scope, by channel."""
    today = timezone.localdate()
    day = today + timedelta(days=1)
    found = day_plan(request.user, steps_in_force(day), day=day, today=today)
    going = [(channel, n) for channel, n in found.channels() if n]
    most = max((n for _channel, n in going), default=1)
    rows = [
        {"code": channel, "name": str(CHANNELS[channel][1]), "count": n, "width": f"{100 * n / most:.1f}"}
        for channel, n in going
    ]
    context = {"plan": found, "rows": rows, "held": sum(n for _reason, n in found.reasons())}
    return render(request, "today/parts/plan.html", context)


@require_GET
@requires(Permission.RENEWALS_READ)
def touches(request: HttpRequest) -> HttpResponse:
    """Today's touches behind a figure."""
    channel, outcome = request.GET.get("channel", ""), request.GET.get("outcome", "")
    if (channel and channel not in Channel.values) or (outcome and outcome not in reads.OUTCOMES):
        raise Http404
    today = timezone.localdate()
    found = reads.touches_behind(request.user, today=today, channel=channel, outcome=outcome)
    parts = [str(CHANNELS[channel][1]) if channel else "", outcome_name(outcome, channel) if outcome else ""]
    return _list(
        request,
        _("Touches of today"),
        " · ".join(p for p in parts if p),
        found[: reads.MOST],
        len(found) > reads.MOST,
    )


def _list(
    request: HttpRequest,
    title: str,
    sub: str,
    found: list[Touch],
    more: bool,
    details: dict[int, str] | None = None,
) -> HttpResponse:
    rows = [_touch(touch, details) for touch in found]
    context = {
        "title": title,
        "sub": sub,
        "rows": rows,
        "more": more,
        "most": reads.MOST,
        "back": reverse("today:home"),
    }
    template = "today/parts/touches.html" if request.htmx else "today/touches.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_GET
@requires(Permission.RENEWALS_READ)
def failed(request: HttpRequest) -> HttpResponse:
    """What did not arrive in the last week, with the network's words."""
    found = reads.failures(request.user, today=timezone.localdate(), most=reads.MOST)
    more = found.count > len(found.touches)
    return _list(request, _("Not delivered in 7 days"), "", found.touches, more, found.details)
