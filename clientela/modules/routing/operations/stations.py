"""People say whether they are at work; heads say what they take and when queues overflow."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import insert_missing, listed
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.access import Permission, PermissionDenied, ensure
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.queries import people_visible_to
from clientela.modules.routing.events import StationChanged
from clientela.modules.routing.models import Queue, Station
from clientela.modules.routing.operations.history import note_come, note_state
from clientela.modules.routing.operations.moving import route_waiting
from clientela.modules.routing.queries import queue_of, queues_visible_to

PULLED = 20


class WrongStation(ValidationError):
    """The state, a skill, the capacity or a time is not one that exists."""


def skill_codes() -> list[str]:
    """Every skill that work may ask for."""
    return [f"{kind}:{code}" for kind, codes in settings.WORK_SKILLS.items() for code in codes]


def _blank(user: User, now: datetime) -> dict[str, Any]:
    return {
        "user": user.pk, "state": Station.State.AVAILABLE, "since": now, "seen_at": None, "capacity": 100, "load": 0,
        "idle_since": now, "skills": list(settings.WORK_SKILLS_OF_ALL), "serves": user.role == Role.CENTRE_OPERATOR,
    }  # fmt: skip


def _station(user: User, now: datetime) -> Station:
    """The locked station of a person, made where there was none."""
    insert_missing(Station, [_blank(user, now)])
    return Station.objects.select_for_update(no_key=True).get(user=user)


def note_seen(user_ids: Collection[int], *, now: datetime) -> None:
    """Pages of these people are open. Who is counted to at this moment is noted at the next beat."""
    known = set(Station.objects.filter(user__in=listed(user_ids)).values_list("user_id", flat=True))
    if missing := set(user_ids) - known:
        insert_missing(Station, [_blank(user, now) for user in User.objects.filter(pk__in=missing)])
    with transaction.atomic():
        free = Station.objects.select_for_update(skip_locked=True, no_key=True)
        stations = list(free.filter(user__in=listed(user_ids)).order_by("id"))
        note_come(stations, now=now)
        Station.objects.filter(pk__in=listed([station.pk for station in stations])).update(seen_at=now)


@transaction.atomic
def set_state(*, actor: User, now: datetime, state: str) -> Station:
    """Declare one's own state. Who becomes available gets what waits. Raises WrongStation."""
    if state not in Station.State.values:
        raise WrongStation({"state": _("There is no such state.")})
    station = _station(actor, now)
    before = station.state
    note_come([station], now=now)
    station.seen_at = now
    if before != state:
        station.state, station.since, station.idle_since = state, now, now
        note_state(station, by=actor, now=now)
    station.save(update_fields=["state", "since", "idle_since", "seen_at"])
    if before != state:
        record(actor=actor, now=now, action="station.state", obj=actor, changes={"state": [before, state]})
        publish(StationChanged(actor.pk), now=now)
    if state == Station.State.AVAILABLE:
        route_waiting(limit=PULLED, now=now, of=[actor.pk])
    return station


@transaction.atomic
def set_state_of(*, actor: Any, now: datetime, person: User, state: str, reason: str) -> Station:
    """Declare another person's state, and say why. Raises WrongStation."""
    ensure(actor, Permission.LINE_RUN)
    if not people_visible_to(actor).filter(pk=person.pk).exists():
        raise PermissionDenied("scope")
    if state not in Station.State.values:
        raise WrongStation({"state": _("There is no such state.")})
    if not reason.strip():
        raise WrongStation({"reason": _("Say why: the person reads it.")})
    station = _station(person, now)
    before = station.state
    if before == state:
        return station
    station.state, station.since, station.idle_since = state, now, now
    station.save(update_fields=["state", "since", "idle_since"])
    note_state(station, by=actor, now=now, reason=reason.strip()[:200])
    changes = {"state": [before, state], "reason": [None, reason.strip()[:200]]}
    record(actor=actor, now=now, action="station.state_of", obj=person, changes=changes)
    publish(StationChanged(person.pk), now=now)
    if state == Station.State.AVAILABLE:
        route_waiting(limit=PULLED, now=now, of=[person.pk])
    return station


@transaction.atomic
def change_station(
    *, actor: Any, now: datetime, person: User, capacity: int, skills: Iterable[str], serves: bool
) -> Station:
    """Say what a person takes. Raises WrongStation."""
    ensure(actor, Permission.ROUTING_WRITE)
    if not people_visible_to(actor).filter(pk=person.pk).exists():
        raise PermissionDenied("scope")
    wanted = sorted(set(skills))
    if unknown := [code for code in wanted if code not in skill_codes()]:
        raise WrongStation({"skills": _("Unknown skill: %(code)s.") % {"code": unknown[0]}})
    if not 0 <= capacity <= 1000:
        raise WrongStation({"capacity": _("The capacity is between 0 and 1000.")})
    if serves and not queue_of(person):
        raise WrongStation({"serves": _("This person's role serves no queue.")})
    station = _station(person, now)
    changes = {
        name: [getattr(station, name), value]
        for name, value in (("capacity", capacity), ("skills", wanted), ("serves", serves))
        if getattr(station, name) != value
    }
    if changes:
        station.capacity, station.skills, station.serves = capacity, wanted, serves
        station.save(update_fields=["capacity", "skills", "serves"])
        record(actor=actor, now=now, action="station.changed", obj=person, changes=changes)
        publish(StationChanged(person.pk), now=now)
        route_waiting(limit=PULLED, now=now, of=[person.pk])
    return station


@transaction.atomic
def change_queue(
    *,
    actor: Any,
    now: datetime,
    key: str,
    live_overflow: int | None,
    letter_overflow: int | None,
    live_take_back: int | None,
    takes_back_letters: bool,
    answer_within: int | None = None,
    answer_share: int | None = None,
) -> Queue:
    """Say when work leaves a queue; times in seconds, None for never. What waits already keeps its times.

    ``answer_within`` seconds and ``answer_share`` percent are the service level of its calls; None leaves them.
    """
    ensure(actor, Permission.ROUTING_WRITE)
    if key not in queues_visible_to(actor):
        raise PermissionDenied("scope")
    insert_missing(Queue, [_usual(key)])
    queue = Queue.objects.select_for_update(no_key=True).get(key=key)
    given = {
        "live_overflow": live_overflow, "letter_overflow": letter_overflow, "live_take_back": live_take_back,
        "takes_back_letters": takes_back_letters,
        "answer_within": queue.answer_within if answer_within is None else answer_within,
        "answer_share": queue.answer_share if answer_share is None else answer_share,
    }  # fmt: skip
    changes = {
        name: [getattr(queue, name), value] for name, value in given.items() if getattr(queue, name) != value
    }
    if changes:
        for name, value in given.items():
            setattr(queue, name, value)
        queue.save()
        record(actor=actor, now=now, action="queue.changed", obj=queue, changes=changes)
    return queue


def _usual(key: str) -> dict[str, Any]:
    usual = Queue(key=key)
    fields = (field.attname for field in Queue._meta.concrete_fields if not field.primary_key)
    return {name: getattr(usual, name) for name in fields}
