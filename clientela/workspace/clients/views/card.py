"""The card of a client: the page, its living parts, its timeline."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.foundation.dates import local_moment, local_today
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS, language
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import record_read
from clientela.modules.clients.queries import card_now, holding_of
from clientela.modules.renewals.models import Touch
from clientela.workspace.clients import facts
from clientela.workspace.clients.filters import ClientFilter
from clientela.workspace.clients.queries.card import Card, load_card
from clientela.workspace.clients.queries.past import as_of
from clientela.workspace.clients.queries.rows import neighbours
from clientela.workspace.clients.queries.timeline import FILTERS, timeline
from clientela.workspace.clients.timeline_words import items
from clientela.workspace.clients.views.found import client_of

COMING = 3


def address_of(request: HttpRequest) -> str | None:
    """Where the request comes from, for the journal."""
    return request.META.get("REMOTE_ADDR") or None


def _asked_day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        return None


def end_of(day: date, zone: str) -> datetime:
    """The last moment of a day where the client lives."""
    return local_moment(day + timedelta(days=1), time.min, zone) - timedelta(microseconds=1)


def _url(name: str, *args: Any) -> str:
    """An address of a part that may not be installed; empty then."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def card_context(request: HttpRequest, card: Card, *, since: str = "") -> dict[str, Any]:
    """What the card's templates need; one statement for the timeline and one for what is planned."""
    day = _asked_day(request)
    wanted = request.GET.get("show", "")
    wanted = wanted if wanted in FILTERS else ""
    frozen = day is not None and day < local_today(card.client.time_zone, card.now)
    until = end_of(day, card.client.time_zone) if frozen and day else card.now
    page = timeline(card.client.pk, wanted=wanted, until=until, since=since)
    return {
        "card": card,
        "client": card.client,
        "facts": facts.strip_of(card),
        "holding": holding_of(request.user, card.client.pk) if card.is_company else [],
        "at": day if frozen else None,
        "show": wanted,
        "filters": _filters(card, wanted, day if frozen else None),
        "entries": items(page.entries),
        "after": page.after,
        "mark": since or (page.entries[-1].cursor if page.entries else ""),
        "coming": [] if frozen or wanted not in {"", "talk"} else _coming(card),
        "track_url": "" if frozen else _url("renewals:client_track", card.client.pk),
        "write_url": _url("today:write", card.client.pk),
        "may_write": not frozen and caller(request).can(Permission.CLIENTS_WRITE),
        "may_sell": not frozen and caller(request).can(Permission.CONTRACTS_WRITE),
        "may_report": not frozen and caller(request).can(Permission.CLAIMS_WRITE),
        "may_pay": not frozen and caller(request).can(Permission.PAYMENTS_WRITE),
        "may_merge": not frozen and caller(request).can(Permission.CLIENTS_MERGE),
        "may_privacy": caller(request).can(Permission.PRIVACY_WRITE),
        "may_audit": caller(request).can(Permission.AUDIT_READ),
        "may_see_group": caller(request).can(Permission.GROUP_READ),
        "may_contact": not frozen and caller(request).can(Permission.CONTACTS_WRITE),
    }


def _coming(card: Card) -> list[dict[str, Any]]:
    """The next touches that will go."""
    planned = Touch.objects.filter(
        renewal__client=card.client, state=Touch.State.PLANNED, due_at__gt=card.now
    )
    found = []
    for touch in planned.order_by("due_at", "id")[:COMING]:
        icon, name = CHANNELS.get(touch.channel, ("message-circle", touch.channel))
        values = {"channel": name, "days": formats.days(touch.day, language())}
        title = _("%(channel)s, %(days)s before the end") % values
        found.append(
            {"icon": icon, "title": title, "words": pgettext("touch", "planned"), "due_at": touch.due_at}
        )
    return found


def _filters(card: Card, wanted: str, day: date | None) -> list[dict[str, Any]]:
    names = {
        "": pgettext("timeline", "All"),
        "talk": _("Conversations"),
        "contracts": _("Contracts"),
        "payments": _("Payments"),
        "claims": _("Claims"),
        "data": _("Data"),
    }
    base = reverse("clients:card", args=[card.client.pk])
    frozen = f"&at={day}" if day else ""
    return [
        {"code": code, "label": name, "url": f"{base}?show={code}{frozen}", "current": code == wanted}
        for code, name in names.items()
    ]


@requires(Permission.CLIENTS_READ)
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole card; opening it is written into the journal."""
    now = timezone.now()
    found = load_card(request.user, pk, now=now)
    if found is None:
        return _where_it_went(request, pk)
    day = _asked_day(request)
    if day is not None and day < found.today:
        as_of(found, day, end_of(day, found.client.time_zone))
    context = card_context(request, found)
    record_read(actor=request.user, now=now, client=found.client, address=address_of(request))
    back = ClientFilter.read(request.GET)
    return render(request, "clients/card.html", context | {"list_query": back.query})


def _where_it_went(request: HttpRequest, pk: int) -> HttpResponse:
    """A card that was merged leads to the one it is part of, for who may see that one."""
    into = card_now(pk)
    if into == pk or not Client.objects.visible_to(request.user).filter(pk=into).exists():
        raise Http404
    return redirect("clients:card", into)


@requires(Permission.CLIENTS_READ)
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The parts of an open card again, swapped in place; the page itself was journalled."""
    found = load_card(request.user, pk, now=timezone.now())
    if found is None:
        raise Http404
    context = card_context(request, found, since=request.GET.get("since", ""))
    return render(request, "clients/card_live.html", context)


@requires(Permission.CLIENTS_READ)
def more(request: HttpRequest, pk: int) -> HttpResponse:
    """The next page of the timeline."""
    client = client_of(request, pk)
    now, day = timezone.now(), _asked_day(request)
    frozen = day is not None and day < local_today(client.time_zone, now)
    until = end_of(day, client.time_zone) if frozen and day else now
    wanted = request.GET.get("show", "")
    page = timeline(pk, wanted=wanted, until=until, after=request.GET.get("after", ""))
    context = {
        "client": client,
        "entries": items(page.entries),
        "after": page.after,
        "show": wanted,
        "at": day,
    }
    return render(request, "clients/timeline_more.html", context)


@requires(Permission.CLIENTS_READ)
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the client stands in the list the person came from: the cards before and after."""
    client = client_of(request, pk)
    wanted = ClientFilter.read(request.GET)
    today = local_today(settings.TIME_ZONE, timezone.now())
    found = neighbours(request.user, wanted, client, today=today)
    return render(request, "clients/place.html", {"place": found, "list_query": wanted.query})
