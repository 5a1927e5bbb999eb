"""Asking the class of a driver: once for a day, again while the registry is slow or away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from clientela.foundation.bulk import insert_missing
from clientela.foundation.jobs.operations import enqueue
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.bonus_malus.drivers import Driver, keys_of
from clientela.modules.bonus_malus.events import ClassKnown
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.bonus_malus.ports import Registry, RegistryDown, RegistryRefused
from clientela.modules.bonus_malus.queries import value_of
from clientela.modules.bonus_malus.rules import NEW_DRIVER, rank

KEEP_FOR = timedelta(days=30)
WAITS = [timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)]
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = 48
State = Lookup.State


@dataclass(frozen=True, slots=True)
class Heard:
    """What the registry said: a class and the key it stood under, or why there is none."""

    klass: str = ""
    found_by: str = ""
    previous: str = ""
    error: str = ""
    refused: bool = False


def the_registry() -> Registry:
    """The registry of this installation."""
    made: Registry = import_string(settings.BONUS_MALUS_REGISTRY)()
    return made


def ask_class(
    driver: Driver, on: date, *, now: datetime, actor: Any = None, client_id: int | None = None,
    again: bool = False,
) -> Lookup:  # fmt: skip
    """The class of ``driver`` on the first day of cover ``on``.

    Known answers are kept thirty days unless ``again``. Where the registry is slow, away, or may not be asked now
    (a remote one inside a transaction), the answer is pending: a job asks, and ``ClassKnown`` tells.
    """
    ensure(actor, Permission.CONTRACTS_READ)
    row = _row(driver, on, now=now, actor=actor, client_id=client_id, again=again)
    if row.state != State.PENDING or row.next_attempt_at is None or row.next_attempt_at > now:
        return row
    registry = the_registry()
    if registry.remote and connection.in_atomic_block:
        _ask_later(row, now)
        return row
    return ask_now(row, registry, now=now)


def ask_now(row: Lookup, registry: Registry, *, now: datetime) -> Lookup:
    """Ask under every key of the driver and keep what was heard."""
    heard = listen(row.driver, row.on, registry)
    with transaction.atomic():
        return _keep(row.pk, heard, source=registry.name, now=now)


def listen(driver: Driver, on: date, registry: Registry) -> Heard:
    """The best history of the driver counts: of several classes the best.

    All keys have to be answered: a class that another key would better is not told as known.
    """
    best = Heard(NEW_DRIVER, Lookup.FoundBy.NEW)
    try:
        for name, key in keys_of(driver):
            answer = registry.ask(key, on)
            if answer is None:
                continue
            first = best.found_by == Lookup.FoundBy.NEW
            if first or rank(answer.klass) > rank(best.klass):
                best = Heard(answer.klass, name, answer.previous)
    except RegistryDown as error:
        return Heard(error=str(error)[:200])
    except RegistryRefused as error:
        return Heard(error=str(error)[:200], refused=True)
    return best


@transaction.atomic
def _row(
    driver: Driver, on: date, *, now: datetime, actor: Any, client_id: int | None, again: bool
) -> Lookup:
    """The lookup of this driver and day, made pending where it has to be asked."""
    names = ("last_name", "first_name", "middle_name", "birth_date", "licence")
    row, _made = Lookup.objects.select_for_update().get_or_create(
        driver_key=driver.key, on=on,
        defaults={name: getattr(driver, name) for name in names} | {
            "created_at": now, "next_attempt_at": now, "asked_by": actor, "client_id": client_id,
            "previous_licence": driver.previous_licence, "previous_last_name": driver.previous_last_name,
        },
    )  # fmt: skip
    values: dict[str, Any] = {
        name: getattr(driver, name)
        for name in ("previous_licence", "previous_last_name")
        if getattr(driver, name) and getattr(driver, name) != getattr(row, name)
    }
    old = row.answered_at is not None and row.answered_at < now - KEEP_FOR
    if again or values or (row.is_known and old):
        values |= {"state": State.PENDING, "next_attempt_at": now, "attempts": 0}
    if client_id and row.client_id is None:
        values["client_id"] = client_id
    if values:
        Lookup.objects.filter(pk=row.pk).update(**values)
        row.refresh_from_db()
    return row


def _keep(pk: int, heard: Heard, *, source: str, now: datetime) -> Lookup:
    row = Lookup.objects.select_for_update().get(pk=pk)
    row.asked_at, row.source, row.error = now, source, heard.error
    row.attempts += 1
    if heard.klass:
        tell(row, klass=heard.klass, found_by=heard.found_by, previous=heard.previous, now=now)
        return row
    if heard.refused or row.attempts >= GIVE_UP_AFTER:
        row.state, row.next_attempt_at = State.FAILED, None
    else:
        wait = WAITS[row.attempts - 1] if row.attempts <= len(WAITS) else LONGEST_WAIT
        row.next_attempt_at = now + wait
        _ask_later(row, row.next_attempt_at)
    row.save()
    return row


def tell(row: Lookup, *, klass: str, found_by: str, previous: str, now: datetime) -> None:
    """Write a class into a lookup and say so, where it is news."""
    news = not row.is_known or row.klass != klass
    row.previous_klass = (
        previous or _class_before(row) or (row.klass if row.klass != klass else row.previous_klass)
    )
    row.state, row.klass, row.value, row.found_by = State.KNOWN, klass, value_of(klass, row.on), found_by
    row.answered_at, row.next_attempt_at, row.error = now, None, ""
    row.save()
    if news:
        event = ClassKnown(
            row.pk, row.driver_key, row.client_id, row.on.isoformat(), klass, row.previous_klass
        )
        publish(event, now=now)


def _class_before(row: Lookup) -> str:
    """The newest class this driver had by an earlier day."""
    earlier = Lookup.objects.filter(driver_key=row.driver_key, on__lt=row.on).exclude(klass="")
    return earlier.order_by("-on").values_list("klass", flat=True).first() or ""


def _ask_later(row: Lookup, at: datetime) -> None:
    enqueue(
        kind="bonus_malus.ask",
        title=gettext_noop("Ask the class of a driver"),
        now=at,
        not_before=at,
        args={"lookup": row.pk},
        schedule_key=f"bonus_malus.ask:{row.pk}@{at.isoformat()}",
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A class to be asked: of whom, for which day, and whose card it is."""

    driver: Driver
    on: date
    client_id: int | None = None


def ask_later(wanted: Sequence[Asked], *, now: datetime) -> int:
    """Have these classes asked by ``ask_due``; what was asked before stays as it is. Returns how many are new."""
    rows = [
        {
            "driver_key": one.driver.key, "on": one.on, "last_name": one.driver.last_name,
            "first_name": one.driver.first_name, "middle_name": one.driver.middle_name,
            "birth_date": one.driver.birth_date, "licence": one.driver.licence,
            "previous_licence": one.driver.previous_licence, "previous_last_name": one.driver.previous_last_name,
            "client": one.client_id, "asked_by": None, "state": State.PENDING, "klass": "", "value": None,
            "found_by": "", "source": "", "previous_klass": "", "asked_at": None, "answered_at": None, "attempts": 0,
            "next_attempt_at": now, "error": "", "created_at": now,
        }
        for one in wanted
    ]  # fmt: skip
    return len(insert_missing(Lookup, rows))


def ask_due(*, now: datetime, only: int | None = None, limit: int = 100) -> int:
    """Ask every lookup whose time has come; returns how many were asked."""
    due = Lookup.objects.filter(state=State.PENDING, next_attempt_at__lte=now)
    if only is not None:
        due = due.filter(pk=only)
    registry, asked = the_registry(), 0
    for row in due.order_by(F("next_attempt_at"), "id")[:limit]:
        ask_now(row, registry, now=now)
        asked += 1
    return asked
