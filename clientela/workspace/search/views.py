"""The command palette's data and the page of results."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clientela.foundation.dates import local_today
from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client
from clientela.modules.products.models import Line
from clientela.modules.products.queries import name_of
from clientela.workspace.book.finding import found as book
from clientela.workspace.chat.finding import found as chat
from clientela.workspace.quotes.finding import found as calculations
from clientela.workspace.search.queries import ClientHit, PolicyHit, days_left, find, recent

MANY = 50
Item = dict[str, Any]


@requires(Permission.CLIENTS_READ)
def palette(request: HttpRequest) -> HttpResponse:
    """Groups of options for what was typed so far; with nothing typed the last cards and the pages."""
    text = request.GET.get("q", "")
    today = local_today(settings.TIME_ZONE, timezone.now())
    if not text.strip():
        groups = [
            _group(
                _("Opened lately"), [_client(ClientHit(row, ""), "", today) for row in recent(request.user)]
            )
        ]
        groups.append(_group(_("Pages"), _pages(request.user, "")))
    else:
        groups = _groups(request.user, text, today)
    return render(
        request, "ui/parts/palette_results.html", {"groups": [group for group in groups if group["items"]]}
    )


@requires(Permission.CLIENTS_READ)
def results(request: HttpRequest) -> HttpResponse:
    """The same as a page, with more of everything."""
    text = request.GET.get("q", "")
    today = local_today(settings.TIME_ZONE, timezone.now())
    found = find(request.user, text, few=MANY) if text.strip() else None
    context: dict[str, Any] = {"q": text}
    if found is not None:
        context |= {
            "clients": [_client(hit, text, today) for hit in found.clients],
            "policies": [_policy(hit) for hit in found.policies],
            "guessed": found.guessed,
        }
    template = "search/results_part.html" if request.htmx else "search/results.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _group(title: str, items: Iterable[Item]) -> dict[str, Any]:
    return {"title": title, "items": list(items)}


def _groups(user: Any, text: str, today: date) -> list[dict[str, Any]]:
    found = find(user, text)
    title = _("Perhaps you mean") if found.guessed else _("Clients")
    groups = [
        _group(title, [_client(hit, text, today) for hit in found.clients]),
        _group(_("Contracts"), [_policy(hit) for hit in found.policies]),
    ]
    if found.clients and not found.guessed:
        first = found.clients[0]
        name = f"{first.client.last_name} {first.client.first_name}".strip() or first.client.company_name
        groups.append(_group(_("Do with “%(name)s”") % {"name": name}, _verbs(user, first)))
    groups.append(_group(_("Calculations"), calculations(user, text)))
    groups.append(_group(_("Chat"), chat(user, text)))
    groups.append(_group(_("Sales book"), book(user, text)))
    groups.append(_group(_("Pages"), _pages(user, text)))
    if len(found.clients) >= 6:
        url = f"{reverse('search:results')}?q={text}"
        groups.append(_group("", [{"label": _("Everything found"), "url": url, "icon": "search"}]))
    return groups


# --- items ---------------------------------------------------------------------------------------------


def _client(hit: ClientHit, text: str, today: date) -> Item:
    client = hit.client
    parts: list[Any] = []
    if hit.phone:
        parts.append(_marked_tail(hit.phone, text) if hit.phone.startswith("+") else hit.phone)
    if client.policies_in_force:
        count = client.policies_in_force
        parts.append(ngettext("%(n)s policy", "%(n)s policies", count) % {"n": count})
    elif client.city:
        parts.append(client.city)
    meta = format_html_join(" · ", "{}", ((part,) for part in parts))
    return {
        "url": reverse("clients:card", args=[client.pk]),
        "label": _marked_name(client.name, text),
        "name": client.name,
        "meta": meta,
        "end_days": days_left(client, today),
        "id": client.pk,
    }


def _policy(hit: PolicyHit) -> Item:
    policy = hit.policy
    thing = policy.insured_object.title if policy.insured_object else ""
    owner = policy.client.last_name or policy.client.company_name
    end = formats.full_date(policy.end_date, language())
    return {
        "url": reverse("clients:policy", args=[policy.pk]),
        "label": f"{name_of(policy.product)} {policy.number}",
        "meta": " · ".join(part for part in (thing, owner) if part),
        "end": _("until %(day)s") % {"day": end},
        "icon": "car" if policy.product.line == Line.KASKO else "shield-check",
    }


def _verbs(user: Any, hit: ClientHit) -> list[Item]:
    client = hit.client
    verbs: list[Item] = []
    if hit.phone.startswith("+") and not client.do_not_contact:
        label = pgettext("verb", "Call")
        verbs.append(
            {"label": label, "meta": format_phone(hit.phone), "icon": "phone", "url": f"tel:{hit.phone}"}
        )
    if user.can(Permission.CONTRACTS_WRITE) and client.policies_in_force:
        verbs.append(
            _verb(_("New quote"), "calculator", "clients:quote", client, _("the data come from the base"))
        )
        verbs.append(_verb(_("Prepare the next term"), "file-text", "clients:project", client))
    if user.can(Permission.CLAIMS_WRITE) and client.policies_in_force:
        verbs.append(_verb(_("Write down a loss"), "car-crash", "clients:claim", client))
    if user.can(Permission.CONTACTS_WRITE) and not client.do_not_contact:
        verbs.append(_verb(_("Write"), "message-2", "today:write", client))
    if user.can(Permission.CLIENTS_WRITE):
        verbs.append(_verb(_("Write a note"), "note", "clients:note", client))
    return verbs


def _verb(label: str, icon: str, name: str, client: Client, meta: str = "") -> Item:
    return {"label": label, "icon": icon, "url": reverse(name, args=[client.pk]), "meta": meta}


_PAGES: tuple[tuple[Any, str, str, str], ...] = (
    ("Today", "sun-high", "today:home", ""),
    ("Clients", "users", "clients:list", "clients.read"),
    ("New client", "user-plus", "clients:new", "clients.write"),
    ("Renewals", "refresh", "renewals:board", "renewals.read"),
    ("Claims", "car-crash", "claims:list", "claims.read"),
    ("Sales book", "book-2", "book:home", "products.read"),
    ("Schedules", "calendar-time", "schedules:list", "schedules.write"),
    ("Load a file", "upload", "imports:list", "imports.run"),
)


def _pages(user: Any, text: str) -> list[Item]:
    names = {
        "Today": pgettext("page", "Today"),
        "Clients": _("Clients"),
        "New client": _("New client"),
        "Renewals": pgettext("page", "Renewals"),
        "Claims": pgettext("page", "Claims"),
        "Sales book": _("Sales book"),
        "Schedules": pgettext("page", "Schedules"),
        "Load a file": _("Load a file"),
    }
    wanted = text.strip().casefold()
    items = []
    for code, icon, route, permission in _PAGES:
        label = names[code]
        if (wanted and not label.casefold().startswith(wanted)) or (permission and not user.can(permission)):
            continue
        try:
            items.append({"label": label, "icon": icon, "url": reverse(route)})
        except NoReverseMatch:
            continue
    return items


# --- what matched --------------------------------------------------------------------------------------


def _marked_name(name: str, text: str) -> SafeString:
    """The name with the typed beginnings of its words underlined."""
    words = [re.escape(word) for word in re.findall(r"[^\W\d_]+", text.replace("ё", "е").replace("Ё", "Е"))]
    if not words:
        return conditional_escape(name)
    folded = name.replace("ё", "е").replace("Ё", "Е")
    parts: list[str] = []
    at = 0
    for match in re.finditer(rf"(?<!\w)(?:{'|'.join(words)})", folded, re.IGNORECASE):
        parts += [name[at : match.start()], _mark(name[match.start() : match.end()])]
        at = match.end()
    return format_html_join("", "{}", ((part,) for part in [*parts, name[at:]]))


def _mark(text: str) -> SafeString:
    return format_html("<mark>{}</mark>", text)


def _marked_tail(phone: str, text: str) -> SafeString:
    """The phone as people write it, the digits that were typed in bold."""
    digits = re.sub(r"\D", "", text)
    shown = format_phone(phone)
    if not digits or not phone.endswith(digits[-len(phone) :]):
        return conditional_escape(shown)
    left, start = len(digits), len(shown)
    while start and left:
        start -= 1
        left -= shown[start].isdigit()
    return format_html("{}<b>{}</b>", shown[:start], shown[start:])
