"""What one new or changed card costs to compare with the base, beside the run over the whole base.

    CLIENTELA_DATABASE_URL=… python -m benchmarks.matching [--people 20000] [--cards 200]

For a migrated, empty base; it is filled with the Russian people of the module's tests (their error model stands there),
who stay. Judged by the time of the processor: wall time on a shared machine is somebody else's.
"""

import argparse
import logging
import statistics
import time
from datetime import timedelta
from typing import Any

from django.utils import timezone

from benchmarks import base  # noqa: F401  sets Django up
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument
from clientela.modules.organisation.models import Branch
from clientela.modules.resolution.models import BaseShape, DueCard, Pair
from clientela.modules.resolution.operations import Comparer
from clientela.modules.resolution.tests.generated import base as generated

SLICE = 5000


def fill(people: int) -> None:
    """Cards of so many people, about half as many more than there are people."""
    now = timezone.now()
    branch, _made = Branch.objects.get_or_create(
        code="b", defaults={"name": "b", "time_zone": "Europe/Moscow"}
    )
    rows = generated(people).cards
    for start in range(0, len(rows), SLICE):
        some = rows[start : start + SLICE]
        cards = Client.objects.bulk_create(
            Client(
                last_name=row["last"], first_name=row["first"], middle_name=row["middle"], birth_date=row["birth"],
                name_key=row["last"].lower(), branch=branch, created_at=now, updated_at=now,
            )
            for row in some
        )  # fmt: skip
        pairs = list(zip(cards, some, strict=True))
        ContactPoint.objects.bulk_create(
            ContactPoint(client=card, kind=kind, value=value, created_at=now)
            for card, row in pairs
            for kind, name in (("phone", "phones"), ("email", "emails"))
            for value in row[name]
        )
        IdentityDocument.objects.bulk_create(
            IdentityDocument(client=card, kind="passport", number=number.partition(":")[2])
            for card, row in pairs
            for number in row["documents"]
        )
        Address.objects.bulk_create(
            Address(client=card, city=row["city"], street=row["address"], postal_code=row["postal"])
            for card, row in pairs
        )


def whole() -> tuple[float, float]:
    """The run over the whole base: seconds of the processor and of the wall."""
    now = timezone.now()
    job = enqueue(kind="resolution.find", title="x", now=now)
    assert job is not None
    began, clock = time.process_time(), time.perf_counter()
    run_next(worker="bench", now=now, lease=timedelta(hours=1), only=job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return time.process_time() - began, time.perf_counter() - clock


def singles(cards: int) -> dict[str, list[float]]:
    """Milliseconds of each card in a batch of its own, in a warm worker."""
    comparer, took = Comparer(), {"processor": [], "wall": []}  # type: tuple[Comparer, dict[str, list[float]]]
    chosen: list[Any] = list(Client.objects.order_by("-pk").values_list("pk", flat=True)[: cards + 3])
    for place, card in enumerate(chosen):
        DueCard.objects.create(card=card)
        began, clock = time.process_time(), time.perf_counter()
        assert comparer.turn(now=timezone.now()) == 1
        if place >= 3:
            took["processor"].append((time.process_time() - began) * 1000)
            took["wall"].append((time.perf_counter() - clock) * 1000)
    comparer.close()
    return took


def together(cards: int) -> float:
    """Milliseconds of the processor a card where many are due at once, as after a file."""
    comparer = Comparer()
    chosen = Client.objects.order_by("pk").values_list("pk", flat=True)[:cards]
    DueCard.objects.bulk_create(DueCard(card=card) for card in chosen)
    began = time.process_time()
    done = 0
    while taken := comparer.turn(now=timezone.now()):
        done += taken
    assert done == cards
    comparer.close()
    return (time.process_time() - began) * 1000 / cards


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--cards", type=int, default=200)
    asked = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.ERROR)
    if not Client.objects.exists():
        fill(asked.people)
    processor, wall = whole()
    shape = BaseShape.objects.get()
    print(f"{shape.cards:,} cards, {Pair.objects.count():,} pairs; whole run {processor:.1f} s of the processor, {wall:.1f} s")  # fmt: skip
    for name, times in singles(asked.cards).items():
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"one card, {name}: p95 {p95:.0f} ms, median {statistics.median(times):.0f} ms")
    print(f"many at once: {together(asked.cards):.1f} ms of the processor a card")


if __name__ == "__main__":
    main()
