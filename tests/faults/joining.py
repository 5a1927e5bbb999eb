"""A storm of kills upon processes that join duplicates by rules: ``python -m tests.faults.joining GROUPS KILLS``.

The product is loaded once and every victim is forked from it. Every other group has three cards. Prints as JSON: the kills
that hit a process at work, and what became of cards, merges, pairs, their contacts, runs and the journal.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import timedelta

# Shorter than a restart: the next process takes the job over at once.
LEASE = timedelta(milliseconds=200)


def make(groups: int) -> int:
    """Groups of two and of three cards, certain pairs, rules in force and the run queued."""
    now = timezone.now()
    branch = Branch.objects.create(code="b", name="Филиал", time_zone="Europe/Moscow")
    model = LinkModel.objects.create(parameters={}, cards=2, made_at=now, is_active=True)
    cards = []
    for group in range(groups):
        values = {"last_name": f"Клиентов{group}", "first_name": "Иван", "branch": branch}
        many = Client.objects.bulk_create(
            Client(**values, created_at=now, updated_at=now) for _ in range(2 + group % 2)
        )
        cards.append(sorted(card.pk for card in many))
    ContactPoint.objects.bulk_create(
        ContactPoint(client_id=card, kind="phone", value=value, source="shop", created_at=now)
        for group, some in enumerate(cards)
        for card in some
        for value in (f"+7900{group:07}", f"+7901{card:07}")
    )
    Pair.objects.bulk_create(
        Pair(low_card=low, high_card=high, probability=0.9999, weight=12, certain=True, model=model, seen_by_job=0)
        for some in cards
        for place, low in enumerate(some)
        for high in some[place + 1 :]
    )  # fmt: skip
    JoinRules.objects.create(on=True, threshold=0.999, sources=["web"], made_at=now)
    queue_joining(now)
    return Job.objects.get(kind="resolution.join").pk


def born(job: int) -> int:
    """A process that works at the job until it is done."""
    connections.close_all()
    child = os.fork()
    if not child:
        while Job.objects.filter(pk=job, state__in=("queued", "running")).exists():
            if not run_next(worker=worker_name(), now=timezone.now(), lease=LEASE, only=job):
                time.sleep(0.02)
        os._exit(0)
    return child


def storm(job: int, kills: int) -> int:
    dice, hits = random.Random("joining"), 0
    for _ in range(kills):
        victim = born(job)
        time.sleep(LEASE.total_seconds() + dice.uniform(0.1, 0.6))
        os.kill(victim, signal.SIGKILL)
        hits += os.WIFSIGNALED(os.waitpid(victim, 0)[1])
    last = born(job)
    assert os.waitpid(last, 0)[1] == 0
    return hits


def tell() -> dict[str, object]:
    merges = list(Merge.objects.values_list("gone_card", flat=True))
    run = JoinRun.objects.get()
    return {
        "cards": Client.objects.count(),
        "merges": [len(merges), len(set(merges))],
        "states": sorted(set(Pair.objects.values_list("state", flat=True))),
        "contacts": ContactPoint.objects.count(),
        "told": Entry.objects.filter(action="client.joined_by_rules").count(),
        "events": Event.objects.filter(name="clients.ClientsMerged").count(),
        "run": [run.finished_at is not None, run.pairs.values("merge").distinct().count()],
        "job": Job.objects.get(kind="resolution.join").state,
    }


if __name__ == "__main__":
    import django

    django.setup()
    from django.db import connections
    from django.utils import timezone

    from clientela.foundation.audit.models import Entry
    from clientela.foundation.claims import worker_name
    from clientela.foundation.jobs.models import Job
    from clientela.foundation.jobs.operations import run_next
    from clientela.foundation.outbox.models import Event
    from clientela.modules.clients.models import Client, ContactPoint, Merge
    from clientela.modules.organisation.models import Branch
    from clientela.modules.resolution.models import JoinRules, JoinRun, LinkModel, Pair
    from clientela.modules.resolution.operations import queue_joining

    made = make(int(sys.argv[1]))
    hit = storm(made, int(sys.argv[2]))
    print(json.dumps({"hits": hit, **tell()}))
