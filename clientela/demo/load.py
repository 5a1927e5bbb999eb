"""Putting the demo company into the database, in one transaction."""

import gc
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import connection
from django.utils import timezone

from clientela.demo import (
    book,
    calendars,
    callers,
    chats,
    classes,
    commission,
    dasha,
    deals,
    families,
    group,
    line,
    load_contracts,
    load_people,
    load_staff,
    opinions,
    papers,
    post,
    quotes,
    rents,
    requests,
    rooms,
    stations,
    talks,
    tariffs,
    telephones,
    territories,
    texts,
    training,
)
from clientela.demo.bulk import in_bulk, next_id, reset_sequences
from clientela.demo.company import Staff, make_staff
from clientela.demo.contracts import Portfolio
from clientela.demo.heroes import HEROES, add_heroes
from clientela.demo.history import write_history
from clientela.demo.organisation import AGENTS
from clientela.demo.people import Person, Population
from clientela.demo.portfolio import PortfolioMaker
from clientela.modules.billing.models import Instalment, Payment
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import (
    Address,
    Client,
    ContactPerson,
    ContactPoint,
    IdentityDocument,
    Note,
)
from clientela.modules.contacts.models import Consent
from clientela.modules.contracts.models import InsuredObject, Participant, Policy, Project, Quote
from clientela.modules.contracts.operations.portfolio import refresh_portfolio_facts

WRITTEN = (Client, ContactPoint, Address, IdentityDocument, ContactPerson, Note, Consent, InsuredObject, Policy,
           Participant, Quote, Project, Claim, Instalment, Payment)  # fmt: skip


@dataclass(slots=True)
class DemoCompany:
    """Everything made from one seed, before and while it is written.

    ``first`` holds the id of the first client, thing, term and so on: the id of any other is its place
    in its list added to that. ``agents`` and ``users`` are ids in the order of ``staff.agents``.
    """

    seed: int
    today: date
    now: datetime
    people: list[Person]
    staff: Staff
    portfolio: Portfolio
    rng: random.Random
    next_serials: dict[str, int]
    first: dict[str, int] = field(default_factory=dict)
    branches: list[int] = field(default_factory=list)
    centres: dict[int, int] = field(default_factory=dict)
    agents: list[int] = field(default_factory=list)
    users: list[int] = field(default_factory=list)
    products: dict[str, int] = field(default_factory=dict)
    banks: dict[str, int] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        """Now as naive UTC, the way bulk rows are written."""
        return self.now.astimezone(UTC).replace(tzinfo=None)

    def client_id(self, place: int) -> int:
        return self.first["client"] + place

    def term_id(self, place: int) -> int:
        return self.first["term"] + place

    def centre_of(self, agent: int) -> int | None:
        """Id of the renewal centre that supports agent number ``agent``."""
        if agent < 0 or not self.staff.agents[agent].supported:
            return None
        return self.centres[self.staff.agents[agent].branch]


@contextmanager
def _no_garbage_runs() -> Iterator[None]:
    """Millions of small objects that all stay: looking for garbage among them takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_garbage_runs()
def make_company(*, clients: int, seed: int, today: date, agents: int = AGENTS) -> DemoCompany:
    """The company in memory; the same arguments always give the same company."""
    people = Population(seed, today).clients(clients - len(HEROES))
    staff = make_staff(seed, today, agents)
    maker = PortfolioMaker(seed, today, people, staff)
    portfolio = maker.portfolio()
    add_heroes(people, portfolio, today)
    # Who opens the demo at night has a morning that is past already.
    now = min(datetime.combine(today, time(6, 40), tzinfo=UTC), timezone.now())
    serials = {
        product: maker.numbers.next_serial(product) for product in ("kasko", "osago", "305", "354", "555")
    }
    return DemoCompany(seed, today, now, people, staff, portfolio, random.Random(f"load {seed}"), serials)


@_no_garbage_runs()
def load(company: DemoCompany, say: Callable[[str], None] = lambda line: None) -> dict[str, int]:
    """Write ``company`` and what the product works out of it; returns rows by table."""
    counts: dict[str, int] = {}
    with in_bulk():
        load_staff.write(company)
        for name, model in (("client", Client), ("point", ContactPoint), ("thing", InsuredObject), ("term", Policy),
                            ("project", Project)):  # fmt: skip
            company.first[name] = next_id(model)
        for name, written in _steps(company):
            counts[name] = written
            say(f"{written:>9,} {name}")
        reset_sequences(WRITTEN)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        refresh_portfolio_facts(now=company.now)
        counts["relations"] = families.write(company)
        counts["classes of drivers"] = classes.write(company)
        counts["disputes of classes"] = classes.ask_and_dispute(company.now)
        for name, written in write_history(company).items():
            counts[name] = written
            say(f"{written:>9,} {name}")
        counts["conversations"] = talks.write(company.now) + chats.write(company.now)
        counts["calls"] = telephones.write(company.now)
        counts["places of work"] = stations.seat(company.now)
        counts["requests"] = requests.write(company.now, company.seed)
        counts["calls of the line"] = line.write(company.now)
        counts["calendar events"] = calendars.write(company.now)
        counts["chat messages"] = rooms.write(company.now)
        counts["templates"] = texts.write(company.now)
        counts["letters"] = post.write(company.now)
        counts["survey answers"] = opinions.write(company.now, company.seed)
        counts["calls of the robot"] = dasha.write(company.now, company.seed)
        counts["calling lists"] = callers.write(company.now, company.seed)
        counts["deals"] = deals.write(company.now, company.seed)
        counts["facts of sister companies"] = group.write(company.now, company.seed)
        counts["attempts at tests"] = training.write(company.now, company.seed)
        counts["territories of other towns"] = territories.write()
        counts["calculations"] = quotes.write(company.now)
        counts["drafts of tariffs"] = tariffs.write(company.now)
        counts["deliveries"] = papers.write(company.now)
        counts["terms renewed alone"] = rents.prepare(company.now, company.seed)
        counts["entries of commission"] = commission.write(company.now)
        counts["rents"] = rents.write(company.now)
        counts["entries of the sales book"] = book.write(company.now)
    return counts


def _steps(company: DemoCompany) -> Iterator[tuple[str, int]]:
    modules: tuple[Any, ...] = (load_people, load_contracts)
    for module in modules:
        for name, step in module.STEPS.items():
            yield name, step(company)
