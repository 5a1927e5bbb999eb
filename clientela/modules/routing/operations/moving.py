"""What routing does by itself: gives waiting work to free people, widens, takes back, escalates."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from random import shuffle
from typing import Any

import orjson
from django.db import transaction
from django.db.models import F, Q

from clientela.foundation.bulk import update_rows
from clientela.foundation.claims import first_at
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.routing.desks import desk_queues
from clientela.modules.routing.events import WorkEscalated, WorkMoved
from clientela.modules.routing.free import Waiting, free_people, waiting_queues, waiting_work
from clientela.modules.routing.models import Queue, WorkItem
from clientela.modules.routing.operations.seats import decide, seat, shift
from clientela.modules.routing.operations.work import (
    State,
    is_live,
    overflows_at,
    stamped,
    taken_back_at,
    told,
    weight_of,
)
from clientela.modules.routing.queries import queue_names, queue_rules, wider
from clientela.modules.routing.rules import Choice, Owner, Pool, Reason, Wanted, Why, choose

TOLD_AT_ONCE = 500
WINDOW = 2500
_NOBODY = Owner(None)


def route_waiting(*, limit: int, now: datetime, of: Collection[int] | None = None) -> int:
    """Give up to ``limit`` pieces of waiting work to free people: by priority, then who waits longest.

    ``of``: only from the queues that these people serve. Any number may route at the same time, each in queues of its
    own. Returns how many pieces got somebody.
    """
    queues = waiting_queues()
    if of is not None and queues:
        queues &= {one.queue for one in free_people(now=now, queues=(), owners=of)} | desk_queues(of)
    moved, order = 0, sorted(queues)
    shuffle(order)  # so that routers that begin together do not meet
    for queue in order:
        moved += _route_queue(queue, limit - moved, now)
        if moved >= limit:
            break
    return moved


def _route_queue(queue: str, limit: int, now: datetime) -> int:
    """Give out what waits in one queue, a window in a transaction."""
    moved, offset = 0, 0
    while moved < limit:
        with transaction.atomic():
            if not first_at(f"routing:{queue}"):
                break
            window = min(limit - moved, WINDOW)
            people = free_people(now=now, queues=[queue])
            rows = waiting_work(queue, offset, window) if people else []
            given = _hand_out(queue, rows, Pool(people), now) if rows else 0
        moved += given
        offset += len(rows) - given
        if len(rows) < window:
            break
    return moved


def _hand_out(queue: str, rows: Sequence[Waiting], pool: Pool, now: datetime) -> int:
    """Choose for locked work and store it, for people who still have room. Returns how many pieces got somebody."""
    alike: dict[tuple[str, str, str], Wanted] = {}
    choices: dict[int, Choice] = {}
    for pk, _kind, _ref_id, media, _due_at, skills, passed in rows:
        wanted = alike.get((media, skills, passed))
        if wanted is None:
            wanted = Wanted(
                _NOBODY, queue, "", weight_of(media), is_live(media), frozenset(orjson.loads(skills)), None,
                orjson.loads(passed),
            )  # fmt: skip
            alike[media, skills, passed] = wanted
        choice = choose(wanted, pool, now=now)
        if choice.user_id is not None:
            choices[pk] = choice
    if not choices:
        return 0
    fits = seat(choices, now=now, skip=True)
    rules, at = queue_rules([queue])[queue], now.isoformat()
    changes: defaultdict[tuple[int, datetime | None], dict[int, dict[str, Any]]] = defaultdict(dict)
    moved: defaultdict[str, list[int]] = defaultdict(list)
    for pk, kind, ref_id, media, due_at, _skills, _passed in sorted(rows):  # as they lie on the disk
        if not fits.get(pk):
            continue
        choice = choices[pk]
        changes[choice.load, taken_back_at(rules, media, due_at, now)][pk] = {
            "assignee": choice.user_id, "decisions": stamped(choice.reasons, at, choice.user_id),
        }  # fmt: skip
        moved[kind].append(ref_id)
    for (load, move_at), some in changes.items():
        same = {"state": State.OFFERED, "since": now, "load": load, "move_at": move_at}
        update_rows(WorkItem, some, same=same, append="decisions")
    _tell(moved, now)
    return sum(map(len, moved.values()))


def _tell(moved: dict[str, list[int]], now: datetime) -> None:
    events = [
        WorkMoved(kind, refs[start : start + TOLD_AT_ONCE])
        for kind, refs in moved.items()
        for start in range(0, len(refs), TOLD_AT_ONCE)
    ]
    publish_all(events, now=now)


def tend(*, limit: int, now: datetime) -> int:
    """Do what is due: work overflows, is taken back from the silent, and is escalated once. Returns how many moved."""
    due = Q(move_at__lte=now) | Q(due_at__lte=now, escalated_at__isnull=True)
    if not WorkItem.objects.filter(due).exists():  # no lock where there is nothing to do
        return 0
    with transaction.atomic():
        rows = WorkItem.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(due)
        items = list(rows.select_related("branch", "assignee").order_by("id")[:limit])
        _escalate([item for item in items if _is_late(item, now)], now)
        moving = [item for item in items if item.move_at is not None and item.move_at <= now]
        waiting = [item for item in moving if item.state == State.WAITING]
        silent = [item for item in moving if item.state != State.WAITING]
        move_on(waiting, Why.OVERFLOWED, now=now)
        move_on(silent, Why.TAKEN_BACK, now=now)
    return len(items)


def _is_late(item: WorkItem, now: datetime) -> bool:
    return item.due_at is not None and item.due_at <= now and item.escalated_at is None


def move_on(items: Sequence[WorkItem], why: Why, *, now: datetime) -> Sequence[WorkItem]:
    """Locked work goes to the wider queue (overflowed) or from its silent assignee to the queue; who is free gets it."""
    if not items:
        return items
    shift([(item.assignee_id, -item.load, item.queue) for item in items], now=now)
    targets = {
        item.pk: (wider(item.queue, item.branch_id) or item.queue) if why == Why.OVERFLOWED else item.queue
        for item in items
    }
    keys = set(targets.values())
    rules, names = queue_rules(keys), queue_names(keys)
    wanted = {}
    for item in items:
        if why != Why.OVERFLOWED and item.assignee_id is not None:
            item.passed = [*item.passed, item.assignee_id]
        facts = {"name": str(item.assignee)} if item.assignee else {}
        item.decisions = told(item.decisions, [Reason(why, facts)], now)
        item.queue = targets[item.pk]
        wanted[item.pk] = Wanted(
            _NOBODY, item.queue, names.get(item.queue, ""), weight_of(item.media), is_live(item.media),
            frozenset(item.skills), None, item.passed,
        )  # fmt: skip
    choices = decide(wanted, Pool(free_people(now=now, queues=keys)), now=now)
    moved, changes = defaultdict(list), {}
    for item in items:
        changes[item.pk] = _put(item, choices[item.pk], rules[item.queue], now)
        moved[item.kind].append(item.ref_id)
    update_rows(WorkItem, changes)
    _tell(moved, now)
    return items


def _put(item: WorkItem, choice: Choice, queue: Queue, now: datetime) -> dict[str, object]:
    item.assignee_id, item.load, item.since = choice.user_id, choice.load, now
    item.decisions = told(item.decisions, choice.reasons, now, choice.user_id)
    if choice.user_id is None:
        item.state = State.WAITING
        item.move_at = overflows_at(queue, item.media, item.branch_id, item.branch.time_zone, now)
    else:
        item.state = State.OFFERED
        item.move_at = taken_back_at(queue, item.media, item.due_at, now)
        if item.move_at is not None and item.move_at <= now:  # a late letter is not taken from hand to hand
            item.move_at = None
    return {
        "queue": item.queue, "state": item.state, "assignee": item.assignee_id, "load": item.load, "since": now,
        "passed": item.passed, "move_at": item.move_at, "decisions": item.decisions,
    }  # fmt: skip


def _escalate(items: Sequence[WorkItem], now: datetime) -> None:
    """Tell the team lead of the agent, else the head of the branch, that nobody answered in time."""
    heads = _heads(items)
    changes, events = {}, []
    for item in items:
        head = heads.get(item.pk)
        facts = {"name": str(head)} if head else {}
        item.decisions = told(item.decisions, [Reason(Why.ESCALATED, facts)], now, head.pk if head else None)
        changes[item.pk] = {
            "escalated_at": now, "escalated_to": head.pk if head else None, "decisions": item.decisions,
        }  # fmt: skip
        if head is not None:
            events.append(WorkEscalated(item.kind, item.ref_id, head.pk))
    update_rows(WorkItem, changes)
    publish_all(events, now=now)


def _heads(items: Sequence[WorkItem]) -> dict[int, User]:
    people = User.objects.filter(is_active=True).order_by("-id")
    agents = {item.agent_id for item in items if item.agent_id}
    leads = people.filter(role=Role.TEAM_LEAD, placement__team__agents__in=agents).annotate(
        of=F("placement__team__agents")
    )
    of_agent = {lead.of: lead for lead in leads}
    branches = {item.branch_id for item in items}
    heads = people.filter(role=Role.BRANCH_HEAD, placement__branch__in=branches).annotate(
        of=F("placement__branch")
    )
    of_branch = {head.of: head for head in heads}
    found: dict[int, User] = {}
    for item in items:
        head = of_agent.get(item.agent_id)
        if head is None or head.pk == item.assignee_id:
            head = of_branch.get(item.branch_id, head)
        if head is not None:
            found[item.pk] = head
    return found
