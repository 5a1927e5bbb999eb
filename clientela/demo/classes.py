"""The local registry of the demo company: a class for every client who drives, an April, and a few disputes."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from clientela.demo.bulk import write_rows
from clientela.modules.accounts.models import User
from clientela.modules.bonus_malus.drivers import Driver
from clientela.modules.bonus_malus.models import Recalculation, RegistryEntry
from clientela.modules.bonus_malus.operations import answer_dispute, ask_class, open_dispute, send_dispute
from clientela.modules.bonus_malus.queries import driver_of
from clientela.modules.bonus_malus.rules import next_class, rank, season_of
from clientela.modules.clients.models import Client

if TYPE_CHECKING:
    from clientela.demo.load import DemoCompany

# Claims of one year for the driver's fault: one in twenty policies, seldom two.
CLAIMS = (0,) * 38 + (1, 1, 2)
COLUMNS = ("key", "last_name", "first_name", "middle_name", "birth_date", "licence", "client_id", "klass", "since",
           "previous_klass")  # fmt: skip
ASKED = 12
REASONS = (
    "Поменяла права в марте, класс сбросился до третьего. Ездит без аварий с 2009 года.",
    "Сменила фамилию после свадьбы, история осталась на прежней.",
    "Авария была у водителя с тем же именем, наш клиент в ней не участвовал.",
    "В прошлом полисе класс был на два выше, справка приложена.",
)


def write(company: "DemoCompany") -> int:
    """Entries of the registry; returns how many."""
    moves: Counter[tuple[str, str]] = Counter()
    since = season_of(company.today)
    written = write_rows(RegistryEntry, COLUMNS, _entries(company, since, moves))
    _report(since, moves)
    return written


def _entries(
    company: "DemoCompany", since: date, moves: "Counter[tuple[str, str]]"
) -> Iterator[tuple[Any, ...]]:
    draw = random.Random(f"classes {company.seed}")
    for place, person in enumerate(company.people):
        if not (person.licence and person.licence_since and person.born):
            continue
        driver = Driver(person.last, person.first, person.middle, person.born, person.licence)
        before = klass = "3"
        for _year in range(min((since - person.licence_since).days // 365, 15)):
            before, klass = klass, next_class(klass, draw.choice(CLAIMS))
        moves[before, klass] += 1
        yield (driver.key, person.last, person.first, person.middle, person.born, person.licence,
               company.client_id(place), klass, since, before)  # fmt: skip


def _report(since: date, moves: "Counter[tuple[str, str]]") -> None:
    began = datetime.combine(since, time(0, 30), tzinfo=ZoneInfo(settings.TIME_ZONE))
    steps = Counter({"better": 0, "worse": 0, "same": 0})
    for (before, after), count in moves.items():
        step = rank(before) - rank(after)
        steps["same" if not step else "better" if step < 0 else "worse"] += count
    Recalculation.objects.create(
        year=since.year, started_at=began, finished_at=began + timedelta(minutes=2), drivers=moves.total(),
        moves={f"{before}>{after}": count for (before, after), count in moves.items()}, **steps,
    )  # fmt: skip


def ask_and_dispute(now: datetime) -> int:
    """Some classes asked for and four of them disputed, as a day of work leaves them; returns how many."""
    entries = RegistryEntry.objects.filter(client__agent__isnull=False).order_by("-client_id")[:ASKED]
    disputes = 0
    for number, entry in enumerate(entries):
        assert entry.client_id is not None
        client = Client.objects.select_related("agent").get(pk=entry.client_id)
        driver, at = driver_of(client), now - timedelta(days=2 + number, hours=number % 5)
        if driver is None or client.agent is None or client.agent.user_id is None:
            continue
        person = User.objects.get(pk=client.agent.user_id)
        lookup = ask_class(driver, now.date() + timedelta(days=10), now=at, actor=person, client_id=client.pk)
        if disputes == len(REASONS) or lookup.klass == "13":
            continue
        dispute = open_dispute(
            actor=person, now=at, client=client, lookup=lookup, claimed_klass="13", reason=REASONS[disputes]
        )
        disputes += 1
        if disputes > 1:
            send_dispute(actor=person, now=at + timedelta(hours=3), dispute=dispute)
        if disputes > 2:
            klass, words = (
                ("13", "Истории объединены.") if disputes == 3 else (lookup.klass, "Сведения верны.")
            )
            answer_dispute(
                actor=person, now=at + timedelta(days=1), dispute=dispute, klass=klass, answer=words
            )
    return disputes
