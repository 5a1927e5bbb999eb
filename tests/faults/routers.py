"""A storm of kills upon routers that give work out side by side: ``python -m tests.faults.routers PIECES KILLS``.

Two routers give out what waits in bulk while a third process offers chats one by one and ends them. The product is loaded
once and every process is forked from it. Prints as JSON: the kills that hit a living process, whether people were too few
for everything, and what must be zero.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

PEOPLE, PLACES = 60, 3
LANGUAGES = ("ru", "en", "tt")


def make(pieces: int) -> None:
    """Letters in the queues of three branches, and people there for less than all of them, who speak this and that."""
    dice, now = random.Random(3), timezone.now()
    branches = [
        Branch.objects.create(
            code=f"b{n}", name=f"Филиал {n}", city="Казань", region_code="RU-TA", time_zone="Europe/Moscow"
        )
        for n in range(PLACES)
    ]
    for number in range(PEOPLE):
        user = User.objects.create(
            email=f"p{number}@prichal.example", first_name="П", last_name="О", role="branch_head"
        )
        Placement.objects.create(user=user, branch=branches[number % PLACES])
        skills = [f"language:{code}" for code in LANGUAGES if code == "ru" or dice.random() < 0.4]
        Station.objects.create(
            user=user, since=now, seen_at=now + timedelta(hours=1), idle_since=now, skills=skills, serves=True
        )
    WorkItem.objects.bulk_create(
        WorkItem(
            kind="letter", ref_id=number, media="letter", branch=branches[number % PLACES], state="waiting",
            queue=f"branch:{branches[number % PLACES].pk}", skills=[f"language:{dice.choice(LANGUAGES)}"],
            queued_at=now, since=now,
        )
        for number in range(pieces)
    )  # fmt: skip


def born(work: Callable[[], None]) -> int:
    connections.close_all()
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return child


def route() -> None:
    while route_waiting(limit=20, now=timezone.now()):
        pass


def chat() -> None:
    """Chats of clients who have nobody: each is ended when the next five have come."""
    places = [place_of_branch(branch) for branch in Branch.objects.all()]
    held: list[int] = []
    for number in range(30):
        held.append(os.getpid() * 1000 + number)
        need = Need("chat", held[-1], "chat", places[number % PLACES], frozenset({"language:ru"}))
        offer([need], now=timezone.now())
        if len(held) > 5:
            release("chat", [held.pop(0)], now=timezone.now())
    release("chat", held, now=timezone.now())


def storm(kills: int) -> int:
    dice, hits = random.Random("routers"), 0
    for _ in range(kills):
        routers, writer = [born(route), born(route)], born(chat)
        time.sleep(dice.uniform(0.01, 0.1))
        os.kill(routers[0], signal.SIGKILL)
        ends = [os.waitpid(pid, 0)[1] for pid in (*routers, writer)]
        hits += os.WIFSIGNALED(ends[0])
        assert not ends[1]
        assert not ends[2]
    return hits


def wrong() -> dict[str, int]:
    """Everything that must not be, by what it is."""
    skills = {user: set(codes) for user, codes in Station.objects.values_list("user_id", "skills")}
    told = Counter(
        ref
        for payload in Event.objects.filter(name="routing.WorkMoved").values_list("payload", flat=True)
        for ref in payload["ref_ids"]
        if payload["kind"] == "letter"
    )
    loads: Counter[int] = Counter()
    found: Counter[str] = Counter()
    for item in WorkItem.objects.all():
        given = item.assignee_id is not None
        loads[item.assignee_id] += item.load
        if item.kind == "letter":
            last = item.decisions[-1]["to"] if item.decisions else None
            found["half"] += (item.state == "offered") is not given or last != item.assignee_id
            found["decided twice"] += len(item.decisions) > 1
            found["told another number of times"] += told[item.ref_id] != given
            found["without the skill"] += given and not set(item.skills) <= skills[item.assignee_id]
    for station in Station.objects.all():
        found["over capacity"] += station.load > station.capacity
        found["loads that do not add up"] += station.load != loads[station.user_id]
    return found


if __name__ == "__main__":
    import django

    django.setup()
    from django.db import connections
    from django.utils import timezone

    from clientela.foundation.outbox.models import Event
    from clientela.modules.accounts.models import User
    from clientela.modules.organisation.models import Branch, Placement
    from clientela.modules.routing.models import Station, WorkItem
    from clientela.modules.routing.operations import Need, offer, release, route_waiting
    from clientela.modules.routing.queries import place_of_branch

    make(int(sys.argv[1]))
    killed = storm(int(sys.argv[2]))
    route()
    print(json.dumps([killed, WorkItem.objects.filter(state="offered").count(), wrong()]))
