"""From INVITE to the card on the screen of the person who is rung, on a real Asterisk, so many calls at once.

``CLIENTELA_DATABASE_URL=… python -m benchmarks.screen_pop [calls at once] [rounds]``

Each caller has an agent of their own who is at work. Counted to the moment at which the reader of live updates, at its
own pace, has the topic of the agent's open page, and to the moment at which that page has read the card. Goal: p95 500 ms.
"""

import sys
import threading
import time
from datetime import UTC, date, datetime

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
from tests.servers.sip import People

OURS = "74951234567"


def prepare(count: int) -> dict[str, User]:
    """So many agents at work, each with one client; by the number from which the client calls."""
    base.ready(1000, date(2026, 11, 18))
    branch, now = Branch.objects.order_by("id")[0], timezone.now()
    Number.objects.get_or_create(value=f"+{OURS}", defaults={"label": "x", "branch": branch})
    found: dict[str, User] = {}
    for n in range(count):
        number = f"7916{n:07}"
        user = User.objects.create_user(
            f"pop{n}@prichal.example", "x", first_name="Агент", last_name=f"{n}", role=Role.AGENT
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


class Pages:
    """The open pages of all agents: told by the reader of live updates, each reads its card."""

    def __init__(self, people: dict[str, User]) -> None:
        self.people = {f"calls:{user.pk}": number for number, user in people.items()}
        self.users = people
        self.told: dict[str, float] = {}
        self.shown: dict[str, float] = {}
        self.stopping = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        last = live._newest()
        while not self.stopping.wait(live.POLL_SECONDS):
            last, topics = live._since(last)
            at = time.monotonic()
            for number in [self.people[topic] for topic in topics if topic in self.people]:
                self.told.setdefault(number, at)
                if number not in self.shown and any(card.rings for card in cards(self.users[number])):
                    self.shown[number] = time.monotonic()
        connections.close_all()


def main(count: int, rounds: int) -> None:
    users = prepare(count)
    asterisk = Asterisk()
    people = People(asterisk.people, asterisk.sip, ears=False)
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
            pages = Pages(users)
            calls = {number: people.call(OURS, from_=number) for number in users}
            deadline = time.monotonic() + 30
            while len(pages.shown) < count and time.monotonic() < deadline:
                time.sleep(0.01)
            pages.stopping.set()
            told += [
                pages.told[number] - call.began for number, call in calls.items() if number in pages.told
            ]
            shown += [
                pages.shown[number] - call.began for number, call in calls.items() if number in pages.shown
            ]
            for call in calls.values():
                call.hang_up()
            while Call.objects.live().exists() and time.monotonic() < deadline + 30:
                time.sleep(0.1)
    finally:
        over.set()
        board.join(5)
        exchange.close()
        people.stop()
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
