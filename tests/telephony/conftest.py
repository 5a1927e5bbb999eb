"""A company with telephones: the local exchange, told and asked in turn, without waiting for threads."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clientela.foundation.outbox.operations import deliver
from clientela.integrations.local.exchange import LocalExchange
from clientela.modules.accounts.models import User
from clientela.modules.calls.handsets import Handset
from clientela.modules.calls.models import Call, Menu, Number
from clientela.modules.calls.operations.desk import StoringDesk
from clientela.modules.calls.tasks import turn
from clientela.modules.routing.operations import note_seen, route_waiting, tend

BRANCH, SHORT = "+78432000900", "*0999"


class Office:
    """`exchange` and its desk; `now` moves only when told to."""

    def __init__(self, path: Path, now: datetime) -> None:
        self.now = now
        self.exchange = LocalExchange(path, clock=lambda: self.now.timestamp())
        self.desk = StoringDesk(clock=lambda: self.now)

    def settle(self, seconds: float = 0) -> None:
        """Let `seconds` pass, then everything happen that follows."""
        self.now += timedelta(seconds=seconds)
        self.exchange.pass_time()
        note_seen(list(User.objects.values_list("pk", flat=True)), now=self.now)  # everybody's page is open
        while self._step():
            pass

    def _step(self) -> int:
        tend(limit=100, now=self.now)
        route_waiting(limit=100, now=self.now)
        done = deliver(worker="test", now=self.now, lease=timedelta(minutes=1))
        return done + turn(self.exchange, now=self.now) + self.exchange.deliver(self.desk)

    def restart(self) -> None:
        """The worker comes back and hears what is alive."""
        self.desk.connected(self.exchange._greet())
        self.settle()

    def call_in(self, number: str, to: str = BRANCH) -> Call:
        line = self.exchange.call(number, to)
        self.settle()
        return Call.objects.get(lines__line=line)

    def phone(self, number: str) -> Handset:
        return self.exchange.handsets(number)[0]

    def rings(self, person) -> bool:
        return any(not handset.up for handset in self.exchange.handsets(f"desk:{person.pk}"))

    def lift(self, number: str) -> None:
        self.exchange.pick_up(self.phone(number).line)
        self.settle()

    def put_down(self, number: str) -> None:
        self.exchange.put_down(self.phone(number).line)
        self.settle()

    def dial(self, number: str, key: str) -> None:
        self.exchange.dial(self.phone(number).line, key)
        self.settle()

    def talk(self, number: str) -> set[str]:
        """Who hears this telephone."""
        return self.exchange.hears(self.phone(number).line)


@pytest.fixture
def office(db, tmp_path, now, kazan, volga) -> Office:
    menu = Menu.objects.create(
        name="Главное", greeting="Здравствуйте! Это Причал. Нажмите 1: агент, 2: перезвоните мне.", updated_at=now,
        keys=[
            {"key": "1", "do": "owner", "words": "Вопрос агенту"},
            {"key": "2", "do": "call_back", "words": "Перезвоните"},
        ],
    )  # fmt: skip
    Number.objects.create(value=BRANCH, label="Казань", branch=kazan, menu=menu)
    Number.objects.create(value=SHORT, label="Центр возобновления", by_region=True)
    return Office(tmp_path / "exchange.sqlite3", now)


def desk(person) -> str:
    return f"desk:{person.pk}"
