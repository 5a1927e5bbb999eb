"""Choosing people and counting what they have in hand: never more than fits, whoever else routes at the same time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache

import orjson
from django.db import connection

from clientela.modules.routing.desks import note_dealt
from clientela.modules.routing.rules import Choice, Pool, Wanted, choose, is_shared

TRIES = 4


def decide(wanted: Mapping[int, Wanted], pool: Pool, *, now: datetime) -> dict[int, Choice]:
    """A choice for each of ``wanted``, counted to the people chosen. Whom others were quicker to load is left out."""
    found: dict[int, Choice] = {}
    left = dict(wanted)
    for _try in range(TRIES):
        chosen = {key: choose(one, pool, now=now) for key, one in left.items()}
        fits = seat(chosen, now=now, skip=len(wanted) > 1 or not _is_owners(left, chosen))
        found |= {key: choice for key, choice in chosen.items() if fits[key]}
        left = {key: one for key, one in left.items() if not fits[key]}
        if not left:
            return found
        for key in left:
            pool.drop(chosen[key].user_id or 0)
    nobody = Pool([])
    return found | {key: choose(one, nobody, now=now) for key, one in left.items()}


def _is_owners(wanted: Mapping[int, Wanted], chosen: Mapping[int, Choice]) -> bool:
    """The owner's place is waited for when somebody else counts to it at this moment; a colleague's is not."""
    return any(
        chosen[key].user_id in (one.owner.user_id, one.owner.substitute_id) for key, one in wanted.items()
    )


def seat(chosen: Mapping[int, Choice], *, now: datetime, skip: bool) -> dict[int, bool]:
    """Count the choices to people who are still available and have room for all that is theirs; says which fit."""
    fit: dict[bool, set[int]] = {}
    for desk in {choice.desk for choice in chosen.values()}:
        some = [choice for choice in chosen.values() if choice.desk == desk and choice.user_id is not None]
        wanted: defaultdict[int, int] = defaultdict(int)
        for choice in some:
            wanted[choice.user_id or 0] += choice.load
        loads = {user_id: load for user_id, load in wanted.items() if load}
        counted = _count(loads, now, "fitting and free" if skip else "fitting", desk)
        fit[desk] = set(wanted) - set(loads) | counted
        if desk:
            note_dealt(Counter(one.user_id for one in some if one.user_id in counted), now=now)
    return {
        key: choice.user_id is None or choice.user_id in fit[choice.desk] for key, choice in chosen.items()
    }


def shift(loads: Iterable[tuple[int | None, int, str]], *, now: datetime) -> None:
    """Add to or take from what people have in hand, each (user, difference, queue), whether it fits or not.

    For what people decide themselves, and for what ends.
    """
    sums: dict[bool, defaultdict[int, int]] = {False: defaultdict(int), True: defaultdict(int)}
    for user_id, difference, queue in loads:
        if user_id is not None:
            sums[is_shared(queue)][user_id] += difference
    for desk, some in sums.items():
        _count({user_id: difference for user_id, difference in some.items() if difference}, now, "all", desk)


def _count(loads: Mapping[int, int], now: datetime, whom: str, desk: bool) -> set[int]:
    """Add to the loads of people, held in the order of their stations or desks; whose load changed."""
    if not loads:
        return set()
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(now)
        given = [f"{{{','.join(map(str, numbers))}}}" for numbers in (loads, loads.values())]
        if connection.vendor != "postgresql":
            given = [orjson.dumps(list(loads.items())).decode()]
        cursor.execute(_counting(whom, connection.vendor, desk), [*given, moment])
        return {row[0] for row in cursor.fetchall()}


@cache
def _counting(whom: str, vendor: str, desk: bool) -> str:
    table, willing = ("routing_desk", "p.takes") if desk else ("routing_station", "p.state = 'available'")
    room = "" if whom == "all" else f"AND {willing} AND p.load + g.load <= p.capacity"
    if vendor == "postgresql":
        given = "(SELECT unnest(%s::bigint[]) AS user_id, unnest(%s::int[]) AS load)"
        most, skip = "GREATEST", "SKIP LOCKED" if whom == "fitting and free" else ""
        lock = f"ORDER BY p.id FOR NO KEY UPDATE OF p {skip}"
    else:
        given = "(SELECT value->>0 AS user_id, value->>1 AS load FROM json_each(%s))"
        most, lock = "MAX", ""
    return f"""
        WITH held AS (
          SELECT p.id, g.load FROM {given} g JOIN {table} p ON p.user_id = g.user_id {room} {lock}
        )
        UPDATE {table} SET load = {most}({table}.load + held.load, 0), idle_since = %s
        FROM held WHERE {table}.id = held.id RETURNING {table}.user_id"""
