"""From INVITE to the card on the screen of the person who is rung, on a real Asterisk, so many calls at once.

``CLIENTELA_DATABASE_URL=… python -m benchmarks.screen_pop [calls at once] [rounds]``

Each caller has an agent of their own who is at work. Counted to the moment at which the reader of live updates, at its
own pace, has the topic of the agent's open page, and to the moment at which that page has read the card. The switchboard,
the open pages and the callers' telephones are processes of their own, as in production. Goal: p95 500 ms.
"""

import multiprocessing
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, connections
from django.utils import timezone

from benchmarks import base
from benchmarks.calls import show
from clientela.config import live
from clientela.integrations.asterisk.adapter import from_environment
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.calls.models import Call, Number
from clientela.modules.calls.operations.desk import StoringDesk
from clientela.modules.calls.tasks import turn
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.organisation.models import Agent, Branch
from clientela.modules.routing.operations import note_seen
from clientela.workspace.calls.facts import cards
from tests.contract.exchanges import Sounds
from tests.servers.asterisk import Asterisk
from tests.servers.sip import Call as Telephone
from tests.servers.sip import People

OURS = "74951234567"


def prepare(count: int) -> dict[str, User]:
    """So many agents at work, each with one client; by the number from which the client calls."""
    base.ready(1000, date(2026, 11, 18))
    branch, now = Branch.objects.order_by("id")[0], timezone.now()
    Number.objects.get_or_create(value=f"+{OURS}", defaults={"label": "x", "branch": branch})
    found: dict[str, User] = {}
    nobody = make_password(None)
    for n in range(count):
        number = f"7916{n:07}"
        user = User.objects.create(
            email=f"pop{n}@prichal.example",
            password=nobody,
            first_name="Агент",
            last_name=f"{n}",
            role=Role.AGENT,
        )
        agent = Agent.objects.create(
            user=user, code=f"POP-{n}", last_name="Агент", first_name=str(n), phone="", branch=branch
        )
        client = Client.objects.create(
            last_name=f"Клиент {n}", name_key=f"клиент {n}", agent=agent, branch=branch, time_zone="Europe/Moscow",
            region_code="RU-MOW", city="Москва", created_at=now, updated_at=now,
        )  # fmt: skip
        ContactPoint.objects.create(
            client=client, kind="phone", value=f"+{number}", tail=number[-7:], is_primary=True, created_at=now,
            verified_at=now,
        )  # fmt: skip
        found[number] = user
    note_seen([user.pk for user in found.values()], now=now)
    return found


def watch(people: dict[str, int], end: Connection) -> None:
    """The open pages of all agents, a process: told by the reader of live updates, each reads its card.

    ``people`` are their users by the number that calls. Each message asks for one round and ends the one before, whose
    moments by number, told and shown, are the answer.
    """
    users = {number: User.objects.get(pk=user) for number, user in people.items()}
    numbers = {f"calls:{user}": number for number, user in people.items()}
    while end.recv() == "look":
        told: dict[str, float] = {}
        shown: dict[str, float] = {}
        last = live._newest()
        end.send("looking")
        while len(shown) < len(users) and not end.poll(live.POLL_SECONDS):
            last, topics = live._since(last)
            at = time.monotonic()
            for number in [numbers[topic] for topic in topics if topic in numbers]:
                told.setdefault(number, at)
                if number not in shown and any(card.rings for card in cards(users[number])):
                    shown[number] = time.monotonic()
        end.send((told, shown))


def telephone(port: int, pbx_port: int, numbers: list[str], end: Connection) -> None:
    """The telephones of all callers, a process: at each message all call at once, at the next all hang up."""
    people = People(port, pbx_port, ears=False)
    calls: list[Telephone] = []
    while word := end.recv():
        if word == "call":
            calls = [people.call(OURS, from_=number) for number in numbers]
            end.send({number: call.began for number, call in zip(numbers, calls, strict=True)})
        else:
            for call in calls:
                call.hang_up()
    people.stop()


def beside(work: Callable[..., None], *args: Any) -> Connection:
    """Start a process; what it sends and is sent goes through what is returned. ``None`` ends it."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    spawn.Process(target=work, args=(*args, theirs), daemon=True).start()
    return ours


def main(count: int, rounds: int) -> None:
    users = prepare(count)
    asterisk = Asterisk()
    telephones = beside(telephone, asterisk.people, asterisk.sip, list(users))
    pages = beside(watch, {number: user.pk for number, user in users.items()})
    # Telephones whose numbers end so ring and nobody picks up.
    desks = {"CLIENTELA_ASTERISK_DESK": "PJSIP/desk-{station}000@trunk"}
    exchange = from_environment(Sounds(), asterisk.settings() | desks)
    woken, over = threading.Event(), threading.Event()
    told: list[float] = []
    shown: list[float] = []
    board = threading.Thread(target=_switchboard, args=(exchange, woken, over), daemon=True)
    try:
        exchange.start(StoringDesk(wake=woken.set))
        while not exchange.connected:
            time.sleep(0.05)
        board.start()
        for _round in range(rounds):
            pages.send("look")
            pages.recv()
            telephones.send("call")
            began = telephones.recv()
            if not pages.poll(30):
                pages.send("enough")
            seen, read = pages.recv()
            told += [at - began[number] for number, at in seen.items()]
            shown += [at - began[number] for number, at in read.items()]
            telephones.send("hang up")
            deadline = time.monotonic() + 30
            while Call.objects.live().exists() and time.monotonic() < deadline:
                time.sleep(0.1)
    finally:
        over.set()
        board.join(5)
        exchange.close()
        for end in (pages, telephones):
            end.send(None)
        asterisk.stop()
        connection.close()
    print(f"{count} calls at once, {rounds} rounds: {len(shown)} of {count * rounds} cards came up")
    show("INVITE to the live update of the agent's page", told)
    show("INVITE to the card read", shown)
    sys.exit(0 if len(shown) == count * rounds else 1)


def _switchboard(exchange, woken: threading.Event, over: threading.Event) -> None:  # type: ignore[no-untyped-def]
    while not over.is_set():
        woken.wait(0.1)
        woken.clear()
        turn(exchange, now=datetime.now(UTC))
    connections.close_all()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
