"""The navigation frame: what each role finds in it, with counts that cost nothing.

An item is shown when its page exists and the person has the permissions its view asks for, so there is no
second table of who may see what. Roles hide items, never reorder them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.jobs.models import Job
from clientela.modules.accounts.rules import Permission, Role
from clientela.modules.calendar.queries import waiting_count
from clientela.modules.calls.queries import waiting_for as to_call_back
from clientela.modules.claims.queries import waiting_for as reported
from clientela.modules.dialler.queries.lists import due_count
from clientela.modules.renewals.models import Renewal
from clientela.modules.requests.models import Request
from clientela.modules.routing.queries import presence_of
from clientela.modules.underwriting.queries import waiting_for as referred
from clientela.workspace.alerts.queries import unread
from clientela.workspace.calls.panel import panel
from clientela.workspace.commission.rents import waiting_for as rents
from clientela.workspace.feedback.queries import to_call
from clientela.workspace.inbox.queries import waiting_for as asked
from clientela.workspace.renewals.filters import FIRST_DAY, LAST_DAY
from clientela.workspace.routing.words import own_state
from clientela.workspace.today.queries import waiting_for
from clientela.workspace.webhooks.queries import troubled

# Who sees the pay of others; an agent has the own one in the cabinet.
PAYERS = (
    Role.TEAM_LEAD, Role.BRANCH_HEAD, Role.RENEWALS_MANAGER, Role.ADMINISTRATOR, Role.AUDITOR,
)  # fmt: skip
COUNTED_FOR = 60.0
MOST = 9_999
_counts: dict[int, tuple[float, dict[str, int]]] = {}


@dataclass(frozen=True)
class Item:
    """One line of the navigation; ``path`` is its page, ``under`` the addresses that light it up."""

    path: str
    label: Promise
    icon: str
    go: str = ""
    short: Promise | None = None
    dock: bool = False
    hot: bool = False
    count: str = ""
    roles: tuple[str, ...] = ()
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """Items under one heading."""

    title: Promise | str
    items: tuple[Item, ...]


SECTIONS = (
    Section(
        "",
        (
            Item("/", _("Today"), "sun-high", go="T", dock=True, hot=True, count="today"),
            Item("/inbox/", _("Inbox"), "inbox", go="I", dock=True, hot=True, count="inbox"),
            Item("/chat/", _("Chat"), "message-circle", go="M", hot=True, count="chat"),
            Item("/calls/", _("Calls"), "phone", hot=True, count="calls"),
            Item("/calendar/", _("Calendar"), "calendar", hot=True, count="calendar"),
        ),
    ),
    Section(
        _("Clients and sales"),
        (
            Item("/dialler/", _("Calling lists"), "phone-outgoing", count="dialler"),
            Item("/clients/", _("Clients"), "users", go="C", dock=True),
            Item(
                "/renewals/",
                _("Renewals"),
                "refresh",
                go="R",
                short=pgettext_lazy("phone bar", "Renewals"),
                dock=True,
                count="renewals",
            ),
            Item("/bonus-malus/", _("Classes of drivers"), "scale"),
            Item("/quotes/", _("Calculations"), "calculator"),
            Item("/policies/", pgettext_lazy("page", "Contracts"), "shield-check"),
            Item("/underwriting/", _("Referrals"), "gavel", hot=True, count="referrals"),
            Item("/claims/", pgettext_lazy("page", "Claims"), "car-crash", hot=True, count="claims"),
            Item("/payments/", _("Payments"), "cash"),
            Item("/deliveries/", _("Deliveries"), "send"),
            Item("/deals/", _("Deals"), "layout-kanban", go="D"),
            Item("/requests/", _("Requests"), "bolt", go="Q", count="requests"),
            Item("/feedback/", _("Feedback"), "star", hot=True, count="feedback"),
        ),
    ),
    Section(
        _("My cabinet"),
        (
            Item("/book/", _("Sales book"), "book-2"),
            Item("/agents/me/", _("My figures"), "chart-dots", roles=(Role.AGENT,), under=("/agents/",)),
            Item("/commission/", _("Commission and rent"), "coin", count="rent", roles=(Role.AGENT,)),
            Item("/training/", _("Training"), "checklist"),
            Item("/organisation/agents/me/", _("My card"), "id", roles=(Role.AGENT,)),
            Item("/organisation/absences/", _("Absences"), "beach", roles=(Role.AGENT, Role.CENTRE_OPERATOR)),
        ),
    ),
    Section(
        _("Management"),
        (
            Item("/duplicates/", _("Duplicates"), "git-merge"),
            Item("/supervision/", _("The line"), "device-tv", under=("/staffing/", "/wallboard/")),
            Item("/commission/", _("Commission and rent"), "coin", count="rent", roles=PAYERS),
            Item("/schedules/", _("Schedules"), "calendar-time"),
            Item("/products/", _("Products and tariffs"), "table"),
            Item("/robot/", _("Dialogues of the robot"), "robot"),
            Item("/contacts/policy/", _("Contact rules"), "shield-check"),
            Item("/contacts/templates/", _("Templates"), "template"),
            Item("/mailboxes/", _("Mailboxes"), "mail"),
            Item("/letters/", _("Letters"), "mail-forward"),
            Item("/document-templates/", _("Templates of documents"), "file-certificate"),
            Item("/routing/", _("Who takes which work"), "route"),
            Item("/imports/", _("Imports"), "database-import"),
            Item("/group/", _("Sister companies"), "building-bank"),
            Item("/organisation/", _("Organisation"), "affiliate"),
            Item("/jobs/", _("Jobs"), "activity", count="jobs"),
            Item("/webhooks/", _("Webhooks"), "webhook", hot=True, count="webhooks"),
            Item("/widgets/", _("Chat on sites"), "message-circle"),
            Item("/audit/", _("Journal"), "list-search"),
            Item("/privacy/", _("Personal data"), "user-off"),
            Item("/phone/", _("Client's phone"), "device-mobile"),
        ),
    ),
)


@lru_cache(maxsize=256)
def _permissions(path: str, urlconf: str) -> tuple[str, ...] | None:
    """What the page at ``path`` asks for; None when there is no such page."""
    try:
        view = resolve(path, urlconf).func
    except Resolver404:
        return None
    return tuple(getattr(view, "permissions", ()))


def _open_to(user: Any, item: Item) -> bool:
    if item.roles and user.role not in item.roles:
        return False
    needed = _permissions(item.path, settings.ROOT_URLCONF)
    return needed is not None and all(user.can(permission) for permission in needed)


def _is_current(item: Item, path: str) -> bool:
    if item.path == "/":
        return path == "/"
    return path.startswith((item.path, *item.under))


def _sections(request: HttpRequest) -> list[dict[str, Any]]:
    user = request.user
    counts = _counts_of(user)
    sections = []
    current = max(
        (item for section in SECTIONS for item in section.items if _is_current(item, request.path)),
        key=lambda item: len(item.path),
        default=None,
    )
    for section in SECTIONS:
        items = [
            {
                "label": item.label,
                "short": item.short,
                "url": item.path,
                "icon": item.icon,
                "go": item.go,
                "dock": item.dock,
                "hot": item.hot,
                "count": counts.get(item.count, 0) if item.count else 0,
                "current": item is current,
            }
            for item in section.items
            if _open_to(user, item)
        ]
        if items:
            sections.append({"title": section.title, "items": items})
    return sections


def _counts_of(user: Any) -> dict[str, int]:
    """Counts of one person, kept for a minute in this process; each stops at its limit."""
    until, counts = _counts.get(user.pk, (0.0, {}))
    if until < time.monotonic():
        counts = {name: count(user) for name, count in COUNTS.items()}
        if len(_counts) > 20_000:
            _counts.clear()
        _counts[user.pk] = (time.monotonic() + COUNTED_FOR, counts)
    return counts


def forget_counts() -> None:
    """Count anew at the next page (for tests)."""
    _counts.clear()


def _renewals(user: Any) -> int:
    """Open terms of the usual board; nothing is shown beyond ``MOST``: a number that large says nothing."""
    if not user.can("renewals.read"):
        return 0
    open_states = [Renewal.State.NOTHING, Renewal.State.PROJECT, Renewal.State.QUOTED]
    today = timezone.localdate()
    days = (today + timedelta(days=LAST_DAY), today + timedelta(days=FIRST_DAY))
    rows = Renewal.objects.visible_to(user).filter(state__in=open_states, end_date__range=days).order_by()
    found = rows.values("pk")[: MOST + 1].count()
    return found if found <= MOST else 0


def _requests(user: Any) -> int:
    """Requests that nobody has answered yet."""
    if not user.can("requests.read"):
        return 0
    rows = Request.objects.visible_to(user).waiting().order_by()
    return rows.values("pk")[:MOST].count()


def _jobs(user: Any) -> int:
    """Failed jobs that wait for somebody."""
    if not user.can("jobs.read"):
        return 0
    return Job.objects.filter(state=Job.State.FAILED).order_by("-created_at").values("pk")[:100].count()


def _webhooks(user: Any) -> int:
    """Addresses that were switched off because they failed."""
    return troubled() if user.can("webhooks.write") else 0


COUNTS: dict[str, Callable[[Any], int]] = {
    "renewals": _renewals,
    "jobs": _jobs,
    "referrals": referred,
    "claims": reported,
    "webhooks": _webhooks,
    "today": waiting_for,
    "inbox": asked,
    "feedback": to_call,
    "calendar": lambda user: waiting_count(user, timezone.now()),
    "calls": to_call_back,
    "dialler": lambda user: due_count(user, now=timezone.now()),
    "chat": unread,
    "requests": _requests,
    "rent": rents,
}


def _person(user: Any) -> dict[str, Any]:
    links = [
        {"label": _("Personal settings"), "url": reverse("accounts:settings"), "icon": "settings"},
        {"label": _("Alerts"), "url": reverse("alerts:settings"), "icon": "bell"},
    ]
    if user.role == Role.AGENT:
        links.append({"label": _("My card"), "url": reverse("organisation:my_agent"), "icon": "id"})
    return {
        "name": str(user),
        "role": user.get_role_display(),
        "email": user.email,
        "photo": user.photo_url,
        "links": links,
        "notices": {"topic": f"reminders:{user.pk}", "url": reverse("calendar:notices")},
        "language_url": reverse("set_language"),
    }


def _own_state(request: HttpRequest) -> dict[str, Any]:
    """The state at work, for who has one: its line under the name and the switch of the menu."""
    user: Any = request.user
    shown = presence_of([user.pk], now=timezone.now())[user.pk]
    context = {"own_state": own_state(user.pk, shown.state)}
    return {
        part: render_to_string(f"routing/state_{part}.html", context, request) for part in ("line", "switch")
    }


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every page; nothing is counted until a template draws the frame."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    known: dict[str, Any] | None = getattr(request, "_frame", None)
    if known is None:
        known = {
            "nav": SimpleLazyObject(lambda: _sections(request)),
            "person": SimpleLazyObject(lambda: _person(user)),
            "live_url": settings.LIVE_URL,
            "alerts": {"topic": f"alerts:{user.pk}", "url": reverse("alerts:news")},
        }
        try:
            known["palette_url"] = reverse("search:palette")
        except NoReverseMatch:
            known["palette_url"] = ""
        if user.can(Permission.CONTACTS_WRITE):
            topic, html = f"calls:{user.pk}", SimpleLazyObject(lambda: mark_safe(panel(request)))  # noqa: S308
            known["own_state"] = SimpleLazyObject(lambda: _own_state(request))
            if settings.SOFTPHONES:
                known["telephone"] = {"url": reverse("calls:telephone")}
            known["calls_panel"] = {"url": reverse("calls:panel"), "topic": topic, "html": html}
        request._frame = known  # type: ignore[attr-defined]
    return known
