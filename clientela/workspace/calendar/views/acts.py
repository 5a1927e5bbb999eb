"""One event: its card, its form, moving, taking off, bringing back, answering."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.ids import id_of
from clientela.foundation.names import name_key
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.calendar import links, operations
from clientela.modules.calendar.models import Attendee, Event
from clientela.modules.calendar.operations.events import draft_of
from clientela.modules.calendar.ports import Guest
from clientela.modules.calendar.queries import Occurrence
from clientela.modules.calendar.queries.shown import answer_of, span_of
from clientela.modules.calendar.rules import occurrences
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import by_name
from clientela.workspace.calendar import page
from clientela.workspace.calendar.forms import (
    ALL,
    OWN,
    REPEATS,
    EventForm,
    is_address,
    local_of,
    moment_of,
    split_rule,
)
from clientela.workspace.calendar.views.pages import whole

CHANGED = "calendar-changed"
_ABOUT = 20
Moments = tuple[datetime, datetime]


def found(request: HttpRequest, event_id: int) -> Event:
    """The event in the person's calendar."""
    rows = Event.objects.visible_to(caller(request)).select_related("organiser", "series__organiser")
    return get_object_or_404(rows, pk=event_id)


def _told(request: HttpRequest, text: str, *, undo: str = "", kind: str = "good") -> HttpResponseBase:
    """What was done, in a toast; without htmx the calendar comes back with it."""
    if not request.htmx:  # type: ignore[attr-defined]
        messages.add_message(
            request, messages.ERROR if kind == "bad" else messages.SUCCESS, text, extra_tags=undo
        )
        return redirect("calendar:home")
    response = HttpResponse(status=204)
    trigger_client_event(
        response, "toast", {"text": text, "kind": kind} | ({"undo_url": undo} if undo else {})
    )
    trigger_client_event(response, "close-drawer", {})
    trigger_client_event(response, CHANGED, {})
    return response


def _drawer(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, template, context, status=status)
    context["back"] = reverse("calendar:home")
    return whole(request, drawer=template, **context, status=status)


def _occurrence(event: Event, only: datetime | None, user: Any) -> Occurrence:
    """The occurrence that starts ``only``; the event itself when it is none of a series."""
    moments: Moments = (event.starts_at, event.ends_at)
    if event.rrule and only is not None:
        near = occurrences(span_of(event), only, only + timedelta(seconds=1))
        moments = next((pair for pair in near if pair[0] == only), moments)
    client = Client.objects.visible_to(user).filter(pk=event.client_id or 0).first()
    return Occurrence(event, *moments, answer_of(event, user), client)


@requires(Permission.CALENDAR_USE)
@require_GET
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """What is planned, with whom, and what each answered."""
    user, row = caller(request), found(request, event_id)
    only = moment_of(request.GET.get("only", ""))
    one, whole_row = _occurrence(row, only, user), row.series or row
    about = links.find(user, row.about_kind, row.about_id)
    link = links.kinds().get(row.about_kind)
    guests = list(whole_row.attendees.select_related("person").order_by("id"))
    for guest in guests:
        guest.answer = guest.answer_to(row.moved_from or one.starts_at)
    context = {
        "event": row,
        "one": one,
        "when": page.when(one, user, get_language() or "ru"),
        "repeats": _repeats(row),
        "guests": guests,
        "own": row.organiser_id == user.pk,
        "about": (link.label, link.title(about), link.url(about)) if about and link else None,
        "answers": [(value, label) for value, label in Attendee.Answer.choices if value != "waiting"],
        "query": urlencode({"only": one.starts_at.isoformat()}) if row.rrule else "",
        "client_known": one.client is not None,
    }
    return _drawer(request, "calendar/parts/event.html", context)


def _repeats(row: Event) -> str:
    plain, _until = split_rule(row.rrule)
    return str(REPEATS.get(plain, _("As it was set elsewhere"))) if plain else ""


@requires(Permission.CALENDAR_USE)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponseBase:
    """A new event: at the time that was chosen in the grid, with the client whose card it was asked from."""
    user, now = caller(request), timezone.now()
    client = _client(request, request.GET.get("client") or request.POST.get("client", ""))
    if request.method == "GET":
        form = _form(request, None, client, initial=_blank(request, now, client))
        return _form_page(request, form, client, (), title=_("New event"))
    form = _form(request, request.POST, client)
    if form.is_valid():
        try:
            row = operations.plan_event(actor=user, now=now, draft=form.draft())
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            undo = reverse("calendar:remove", args=[row.pk])
            return _told(request, _("In the calendar: %(title)s") % {"title": row.title}, undo=undo)
    return _form_page(request, form, client, form.guests(), title=_("New event"), status=422)


def _blank(request: HttpRequest, now: datetime, client: Client | None) -> dict[str, Any]:
    user, asked = caller(request), request.GET
    zone = ZoneInfo(user.time_zone)
    start = local_of(asked.get("start", ""), user.time_zone)
    end = local_of(asked.get("end", ""), user.time_zone)
    if start is None:
        start = now.astimezone(zone).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if end is None or end <= start:
        end = start + timedelta(hours=1)
    all_day = asked.get("all_day") == "1"
    start, end = start.astimezone(zone), end.astimezone(zone)
    last = (end - timedelta(days=1) if all_day else end).date()
    kind = asked.get("kind", "")
    about = asked.get("about", "")
    return {
        "title": client.name if client else "",
        "kind": kind if kind in Event.Kind.values else Event.Kind.MEETING,
        "day": start.date(), "start": start.time(), "end": end.time(), "all_day": all_day,
        "last_day": last if last > start.date() else None, "client": client.pk if client else "", "about": about,
    }  # fmt: skip


@requires(Permission.CALENDAR_USE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, event_id: int) -> HttpResponseBase:
    """The event's form, for who planned it; a series asks whether this time changes or all of them."""
    user, now, row = caller(request), timezone.now(), found(request, event_id)
    if row.organiser_id != user.pk:
        raise Http404
    one = _occurrence(row, moment_of(request.GET.get("only", "") or request.POST.get("only", "")), user)
    if request.method == "GET":
        form = _form(request, None, one.client, row, initial=_written(one, user))
        guests = draft_of(row).guests
        return _form_page(request, form, one.client, guests, title=_("Change the event"), event=row)
    client = _client(request, request.POST.get("client", "")) or one.client
    form = _form(request, request.POST, client, row)
    if form.is_valid():
        draft, only = form.draft(), form.cleaned_data["only"]
        if not row.rrule or form.cleaned_data["which"] == ALL:
            if row.rrule and only:  # what was typed is the time of one occurrence: the series moves as far
                draft = replace(
                    draft, starts_at=row.starts_at + (draft.starts_at - one.starts_at),
                    ends_at=row.starts_at + (draft.ends_at - one.starts_at),
                )  # fmt: skip
            only = None
        if row.client_id and not form.cleaned_data["client"] and one.client is None:
            draft = replace(draft, client_id=row.client_id, about_kind=row.about_kind, about_id=row.about_id)
        draft = replace(draft, alarms=row.alarms)
        try:
            operations.change_event(actor=user, now=now, event=row, draft=draft, only=only)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            return _told(request, _("Changed: %(title)s") % {"title": draft.title})
    return _form_page(
        request, form, client, form.guests(), title=_("Change the event"), event=row, status=422
    )


def _written(one: Occurrence, user: Any) -> dict[str, Any]:
    row = one.event
    zone = ZoneInfo(row.time_zone if row.all_day else user.time_zone)
    start, end = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
    last = (end - timedelta(days=1) if row.all_day else end).date()
    rule, until = split_rule(row.rrule)
    return {
        "title": row.title, "kind": row.kind, "day": start.date(), "start": start.time(), "end": end.time(),
        "all_day": row.all_day, "last_day": last if last > start.date() else None, "place": row.place,
        "note": row.note, "repeat": rule if rule in REPEATS else OWN, "repeat_until": until,
        "client": one.client.pk if one.client else "", "about": f"{row.about_kind}:{row.about_id}",
        "only": one.starts_at.isoformat() if row.rrule else "", "which": "one",
    }  # fmt: skip


def _form(
    request: HttpRequest, data: Any, client: Client | None, row: Event | None = None, initial: Any = None
) -> EventForm:
    return EventForm(
        data, initial=initial, zone=caller(request).time_zone, rule=row.rrule if row else "",
        about=about_choices(caller(request), client),
    )  # fmt: skip


def about_choices(user: Any, client: Client | None) -> list[tuple[str, str]]:
    """Records of the client that an event may be about."""
    if client is None:
        return []
    return [
        (f"{kind}:{row.pk}", f"{link.label}: {link.title(row)}")
        for kind, link in links.kinds().items()
        for row in link.visible(user).filter(client_id=client.pk).order_by("-pk")[:_ABOUT]
    ]


def _client(request: HttpRequest, number: str) -> Client | None:
    user = caller(request)
    if not user.can(Permission.CLIENTS_READ):
        return None
    return Client.objects.visible_to(user).filter(pk=id_of(number) or 0).first()


def _form_page(
    request: HttpRequest, form: EventForm, client: Client | None, guests: tuple[Guest, ...], *, title: str,
    event: Event | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    ids = [guest.person_id for guest in guests if guest.person_id]
    people = User.objects.filter(pk__in=ids, is_active=True)
    addresses = [guest.email for guest in guests if not guest.person_id]
    context = {
        "form": form, "title": title, "client": client, "people": people, "addresses": addresses, "event": event,
        "series": bool(event and event.rrule), "may_read_clients": caller(request).can(Permission.CLIENTS_READ),
    }  # fmt: skip
    return _drawer(request, "calendar/parts/form.html", context, status)


def _refused(form: EventForm, refusal: Refusal) -> None:
    places = {"ends_at": "end", "rrule": "repeat"}
    field = places.get(refusal.field, refusal.field)
    form.add_error(field if field in form.fields else None, str(refusal))


@requires(Permission.CALENDAR_USE)
@require_POST
def move(request: HttpRequest, event_id: int) -> HttpResponseBase:
    """Dragged or stretched in the grid: wall-clock times of the person."""
    user, row, asked = caller(request), found(request, event_id), request.POST or request.GET
    only = moment_of(asked.get("only", ""))
    one = _occurrence(row, only, user)
    all_day = asked.get("all_day") == "1"
    zone = row.time_zone if all_day else user.time_zone
    starts_at, ends_at = local_of(asked.get("start", ""), zone), local_of(asked.get("end", ""), zone)
    if starts_at is None:
        raise Http404
    if ends_at is None:  # the grid leaves the usual length out
        ends_at = starts_at + (timedelta(days=1) if all_day else timedelta(hours=1))
    try:
        moved = operations.move_event(
            actor=user, now=timezone.now(), event=row, starts_at=starts_at, ends_at=ends_at, all_day=all_day, only=only
        )  # fmt: skip
    except Refusal as refusal:
        return _told(request, str(refusal), kind="bad")
    back = {
        "start": _wall(one.starts_at, user, row), "end": _wall(one.ends_at, user, row),
        "all_day": "1" if row.all_day else "",
    }  # fmt: skip
    undo = f"{reverse('calendar:move', args=[moved.pk])}?{urlencode(back)}"
    new = Occurrence(moved, moved.starts_at, moved.ends_at, "")
    said = _("%(title)s: %(when)s") % {
        "title": row.title, "when": page.when(new, user, get_language() or "ru")
    }  # fmt: skip
    return _told(request, said, undo=undo)


def _wall(moment: datetime, user: Any, row: Event) -> str:
    zone = row.time_zone if row.all_day else user.time_zone
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()


@requires(Permission.CALENDAR_USE)
@require_POST
def remove(request: HttpRequest, event_id: int) -> HttpResponseBase:
    """Taken off: one time of a series, or the whole event; may be undone."""
    user, row = caller(request), found(request, event_id)
    only = moment_of(request.GET.get("only", ""))
    undo = reverse("calendar:restore", args=[row.pk])
    if only is not None and row.rrule:
        operations.leave_out(actor=user, now=timezone.now(), event=row, only=only)
        undo += f"?{urlencode({'only': only.isoformat()})}"
    else:
        operations.remove_event(actor=user, now=timezone.now(), event=row)
    return _told(request, _("Taken off: %(title)s") % {"title": row.title}, undo=undo)


@requires(Permission.CALENDAR_USE)
@require_POST
def restore(request: HttpRequest, event_id: int) -> HttpResponseBase:
    """Undo of taking off."""
    row = get_object_or_404(Event, pk=event_id, organiser=caller(request))
    only = moment_of(request.GET.get("only", ""))
    operations.restore_event(actor=caller(request), now=timezone.now(), event=row, only=only)
    return _told(request, _("Back in the calendar: %(title)s") % {"title": row.title})


@requires(Permission.CALENDAR_USE)
@require_POST
def answer(request: HttpRequest, event_id: int) -> HttpResponseBase:
    """Whether the person will come."""
    user, row, said = caller(request), found(request, event_id), request.POST.get("answer", "")
    if said not in Attendee.Answer.values or not row.attendees.filter(person=user).exists():
        raise Http404
    attendee = operations.answer_invitation(actor=user, now=timezone.now(), event=row, answer=said)
    values = {"title": row.title, "answer": attendee.get_answer_display().lower()}
    return _told(request, _("%(title)s: %(answer)s") % values)


@requires(Permission.CALENDAR_USE)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Colleagues of this name, and the address itself when an address was typed."""
    q = request.GET.get("guest", "").strip()[:120]
    rows: Any = ()
    if len(q) > 1:
        words = [word for word in q.split() if word][:3]
        match = Q(is_active=True)
        for word in words:
            match &= (
                Q(last_name__istartswith=word.capitalize())
                | Q(first_name__istartswith=word.capitalize())
                | Q(email__istartswith=word)
            )
        rows = User.objects.filter(match).exclude(pk=caller(request).pk)[:6]
    return render(
        request, "calendar/parts/people.html", {"rows": rows, "address": q.lower() if is_address(q) else ""}
    )


@requires(Permission.CALENDAR_USE)
@require_GET
def guest(request: HttpRequest) -> HttpResponse:
    """One more line among those invited."""
    person = User.objects.filter(pk=id_of(request.GET.get("person", "")) or 0, is_active=True).first()
    address = request.GET.get("address", "").strip().lower()[:254]
    if person is None and not is_address(address):
        return HttpResponse("")
    return render(request, "calendar/parts/guest.html", {"person": person, "address": address})


@requires(Permission.CALENDAR_USE, Permission.CLIENTS_READ)
@require_GET
def clients(request: HttpRequest) -> HttpResponse:
    """Clients of this name in the person's reach; with ``client``, the chosen one and what it may be about."""
    user = caller(request)
    chosen = _client(request, request.GET.get("client", ""))
    if chosen is not None or "clear" in request.GET:
        form = _form(request, None, chosen)
        context = {"client": chosen, "form": form, "may_read_clients": True}
        return render(request, "calendar/parts/client.html", context)
    q = name_key(request.GET.get("who", "")[:120])
    rows = by_name(user, q).order_by("name_key", "id")[:6] if len(q) > 1 else ()
    return render(request, "calendar/parts/clients.html", {"rows": rows})
