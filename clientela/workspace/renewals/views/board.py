"""The board of expiring terms, its table of days, its filter and its columns."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.foundation.ids import id_of
from clientela.foundation.lists.operations import (
    NameTaken,
    TooManyViews,
    columns_of,
    delete_view,
    save_columns,
    save_view,
    views_of,
)
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.rules import Role
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.queries.plan_view import marks_of
from clientela.workspace.renewals import heads, panel
from clientela.workspace.renewals.columns import COLUMNS, DEFAULT, LIST_KEY
from clientela.workspace.renewals.filters import BoardFilter
from clientela.workspace.renewals.forms import ColumnsForm, FilterForm, ViewForm
from clientela.workspace.renewals.queries.board import cells_of, rows_of, schedule_days, total
from clientela.workspace.renewals.queries.options import choices_for, names_in, scope_name
from clientela.workspace.renewals.rows import lines_of, words
from clientela.workspace.renewals.views.answers import dialog, go, htmx


@require_GET
@requires(Permission.RENEWALS_READ)
def board(request: HttpRequest) -> HttpResponse:
    """Everything that expires within the person's scope; the filter is in the address."""
    template = "renewals/parts/board.html" if _wants_part(request) else "renewals/board.html"
    return render(request, template, board_context(request))


def _wants_part(request: HttpRequest) -> bool:
    return bool(htmx(request)) and htmx(request).target == "board"


def board_context(request: HttpRequest, *, open_id: int | None = None) -> dict[str, Any]:
    """What the board's templates need; ``open_id`` is the term whose drawer stands over the list."""
    user, today = caller(request), timezone.localdate()
    wanted = BoardFilter.read(request.GET)
    usual = BoardFilter()
    fresh = request.GET.get("fresh") == "1"
    schedule = schedule_days(today)
    limits = tuple(day for day, _channels in schedule) or (45, 30, 17, 5)
    page = rows_of(
        user, wanted, today=today, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    everything = cells_of(user, usual, today=today, fresh=fresh)
    same = wanted.narrowed == usual and usual.last <= wanted.last and wanted.first <= usual.first
    cells = everything if same else cells_of(user, wanted, today=today, fresh=fresh)
    views = list(views_of(user, LIST_KEY))
    columns = columns_of(user, LIST_KEY, known=COLUMNS, default=DEFAULT)
    totals, orders = total(cells, wanted), heads.orders(wanted)
    return {
        "wanted": wanted,
        "query": wanted.query,
        "order": wanted.order,
        "board_url": panel.board_url(wanted),
        "scope": scope_name(user),
        "today": today,
        "limits": limits,
        "tabs": panel.tabs(wanted, everything, views),
        "own_view": next((v for v in views if v.query == wanted.query and v.owner_id == user.pk), None),
        "named": wanted.without("order") in panel.built_in_filters(),
        "bars": panel.bars(cells, wanted, limits=limits),
        "frame": panel.frame(wanted),
        "steps": panel.steps(wanted, schedule),
        "shares": panel.shares(cells, wanted),
        "chips": panel.chips(wanted, names_in(user, wanted)),
        "hidden": [(name, value) for name, value in wanted.pairs() if name != "q"],
        "columns": columns,
        "show": dict.fromkeys(columns, True),
        "words": words(),
        "tail": f"?{wanted.query}" if wanted.query else "",
        "lines": lines_of(page.rows, marks_of(page.rows, today=today), today=today),
        "page": page,
        "totals": totals,
        "orders": orders,
        "order_name": next((item["label"] for item in orders if item["current"]), ""),
        "heads": heads.heads(wanted, columns),
        "ticks": heads.ticks(schedule),
        "all_columns": COLUMNS,
        "now_text": f"{timezone.localtime():%H:%M}",
        "announce": _announcement(request, totals.count),
        "open_id": open_id or _open_id(request),
        "may_write": user.can(Permission.RENEWALS_WRITE),
        "may_export": user.can(Permission.CLIENTS_EXPORT),
        "states": Renewal.State,
        "prices_url": reverse("quotes:prices") if user.can(Permission.SCHEDULES_WRITE) else "",
        "schedules_url": reverse("schedules:list") if user.can(Permission.SCHEDULES_WRITE) else "",
        "agent_url": reverse("agents:me") if user.role == Role.AGENT else "",
    }


def _announcement(request: HttpRequest, count: int) -> str:
    """What is said aloud when a person changed the filter; a refresh by itself says nothing."""
    if not htmx(request) or htmx(request).trigger == "board":
        return ""
    return ngettext("%(n)s contract", "%(n)s contracts", count) % {"n": count}


def _open_id(request: HttpRequest) -> int | None:
    """The term whose drawer is open while only the list is drawn anew."""
    shown = htmx(request).current_url_abs_path or "" if htmx(request) else ""
    rest = shown.removeprefix(reverse("renewals:board")).split("/")[0]
    return id_of(rest)


@require_GET
@requires(Permission.RENEWALS_READ)
def days(request: HttpRequest) -> HttpResponse:
    """The bars of the board as a table."""
    wanted, today = BoardFilter.read(request.GET), timezone.localdate()
    rows = panel.table(cells_of(request.user, wanted, today=today), wanted)
    context = {
        "rows": rows,
        "states": Renewal.State,
        "title": _("Expiring by day"),
        "part": "renewals/parts/days.html",
    }
    return dialog(request, context | {"back": panel.board_url(wanted), "wide": True})


@require_GET
@requires(Permission.RENEWALS_READ)
def conditions(request: HttpRequest) -> HttpResponse:
    """Every condition of the filter; sending it goes to the board."""
    wanted = BoardFilter.read(request.GET)
    form = FilterForm(wanted=wanted, options=choices_for(request.user, wanted))
    context = {
        "form": form, "wanted": wanted, "title": _("Conditions"), "part": "renewals/parts/conditions.html",
        "back": panel.board_url(wanted), "wide": True,
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@requires(Permission.RENEWALS_READ)
def save(request: HttpRequest) -> HttpResponseBase:
    """Keep the filter in hand under a name."""
    if request.method == "POST":
        form = ViewForm(request.POST)
        if form.is_valid():
            query = BoardFilter.read(_querydict(form.cleaned_data["query"])).query
            try:
                save_view(
                    actor=request.user, list_key=LIST_KEY, name=form.cleaned_data["name"], query=query,
                    shared=form.cleaned_data["shared"],
                )  # fmt: skip
            except NameTaken:
                form.add_error("name", _("You have a view with this name already."))
            except TooManyViews:
                form.add_error(None, _("You have too many views of this list: delete one first."))
            else:
                messages.success(request, _("The view is saved"))
                return go(request, reverse("renewals:board") + (f"?{query}" if query else ""))
    else:
        form = ViewForm(initial={"query": BoardFilter.read(request.GET).query})
    context = {
        "form": form, "title": _("Save the view"), "action": reverse("renewals:save_view"), "verb": _("Save"),
        "back": reverse("renewals:board"), "part": "renewals/parts/form.html",
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


def _querydict(text: str) -> QueryDict:
    return QueryDict(text)


@require_POST
@requires(Permission.RENEWALS_READ)
def forget(request: HttpRequest, view_id: int) -> HttpResponseBase:
    """Delete an own view."""
    if not delete_view(actor=request.user, view_id=view_id, list_key=LIST_KEY):
        raise Http404
    messages.success(request, _("The view is deleted"))
    return go(request, reverse("renewals:board"))


@require_POST
@requires(Permission.RENEWALS_READ)
def columns(request: HttpRequest) -> HttpResponseBase:
    """Choose the columns of the list; none chosen brings the usual ones back."""
    form = ColumnsForm(request.POST)
    if form.is_valid():
        save_columns(actor=request.user, list_key=LIST_KEY, columns=form.cleaned_data["columns"])
    wanted = BoardFilter.read(_querydict(request.POST.get("query", "")))
    return go(request, panel.board_url(wanted))
