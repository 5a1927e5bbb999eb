"""The list of clients: the page, its counts, its views and columns."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clientela.foundation.dates import local_today
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
from clientela.workspace.clients import panel
from clientela.workspace.clients.columns import COLUMNS, DEFAULT, LIST_KEY, SORTS, columns_for
from clientela.workspace.clients.filters import ClientFilter
from clientela.workspace.clients.forms import ViewForm
from clientela.workspace.clients.queries.rows import TooSlow, bounded_count, listed, page
from clientela.workspace.renewals.keyset import KeyPage

READ = requires(Permission.CLIENTS_READ)


@READ
def clients(request: HttpRequest) -> HttpResponse:
    """The list; a search while typing gets the table alone."""
    wanted = ClientFilter.read(request.GET)
    kept = columns_of(request.user, LIST_KEY, known=COLUMNS, default=DEFAULT)
    columns = columns_for(request.user, kept, advised=wanted.advised)
    too_slow = False
    try:
        found = page(
            request.user, wanted, today=_today(), columns=columns,
            after=request.GET.get("after", ""), before=request.GET.get("before", ""),
        )  # fmt: skip
    except TooSlow:
        found, too_slow = KeyPage([]), True
    context: dict[str, Any] = {
        "too_slow": too_slow,
        "rows": found.rows,
        "filter": wanted,
        "order": wanted.order,
        "query": wanted.query,
        "columns": columns,
        "sorts": SORTS,
        "next_query": panel.page_query(wanted, after=found.after) if found.after else "",
        "previous_query": panel.page_query(wanted, before=found.before) if found.before else "",
        "chips": panel.chips(request.user, wanted),
        "may_export": caller(request).can(Permission.CLIENTS_EXPORT),
        "may_write": caller(request).can(Permission.CLIENTS_WRITE),
        "may_sell": caller(request).can(Permission.SALES_WRITE),
    }
    if request.htmx and request.htmx.target == "client-list":  # type: ignore[attr-defined]
        return render(request, "clients/list_part.html", context)
    views = views_of(request.user, LIST_KEY)
    context |= {
        "tabs": panel.tabs(request.user, wanted, views),
        "choices": panel.choices(request.user, wanted),
        "all_columns": [
            (code, name, code in kept)
            for code, name in COLUMNS.items()
            if code != "advice" or caller(request).can(Permission.SALES_READ)
        ],
        "may_import": caller(request).can(Permission.IMPORTS_RUN),
    }
    return render(request, "clients/list.html", context)


def _today() -> Any:
    return local_today(settings.TIME_ZONE, timezone.now())


@READ
def tab_counts(request: HttpRequest) -> HttpResponse:
    """The tabs again, with their counts: they may take a moment, so the page does not wait for them."""
    wanted = ClientFilter.read(request.GET)
    items = panel.tabs(request.user, wanted, views_of(request.user, LIST_KEY))
    counted = panel.with_counts(request.user, items, _today())
    return render(request, "clients/tabs.html", {"tabs": counted, "query": wanted.query})


@READ
def count(request: HttpRequest) -> HttpResponse:
    """How many the filter lets through, up to a thousand."""
    found = bounded_count(listed(request.user, ClientFilter.read(request.GET), _today()))
    return HttpResponse(panel.title_words(found))


@READ
@require_POST
def columns(request: HttpRequest) -> HttpResponse:
    """Keep the columns this person wants; ``usual`` brings the usual ones back."""
    chosen = (
        []
        if "usual" in request.POST
        else [code for code in COLUMNS if code in request.POST.getlist("columns")]
    )
    save_columns(actor=request.user, list_key=LIST_KEY, columns=chosen)
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    query = ClientFilter.read(QueryDict(request.POST.get("query", ""))).query
    return redirect(reverse("clients:list") + (f"?{query}" if query else ""))


@READ
@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keep the filter in hand under a name."""
    form = ViewForm(request.POST)
    wanted = ClientFilter.read(QueryDict(request.POST.get("query", "")))
    if not form.is_valid():
        messages.error(request, _("A view needs a name."))
        return _back(request)
    try:
        save_view(actor=request.user, list_key=LIST_KEY, name=form.cleaned_data["name"], query=wanted.query)
    except NameTaken:
        messages.error(request, _("You have a view with this name already."))
    except TooManyViews:
        messages.error(request, _("There are too many views: delete one first."))
    else:
        messages.success(request, _("View kept"))
    return _back(request)


@READ
@require_POST
def drop_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget an own view."""
    if not delete_view(actor=request.user, view_id=pk, list_key=LIST_KEY):
        raise Http404
    messages.success(request, _("View deleted"))
    return redirect("clients:list")
