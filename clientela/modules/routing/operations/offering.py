"""Work comes, is accepted, given on by hand, answered and finished."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.foundation.bulk import insert_missing, read_rows, update_rows
from clientela.modules.routing.free import free_people
from clientela.modules.routing.models import Queue, WorkItem
from clientela.modules.routing.operations.history import note_answers
from clientela.modules.routing.operations.moving import move_on, route_waiting
from clientela.modules.routing.operations.seats import decide, shift
from clientela.modules.routing.operations.work import (
    State,
    is_live,
    overflows_at,
    stays_in_hand,
    taken_back_at,
    told,
    weight_of,
)
from clientela.modules.routing.queries import Place, queue_rules
from clientela.modules.routing.rules import Choice, Pool, Reason, Wanted, Why, choose
from clientela.modules.routing.rules.reasons import queue_reason

PULLED = 20
# Of so many that come first for one piece of work, those whom another router holds at this moment are passed over.
CANDIDATES = 20
_ATTRIBUTES = {field.name: field.attname for field in WorkItem._meta.concrete_fields}


@dataclass(frozen=True, slots=True)
class Need:
    """A piece of work of ``kind`` about record ``ref_id`` that wants a person.

    ``media`` is call, chat, letter or request. ``place`` tells where the client belongs: ``queries.places_of`` or
    ``place_of_branch``. ``skills`` as in a station. ``priority``: None takes the client's. ``due_at``: by when it is
    answered. ``holder_id`` has it already and keeps it. ``asks`` is false for what only changes hands: nobody waits.
    """

    kind: str
    ref_id: int
    media: str
    place: Place
    skills: frozenset[str] = frozenset()
    priority: int | None = None
    due_at: datetime | None = None
    holder_id: int | None = None
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Placed:
    """Whose the work is, None while it waits in a queue, and why. ``stays``: nothing new was decided."""

    user_id: int | None
    reasons: list[dict[str, Any]]
    stays: bool = False


# No savepoint: two statements less for every message and call, and nobody goes on after an error here.
@transaction.atomic(savepoint=False)
def offer(needs: Sequence[Need], *, now: datetime) -> list[Placed]:
    """Decide whose work each of ``needs`` is, in their order; asked again it decides with what is known now.

    A call or a chat that somebody has stays with them. What is decided is stored on the work.
    """
    if not needs:
        return []
    items = _items(needs, now)
    wanted = {
        items[need.kind, need.ref_id].pk: _wanted(need, items[need.kind, need.ref_id]) for need in needs
    }
    asking = {
        items[need.kind, need.ref_id].pk
        for need in needs
        if need.asks and not _is_held(items[need.kind, need.ref_id], need)
    }
    choices = decide(
        {key: wanted[key] for key in wanted if key in asking}, _pool(needs, wanted, now), now=now
    )
    nobody = Pool([])
    rules = queue_rules({one.queue for one in wanted.values()})
    changes, placed, ended = {}, [], []
    for need in needs:
        item = items[need.kind, need.ref_id]
        if _is_held(item, need):
            choice = Choice(item.assignee_id, item.load, [Reason(Why.STAYS)])
        else:
            choice = choices.get(item.pk) or choose(wanted[item.pk], nobody, now=now)
        stays = choice.reasons[0].why == Why.STAYS
        if stays and choice.user_id == item.assignee_id:
            choice = Choice(choice.user_id, item.load, choice.reasons)
        else:
            ended.append((item.assignee_id, -item.load, item.queue))
        changes[item.pk] = _values(need, item, choice, rules[wanted[item.pk].queue], now)
        placed.append(Placed(choice.user_id, [reason.to_json() for reason in choice.reasons], stays))
    shift(ended, now=now)
    update_rows(WorkItem, changes)
    return placed


def _is_held(item: WorkItem, need: Need) -> bool:
    """A call or a chat that somebody has is not taken away by another word of the client."""
    is_open = item.state in (State.OFFERED, State.HELD)
    return need.asks and is_live(need.media) and is_open and item.assignee_id is not None


def _pool(needs: Sequence[Need], wanted: dict[int, Wanted], now: datetime) -> Pool:
    """Those who may come into question: nobody is looked for where the owner gets the letters anyway."""
    live = [need.place.owner for need in needs if need.asks and is_live(need.media)]
    owners = {who for owner in live for who in (owner.user_id, owner.substitute_id) if who is not None}
    queues = {
        one.queue
        for one in wanted.values()
        if one.live or (one.owner.substitute_id if one.owner.away_until else one.owner.user_id) is None
    }
    if len(wanted) > 1:
        return Pool(free_people(now=now, queues=queues, owners=owners))
    (one,) = wanted.values()
    first = CANDIDATES + len(one.passed)
    people = free_people(
        now=now, queues=queues, owners=owners, skills=one.skills, weight=one.weight, first=first
    )
    return Pool(people)


def _items(needs: Sequence[Need], now: datetime) -> dict[tuple[str, int], WorkItem]:
    """The locked piece of work of each need, made where there was none."""
    found: dict[tuple[str, int], WorkItem] = {}
    for kind in sorted({need.kind for need in needs}):
        some = {need.ref_id: need for need in needs if need.kind == kind}
        found |= _locked(kind, some)
        missing = [some[ref] for ref in sorted(some) if (kind, ref) not in found]
        blank = [_blank(need, now) for need in missing]
        ids = insert_missing(WorkItem, blank)
        if len(ids) < len(blank):  # others made some of them at this moment
            found |= _locked(kind, [need.ref_id for need in missing])
            continue
        for pk, values in zip(ids, blank, strict=True):
            names = {_ATTRIBUTES[name]: value for name, value in values.items()}
            found[kind, values["ref_id"]] = WorkItem(pk=pk, **names)
    return found


def _locked(kind: str, ref_ids: Iterable[int]) -> dict[tuple[str, int], WorkItem]:
    rows = read_rows(WorkItem, tuple(_ATTRIBUTES.values()), "ref_id", ref_ids, lock=True, kind=kind)
    items = [WorkItem.from_db(None, list(_ATTRIBUTES.values()), row) for row in rows]
    return {(kind, item.ref_id): item for item in items}


def _blank(need: Need, now: datetime) -> dict[str, Any]:
    place = need.place
    return {
        "kind": need.kind, "ref_id": need.ref_id, "media": need.media, "agent": place.agent_id,
        "branch": place.branch_id, "centre": place.centre_id, "queue": place.queue, "priority": 0, "skills": [],
        "state": State.DONE, "load": 0, "passed": [], "queued_at": now, "since": now, "decisions": [],
    }  # fmt: skip


def _queue(need: Need, item: WorkItem) -> str:
    """Work that overflowed stays in its wider queue, unless its client moved."""
    moved = (item.branch_id, item.centre_id) != (need.place.branch_id, need.place.centre_id)
    return need.place.queue if item.state == State.DONE or moved else item.queue


def _wanted(need: Need, item: WorkItem) -> Wanted:
    queue = _queue(need, item)
    return Wanted(
        owner=need.place.owner, queue=queue, queue_name=need.place.queue_name if queue == need.place.queue else "",
        weight=weight_of(need.media), live=is_live(need.media), skills=need.skills, holder_id=need.holder_id,
        passed=() if item.state == State.DONE else item.passed,
    )  # fmt: skip


def _values(need: Need, item: WorkItem, choice: Choice, queue: Queue, now: datetime) -> dict[str, Any]:
    """The row of a piece of work as decided."""
    fresh, user_id = item.state == State.DONE, choice.user_id
    same = not fresh and user_id == item.assignee_id and queue.key == item.queue
    state: str = State.WAITING if user_id is None else State.OFFERED
    if same:
        state = item.state
    elif not need.asks:
        state = State.DONE
    move_at = item.move_at
    if not same:
        move_at = _moves_at(need, state, queue, now)
    elif not is_live(need.media) and state != State.WAITING:
        move_at = taken_back_at(queue, need.media, need.due_at, now)
    stays = choice.reasons[0].why == Why.STAYS
    return {
        "media": need.media, "agent": need.place.agent_id, "branch": need.place.branch_id, "centre": need.place.centre_id,
        "queue": queue.key, "priority": need.place.priority if need.priority is None else need.priority,
        "skills": sorted(need.skills), "state": state, "assignee": user_id, "load": choice.load,
        "passed": [] if fresh else item.passed, "queued_at": now if fresh else item.queued_at,
        "since": item.since if same or (stays and item.decisions) else now, "move_at": move_at,
        "due_at": need.due_at if need.asks else None, "escalated_at": None if fresh else item.escalated_at,
        "escalated_to": None if fresh else item.escalated_to_id,
        "decisions": item.decisions if same or stays else told(item.decisions, choice.reasons, now, user_id),
    }  # fmt: skip


def _moves_at(need: Need, state: str, queue: Queue, now: datetime) -> datetime | None:
    if state == State.WAITING:
        return overflows_at(queue, need.media, need.place.branch_id, need.place.time_zone, now)
    return taken_back_at(queue, need.media, need.due_at, now) if state == State.OFFERED else None


@transaction.atomic
def give(need: Need, *, to: int | None, by: int | None, reason: Reason | None, now: datetime) -> Placed:
    """A person decides: the work goes to user ``to``, or back to the queue (None; ``by`` does not get it again)."""
    item = _items([need], now)[need.kind, need.ref_id]
    load = weight_of(need.media) if to is not None and need.asks and stays_in_hand(need.media) else 0
    shift([(item.assignee_id, -item.load, item.queue), (to, load, need.place.queue)], now=now)
    queue = queue_rules([need.place.queue])[need.place.queue]
    why = reason or queue_reason(queue.key, need.place.queue_name)
    values = _values(need, item, Choice(to, load, [why]), queue, now)
    values["state"] = State.DONE if not need.asks else State.WAITING if to is None else State.HELD
    values["move_at"] = _moves_at(need, values["state"], queue, now)
    values["passed"] = [*values["passed"], by] if to is None and by is not None else []
    values["since"], values["decisions"] = now, told(item.decisions, [why], now, to)
    update_rows(WorkItem, {item.pk: values})
    return Placed(to, [why.to_json()])


@transaction.atomic
def accept(kind: str, ref_id: int, *, user_id: int, now: datetime) -> bool:
    """The person it was offered to takes it up: it is not taken back. A call is answered by that.

    False when it was not offered to this person, or not any more.
    """
    item = _locked(kind, [ref_id]).get((kind, ref_id))
    if item is None or item.state != State.OFFERED or item.assignee_id != user_id:
        return False
    item.state, item.decisions = State.HELD, told(item.decisions, [Reason(Why.ACCEPTED)], now, user_id)
    if stays_in_hand(item.media):
        item.move_at = None
    if item.media == WorkItem.Media.CALL:
        item.due_at = None
    item.save(update_fields=["state", "decisions", "move_at", "due_at"])
    return True


@transaction.atomic
def decline(kind: str, ref_id: int, *, user_id: int, now: datetime) -> Placed | None:
    """The person it was offered to does not take it: it goes on to somebody else. None when it was not theirs."""
    item = _locked(kind, [ref_id]).get((kind, ref_id))
    if item is None or item.state != State.OFFERED or item.assignee_id != user_id:
        return None
    return _placed(move_on([item], Why.DECLINED, now=now)[0])


def _placed(item: WorkItem) -> Placed:
    return Placed(item.assignee_id, item.decisions[-1:])


@transaction.atomic
def answered(kind: str, ref_ids: Collection[int], *, now: datetime) -> int:
    """Nobody waits any more: the timers stop. A letter is done by that; the rest goes on until ``release``."""
    return _end(kind, ref_ids, now=now, whole=False)


@transaction.atomic
def release(kind: str, ref_ids: Collection[int], *, now: datetime) -> int:
    """The work is over; what it took of its assignee is free, and the queue is pulled. Returns how many ended."""
    return _end(kind, ref_ids, now=now, whole=True)


def _end(kind: str, ref_ids: Collection[int], *, now: datetime, whole: bool) -> int:
    changes, ended, answers = {}, [], []
    for item in _locked(kind, ref_ids).values():
        over = whole or not stays_in_hand(item.media)
        if item.state == State.DONE or (not over and item.due_at is None):
            continue
        if over:
            ended.append((item.assignee_id, -item.load, item.queue))
        elif item.assignee_id is None:
            continue
        if not whole and item.due_at is not None:
            answers.append(item)
        changes[item.pk] = {
            "state": State.DONE if over else State.HELD, "load": 0 if over else item.load, "due_at": None,
            "move_at": None, "decisions": told(item.decisions, [Reason(Why.ANSWERED)], now, item.assignee_id),
        }  # fmt: skip
    shift(ended, now=now)
    update_rows(WorkItem, changes)
    note_answers(answers, now=now)
    freed = [user_id for user_id, load, _queue in ended if user_id is not None and load]
    if freed:
        route_waiting(limit=PULLED, now=now, of=freed)
    return len(changes)
