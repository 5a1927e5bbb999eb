"""Classes of the drivers of next terms: what the registry told, and asking for what it was not asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from clientela.foundation.bulk import listed
from clientela.foundation.jobs.operations import Run
from clientela.foundation.names import name_key
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.bonus_malus.operations import Asked, ask_class, ask_due, ask_later
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Line
from clientela.modules.quotes.operations.classes import driver_of
from clientela.modules.quotes.queries.prefill import drivers_of

DRIVEN = (Line.OSAGO, Line.KASKO)
SLICE = 20


def people_of(chunk: Sequence[Policy]) -> dict[int, list[dict[str, Any]]]:
    """Who drives by each policy of the chunk whose price asks for it."""
    driven = [policy for policy in chunk if policy.product.line in DRIVEN]
    rows = drivers_of([(policy.client, policy) for policy in driven])
    return {policy.pk: people for policy, people in zip(driven, rows, strict=True)}


def classes_of(people: Iterable[list[dict[str, Any]]]) -> dict[tuple[str, str], str]:
    """The newest class that the registry told of each driver, by name and birth date; one statement."""
    born = {one["birth_date"] for group in people for one in group if one["birth_date"]}
    names = {one["last_name"] for group in people for one in group if one["last_name"]}
    if not names:
        return {}
    known = Lookup.objects.filter(last_name__in=listed(names), state=Lookup.State.KNOWN).order_by("on")
    rows = known.values_list("last_name", "first_name", "middle_name", "birth_date", "klass")
    return {
        (name_key(f"{last} {first} {middle}"), day.isoformat()): klass
        for last, first, middle, day, klass in rows
        if day.isoformat() in born
    }


def driver_key(one: dict[str, Any]) -> tuple[str, str]:
    return name_key(f"{one['last_name']} {one['first_name']} {one['middle_name']}"), one["birth_date"]


def want_classes(chunk: Sequence[Policy], *, now: datetime) -> int:
    """Have the class asked of every driver of the chunk's OSAGO of whom none is known; returns of how many."""
    people = people_of([policy for policy in chunk if policy.product.line == Line.OSAGO])
    classes = classes_of(people.values())
    starts = {policy.pk: policy.end_date + timedelta(days=1) for policy in chunk}
    wanted = {}
    for policy, drivers in people.items():
        for one in drivers:
            if one["birth_date"] and one["last_name"] and driver_key(one) not in classes:
                driver = driver_of(one)
                wanted[driver.key, starts[policy]] = (driver, one["client_id"])
    rows = [Asked(driver, on, client) for (_key, on), (driver, client) in wanted.items()]
    return ask_later(rows, now=now)


def ask_wanted(run: Run, *, now: datetime) -> bool:
    """Ask the registry for what is wanted; False when it is away: the clock's own job goes on asking then."""
    while ask_due(now=now, limit=SLICE):
        run.check()
        if Lookup.objects.filter(state=Lookup.State.PENDING, asked_at=now).exists():
            return False
    return True


def ask_now(policy: Policy, *, now: datetime) -> bool:
    """Ask for the classes of this OSAGO's drivers that are not known; whether an answer is awaited yet."""
    if policy.product.line != Line.OSAGO:
        return False
    people = people_of([policy])
    classes, pending = classes_of(people.values()), False
    for one in people.get(policy.pk, []):
        if one["birth_date"] and one["last_name"] and driver_key(one) not in classes:
            answer = ask_class(
                driver_of(one),
                policy.end_date + timedelta(days=1),
                now=now,
                actor=None,
                client_id=one["client_id"],
            )
            pending = pending or answer.state == Lookup.State.PENDING
    return pending
