"""The board of deals: columns by stage or a list, filters, saved views."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.foundation.dates import local_today
from clientela.foundation.lists.operations import NameTaken, TooManyViews, delete_view, save_view, views_of
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Branch, Team
from clientela.modules.sales.models import Deal, Funnel, LostReason
from clientela.modules.sales.queries.deals import funnels
from clientela.modules.sales.queries.figures import forecast, lost_reasons, stage_figures
from clientela.workspace.deals.filters import ORDERS, DealFilter, slow_in
from clientela.workspace.deals.forms import ConditionsForm, ViewForm, funnel_of
from clientela.workspace.deals.rows import PAGE, RELATED, cards_of, columns
from clientela.workspace.deals.views.answers import dialog, go, htmx

LIST_KEY = "deals"


@require_GET
@requires(Permission.SALES_READ)
def board(request: HttpRequest) -> HttpResponse:
    """The whole page, or its changing part for htmx."""
    context = board_context(request)
    part = htmx(request) and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(request, "deals/parts/board.html" if part else "deals/board.html", context)


def board_context(request: HttpRequest, *, open_id: int = 0) -> dict[str, Any]:
    """What the page needs; the drawer over it adds its own."""
    user, now = caller(request), timezone.now()
    wanted = DealFilter.read(request.GET)
    funnel = funnel_of(wanted.funnel)
    may = {
        "write": user.can(Permission.SALES_WRITE), "export": user.can(Permission.CLIENTS_EXPORT),
        "set_up": user.can(Permission.FUNNELS_WRITE),
    }  # fmt: skip
    context: dict[str, Any] = {"wanted": wanted, "funnel": funnel, "may": may, "open_id": open_id}
    if funnel is None:
        return context
    wanted = wanted.but(funnel=funnel.code)
    every = Deal.objects.visible_to(user)
    narrowed = wanted.without("stage").conditions(every, funnel, now=now)
    opened = narrowed.filter(state=Deal.State.OPEN)
    totals = opened.aggregate(count=Count("id"), amount=Sum("amount"))
    figures = stage_figures(funnel, narrowed.order_by(), now=now)
    today = local_today(user.time_zone, now)
    context |= {
        "wanted": wanted,
        "tabs": _tabs(user, wanted),
        "totals": {"count": totals["count"], "amount": totals["amount"] or 0},
        "weighted": sum(one.weighted for one in figures),
        "month": forecast(funnel, narrowed, today=today, months=1)[0],
        "slow": {"count": opened.filter(slow_in(funnel, now)).count(), "url": wanted.but(slow=not wanted.slow).url},
        "stepless": {
            "count": opened.filter(next_step="").count(), "url": wanted.but(stepless=not wanted.stepless).url,
        },
        "lost": [
            (reason, count, wanted.but(state="lost", view="list", reason=(reason.pk,) if reason else ()).url)
            for reason, count, _amount in lost_reasons(funnel, narrowed, now=now)
        ],
        "chips": _chips(user, wanted),
        "orders": [
            {"label": label, "url": wanted.but(order=code).url, "current": code == wanted.order}
            for code, label in _orders().items()
        ],
        "kinds": [
            {"label": _("Board"), "url": wanted.but(view="board", state="open", stage=()).url, "current": wanted.view == "board"},
            {"label": _("List"), "url": wanted.but(view="list").url, "current": wanted.view == "list"},
        ],
        "views": list(views_of(user, LIST_KEY)),
        "own_view": next((v for v in views_of(user, LIST_KEY) if v.query == wanted.query and v.owner_id == user.pk), None),
        "hidden": wanted.without("q").pairs(),
    }  # fmt: skip
    if wanted.view == "list" or wanted.state != Deal.State.OPEN:
        deals = wanted.deals(every, funnel, now=now).select_related(*RELATED)
        page = Paginator(deals, PAGE).get_page(request.GET.get("page"))
        cards = cards_of(list(page.object_list), now=now, wanted=wanted, zone=user.time_zone)
        stages = [one.stage for one in figures]
        context |= {
            "page": page,
            "lines": [(card, _dots(stages, card.deal)) for card in cards],
            "as_list": True,
        }
    else:
        deals = wanted.conditions(every, funnel, now=now).filter(state=Deal.State.OPEN)
        context["columns"] = columns(deals, figures, wanted, now=now, zone=user.time_zone)
    return context


def _dots(stages: list[Any], deal: Deal) -> list[bool]:
    return [stage.position <= deal.stage.position for stage in stages]


def _tabs(user: User, wanted: DealFilter) -> list[dict[str, Any]]:
    opened = Deal.objects.visible_to(user).open().order_by()
    counts = dict(opened.values_list("funnel").annotate(n=Count("id")))
    view = DealFilter(view=wanted.view)
    return [
        {
            "label": str(one), "url": view.but(funnel=one.code).url, "count": counts.get(one.pk, 0),
            "current": one.code == wanted.funnel,
        }
        for one in funnels()
    ]  # fmt: skip


def _orders() -> dict[str, str]:
    words = {
        "next": _("By the next step"), "age": _("Longest in the stage first"), "-amount": _("Dearest first"),
        "amount": _("Cheapest first"), "name": _("By name"), "-created": _("Newest first"),
    }  # fmt: skip
    return {code: words[code] for code in ORDERS}


def _chips(user: User, wanted: DealFilter) -> list[dict[str, str]]:
    """The conditions in force in words, with the address without each."""
    found: list[tuple[str, str, str]] = []
    named: tuple[tuple[str, str, Any], ...] = (
        ("team", _("Team"), Team), ("branch", _("Branch"), Branch), ("owner", _("Works on it"), User),
        ("reason", _("Lost"), LostReason),
    )  # fmt: skip
    for name, label, model in named:
        if values := getattr(wanted, name):
            rows = model.objects.filter(pk__in=values)
            found.append((name, label, ", ".join(str(row) for row in rows) or "—"))
    if wanted.origin:
        found.append(("origin", _("From"), ", ".join(str(Deal.Origin(one).label) for one in wanted.origin)))
    if wanted.stage:
        rows = Funnel.objects.get(code=wanted.funnel).stages.filter(pk__in=wanted.stage)
        found.append(("stage", _("Stage"), ", ".join(str(row) for row in rows) or "—"))
    if wanted.created:
        found.append(("created", _("Begun"), _("last %(n)s days") % {"n": wanted.created}))
    if wanted.month:
        day = date.fromisoformat(f"{wanted.month}-01")
        found.append(("month", _("Forecast of"), date_format(day, "F Y")))
    if wanted.closed:
        found.append(("closed", _("Closed"), _("last %(n)s days") % {"n": wanted.closed}))
    if wanted.state != Deal.State.OPEN:
        found.append(("state", _("State"), str(Deal.State(wanted.state).label)))
    if wanted.slow:
        found.append(("slow", _("In the stage"), _("longer than the norm")))
    if wanted.stepless:
        found.append(("stepless", _("Next step"), _("none")))
    return [
        {"name": label, "value": value, "remove": wanted.without(name).url} for name, label, value in found
    ]


@require_GET
@requires(Permission.SALES_READ)
def conditions(request: HttpRequest) -> HttpResponse:
    """Every condition of the board in a dialog."""
    wanted = DealFilter.read(request.GET)
    context = {
        "form": ConditionsForm(wanted, caller(request)), "wanted": wanted, "title": _("Conditions"),
        "part": "deals/parts/conditions.html", "wide": True, "back": wanted.url,
    }  # fmt: skip
    return dialog(request, context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SALES_READ)
def save(request: HttpRequest) -> HttpResponseBase:
    """Keep the filter in hand under a name."""
    form = ViewForm(request.POST or None, initial={"query": DealFilter.read(request.GET).query})
    if request.method == "POST" and form.is_valid():
        wanted = DealFilter.read(QueryDict(form.cleaned_data["query"]))
        name, shared = form.cleaned_data["name"], form.cleaned_data["shared"]
        try:
            save_view(actor=request.user, list_key=LIST_KEY, name=name, query=wanted.query, shared=shared)
        except NameTaken:
            form.add_error("name", _("You have a view with this name already."))
        except TooManyViews:
            form.add_error(None, _("You have too many views of this list: delete one first."))
        else:
            messages.success(request, _("The view is saved"))
            return go(request, wanted.url)
    context = {
        "form": form, "title": _("Save the view"), "action": reverse("deals:save_view"), "verb": _("Save"),
        "back": reverse("deals:board"),
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


@require_POST
@requires(Permission.SALES_READ)
def forget(request: HttpRequest, view_id: int) -> HttpResponseBase:
    """Delete an own view."""
    if not delete_view(actor=request.user, view_id=view_id, list_key=LIST_KEY):
        raise Http404
    messages.success(request, _("The view is deleted"))
    return go(request, reverse("deals:board"))


def zone_of(user: User) -> ZoneInfo:
    return ZoneInfo(user.time_zone)
