"""Statements of commission: of all agents in sight, and of one."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from clientela.foundation.dates import add_months
from clientela.foundation.money import ZERO
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.commission import operations, queries, rules
from clientela.modules.commission.models import Entry, Statement, paid_agents
from clientela.modules.commission.queries import Sums
from clientela.modules.organisation.models import Agent
from clientela.modules.products.models import Line
from clientela.modules.products.queries import name_of
from clientela.workspace.commission import listing

MONTHS = 12
HEIGHT = 96
AGENTS = 50


def agent_of(request: HttpRequest, agent_id: int) -> Agent:
    """An agent whose pay this person may see; Http404 else."""
    return get_object_or_404(
        paid_agents(caller(request)).select_related("branch", "team", "user"), pk=agent_id
    )


@require_GET
@requires(Permission.COMMISSION_READ)
def home(request: HttpRequest) -> HttpResponseBase:
    """One's own statement, for an agent; else those of all agents in sight."""
    person = caller(request)
    own = Agent.objects.filter(user=person).first()
    if own is not None:
        query = request.GET.urlencode()
        return redirect(reverse("commission:statement", args=[own.pk]) + (f"?{query}" if query else ""))
    month, text = listing.month_asked(request.GET), request.GET.get("q", "").replace("\x00", "").strip()[:80]
    agents = paid_agents(person).select_related("user")
    whole = queries.sums_of(Entry.objects.filter(agent__in=agents.order_by(), month=month))
    if text:
        agents = agents.filter(last_name__startswith=text[:1].upper() + text[1:])
    else:
        agents = agents.filter(commission_entries__month=month).distinct()
    page = Paginator(agents.order_by("last_name", "first_name", "pk"), AGENTS).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page, "rows": _agent_rows(list(page.object_list), month), "whole": whole, "text": text,
        "facts": _facts(whole, None, f"{reverse('commission:home')}?month={month:%Y-%m}"), "month": month,
        "month_name": listing.month_name(month), "tabs": tabs(person, "statements"), "steps": _steps(reverse("commission:home"), month),
        "may_export": person.can(Permission.CLIENTS_EXPORT), "query": f"month={month:%Y-%m}",
    }  # fmt: skip
    return render(request, "commission/home.html", context)


def tabs(person: Any, current: str) -> list[dict[str, Any]]:
    """Statements, rents and rates; of an agent the own statement is the first."""
    return [
        {"label": _("Statements"), "url": reverse("commission:home"), "current": current == "statements"},
        {
            "label": pgettext("commission", "Rent"),
            "url": reverse("commission:rents"),
            "current": current == "rents",
        },
        {"label": _("Rates"), "url": reverse("commission:rates"), "current": current == "rates"},
    ]


def _agent_rows(agents: Sequence[Agent], month: date) -> list[dict[str, Any]]:
    ids = [agent.pk for agent in agents]
    sums = queries.of_agents(Entry.objects.filter(agent_id__in=ids, month=month))
    closed = queries.closed_of(ids, month)
    return [
        {
            "agent": agent, "name": str(agent), "sums": sums.get(agent.pk, Sums()), "closed": closed.get(agent.pk),
            "url": f"{reverse('commission:statement', args=[agent.pk])}?month={month:%Y-%m}",
        }
        for agent in agents
    ]  # fmt: skip


def _steps(path: str, month: date) -> dict[str, str]:
    """The months before and after; none beyond the next one."""
    after = add_months(month, 1)
    return {
        "before": f"{path}?month={add_months(month, -1):%Y-%m}",
        "after": f"{path}?month={after:%Y-%m}"
        if after <= add_months(rules.month_of(listing.today()), 1)
        else "",
    }


def _facts(sums: Sums, tax: Decimal | None, url: str) -> list[dict[str, Any]]:
    def money(value: Decimal) -> str:
        return formats.money(value, language())

    contracts = ngettext("%(n)s contract", "%(n)s contracts", sums.count) % {
        "n": formats.number(sums.count, language())
    }
    share = formats.percent(100 * sums.due / sums.premium, language(), 1) if sums.premium > 0 else ""
    found = [
        {"label": pgettext("commission", "Accrued"), "value": money(sums.accrued), "note": contracts},
        {
            "label": pgettext("commission", "Taken back"), "value": money(sums.taken_back),
            "note": _("money went back"), "css": "text-bad-ink" if sums.taken_back else "",
        },
    ]  # fmt: skip
    if tax is None:
        found.append(
            {"label": pgettext("commission", "Due"), "value": money(sums.due), "note": _("before tax")}
        )
    else:
        note = _("tax %(sum)s") % {"sum": money(tax)} if tax else _("nothing kept back")
        found.append({"label": _("To be paid"), "value": money(sums.due - tax), "note": note})
    said = _("commission %(share)s") % {"share": share} if share else ""
    found.append({"label": _("Paid premium"), "value": money(sums.premium), "note": said})
    return found


@require_GET
@requires(Permission.COMMISSION_READ)
def statement(request: HttpRequest, agent_id: int) -> HttpResponse:
    """The statement of an agent and a month: what stands in it and how it came about."""
    person, agent, wanted = caller(request), agent_of(request, agent_id), listing.LineFilter.read(request.GET)
    month, path = wanted.month, reverse("commission:statement", args=[agent_id])
    entries = Entry.objects.filter(agent=agent)
    sums = queries.sums_of(entries.filter(month=month))
    closed = Statement.objects.filter(agent=agent, month=month).select_related("closed_by").first()
    cursor = {name: request.GET.get(name, "") for name in ("after", "before")}
    found = listing.page(agent, wanted, **cursor)
    bars = _bars(agent, month, path)
    own = agent.user_id == person.pk
    may_close = person.can(Permission.COMMISSION_CLOSE) and closed is None and month <= listing.today()
    context = {
        "agent": agent, "agent_name": str(agent), "own": own, "wanted": wanted, "page": found, "rows": _rows(found.rows, person),
        "sums": sums, "closed": closed, "facts": _facts(sums, queries.tax_due(agent, sums, closed), path), "month": month,
        "month_name": listing.month_name(month), "steps": _steps(path, month), "bars": bars,
        "as_table": request.GET.get("plot") == "table", "plot_tabs": _plot_tabs(request, path),
        "kinds": _kinds(wanted), "lines": _lines(wanted), "filtered": queries.sums_of(listing.listed(agent, wanted)) if wanted.narrowed else None,
        "empty_ever": not any(bar["sums"].count for bar in bars) and not entries.exists(),
        "may_close": may_close and sums.count > 0, "may_set": person.can(Permission.COMMISSION_RATES),
        "may_export": own or person.can(Permission.CLIENTS_EXPORT), "parts": _parts(sums),
        "back": "" if own else f"{reverse('commission:home')}?month={month:%Y-%m}",
    }  # fmt: skip
    return render(request, "commission/statement.html", context)


def _rows(entries: Sequence[Entry], person: Any) -> list[dict[str, Any]]:
    """Lines; a client who is another agent's by now has a name and no link."""
    clients = {one.policy.client_id for one in entries}
    open_to = set(Client.objects.visible_to(person).filter(pk__in=clients).values_list("pk", flat=True))
    return [
        {
            "entry": one, "client": one.policy.client, "policy": one.policy, "product": name_of(one.policy.product),
            "why": listing.why(one), "linked": one.policy.client_id in open_to, "percent": listing.percent_of(one),
        }
        for one in entries
    ]  # fmt: skip


def _bars(agent: Agent, month: date, path: str) -> list[dict[str, Any]]:
    """A year of months up to the current one, or to the shown one."""
    last = max(month, rules.month_of(listing.today()))
    if (last.year - month.year) * 12 + last.month - month.month >= MONTHS:
        last = add_months(month, MONTHS - 1)
    months = queries.of_months(Entry.objects.filter(agent=agent), last=last, months=MONTHS)
    highest = max((sums.accrued for _day, sums in months), default=ZERO) or Decimal(1)
    return [
        {
            "day": day, "sums": sums, "url": f"{path}?month={day:%Y-%m}", "current": day == month, "name": listing.month_name(day),
            "label": f"{listing.month_name(day)}: {formats.money(sums.due, language())}",
            "new": f"{HEIGHT * sums.new / highest:.1f}", "renewal": f"{HEIGHT * sums.renewal / highest:.1f}", "rent": f"{HEIGHT * sums.rent / highest:.1f}",
        }
        for day, sums in months
    ]  # fmt: skip


def _parts(sums: Sums) -> list[dict[str, Any]]:
    """What the sum is made of; widths in percent of all that moved."""
    rows = [
        (_("New contracts"), sums.new, "c1"), (_("Renewals"), sums.renewal, "c3"),
        (pgettext("commission", "Rent"), sums.rent, "c2"),
        (pgettext("commission", "Taken back"), sums.taken_back, "bad"),
    ]  # fmt: skip
    whole = sum((abs(amount) for _label, amount, _colour in rows), ZERO)
    return [
        {"label": label, "amount": amount, "colour": colour, "width": f"{100 * abs(amount) / whole:.1f}"}
        for label, amount, colour in rows
        if whole and amount
    ]


def _plot_tabs(request: HttpRequest, path: str) -> list[dict[str, Any]]:
    table, query = request.GET.get("plot") == "table", request.GET.copy()
    query.pop("plot", None)
    plain = query.urlencode()
    query["plot"] = "table"
    return [
        {"label": pgettext("plot", "Bars"), "url": f"{path}?{plain}", "current": not table},
        {"label": pgettext("plot", "Table"), "url": f"{path}?{query.urlencode()}", "current": table},
    ]


def _kinds(wanted: listing.LineFilter) -> list[dict[str, Any]]:
    labels = {
        "": pgettext("commission", "All"), "new": _("New contracts"), "renewal": _("Renewals"), "rent": pgettext("commission", "Rent"),
        "back": pgettext("commission", "Taken back"), "unrated": _("Without a rate"),
    }  # fmt: skip
    return [{"value": code, "label": label, "chosen": code == wanted.kind} for code, label in labels.items()]


def _lines(wanted: listing.LineFilter) -> list[dict[str, Any]]:
    return [{"value": code, "label": label, "chosen": code == wanted.line} for code, label in Line.choices]


@require_POST
@requires(Permission.COMMISSION_CLOSE)
def close(request: HttpRequest, agent_id: int) -> HttpResponseBase:
    """Close the statement of a month."""
    agent, month = agent_of(request, agent_id), listing.month_asked(request.POST)
    try:
        made = operations.close_statement(actor=caller(request), now=timezone.now(), agent=agent, month=month)
        messages.success(request, _("Statement %(number)s is closed") % {"number": made.number})
    except Refusal as refused:
        messages.error(request, str(refused))
    return redirect(f"{reverse('commission:statement', args=[agent_id])}?month={month:%Y-%m}")
