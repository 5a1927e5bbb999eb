"""CalDAV (RFC 4791) with sync (RFC 6578), as far as phones, Thunderbird and Outlook's helpers ask, and the feed.

Programs sign in with a password of their own (Basic), never with the person's. Another person's folder is not there.
"""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from clientela.foundation.refusals import Refusal
from clientela.integrations.caldav import dav, store
from clientela.integrations.caldav.dav import c, cs, d, element, href
from clientela.modules.accounts.access import caller
from clientela.modules.accounts.models import User
from clientela.modules.calendar.models import Event
from clientela.modules.calendar.operations.settings import feed_owner, person_by_password
from clientela.modules.calendar.queries.ical import calendar_name, feed_of
from clientela.modules.calendar.queries.parsing import LARGEST, BadCalendar, read_event

METHODS = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, REPORT"
TYPE = "text/calendar; charset=utf-8"
_FEED_BACK = timedelta(days=90)
View = Callable[..., HttpResponse]


def door(view: View) -> View:
    """Only with a password of a program; the folder of another person is not there."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            response = HttpResponse(status=200)
            response.headers["Allow"] = METHODS
        else:
            user = _signed_in(request)
            if user is None:
                response = HttpResponse(status=401)
                response.headers["WWW-Authenticate"] = 'Basic realm="Clientela", charset="UTF-8"'
            elif kwargs.get("user_id", user.pk) != user.pk:
                raise Http404
            else:
                request.user = user
                try:
                    with override(user.language):
                        response = view(request, *args, **kwargs)
                except dav.BadXml:
                    response = HttpResponse(status=400)
        response.headers["DAV"] = "1, 3, calendar-access"
        return response

    return guarded


def _signed_in(request: HttpRequest) -> User | None:
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        email, _colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return person_by_password(email, secret, now=timezone.now())


@csrf_exempt
def well_known(request: HttpRequest) -> HttpResponse:
    """Where programs that know only the host begin (RFC 6764)."""
    return HttpResponseRedirect(reverse("caldav:root"))


@door
def root(request: HttpRequest) -> HttpResponse:
    """Who am I, and where is my calendar."""
    if request.method != "PROPFIND":
        return HttpResponseNotAllowed(["OPTIONS", "PROPFIND"])
    names = dav.asked(dav.read(request.body))
    return dav.multistatus([dav.answer(request.path, _common(caller(request)), names)])


@door
def home(request: HttpRequest, user_id: int) -> HttpResponse:
    """The person, and the folder that holds the calendar."""
    if request.method == "PROPPATCH":
        return _unchangeable(request)
    if request.method != "PROPFIND":
        return HttpResponseNotAllowed(["OPTIONS", "PROPFIND", "PROPPATCH"])
    names, user = dav.asked(dav.read(request.body)), caller(request)
    parts = [dav.answer(_home(user), _principal(user), names)]
    if request.headers.get("Depth", "0") != "0":
        parts.append(dav.answer(_folder(user), _collection(user), names))
    return dav.multistatus(parts)


@door
def collection(request: HttpRequest, user_id: int) -> HttpResponse:
    """The calendar itself: its properties, its files, and questions about them."""
    user = caller(request)
    if request.method == "PROPPATCH":
        return _unchangeable(request)
    if request.method == "REPORT":
        return _report(request)
    if request.method != "PROPFIND":
        return HttpResponseNotAllowed(["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT"])
    names = dav.asked(dav.read(request.body))
    parts = [dav.answer(_folder(user), _collection(user), names)]
    if request.headers.get("Depth", "0") != "0":
        parts += [_file(row, user, names) for row in store.events_of(user)]
    return dav.multistatus(parts)


@door
def resource(request: HttpRequest, user_id: int, resource: str) -> HttpResponse:
    """One event as a file."""
    if len(resource) > 250 or "\x00" in resource:
        return HttpResponse(status=400)
    event = store.found(caller(request), resource)
    if request.method == "PUT":
        return _put(request, resource, event)
    if event is None:
        raise Http404
    if request.method in ("GET", "HEAD"):
        response = HttpResponse(store.text_of(event, caller(request), timezone.now()), content_type=TYPE)
        response.headers["ETag"] = store.etag(event)
        return response
    if request.method == "DELETE":
        if _outdated(request, event):
            return HttpResponse(status=412)
        store.take_off(caller(request), event, now=timezone.now())
        return HttpResponse(status=204)
    if request.method == "PROPFIND":
        names = dav.asked(dav.read(request.body))
        return dav.multistatus([_file(event, caller(request), names)])
    return HttpResponseNotAllowed(METHODS.split(", "))


def _put(request: HttpRequest, resource: str, event: Event | None) -> HttpResponse:
    if _outdated(request, event):
        return HttpResponse(status=412)
    if len(request.body) > LARGEST:
        return dav.refusal(413, c("max-resource-size"))
    user = caller(request)
    try:
        parts = read_event(request.body, zone=user.time_zone)
    except BadCalendar:
        return dav.refusal(403, c("valid-calendar-data"))
    try:
        with transaction.atomic():
            is_new = store.write(user, resource, parts, now=timezone.now())
    except (store.Conflict, IntegrityError):
        return dav.refusal(409, c("no-uid-conflict"))
    except Refusal:
        return dav.refusal(403, c("valid-calendar-object-resource"))
    except PermissionDenied:
        return HttpResponse(status=403)
    # No ETag: what we keep differs from what came, and the program reads it again (RFC 4791, 5.3.4).
    return HttpResponse(status=201 if is_new else 204)


def _outdated(request: HttpRequest, event: Event | None) -> bool:
    wanted, unwanted = request.headers.get("If-Match", ""), request.headers.get("If-None-Match", "")
    tag = store.etag(event) if event is not None else ""
    if wanted and (event is None or (wanted.strip() != "*" and tag not in wanted)):
        return True
    return bool(unwanted and event is not None and (unwanted.strip() == "*" or tag in unwanted))


def _report(request: HttpRequest) -> HttpResponse:
    root, user = dav.read(request.body), caller(request)
    if root is None:
        raise dav.BadXml
    names = dav.asked(root)
    if root.tag == c("calendar-multiget"):
        return dav.multistatus(_multiget(root, user, names))
    if root.tag == c("calendar-query"):
        since, until = _time_range(root)
        return dav.multistatus(_file(row, user, names) for row in store.within(user, since, until))
    if root.tag == d("sync-collection"):
        return _sync(root, user, names)
    return dav.refusal(403, d("supported-report"))


def _multiget(root: ET.Element, user: User, names: list[str] | None) -> list[ET.Element]:
    wanted: dict[str, str] = {}
    for place in root.findall(d("href"))[:500]:
        address = unquote(urlsplit(place.text or "").path)
        wanted[address] = address.removeprefix(_folder(user)).removesuffix(".ics")
    rows = {row.resource: row for row in store.events_of(user).filter(resource__in=set(wanted.values()))}
    return [
        _file(rows[name], user, names) if name in rows else dav.gone(address)
        for address, name in wanted.items()
    ]


def _time_range(root: ET.Element) -> tuple[datetime | None, datetime | None]:
    place = root.find(f".//{c('time-range')}")
    if place is None:
        return None, None
    moments = []
    for name in ("start", "end"):
        value = place.get(name)
        try:
            moments.append(datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if value else None)
        except ValueError as error:
            raise dav.BadXml from error
    return moments[0], moments[1]


def _sync(root: ET.Element, user: User, names: list[str] | None) -> HttpResponse:
    given = root.findtext(d("sync-token"), "").strip()
    token = store.token_of(user)  # before the look: what changes meanwhile is told again
    rows = {row.resource: row for row in store.events_of(user)}
    if given:
        try:
            changed = store.changed_since(user, given)
        except store.UnknownToken:
            return dav.refusal(403, d("valid-sync-token"))
        parts = [
            _file(rows[name], user, names) if name in rows else dav.gone(_address(user, name))
            for name in changed
        ]
    else:
        parts = [_file(row, user, names) for row in rows.values()]
    return dav.multistatus([*parts, element(d("sync-token"), token)])


def _unchangeable(request: HttpRequest) -> HttpResponse:
    root = dav.read(request.body)
    names = [child.tag for prop in root.iter(d("prop")) for child in prop] if root is not None else []
    prop = element(d("prop"), *(ET.Element(name) for name in names))
    status = element(d("status"), "HTTP/1.1 403 Forbidden")
    part = element(d("response"), href(request.path), element(d("propstat"), prop, status))
    return dav.multistatus([part])


# --- properties --------------------------------------------------------------------------------------


def _home(user: User) -> str:
    return reverse("caldav:home", args=[user.pk])


def _folder(user: User) -> str:
    return reverse("caldav:events", args=[user.pk])


def _address(user: User, resource: str) -> str:
    return reverse("caldav:event", args=[user.pk, resource])


def _common(user: User) -> dict[str, dav.Property]:
    home = _home(user)
    return {
        d("resourcetype"): lambda: element(d("resourcetype"), ET.Element(d("collection"))),
        d("current-user-principal"): lambda: element(d("current-user-principal"), href(home)),
        d("principal-URL"): lambda: element(d("principal-URL"), href(home)),
        c("calendar-home-set"): lambda: element(c("calendar-home-set"), href(home)),
        d("displayname"): lambda: str(user),
    }


def _principal(user: User) -> dict[str, dav.Property]:
    return {
        **_common(user),
        d("resourcetype"): lambda: element(
            d("resourcetype"), ET.Element(d("collection")), ET.Element(d("principal"))
        ),
        c("calendar-user-address-set"): lambda: element(
            c("calendar-user-address-set"), href(f"mailto:{user.email}"), href(_home(user))
        ),
        d("supported-report-set"): _reports,
    }


def _collection(user: User) -> dict[str, dav.Property]:
    component = ET.Element(c("comp"), name="VEVENT")
    data = ET.Element(c("calendar-data"), {"content-type": "text/calendar", "version": "2.0"})
    return {
        **_common(user),
        d("resourcetype"): lambda: element(
            d("resourcetype"), ET.Element(d("collection")), ET.Element(c("calendar"))
        ),
        d("displayname"): calendar_name,
        d("owner"): lambda: element(d("owner"), href(_home(user))),
        d("current-user-privilege-set"): _privileges,
        d("supported-report-set"): _reports,
        d("sync-token"): lambda: store.token_of(user),
        cs("getctag"): lambda: store.token_of(user),
        c("supported-calendar-component-set"): lambda: element(
            c("supported-calendar-component-set"), component
        ),
        c("supported-calendar-data"): lambda: element(c("supported-calendar-data"), data),
        c("max-resource-size"): lambda: str(LARGEST),
    }


def _file(event: Event, user: User, names: list[str] | None) -> ET.Element:
    properties: dict[str, dav.Property] = {
        d("getetag"): lambda: store.etag(event),
        d("getcontenttype"): lambda: f"{TYPE}; component=VEVENT",
        d("resourcetype"): lambda: ET.Element(d("resourcetype")),
        d("owner"): lambda: element(d("owner"), href(_home(user))),
        d("current-user-privilege-set"): _privileges,
        c("calendar-data"): lambda: store.text_of(event, user, timezone.now()),
    }
    return dav.answer(_address(user, event.resource), properties, names)


def _privileges() -> ET.Element:
    names = ("read", "write", "write-content", "bind", "unbind", "read-current-user-privilege-set")
    return element(
        d("current-user-privilege-set"), *(element(d("privilege"), ET.Element(d(name))) for name in names)
    )


def _reports() -> ET.Element:
    names = (c("calendar-query"), c("calendar-multiget"), d("sync-collection"))
    return element(
        d("supported-report-set"),
        *(element(d("supported-report"), element(d("report"), ET.Element(name))) for name in names),
    )


# --- the feed ----------------------------------------------------------------------------------------


@require_safe
def feed(request: HttpRequest, feed_token: str) -> HttpResponse:
    """The person's calendar to read, for who knows its secret address."""
    user = feed_owner(feed_token)
    if user is None:
        raise Http404
    tag = f'"{sha256(store.token_of(user).encode()).hexdigest()[:24]}"'
    if tag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        now = timezone.now()
        with override(user.language):
            name = calendar_name()
        text = feed_of(store.within(user, now - _FEED_BACK, None), now=now, user=user, name=name)
        response = HttpResponse(text, content_type=TYPE)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response
