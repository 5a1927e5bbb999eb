"""One expiring term: the drawer over the board, the whole page at the same address, the track for the client's card."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.queries.plan_view import marks_of
from clientela.workspace.renewals import panel
from clientela.workspace.renewals.filters import BoardFilter
from clientela.workspace.renewals.forms import loss_name
from clientela.workspace.renewals.queries import term as reads
from clientela.workspace.renewals.rows import change_of, contract_of, lines_of, mark_of, reach_of
from clientela.workspace.renewals.story import story_of
from clientela.workspace.renewals.views.answers import htmx
from clientela.workspace.renewals.views.board import board_context

TABS = ("plan", "quote", "history", "talk")
MOST_TRACKS = 6


@require_GET
@requires(Permission.RENEWALS_READ)
def term(request: HttpRequest, renewal_id: int) -> HttpResponse:
    """The drawer for htmx; without it the board with the drawer open."""
    found = get_object_or_404(reads.terms_for(request.user), pk=renewal_id)
    context = drawer_context(request, found)
    if htmx(request):
        return render(request, "renewals/parts/drawer.html", context)
    return render(request, "renewals/board.html", board_context(request, open_id=found.pk) | context)


def drawer_context(request: HttpRequest, found: Renewal) -> dict[str, Any]:
    """What the drawer's templates need; each tab reads only its own."""
    today, now, user = timezone.localdate(), timezone.now(), request.user
    tab = request.GET.get("tab", "plan")
    tab = tab if tab in TABS else "plan"
    wanted = BoardFilter.read(request.GET)
    project = reads.open_project(found)
    numbers = [found.policy.number, *reads.companions_of(found)]
    context: dict[str, Any] = {
        "term": found,
        "client": found.client,
        "client_url": reverse("clients:card", args=[found.client_id]),
        "contract": contract_of(found),
        "numbers": ", ".join(numbers),
        "left": (found.end_date - today).days,
        "today": today,
        "tab": tab,
        "tabs_of_term": _tabs(found, wanted, tab),
        "drawer_url": _address(found, wanted, tab),
        "back": panel.board_url(wanted),
        "price": found.premium if found.next_premium is None else found.next_premium,
        "change": change_of(found),
        "mark": mark_of(found),
        "state_label": Renewal.State(found.state).label,
        "state_note": _state_note(found),
        "reach": reach_of(found),
        "held": found.held_until is not None and found.held_until >= today,
        "project": project,
        "may": _allowed(user),
        "act": _next_act(found, project),
        "lost": found.state == Renewal.State.LOST,
        "paid": found.state == Renewal.State.PAID,
    }
    match tab:
        case "plan":
            days = reads.plan_days(found, today=today, now=now)
            codes = {line.entry.key.split(".")[0] for day in days for line in day.touches}
            context |= {
                "plan": days,
                "norm": reads.norm_of_line(found),
                "schedules": "; ".join(reads.schedules_of(codes, today=today)),
            }
        case "quote":
            context |= {"prices": reads.prices_of(found), "pay_url": _pay_url(project)}
        case "talk":
            pass  # the chat shows it
        case _:
            context["story"] = story_of(found)
    return context


def _tabs(found: Renewal, wanted: BoardFilter, tab: str) -> list[dict[str, Any]]:
    labels = {
        "plan": _("Plan of touches"), "quote": _("Quote"), "history": _("History"), "talk": _("Discussion"),
    }  # fmt: skip
    return [
        {"label": label, "url": _address(found, wanted, code), "current": code == tab}
        for code, label in labels.items()
    ]


def _address(found: Renewal, wanted: BoardFilter, tab: str) -> str:
    parts = [part for part in (wanted.query, f"tab={tab}" if tab != "plan" else "") if part]
    return reverse("renewals:term", args=[found.pk]) + (f"?{'&'.join(parts)}" if parts else "")


def _state_note(found: Renewal) -> Any:
    if found.state == Renewal.State.LOST and found.lost_reason:
        return loss_name(found.lost_reason)
    return found.paid_at or None


def _allowed(user: Any) -> dict[str, bool]:
    return {
        "work": user.can(Permission.RENEWALS_WRITE),
        "price": user.can(Permission.CONTRACTS_WRITE),
        "pay": user.can(Permission.PAYMENTS_WRITE),
        "contact": user.can(Permission.CONTACTS_WRITE),
        "note": user.can(Permission.CLIENTS_WRITE),
    }


def _next_act(found: Renewal, project: Any) -> str:
    """The one thing to do now: it gets the warm button."""
    if found.state in (Renewal.State.PAID, Renewal.State.LOST):
        return ""
    if project is None:
        return "project"
    return "payment" if project.state == project.State.OFFERED else "offer"


def _pay_url(project: Any) -> str:
    return settings.PUBLIC_URL + reverse("portal:pay", args=[project.pay_token]) if project else ""


@require_GET
@requires(Permission.RENEWALS_READ)
def client_track(request: HttpRequest, client_id: int) -> HttpResponse:
    """The day tracks of a client's terms that are still to be won, for the client's card."""
    if not Client.objects.visible_to(request.user).filter(pk=client_id).exists():
        raise Http404
    today: date = timezone.localdate()
    terms = list(
        reads.terms_for(request.user)
        .filter(client_id=client_id, end_date__gte=today)
        .exclude(state__in=[Renewal.State.PAID, Renewal.State.LOST])
        .order_by("end_date", "id")[:MOST_TRACKS]
    )
    lines = lines_of(terms, marks_of(terms, today=today) if terms else {}, today=today)
    context = {"lines": lines, "client_id": client_id}
    return render(request, "renewals/parts/client_track.html", context)
