"""The choice of a person: the owner, who stands in, then the queue by skill, load and idle time."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import heapify, heappop, heappush, heapreplace

from clientela.modules.routing.rules.reasons import Reason, Why, queue_reason

_Entry = tuple[float, datetime, int]


def is_shared(queue: str) -> bool:
    """Whether this is the sales queue of a branch (sales:ID), whose requests are shared out by weights and hours."""
    return queue.startswith("sales:")


@dataclass(frozen=True, slots=True)
class Owner:
    """A client's agent and who answers in the agent's place; ids are of people who can sign in.

    ``away_until`` is the last day of the agent's absence, None when the agent works today.
    """

    user_id: int | None
    agreement: str = ""
    name: str = ""
    away_until: date | None = None
    substitute_id: int | None = None


@dataclass(slots=True)
class Person:
    """Somebody who is at the screen, has declared to be available and is not absent.

    ``queue`` is the one the person serves; empty: only own clients. ``share`` is what of a sales queue is the person's,
    in any unit that is the same for all of them, and ``given`` what has come of it; no share: work goes by load.
    """

    user_id: int
    queue: str
    capacity: int
    load: int
    idle_since: datetime
    skills: frozenset[str] = frozenset()
    share: float = 0.0
    given: int = 0
    rank: _Entry = field(init=False, compare=False)

    def __post_init__(self) -> None:
        self._rank()

    def has_room(self, weight: int) -> bool:
        return self.load + weight <= self.capacity

    def give(self, weight: int, now: datetime) -> None:
        self.load += weight
        self.given += 1
        self.idle_since = now
        self._rank()

    def _rank(self) -> None:
        """Who comes first: the least loaded of the own capacity, or who got the least of the own share; then the longest idle."""
        least = self.given / self.share if self.share else self.load / max(self.capacity, 1)
        self.rank = (least, self.idle_since, self.user_id)


class Pool:
    """People who may be given work now; keeps count of what they are given."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._people = {person.user_id: person for person in people}
        self._serving: dict[str, list[Person]] = {}
        for person in self._people.values():
            if person.queue:
                self._serving.setdefault(person.queue, []).append(person)
        self._heaps: dict[tuple[str, int, frozenset[str]], list[_Entry]] = {}

    def get(self, user_id: int | None) -> Person | None:
        return self._people.get(user_id) if user_id is not None else None

    def drop(self, user_id: int) -> None:
        """The person cannot be given anything after all."""
        self._people.pop(user_id, None)

    def best(
        self, queue: str, weight: int, skills: frozenset[str], passed: Collection[int] = ()
    ) -> Person | None:
        """The first of ``queue`` with room and every skill, except those who let the work pass."""
        key = (queue, weight, skills)
        heap = self._heaps.get(key)
        if heap is None:
            heap = [one.rank for one in self._serving.get(queue, ()) if skills <= one.skills]
            heapify(heap)
            self._heaps[key] = heap
        aside: list[_Entry] = []
        found = None
        while heap and found is None:
            entry = heap[0]
            person = self._people.get(entry[2])
            if person is None or person.load + weight > person.capacity:  # loads of a pool only grow
                heappop(heap)
            elif entry is not person.rank:
                heapreplace(heap, person.rank)
            elif entry[2] in passed:
                aside.append(heappop(heap))
            else:
                found = person
        for entry in aside:
            heappush(heap, entry)
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a piece of work asks for. ``holder_id`` has it already; ``passed`` let it go by."""

    owner: Owner
    queue: str
    queue_name: str = ""
    weight: int = 0
    live: bool = False
    skills: frozenset[str] = frozenset()
    holder_id: int | None = None
    passed: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The person, or None for the queue; what the work takes of the person's capacity; and why.

    ``desk``: it takes of the capacity for requests.
    """

    user_id: int | None
    load: int
    reasons: list[Reason] = field(default_factory=list)
    desk: bool = False


def choose(wanted: Wanted, pool: Pool, *, now: datetime) -> Choice:
    """Who gets the work; counts it to the person in ``pool``.

    A letter goes to the owner who works today, at the screen or not, and takes nothing of the capacity: it waits until
    the owner has time. A call or a chat goes to the owner who is free now. Who holds the work keeps it.
    """
    owner, reasons = wanted.owner, []
    if wanted.holder_id is not None and wanted.holder_id not in (owner.user_id, owner.substitute_id):
        return Choice(wanted.holder_id, 0, [Reason(Why.STAYS)])
    first = _first(owner)
    if first is not None and first[0] not in wanted.passed:
        user_id, reason = first
        if not wanted.live:
            return Choice(user_id, 0, [reason])
        person = pool.get(user_id)
        if person is not None and person.has_room(wanted.weight):
            person.give(wanted.weight, now)
            return Choice(user_id, wanted.weight, [reason])
        reasons.append(Reason(Why.OWNER_NOT_FREE, {"name": owner.name}))
    person = pool.best(wanted.queue, wanted.weight, wanted.skills, wanted.passed)
    if person is None:
        return Choice(None, 0, [*reasons, queue_reason(wanted.queue, wanted.queue_name)])
    facts = {"skills": sorted(wanted.skills), "load": person.load, "of": person.capacity}
    why, desk = Why.BY_SKILL, is_shared(wanted.queue)
    if desk:
        why, facts["given"] = Why.BY_SHARE, person.given
    person.give(wanted.weight, now)
    return Choice(person.user_id, wanted.weight, [*reasons, Reason(why, facts)], desk)


def _first(owner: Owner) -> tuple[int, Reason] | None:
    """The owner who works today, or who stands in."""
    if owner.user_id is not None and owner.away_until is None:
        return owner.user_id, Reason(Why.OWNER, {"agreement": owner.agreement})
    if owner.substitute_id is not None and owner.away_until is not None:
        facts = {"name": owner.name, "until": owner.away_until.isoformat()}
        return owner.substitute_id, Reason(Why.STANDS_IN, facts)
    return None
