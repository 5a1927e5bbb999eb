"""Calls as they stand: whose they are, who waits before whom, what is said to callers."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from clientela.foundation.ids import id_of
from clientela.modules.calls.models import Call, CallBack, Line, Menu, QueueMusic, Sound
from clientela.modules.clients.models import Client, ContactPoint

_MENU = "menu"
_speakers: dict[str, Callable[[str], str]] = {}


def _mark(text: str) -> str:
    """Changes with the text, so that an exchange that keeps sounds asks for the new one."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def sound_of(name: str, place: int | None = None) -> str:
    """The name of a sound of ours: place (in the queue), call-back, recording; a recorded one where people gave it."""
    if place is None and (given := Sound.objects.filter(use=name, is_active=True).first()):
        return given.code
    full = f"{name}-{min(place, 99)}" if place is not None else name
    return f"{full}.{_mark(_our_words(full))}"


def sound_of_menu(menu: Menu, part: str) -> str:
    """The name of a sound of a menu: greeting, closed, or key-1 for what key 1 says."""
    given = {"greeting": menu.greeting_sound, "closed": menu.closed_sound}.get(part)
    if given is not None:
        return given.code
    return f"{_MENU}-{menu.pk}-{part}.{_mark(_menu_words(menu, part))}"


def speaks(prefix: str, words: Callable[[str], str]) -> None:
    """Let ``words`` say what stands in sounds whose names begin so: a higher module has words of its own."""
    _speakers[prefix] = words


def words_of(sound: str) -> str:
    """What is said in a sound, in the company's language. Raises ``LookupError``."""
    if (given := _given(sound)) is not None:
        return given.text or f"♪ {given.name}"
    if speaker := _speakers.get(sound.partition("-")[0]):
        return speaker(sound)
    name = sound.rpartition(".")[0]
    if name.startswith(f"{_MENU}-"):
        _menu, number, part = name.split("-", 2)
        menu = Menu.objects.filter(pk=int(number)).first()
        if menu is None:
            raise LookupError(sound)
        return _menu_words(menu, part)
    return _our_words(name)


def _given(sound: str) -> Sound | None:
    name = sound.partition(".")[0]
    number = id_of(name.removeprefix("file-")) if name.startswith("file-") else None
    return Sound.objects.filter(pk=number).first() if number else None


def recorded(sound: str) -> bytes | None:
    """The WAV of a sound that people gave us; None for what is to be spoken."""
    given = _given(sound)
    if given is None:
        return None
    with given.file.open("rb") as stored:
        return bytes(stored.read())


def queue_of(call: Call) -> str:
    """The queue a caller waits in, as routing names it."""
    return (
        f"centre:{call.centre_id}" if call.centre_id else f"branch:{call.branch_id}" if call.branch_id else ""
    )


def music_of(call: Call) -> str | None:
    """The sound that whoever waits in the call's queue hears; None: the exchange's own music."""
    rows = QueueMusic.objects.filter(queue__in=["", queue_of(call)]).order_by("-queue")
    found = Sound.objects.filter(pk__in=rows.values("sound")[:1]).first()
    return found.code if found else None


def _menu_words(menu: Menu, part: str) -> str:
    if part == "greeting":
        return menu.greeting
    if part == "closed":
        return menu.closed
    key = part.removeprefix("key-")
    found = next((one for one in menu.keys if one.get("key") == key), None)
    if found is None:
        raise LookupError(part)
    return str(found.get("say", ""))


def _our_words(name: str) -> str:
    with override(settings.LANGUAGE_CODE):
        if name.startswith("place-"):
            return _(
                "You are number %(place)s in the queue. Press 1 and we call you back: you keep your place."
            ) % {"place": name.removeprefix("place-")}
        if name == "call-back":
            return _("Thank you. We call you back at this number.")
        if name == "recording":
            return _("The conversation is recorded.")
    raise LookupError(name)


def ahead_of(call: Call) -> int:
    """How many wait longer in the same queue."""
    queue = Q(centre=call.centre_id) if call.centre_id else Q(centre=None, branch=call.branch_id)
    before = Q(started_at__lt=call.started_at) | Q(started_at=call.started_at, pk__lt=call.pk)
    return (
        Call.objects.filter(queue, before, state=Call.State.WAITING, outcome="").exclude(pk=call.pk).count()
    )


def possible_clients(number: str) -> "QuerySet[Client]":
    """Clients who have this number."""
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value=number)
    return Client.objects.filter(pk__in=points.values("client")).order_by("pk")


# On every page, and mostly in vain: by hand, as building two queries costs more than asking them.
_AT_HAND = """
    SELECT EXISTS(SELECT 1 FROM calls_line WHERE person_id = %s AND ended_at IS NULL)
        OR EXISTS(SELECT 1 FROM calls_call WHERE person_id = %s AND started_at > %s AND ended_at > %s)"""
LONGEST_CALL = timedelta(days=1)


def is_at_hand(person: Any, *, ended_after: datetime) -> bool:
    """Whether the person has a call now, or one that ended after this moment."""
    started_after = ended_after - LONGEST_CALL
    moments = [connection.ops.adapt_datetimefield_value(at) for at in (started_after, ended_after)]
    with connection.cursor() as cursor:
        cursor.execute(_AT_HAND, [person.pk, person.pk, *moments])
        return bool(cursor.fetchone()[0])


def calls_of(person: Any) -> list[Call]:
    """Calls this person is in, or is rung for, now; the talk first."""
    lines = Line.objects.filter(person=person.pk, ended_at=None).exclude(
        state__in=[Line.State.ENDED, Line.State.LEAVING]
    )
    rows = (
        Call.objects.filter(pk__in=lines.values("call"))
        .select_related(
            "client", "our", "our__centre", "our__branch", "centre", "branch", "person", "offered_to", "agent"
        )
        .exclude(state=Call.State.ENDED)
    )
    return sorted(rows, key=lambda call: (call.person_id != person.pk, call.pk))


def waiting_for(user: Any) -> int:
    """Call-backs that wait for this person."""
    if not user.can("contacts.write"):
        return 0
    return CallBack.objects.for_person(user, timezone.now()).values("pk")[:100].count()


def earlier(client_id: int, *, before: datetime, most: int = 3) -> Sequence[Call]:
    """The client's calls before a moment, the newest first."""
    rows = Call.objects.filter(client=client_id, started_at__lt=before, state=Call.State.ENDED)
    return list(rows.select_related("person").order_by("-started_at", "-id")[:most])
