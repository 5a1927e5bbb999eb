"""Choosing people and counting what they have in hand: never more than fits, whoever else routes at the same time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from clientela.foundation.bulk import listed, update_rows
from clientela.modules.routing.models import Station
from clientela.modules.routing.rules import Choice, Pool, Wanted, choose

TRIES = 4


def _locked(user_ids: Collection[int], *, skip: bool) -> "QuerySet[Station]":
    rows = Station.objects.select_for_update(skip_locked=skip, no_key=True)
    return rows.filter(user_id__in=listed(sorted(user_ids))).order_by("id")


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
    """Count the choices to people who are still available and have room; says which fit."""
    people = {choice.user_id for choice in chosen.values() if choice.load and choice.user_id}
    stations = {row.user_id: row for row in _locked(people, skip=skip)} if people else {}
    fits, changed = {}, {}
    for key, choice in chosen.items():
        if not choice.load:
            fits[key] = True
            continue
        station = stations.get(choice.user_id or 0)
        fits[key] = (
            station is not None
            and station.state == Station.State.AVAILABLE
            and station.load + choice.load <= station.capacity
        )
        if fits[key] and station is not None:
            station.load += choice.load
            changed[station.pk] = {"load": station.load, "idle_since": now}
    update_rows(Station, changed)
    return fits


def shift(loads: Iterable[tuple[int | None, int]], *, now: datetime) -> None:
    """Add to or take from what people have in hand, each (user, difference), whether it fits or not.

    For what people decide themselves, and for what ends. People are held in the order of their stations.
    """
    sums: defaultdict[int, int] = defaultdict(int)
    for user_id, difference in loads:
        if user_id is not None and difference:
            sums[user_id] += difference
    if not sums:
        return
    rows = _locked(sums, skip=False)
    update_rows(
        Station,
        {row.pk: {"load": max(row.load + sums[row.user_id], 0), "idle_since": now} for row in rows},
    )
