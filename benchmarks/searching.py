"""A surname mistyped: whether it is found, and how long the database takes for it, for the administrator and an agent.

    CLIENTELA_DATABASE_URL=… python -m benchmarks.searching [--clients 50000] [--surnames 20000] [--times 300]

The error model: one slip in a surname of six letters or more, at any place with equal chance, of five kinds with the
chances of ``MODEL``. A hit is the right surname among the first twenty. The reference of the same run is one card
read off the index by its whole name. An empty base is filled with people only; everything found is only read.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.management import call_command
from django.db import connection

from benchmarks import base
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations.surnames import learn_surnames
from clientela.modules.clients.surnames import CONFUSED, similar_surnames
from clientela.modules.organisation.models import Agent
from clientela.workspace.search.queries import find

LETTERS = "абвгдежзийклмнопрстуфхцчшщыьэюя"
MODEL = {
    "letter left out": 25,
    "letter doubled": 15,
    "neighbours swapped": 20,
    "sounds alike": 25,
    "any letter": 15,
}
ENDS = ("ов", "ова", "ев", "ева", "ин", "ина", "ский", "ская", "енко", "ук")


def surnames(count: int, rng: random.Random) -> list[str]:
    """Different made-up surnames of six letters or more."""
    made: set[str] = set()
    while len(made) < count:
        stem = "".join(
            rng.choice("бвгдзклмнпрст") + rng.choice("аеиоу") for _ in range(rng.choice((1, 2, 2, 3)))
        )
        made.add(stem + rng.choice("бвгдзклмнпрст") + rng.choice(ENDS))
    return sorted(word for word in made if len(word) > 5)


def slip(word: str, rng: random.Random) -> str:
    """``word`` with one slip by the model."""
    kind = rng.choices(list(MODEL), list(MODEL.values()))[0]
    at = rng.randrange(len(word) - 1)
    if kind == "letter left out":
        return word[:at] + word[at + 1 :]
    if kind == "letter doubled":
        return word[:at] + word[at] + word[at:]
    if kind == "neighbours swapped":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    alike = (
        [pair.replace(word[at], "") for pair in CONFUSED if word[at] in pair]
        if kind == "sounds alike"
        else []
    )
    return word[:at] + rng.choice(alike or LETTERS) + word[at + 1 :]


class Clock:
    """Seconds spent in statements."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*args)
        finally:
            self.seconds += time.perf_counter() - began


@contextmanager
def clocked() -> Iterator[Clock]:
    clock = Clock()
    with connection.execute_wrapper(clock):
        yield clock


def fill(clients: int, words: list[str], rng: random.Random) -> None:
    """An empty base gets people whose surnames are few common and many rare."""
    call_command("migrate", verbosity=0)
    if Client.objects.exists():
        return
    base.fill(clients, date(2026, 11, 18), only_people=True)
    weights = [1 / (place + 10) for place in range(len(words))]
    people = list(Client.objects.only("pk", "name_key"))
    for row, word in zip(people, rng.choices(words, weights, k=len(people)), strict=True):
        row.name_key = f"{word} иван иванович"
    Client.objects.bulk_update(people, ["name_key"], batch_size=300)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def told(name: str, took: list[float]) -> None:
    cut = statistics.quantiles(took, n=20)
    print(f"{name:<44} p50 {statistics.median(took) * 1000:7.2f} ms  p95 {cut[18] * 1000:7.2f} ms")


def person(name: str, role: str) -> User:
    return User.objects.get_or_create(email=f"{name}@bench.example", defaults={"role": role})[0]


def people() -> dict[str, User]:
    """Who sees every card, and who sees an agent's."""
    seller = person("agent", "agent")
    Agent.objects.filter(pk=Agent.objects.order_by("pk")[7].pk).update(user=seller)
    return {"administrator": person("admin", "administrator"), "agent": User.objects.get(pk=seller.pk)}


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("clients", 50_000), ("surnames", 20_000), ("times", 300)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    rng = random.Random(5)
    fill(asked.clients, surnames(asked.surnames, rng), rng)
    began = time.perf_counter()
    learned = learn_surnames()
    print(
        f"{connection.vendor}, {Client.objects.count():,} cards; learned {learned} in {time.perf_counter() - began:.1f} s"
    )
    began = time.perf_counter()
    learn_surnames()
    print(f"learned again: {time.perf_counter() - began:.2f} s")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    keys = rng.sample(list(Client.objects.values_list("name_key", flat=True)), asked.times)
    typed = [(key.split()[0], slip(key.split()[0], rng)) for key in keys]
    hits = sum(right in similar_surnames(wrong) for right, wrong in typed)
    print(f"hit@20 of surnames: {hits / len(typed):.4f} of {len(typed)}")
    for name, user in people().items():
        took, reference = [], []
        for key, (_right, wrong) in zip(keys, typed, strict=True):
            with clocked() as clock:
                list(Client.objects.filter(name_key=key)[:6])
            reference.append(clock.seconds)
            with clocked() as clock:
                find(user, wrong)
            took.append(clock.seconds)
        told(f"{name}: one card by its name (reference)", reference)
        told(f"{name}: mistyped, all statements", took)


if __name__ == "__main__":
    main()
