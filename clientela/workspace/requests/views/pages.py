"""The screen of requests: the list, whose each is and why, who is loaded with how much, and the file of the list."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from clientela.foundation.audit.operations import record
from clientela.foundation.lists.export import list_file
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Branch
from clientela.modules.requests.models import Policy, Request
from clientela.modules.requests.queries import answered, counts, sharing_branches, sharing_of, title
from clientela.modules.routing.desks import parts
from clientela.workspace.requests import words
from clientela.workspace.requests.filters import RequestFilter, listed, page, start_of_today, within

# Beyond so many branches the panel shows those of the person's choice only.
PANEL_PEOPLE = 40


def address_of(wanted: RequestFilter) -> str:
    return reverse("requests:home") + (f"?{wanted.query}" if wanted.query else "")


def found(request: HttpRequest, request_id: int) -> Request:
    """A visible request with everything its page names."""
    rows = Request.objects.visible_to(request.user).select_related(
        "client", "product", "assignee", "branch", "intake", "consent__intake", "agent"
    )
    one = rows.filter(pk=request_id).first()
    if one is None:
        raise Http404
    return one


@require_GET
@requires(Permission.REQUESTS_READ)
def home(request: HttpRequest) -> HttpResponse:
    """The list with its panels; parts of it alone when they are looked at again."""
    now, wanted, user = timezone.now(), RequestFilter.read(request.GET), caller(request)
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    if htmx and htmx.target == "requests-side":
        return render(request, "requests/side.html", _side(user, wanted, now))
    shown = page(
        user, wanted, now=now, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    rows = [words.row(one, now) for one in shown.rows]
    context = {
        "wanted": wanted, "page": shown, "rows": rows, "tabs": _tabs(user, wanted, now), "now": now,
        "address": address_of(wanted), "conditions": _conditions(wanted),
        "chosen": why_context(shown.rows[0], user) if shown.rows else None,
        "may_write": user.can(Permission.REQUESTS_WRITE), "headline": _headline(user, now),
        "tab_says": _tab_says(user, wanted),
    }  # fmt: skip
    if htmx and htmx.target == "requests-list":
        return render(request, "requests/list.html", context)
    context |= _side(user, wanted, now) | {
        "may_rules": user.can(Permission.ROUTING_WRITE), "may_forms": user.can(Permission.ORGANISATION_WRITE),
        "may_export": user.can(Permission.CLIENTS_EXPORT), "filters": _filters(wanted),
        "export_url": reverse("requests:export") + (f"?{wanted.query}" if wanted.query else ""),
    }  # fmt: skip
    return render(request, "requests/home.html", context)


def _tabs(user: Any, wanted: RequestFilter, now: Any) -> list[dict[str, Any]]:
    found = counts(within(user, wanted), now=now, today=start_of_today(user, now))
    names = {
        "today": pgettext("requests", "Today"), "waiting": pgettext("requests", "Waiting"), "late": pgettext("requests", "Overdue"),
        "moved": pgettext("requests", "Given on"), "nobody": pgettext("requests", "Nobody suits"),
        "marketing": pgettext("requests", "At marketing"), "all": pgettext("requests", "All"),
    }  # fmt: skip
    return [
        {
            "label": name,
            "url": address_of(wanted.but(tab=tab)),
            "count": found.get(tab),
            "current": wanted.tab == tab,
        }
        for tab, name in names.items()
        if tab != "marketing" or found["marketing"] or wanted.tab == tab
    ]


def _tab_says(user: Any, wanted: RequestFilter) -> str:
    """What a tab counts, where its name does not say it: why late requests may still be with the same people."""
    if wanted.tab == "moved":
        return _(
            "Open requests that went from one person to another: by a head, or taken back when nobody answered."
        )
    if wanted.tab != "late":
        return ""
    branches = sharing_branches(user)
    sharing = sharing_of(branches)
    kept = [one.name for one in branches if not sharing[one.pk].takes_back_letters]
    if not kept:
        return _(
            "Overdue requests are told to the head, taken back from who did not answer and given to the next who suits."
        )
    return _("Overdue requests are told to the head and stay with their person: taking back is off in %(branches)s (rules of sharing).") % {
        "branches": ", ".join(kept[:3]) + (f" +{len(kept) - 3}" if len(kept) > 3 else "")
    }  # fmt: skip


def _headline(user: Any, now: Any) -> str:
    figures = answered(Request.objects.visible_to(user), since=start_of_today(user, now))
    return words.headline(figures.count, figures.minutes, Policy.now().answer_minutes, figures.in_time)


def _conditions(wanted: RequestFilter) -> list[dict[str, str]]:
    """What leaves requests out, each with the address without it."""
    rows: list[tuple[str, str, RequestFilter]] = []
    if wanted.temperature:
        rows.append(
            (_("Temperature"), str(Request.Temperature(wanted.temperature).label), wanted.but(temperature=""))
        )
    if wanted.source:
        rows.append((_("From"), str(Request.Source(wanted.source).label), wanted.but(source="")))
    if wanted.person:
        rows.append((_("Person"), _name_of(wanted.person), wanted.but(person=0)))
    if wanted.branch:
        branch = Branch.objects.filter(pk=wanted.branch).first()
        rows.append((_("Branch"), branch.name if branch else "–", wanted.but(branch=0)))
    return [{"name": name, "value": value, "remove": address_of(rest)} for name, value, rest in rows]


def _name_of(user_id: int) -> str:

    return str(User.objects.filter(pk=user_id).first() or "–")


def _filters(wanted: RequestFilter) -> list[dict[str, Any]]:
    return [
        {"label": label or pgettext("requests", "All"), "url": address_of(wanted.but(temperature=code)), "current": wanted.temperature == code}
        for code, label in (("", ""), *Request.Temperature.choices)
    ]  # fmt: skip


def _side(user: Any, wanted: RequestFilter, now: Any) -> dict[str, Any]:
    """The people: how much each has in hand, and whether it is shared fairly."""
    branches = [one for one in sharing_branches(user) if not wanted.branch or one.pk == wanted.branch]
    sharing = sharing_of(branches)
    everybody = parts([one.pk for one in branches], now=now)
    shown = everybody[:PANEL_PEOPLE]
    took = Request.objects.filter(
        assignee__in=[one.user_id for one in shown], taken_at__gte=now - timedelta(days=7)
    )
    speeds: dict[int, list[float]] = {}
    answers: Any = took.values_list("assignee", "created_at", "taken_at")[:5000]
    for person, came, taken in answers:
        speeds.setdefault(person, []).append((taken - came) / timedelta(minutes=1))
    middle = {person: sorted(values)[len(values) // 2] for person, values in speeds.items()}
    by_branch = [[one for one in shown if one.branch_id == branch.pk] for branch in branches]
    return {
        "people": [words.person(one, answers_in=middle.get(one.user_id)) for one in shown],
        "busy": sum(min(one.load, one.capacity) for one in shown if one.takes), "room": sum(one.capacity for one in shown if one.takes),
        "more_people": len(everybody) - len(shown), "wanted": wanted, "address": address_of(wanted),
        "fairness": [
            {"branch": branch.name, "rows": words.fairness(some)} for branch, some in zip(branches, by_branch, strict=True) if some
        ],
        "branches": [
            {"branch": one, "paused": sharing[one.pk].is_paused, "url": reverse("requests:switch", args=[one.pk])}
            for one in branches
        ],
        "places": ", ".join(one.name for one in branches[:3]) + (f" +{len(branches) - 3}" if len(branches) > 3 else ""),
    }  # fmt: skip


def why_context(one: Request, user: Any) -> dict[str, Any]:
    """Whose the request is and why, with everybody the rule looked at."""
    skills = [reason for reason in one.why if reason.get("skills")]
    return {
        "it": one, "title": title(one), "reasons": words.why_long(one), "product": one.product.name if one.product else _("Product"),
        "candidates": [words.candidate(row) for row in one.candidates], "decided": one.assigned_at, "has_skills": bool(skills),
        "mine": one.assignee_id == user.pk, "is_new": one.state == Request.State.NEW and not one.at_marketing,
        "working": one.state == Request.State.WORKING, "may_calculate": _may_calculate(one, user),
    }  # fmt: skip


def _may_calculate(one: Request, user: Any) -> bool:
    if one.client_id is None or not user.can(Permission.CONTRACTS_WRITE):
        return False
    return Client.objects.visible_to(user).filter(pk=one.client_id).exists()


@require_GET
@requires(Permission.REQUESTS_READ)
def why(request: HttpRequest, request_id: int) -> HttpResponse:
    """The panel under the list."""
    one, user = found(request, request_id), caller(request)
    context = {"chosen": why_context(one, user), "may_write": user.can(Permission.REQUESTS_WRITE)}
    return render(request, "requests/why.html", context)


@require_GET
@requires(Permission.REQUESTS_READ)
def one(request: HttpRequest, request_id: int) -> HttpResponse:
    """Everything about one request."""
    row, user, now = found(request, request_id), caller(request), timezone.now()
    steps = [words.step(step) for step in row.steps.select_related("by", "person").order_by("-at", "-id")]
    possible = Client.objects.visible_to(user).filter(pk__in=row.possible) if row.possible else []
    context = {
        "it": row, "title": title(row), "row": words.row(row, now), "steps": steps, "possible": possible,
        "chosen": why_context(row, user), "facts": _facts(row), "may_write": user.can(Permission.REQUESTS_WRITE),
        "may_see_client": row.client_id and Client.objects.visible_to(user).filter(pk=row.client_id).exists(),
    }  # fmt: skip
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    name = "body" if htmx and htmx.target == "request-body" else "one"
    return render(request, f"requests/{name}.html", context)


def _facts(row: Request) -> list[dict[str, Any]]:
    facts = [
        (_("Phone"), row.phone, f"tel:{row.phone}"), (_("E-mail"), row.email, ""), (_("Product"), words.what(row), ""),
        (_("Branch"), row.branch.name, ""), (_("Referrer"), row.referrer, ""), (_("Page of the site"), row.page, ""),
        *[(name, value, "") for name, value in row.utm.items()],
        (_("Consent"), f"{row.consent}" if row.consent else "", ""),
    ]  # fmt: skip
    return [
        {"label": label, "value": value, "url": url if value else ""} for label, value, url in facts if value
    ]


@require_GET
@requires(Permission.REQUESTS_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest) -> HttpResponseBase:
    """The requests of the filter as CSV. Every export is journaled."""
    now, wanted, user = timezone.now(), RequestFilter.read(request.GET), caller(request)
    record(
        actor=user, now=now, action="requests.exported", object_type="requests.request",
        object_name=wanted.query[:255], address=request.META.get("REMOTE_ADDR"),
    )  # fmt: skip
    head = [
        _("Number"), _("Came at"), _("Client"), _("Phone"), _("E-mail"), _("Product"), _("From"), _("Score"), _("Temperature"),
        _("State"), _("Person"), _("Answer by"), _("Taken at"), _("Closed because"), "utm_source", "utm_medium", "utm_campaign",
    ]  # fmt: skip
    rows = (
        listed(user, wanted, now)
        .select_related("client", "product", "assignee")
        .order_by("-created_at", "-id")
    )
    return list_file("csv", head, _lines(rows.iterator(1000)), name=f"requests-{timezone.localdate()}")


def _lines(rows: Iterator[Request]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row.number, row.created_at, title(row), row.phone, row.email, row.product.name if row.product else "",
            words.source(row), row.score, row.get_temperature_display(), row.get_state_display(), str(row.assignee or ""),
            row.due_at, row.taken_at, row.get_reason_display() if row.reason else "",
            *[row.utm.get(name, "") for name in ("utm_source", "utm_medium", "utm_campaign")],
        ]  # fmt: skip
