"""Routing: 100,000 pieces of work to 5,000 people with concurrent writers, against a bare UPDATE of as many rows.

``CLIENTELA_DATABASE_URL=postgres://… python -m benchmarks.routing`` fills an empty base of its own, then two routers
give the work out side by side while a third process offers chats one by one and ends them. Then everything is checked.
Goals: 50,000 pieces a second in bulk; one decision p95 at most 5 ms; nothing given twice, over capacity or without skill.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from statistics import quantiles
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from benchmarks import base  # noqa: F401  sets Django up
from benchmarks.base import server_cpu
from clientela.config.worker import tune
from clientela.foundation.bulk import insert_rows
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Branch, Placement, RenewalCentre
from clientela.modules.routing.models import Queue, Station, WorkItem
from clientela.modules.routing.operations import Need, offer, release, route_waiting
from clientela.modules.routing.queries import Place, place_of_branch
from clientela.modules.routing.rules import Owner

BRANCHES, CENTRES, CAPACITY, CHUNK, ROUTERS = 40, 8, 300, 5000, 2
LANGUAGES = ["ru"] * 8 + ["en", "tt"]


def fill(items: int, people: int) -> None:
    """People at the screen in every branch and centre, a third of them with a second language; work in every queue."""
    call_command("migrate", verbosity=0)
    if Branch.objects.exists():
        sys.exit("the base is not empty")
    now, chance = timezone.now(), random.Random(7)
    branches = Branch.objects.bulk_create(
        Branch(
            code=f"b{i}", name=f"Филиал {i}", city="Москва", region_code="RU-MOW", time_zone="Europe/Moscow"
        )
        for i in range(BRANCHES)
    )
    centres = RenewalCentre.objects.bulk_create(
        RenewalCentre(code=f"c{i}", name=f"Центр {i}", phone="+74950000000", time_zone="Europe/Moscow")
        for i in range(CENTRES)
    )
    places = [("branch", one.pk) for one in branches] + [("centre", one.pk) for one in centres]
    users = User.objects.bulk_create(
        User(
            email=f"p{i}@bench.example", first_name="Пётр", last_name=f"Дежурный{i}", password="!",
            role="branch_head" if places[i % len(places)][0] == "branch" else "centre_operator",
        )
        for i in range(people)
    )  # fmt: skip
    Placement.objects.bulk_create(
        Placement(user=user, **{f"{places[i % len(places)][0]}_id": places[i % len(places)][1]})
        for i, user in enumerate(users)
    )
    for chunk in _chunks(users):
        insert_rows(Station, [_station(one, chance, now) for one in chunk])
    for chunk in _chunks(range(items)):
        insert_rows(WorkItem, [_item(i, places, branches[0].pk, chance, now) for i in chunk])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _chunks(rows: Any) -> Any:
    return [rows[start : start + 10_000] for start in range(0, len(rows), 10_000)]


def _station(user: User, chance: random.Random, now: Any) -> dict[str, Any]:
    skills = ["language:ru", "channel:webchat", "channel:email"]
    skills += [f"language:{code}" for code in ("en", "tt") if chance.random() < 0.3]
    return {
        "user": user.pk, "state": "available", "since": now, "seen_at": now + timedelta(hours=1), "capacity": CAPACITY,
        "load": 0, "idle_since": now, "skills": skills, "serves": True,
    }  # fmt: skip


def _item(
    i: int, places: list[tuple[str, int]], branch: int, chance: random.Random, now: Any
) -> dict[str, Any]:
    kind, number = places[i % len(places)]
    return {
        "kind": "bench", "ref_id": i, "media": "letter", "agent": None, "branch": branch, "centre": None,
        "queue": f"{kind}:{number}", "priority": chance.choice([0, 0, 0, 1, 2]),
        "skills": ["channel:email", f"language:{chance.choice(LANGUAGES)}"], "state": "waiting", "assignee": None,
        "load": 0, "passed": [], "queued_at": now, "since": now, "move_at": now + timedelta(hours=1), "due_at": None,
        "escalated_at": None, "escalated_to": None,
        "decisions": [{"why": "queue_of_branch", "name": "Филиал", "at": now.isoformat(), "to": None}],
    }  # fmt: skip


def bare() -> tuple[int, float]:
    """The same columns of as many rows in one plain UPDATE; undone afterwards."""
    user = User.objects.values_list("id", flat=True)[0]
    with transaction.atomic():
        point = transaction.savepoint()
        began = time.perf_counter()
        rows = WorkItem.objects.filter(state="waiting").update(
            state="offered", assignee=user, load=10, since=timezone.now(), move_at=None,
            decisions=[{"why": "by_skill", "name": "Пётр", "at": timezone.now().isoformat(), "to": user}],
        )  # fmt: skip
        if connection.vendor == "postgresql":  # what a commit would check
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - began
        transaction.savepoint_rollback(point)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE routing_workitem")
    return rows, seconds


def work_bulk() -> None:
    """One router: until nothing that waits can be given to anybody."""
    moved, times, used, server = 0, [], time.process_time(), server_cpu()
    while True:
        began = time.perf_counter()
        some = route_waiting(limit=CHUNK, now=timezone.now())
        times.append(time.perf_counter() - began)
        moved += some
        if not some:
            break
    cpu = {"cpu": time.process_time() - used, "server": server_cpu() - server}
    print(json.dumps({"moved": moved, "ended": time.time(), "longest": max(times), **cpu}))


def work_single(first: int, seconds: float, rate: int) -> None:
    """Chats at a steady rate, each ended when its place is needed: the time of each decision and its processor time."""
    branches = list(Branch.objects.all())
    places = [place_of_branch(one) for one in branches]
    owners = list(User.objects.filter(role="branch_head").values_list("id", "placement__branch")[:500])
    spent, held, placed, used = [], [], 0, 0.0
    chance, begin, server = random.Random(first), time.time(), server_cpu()
    for number in range(first, first + int(rate * seconds)):
        time.sleep(max(0.0, begin + (number - first) / rate - time.time()))
        place = chance.choice(places)
        if number % 2:
            user, branch = chance.choice(owners)
            place = Place(None, branch, None, "Филиал", "", "Europe/Moscow", Owner(user, "АГД", "Пётр"))
        need = Need("bench", number, "chat", place, frozenset({"channel:webchat", "language:ru"}))
        began, cpu = time.perf_counter(), time.process_time()
        (found,) = offer([need], now=timezone.now())
        spent.append(time.perf_counter() - began)
        used += time.process_time() - cpu
        placed += found.user_id is not None
        held.append(number)
        if len(held) > 200:
            release("bench", [held.pop(0)], now=timezone.now())
    print(json.dumps({"spent": spent, "placed": placed, "cpu": used, "server": server_cpu() - server}))


def check(single_from: int) -> dict[str, int]:
    """What must be zero: refs told of twice, people over their capacity, loads that do not add up, wrong skills."""
    told = Counter(
        ref
        for payload in Event.objects.filter(name="routing.WorkMoved").values_list("payload", flat=True)
        for ref in payload["ref_ids"]
        if ref < single_from
    )
    skills = {user: set(codes) for user, codes in Station.objects.values_list("user_id", "skills")}
    loads: Counter[int] = Counter()
    wrong = 0
    held = WorkItem.objects.exclude(state="done").filter(assignee__isnull=False)
    for user, load, wanted, decisions in held.values_list(
        "assignee_id", "load", "skills", "decisions"
    ).iterator():
        loads[user] += load
        if decisions[-1]["why"] == "by_skill" and not set(wanted) <= skills[user]:
            wrong += 1
    stations = list(Station.objects.values_list("user_id", "load"))
    return {
        "double assignments": sum(1 for count in told.values() if count > 1),
        "over capacity": Station.objects.filter(load__gt=F("capacity")).count(),
        "loads that do not add up": sum(1 for user, load in stations if loads[user] != load),
        "wrong skill": wrong,
    }


def _percentiles(spent: list[float]) -> str:
    cuts = quantiles(sorted(spent), n=100)
    return f"p50 {cuts[49] * 1000:.1f} ms, p95 {cuts[94] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--work", choices=["bulk", "single"])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=100, help="single decisions a second beside the routers")
    options = parser.parse_args()
    first = options.first or options.items + 1_000_000
    if options.work is not None:
        tune()
        sys.stdin.readline()
        if options.work == "bulk":
            work_bulk()
        else:
            work_single(first, options.seconds, options.rate)
        return
    fill(options.items, options.people)
    for number in range(BRANCHES):
        Queue.objects.get_or_create(key=f"branch:{number + 1}")
    reference = sorted(bare()[::-1] for _ in range(3))[1]
    connection.close()
    run(options, first, reference)


def run(options: Any, first: int, reference: tuple[float, int]) -> None:
    """Start the processes, tell them to begin together, and print what they found."""
    seconds, rows = reference
    command = [
        sys.executable,
        "-m",
        "benchmarks.routing",
        "--items",
        str(options.items),
        "--rate",
        str(options.rate),
    ]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    single = subprocess.Popen([*command, "--work", "single", "--seconds", str(options.seconds)], **pipes)
    routers = [subprocess.Popen([*command, "--work", "bulk"], **pipes) for _ in range(ROUTERS)]
    time.sleep(6)  # they import Django meanwhile
    began = time.time()
    for child in (*routers, single):
        child.stdin.write("go\n")
        child.stdin.flush()
    told = [json.loads(child.communicate()[0]) for child in routers]
    spent = max(one["ended"] for one in told) - began
    moved = sum(one["moved"] for one in told)
    one_by_one = json.loads(single.communicate()[0])
    left = WorkItem.objects.filter(state="waiting", ref_id__lt=first).count()
    print(
        f"{options.items:,} pieces, {options.people:,} people, {ROUTERS} routers and one writer: {moved:,} given in "
        f"{spent:.2f} s, {moved / spent:,.0f}/s; {left:,} wait for room or skill; longest chunk "
        f"{max(one['longest'] for one in told) * 1000:.0f} ms; processor of the "
        f"routers {sum(one['cpu'] for one in told):.2f} s, of the server for them {sum(one['server'] for one in told):.2f} s"
    )
    print(
        f"bare UPDATE of {rows:,} rows: {seconds:.2f} s, {rows / seconds:,.0f}/s; ratio {spent / moved * rows / seconds:.2f}"
    )
    alone = json.loads(
        subprocess.run(
            [*command, "--work", "single", "--seconds", "5", "--first", str(first + 1_000_000)],
            input="go\n",
            text=True,
            capture_output=True,
            check=True,
        ).stdout
    )
    for beside, one in (("beside the routers", one_by_one), ("by itself", alone)):
        count = len(one["spent"])
        print(
            f"one decision {beside}, {options.rate} a second: {_percentiles(one['spent'])} of {count:,}, "
            f"{one['placed']:,} got somebody; processor {one['cpu'] / count * 1000:.1f} ms each, of the server "
            f"{one['server'] / count * 1000:.1f} ms with the ends of earlier ones"
        )
    print(", ".join(f"{name}: {count}" for name, count in check(first).items()))


if __name__ == "__main__":
    main()
