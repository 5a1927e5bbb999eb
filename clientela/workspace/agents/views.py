"""The agent's renewal dashboard."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clientela.foundation.dates import add_months
from clientela.foundation.ui import formats
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.commission.models import Entry, paid_agents
from clientela.modules.commission.queries import sums_of
from clientela.modules.organisation.models import Agent
from clientela.modules.products.models import Line
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.queries.norms import NormRow, norms_of
from clientela.modules.renewals.rules import Reason
from clientela.workspace.agents import queries
from clientela.workspace.renewals.filters import EARLIEST, LATEST, BoardFilter
from clientela.workspace.renewals.forms import loss_name
from clientela.workspace.renewals.panel import STACK, board_url
from clientela.workspace.renewals.rows import contract_of, mark_of

State = Renewal.State
MONTHS_BACK, MONTHS_AHEAD = 3, 1
CONTACTS_HOLD = timedelta(days=365)
HEIGHT = 96


@require_GET
@requires(Permission.RENEWALS_READ)
def me(request: HttpRequest) -> HttpResponseBase:
    """One's own dashboard; 404 for people who are no agents."""
    agent = Agent.objects.filter(user=caller(request)).first()
    if agent is None:
        raise Http404
    month = request.GET.urlencode()
    return redirect(reverse("agents:agent", args=[agent.pk]) + (f"?{month}" if month else ""))


@require_GET
@requires(Permission.RENEWALS_READ)
def agent(request: HttpRequest, agent_id: int) -> HttpResponse:
    """How an agent's renewals go this month, how they stand to the norm, and what to do next."""
    found = get_object_or_404(queries.agents_for(request.user), pk=agent_id)
    today, now = timezone.localdate(), timezone.now()
    first = _month(request.GET.get("month", ""), today)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    month = queries.month_of(found, first, last)
    wanted = _filter(found, first, last, today)
    norms = [_norm(row, found) for row in norms_of(found)]
    context = {
        "agent": found,
        "agent_name": str(found),
        "own": found.user_id == request.user.pk,
        "today": today,
        "month": month,
        "month_name": _month_name(first),
        "months": _months(found, first, today),
        "facts": _facts(month, wanted),
        "norms": norms,
        "bars": _bars(month, wanted, today),
        "as_table": request.GET.get("plot") == "table",
        "plot_tabs": _plot_tabs(request, found),
        "states": State,
        "legend": [{"label": state.label, "colour": colour} for state, colour in STACK],
        "losses": _losses(month, wanted),
        "actions": [_action(term, today) for term in queries.next_terms(found, today=today)],
        "all_actions": board_url(BoardFilter(agent=(found.pk,))),
        "coming": [_coming(day, wanted) for day in queries.coming_touches(found, today=today)],
        "stale": found.contacts_confirmed_at is None or now - found.contacts_confirmed_at > CONTACTS_HOLD,
        "card_url": _card_url(found, request.user),
        "earned": _earned(found, caller(request), today),
    }
    return render(request, "agents/agent.html", context)


def _earned(found: Agent, user: User, today: date) -> dict[str, Any] | None:
    """What the agent has earned in the current month, for who may see the pay."""
    if not user.can(Permission.COMMISSION_READ) or not paid_agents(user).filter(pk=found.pk).exists():
        return None
    month = today.replace(day=1)
    sums = sums_of(Entry.objects.filter(agent=found, month=month))
    return {
        "sums": sums,
        "month": _month_name(month),
        "url": reverse("commission:statement", args=[found.pk]),
    }


def _month(text: str, today: date) -> date:
    """The first day of the asked month, kept within what the board can show; the current one by default."""
    current = today.replace(day=1)
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return current
    return min(max(asked, add_months(current, -MONTHS_BACK)), add_months(current, MONTHS_AHEAD))


def _month_name(first: date) -> str:
    return (
        date_format(first, "F Y").lower()
        if (get_language() or "ru")[:2] == "ru"
        else date_format(first, "F Y")
    )


def _months(found: Agent, first: date, today: date) -> list[dict[str, Any]]:
    current = today.replace(day=1)
    months = [add_months(current, step) for step in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]
    return [
        {
            "label": date_format(month, "M").lower(),
            "url": _address(found, month, current),
            "current": month == first,
        }
        for month in months
    ]


def _address(found: Agent, month: date, current: date) -> str:
    query = "" if month == current else f"?month={month:%Y-%m}"
    return reverse("agents:agent", args=[found.pk]) + query


def _plot_tabs(request: HttpRequest, found: Agent) -> list[dict[str, Any]]:
    chosen, query = request.GET.get("plot") == "table", request.GET.copy()
    query["plot"] = "table"
    table = query.urlencode()
    query.pop("plot")
    plain = query.urlencode()
    base = reverse("agents:agent", args=[found.pk])
    return [
        {
            "label": pgettext("plot", "Bars"),
            "url": f"{base}?{plain}" if plain else base,
            "current": not chosen,
        },
        {"label": pgettext("plot", "Table"), "url": f"{base}?{table}", "current": chosen},
    ]


def _filter(found: Agent, first: date, last: date, today: date) -> BoardFilter:
    """The board's filter that lists exactly the terms of the month."""
    return BoardFilter(
        first=min((last - today).days, EARLIEST), last=max((first - today).days, LATEST), agent=(found.pk,)
    )


def _facts(month: queries.Month, wanted: BoardFilter) -> list[dict[str, Any]]:
    language = get_language() or "ru"
    whole = month.expiring

    def fact(label: str, states: tuple[str, ...], note: str = "", css: str = "") -> dict[str, Any]:
        count = month.of(*states) if states else whole
        share = formats.percent(100 * count / whole, language) if whole and states else ""
        return {
            "label": label, "value": formats.number(count, language), "note": note or share, "css": css,
            "url": board_url(wanted.but(state=states)) if count else "",
        }  # fmt: skip

    premium = sum(month.premium.values(), Decimal(0))
    paid = month.premium.get(State.PAID, Decimal(0))
    return [
        fact(pgettext("count", "Expiring"), (), formats.money_short(premium, language) if premium else ""),
        fact(pgettext("count", "Activated"), queries.ACTIVATED),
        fact(pgettext("count", "Quoted"), (State.QUOTED.value,)),
        fact(
            pgettext("count", "Paid"),
            (State.PAID.value,),
            formats.money_short(paid, language) if paid else "",
        ),
        fact(pgettext("count", "Lost"), (State.LOST.value,)),
        fact(_("Nothing done yet"), (State.NOTHING.value,)),
    ]


def _norm(row: NormRow, found: Agent) -> dict[str, Any]:
    """A line of the norm in words: the figures, what is missing, and what clients get because of it."""
    label = Line(row.line).label if row.line in Line.values else row.line
    if row.share is None:
        effect = _("Nothing ended in the window: clients get the company's messages.")
    elif row.kept:
        effect = _("The norm is kept: the company sends your clients nothing.")
    else:
        effect = _("Below the norm: the company writes to your clients.")
    missing = ngettext("%(n)s policy to the norm", "%(n)s policies to the norm", row.missing) % {
        "n": row.missing
    }
    return {
        "row": row,
        "label": label,
        "kind": "" if row.share is None else "good" if row.kept else "warn",
        "missing": missing if row.missing else "",
        "effect": effect,
    }


def _bars(month: queries.Month, wanted: BoardFilter, today: date) -> list[dict[str, Any]]:
    days = [month.first + timedelta(days=shift) for shift in range((month.last - month.first).days + 1)]
    highest = max((sum(states.values()) for states in month.by_day.values()), default=0) or 1
    return [_bar(day, month.by_day.get(day, {}), wanted, HEIGHT / highest, today) for day in days]


def _bar(
    day: date, states: Mapping[str, int], wanted: BoardFilter, scale: float, today: date
) -> dict[str, Any]:
    left, count = (day - today).days, sum(states.values())
    language = get_language() or "ru"
    words = ngettext("%(n)s contract", "%(n)s contracts", count) % {"n": count}
    return {
        "day": day,
        "today": day == today,
        "count": count,
        "label": f"{formats.long_date(day, language)}: {words}",
        "url": board_url(wanted.but(first=left, last=left)) if count else "",
        "segments": [
            {
                "height": f"{states[state] * scale:.1f}",
                "colour": colour or f"t-{formats.temperature(max(left, 0))}",
            }
            for state, colour in reversed(STACK)
            if states.get(state)
        ],
        "cells": [
            {
                "count": states.get(state, 0),
                "url": board_url(wanted.but(first=left, last=left, state=(state.value,))),
            }
            for state in State
        ],
    }


def _losses(month: queries.Month, wanted: BoardFilter) -> list[dict[str, Any]]:
    return [
        {
            "label": loss_name(reason) if reason else _("Policy cancelled"),
            "count": count,
            "counts": reason is None or reason.counts_in_norm,
            "url": board_url(wanted.but(state=(State.LOST.value,), reason=(reason.pk,) if reason else ())),
        }
        for reason, count in month.lost
    ]


def _action(term: Renewal, today: date) -> dict[str, Any]:
    """What to do with a term, and why just this."""
    verbs = {
        State.NOTHING: _("Prepare a project"),
        State.QUOTED: _("Make a project of the quote"),
        State.PROJECT: _("Send or remind of the offer"),
    }
    language = get_language() or "ru"
    if term.last_replied_at:
        why = _("The client replied, %(when)s") % {
            "when": formats.near_moment(term.last_replied_at, language, timezone.now(), term.time_zone)
        }
    elif term.last_opened_at:
        why = _("The client read the message, %(when)s") % {
            "when": formats.near_moment(term.last_opened_at, language, timezone.now(), term.time_zone)
        }
    elif not term.reach:
        why = _("No way to reach the client: check the contacts")
    elif term.state == State.NOTHING:
        why = _("No project, no quote, no answer")
    else:
        why = _("No answer yet")
    return {
        "term": term,
        "name": term.client.name,
        "contract": contract_of(term),
        "left": (term.end_date - today).days,
        "verb": verbs[State(term.state)],
        "why": why,
        "icon": {State.NOTHING: "file-plus", State.QUOTED: "calculator", State.PROJECT: "send"}[
            State(term.state)
        ],
        "mark": mark_of(term),
        "url": reverse("renewals:term", args=[term.pk]) + f"?agent={term.agent_id}",
    }


def _coming(day: queries.ComingDay, wanted: BoardFilter) -> dict[str, Any]:
    held = sum(day.held.values())
    reasons = ", ".join(
        f"{Reason(code).label} — {count}" if code in Reason.values else f"{code} — {count}"
        for code, count in day.held.items()
    )
    return {"day": day.day, "going": day.going, "held": held, "reasons": reasons}


def _card_url(found: Agent, user: Any) -> str:
    """The agent's card: one's own, or that of others for those who may see the organisation."""
    if found.user_id == user.pk:
        return reverse("organisation:my_agent")
    return reverse("organisation:agent", args=[found.pk]) if user.can(Permission.ORGANISATION_READ) else ""
