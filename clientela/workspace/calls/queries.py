"""What the page of calls reads."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from clientela.foundation.fields import prefix_range
from clientela.foundation.names import name_key
from clientela.foundation.phones import normalize
from clientela.modules.accounts.access import Permission
from clientela.modules.calls.models import Call, CallBack, QueueMusic, Recording, Sound
from clientela.modules.calls.ports import Voice
from clientela.modules.organisation.models import Branch, RenewalCentre
from clientela.workspace.calls.filters import CallFilter
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 50
MOST_EXPORTED = 20_000
ORDER = (Key("started_at", datetime, descending=True), Key("id", descending=True))


def listed(user: Any, wanted: CallFilter) -> "QuerySet[Call]":
    """Visible calls by every condition."""
    rows = Call.objects.visible_to(user)
    if wanted.box == "live":
        rows = rows.live()
    elif wanted.box == "missed":
        rows = rows.missed()
    elif wanted.box == "mine":
        rows = rows.filter(person=user)
    if wanted.direction:
        rows = rows.filter(direction=wanted.direction)
    if wanted.outcome:
        rows = rows.filter(outcome=wanted.outcome)
    since, until = wanted.moments(timezone.get_current_timezone())
    if since:
        rows = rows.filter(started_at__gte=since)
    if until:
        rows = rows.filter(started_at__lt=until)
    if wanted.name:
        number = normalize(wanted.name)
        key = name_key(wanted.name)
        rows = rows.filter(number=number) if number else rows.filter(**prefix_range("client__name_key", key))
    return rows


def page(user: Any, wanted: CallFilter, *, after: str = "", size: int = PAGE) -> KeyPage[Call]:
    """A page of calls, the newest first."""
    shown = Call.objects.select_related("client", "person", "our", "offered_to")
    return page_of(listed(user, wanted), ORDER, shown=shown, after=after, size=size)


def call_backs(user: Any) -> list[CallBack]:
    """Whoever waits to be called, the longest first."""
    rows = CallBack.objects.visible_to(user).open().select_related("client", "person", "call")
    return list(rows.order_by("asked_at", "id")[:100])


def voice() -> Voice:
    """The program that speaks what nobody recorded."""
    found: Voice = import_string(settings.VOICE)()
    return found


def music() -> list[tuple[str, str, Sound | None]]:
    """Each queue with its name and the sound chosen for it; first what all others hear."""
    chosen = {one.queue: one.sound for one in QueueMusic.objects.select_related("sound")}
    places = [("", str(_("All other queues")))]
    places += [(f"centre:{one.pk}", str(one)) for one in RenewalCentre.objects.order_by("name", "pk")]
    places += [(f"branch:{one.pk}", str(one)) for one in Branch.objects.order_by("name", "pk")]
    return [(code, name, chosen.get(code)) for code, name in places]


def may_hear(user: Any, call: Call) -> bool:
    """Recordings are for who talked and for who may listen."""
    return call.person_id == user.pk or bool(user.can(Permission.CALLS_LISTEN))


def recordings(user: Any, call: Call) -> list[Recording]:
    """Recordings of the call that this person may hear."""
    if not may_hear(user, call):
        return []
    return list(call.recordings.exclude(file=""))
