"""Families of the demo company: who lives together is tied as people of that age and sex would be."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from clientela.demo.bulk import write_rows
from clientela.demo.heroes import HEROES
from clientela.demo.people import Person
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, LifeEvent, Relation
from clientela.modules.clients.operations import add_belonging, note_life_event, relate
from clientela.modules.clients.operations.answers import Said, keep_answers

if TYPE_CHECKING:
    from clientela.demo.load import DemoCompany

COLUMNS = ("client_id", "kind", "other_id", "source", "created_at")
EVENTS = (
    ("car", 12, "Выбирает кроссовер, спрашивала про КАСКО"),
    ("loan_end", 20, "Последний платёж по ипотеке"),
    ("wedding", 6, "Свадьба дочери"),
    ("travel", 9, "Летят в Турцию всей семьёй"),
    ("child", -14, "Родился внук"),
)


def write(company: "DemoCompany") -> int:
    """Ties between clients of one household, and the family of the first named client; returns how many."""
    written = write_rows(Relation, COLUMNS, _ties(company))
    return written + _vera(company)


def _ties(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    homes: dict[int, list[tuple[int, Person]]] = defaultdict(list)
    for place, person in enumerate(company.people[: len(company.people) - len(HEROES)]):
        if person.born and not person.company:
            homes[person.household].append((company.client_id(place), person))
    for home in homes.values():
        if len(home) < 2:
            continue
        home.sort(key=lambda one: one[1].born or date.max)
        (first, eldest), *others = home
        married = False
        for pk, person in others:
            years = _years(eldest, person)
            if years >= 17:
                yield pk, "parent", first, "policy", company.moment
            elif person.sex != eldest.sex and not married:
                married = True
                yield first, "spouse", pk, "policy", company.moment
            elif person.last[:4] == eldest.last[:4]:
                yield first, "sibling", pk, "policy", company.moment


def _years(eldest: Person, younger: Person) -> float:
    assert eldest.born is not None
    assert younger.born is not None
    return (younger.born - eldest.born).days / 365.25


def _vera(company: "DemoCompany") -> int:
    """The first named client as her agent knows her; a few more events for the agent's day."""
    places = range(len(company.people) - len(HEROES), len(company.people))
    rows = Client.objects.select_related("agent").in_bulk([company.client_id(place) for place in places])
    heroes = [rows[company.client_id(place)] for place in places]
    vera, now, today = heroes[0], company.now, company.today
    if vera.agent is None or vera.agent.user_id is None:
        return 0
    who: dict[str, Any] = {"actor": User.objects.get(pk=vera.agent.user_id), "now": now}
    tied = [
        relate(**who, client=vera, kind="spouse", name="Орлов Игорь Сергеевич", birth_date=date(1981, 12, 3), source="talk"),
        relate(**who, client=vera, kind="child", name="Орлова Соня", birth_year=today.year - 11, source="talk", note="плавание, 4 класс"),
        relate(**who, client=vera, kind="referrer", other=heroes[4], source="talk"),
        relate(**who, client=vera, kind="sibling", other=heroes[8], source="talk", note="вместе ездят на дачу"),
    ]  # fmt: skip
    add_belonging(
        **who, client=vera, kind="house", title="Дача в Займище", insured_until=today + timedelta(days=70)
    )
    said = (("interests", "Интересы", "Interests", "горные лыжи, сад"), ("habits", "Привычки", "Habits", "отвечает в мессенджере вечером"))  # fmt: skip
    keep_answers(**who, client=vera, answers=[Said(key, ru, en, "text", value) for key, ru, en, value in said], source="card")  # fmt: skip
    own = [client for client in heroes if client.agent_id == vera.agent_id]
    for number, (kind, days, note) in enumerate(EVENTS):
        remind = today + timedelta(days=number - 1) if days > 0 else None
        note_life_event(
            **who, client=own[number % len(own)], kind=LifeEvent.Kind(kind), on=today + timedelta(days=days), remind_on=remind,
            note=note, source="talk",
        )  # fmt: skip
    return len(tied)
