"""The policies of the demo clients: chains of yearly terms, where each stands today, and why.

Every chain ends on a day of its own. Chains of sellers below the norm are laid so that on each of
the next sixty days every product, in its first and in later years, with and without a renewal
centre, has a term that nothing stops: each step of the shipped schedules has work from day one.
"""

import random
from bisect import bisect_right
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from clientela.demo import figures
from clientela.demo.company import Staff
from clientela.demo.contracts import Portfolio, Term, Thing
from clientela.demo.figures import FIGURES, Ranges, Weighted
from clientela.demo.losses import add_losses
from clientela.demo.numbers import MORTGAGE, Numbers
from clientela.demo.organisation import BRANCHES
from clientela.demo.people import Person
from clientela.demo.pipeline import settle
from clientela.demo.vehicles import Garage
from clientela.foundation.dates import add_years
from clientela.foundation.regions import BY_CODE

HORIZON = 60
MOST_RENEWALS = 5
KNOWN_RENEWALS = 3  # of longer chains three to five renewals are kept
PROSPECT_SHARE = 0.02
OFFICE_SHARE = 0.015
UNLIKELY_OSAGO_ALONE = {"van": 0.85, "motorcycle": 0.9, "tractor": 0.9}
FLEET = {1: 0.45, 2: 0.22, 3: 0.13, 5: 0.1, 8: 0.06, 12: 0.04}
INSTALMENT_SHARE = FIGURES["half_yearly_share"]


@dataclass(slots=True)
class Chain:
    """One contract through the years, before it is laid out into terms."""

    client: int
    agent: int
    products: tuple[str, ...]
    thing: int
    premiums: tuple[int, ...]
    sum_insured: int = 0
    bank: str = ""

    @property
    def block(self) -> str:
        return "motor" if self.products[0] in {"kasko", "osago"} else "property"

    @property
    def key(self) -> str:
        return "+".join(self.products) + ("-sber" if self.bank == "sber" else "")


class PortfolioMaker:
    """Makes the contracts of given people and sellers. One seed gives one portfolio."""

    def __init__(self, seed: int, today: date, people: list[Person], staff: Staff) -> None:
        self._rng = random.Random(f"portfolio {seed}")
        self._today = today
        self._people = people
        self._agents = staff.agents
        self._garage = Garage(seed, today.year)
        self.numbers = Numbers()
        self._book = Portfolio()
        self._seniority = Ranges(FIGURES["seniority_years"])
        self._counts = Ranges(FIGURES["motor_policies_a_client"])
        self._kinds = Weighted(FIGURES["vehicle_type"])
        self._cover = Weighted(figures.MOTOR_COVER)
        self._fleet = Weighted(FLEET)
        self._months = list(accumulate(FIGURES["renewal_month"]))
        self._laid: dict[tuple[str, bool, bool], int] = defaultdict(int)
        self._banks = Weighted({"vtb": 0.4, "alfa": 0.15, "dom": 0.2, "gazprombank": 0.15, "other": 0.1})

    def portfolio(self) -> Portfolio:
        """All contracts, then quotes, projects, losses and claims on them."""
        self._book.agent_of = self._share_out()
        for client in range(len(self._people)):
            for chain in self._chains(client):
                self._lay(chain)
        settle(self._book, self._agents, self._rng, self._today, self.numbers, self.region_number)
        add_losses(self._book, self._people, self._rng, self._today)
        return self._book

    def region_number(self, client: int) -> str:
        """Two digits of the region of the branch that serves ``client``."""
        return BY_CODE[BRANCHES[self._people[client].branch].regions[0]].number

    def _share_out(self) -> list[int]:
        """The agent of every client; a household has one, a few clients none."""
        sellers: dict[int, tuple[list[int], list[float]]] = {}
        for branch in range(len(BRANCHES)):
            members = [i for i, agent in enumerate(self._agents) if agent.branch == branch and agent.active]
            sellers[branch] = (members, list(accumulate(self._agents[i].weight for i in members)))
        chosen: list[int] = []
        household = agent = -1
        for person in self._people:
            if person.household != household:
                members, weights = sellers[person.branch]
                household = person.household
                agent = members[bisect_right(weights, self._rng.random() * weights[-1])]
                if self._rng.random() < OFFICE_SHARE:
                    agent = -1
            chosen.append(agent)
        return chosen

    def _chains(self, client: int) -> list[Chain]:
        rng, person = self._rng, self._people[client]
        if rng.random() < PROSPECT_SHARE:
            return []
        chains: list[Chain] = []
        vehicles = self._vehicle_count(person)
        for _ in range(vehicles):
            chains.append(self._motor(client))
        if person.company:
            return chains
        for product, share in figures.PROPERTY_SHARE.items():
            if rng.random() < share:
                chains.append(self._property(client, product))
        for bank, share in figures.MORTGAGE_SHARE.items():
            if rng.random() < share:
                chains.append(self._mortgage(client, bank if bank == "sber" else self._banks.draw(rng)))
        return chains or [self._property(client, rng.choice(("305", "354")))]

    def _vehicle_count(self, person: Person) -> int:
        if person.company:
            return int(self._fleet.draw(self._rng))
        return 0 if self._rng.random() < figures.NO_MOTOR_SHARE else self._counts.draw(self._rng)

    def _motor(self, client: int) -> Chain:
        rng, person = self._rng, self._people[client]
        kind = self._kinds.draw(rng)
        cover = "osago" if rng.random() < UNLIKELY_OSAGO_ALONE.get(kind, 0) else self._cover.draw(rng)
        vehicle = self._garage.vehicle(person.region, kind=kind, kasko=cover != "osago")
        quantiles = FIGURES["premium_eur"][kind]
        osago = _kopecks(figures.draw_quantile(quantiles, rng) * figures.RUB_PER_EUR_PREMIUM["osago"])
        share = 0.025 + 0.03 * rng.random() if kind != "tractor" else 0.012
        kasko = _kopecks(max(vehicle.value * share, 6000.0))
        self._book.things.append(
            Thing(client, "vehicle", vehicle.title, value=vehicle.value * 100, vehicle=vehicle)
        )
        place = len(self._book.things) - 1
        agent = self._book.agent_of[client]
        if cover == "kasko_osago":
            return Chain(client, agent, ("kasko", "osago"), place, (kasko, osago), vehicle.value * 100)
        premium = kasko if cover == "kasko" else osago
        return Chain(
            client, agent, (cover,), place, (premium,), vehicle.value * 100 if cover == "kasko" else 0
        )

    def _home(self, client: int, kind: str) -> tuple[int, int]:
        rng, person = self._rng, self._people[client]
        value = int(figures.draw_quantile(figures.FLAT_PRICE_QUANTILES, rng) / 10_000) * 10_000
        address = f"{person.city}, {person.street}"
        title = ("Дом, " if kind == "house" else "Квартира, ") + address
        self._book.things.append(Thing(client, kind, title, address, value * 100))
        return len(self._book.things) - 1, value

    def _property(self, client: int, product: str) -> Chain:
        rng = self._rng
        thing, value = self._home(client, "house" if rng.random() < 0.28 else "flat")
        insured = max(500_000, int(value * rng.uniform(0.2, 0.7) / 50_000) * 50_000)
        premium = _kopecks(insured * rng.uniform(*figures.PROPERTY_RATE))
        return Chain(client, self._book.agent_of[client], (product,), thing, (premium,), insured * 100)

    def _mortgage(self, client: int, bank: str) -> Chain:
        rng = self._rng
        thing, value = self._home(client, "flat")
        balance = int(value * rng.uniform(*figures.MORTGAGE_BALANCE_SHARE) / 1000) * 1000
        premium = _kopecks(balance * rng.uniform(*figures.MORTGAGE_RATE))
        return Chain(client, self._book.agent_of[client], (MORTGAGE,), thing, (premium,), balance * 100, bank)

    def _lay(self, chain: Chain) -> None:
        """Turn a chain into terms: past ones, and the current one unless the client left."""
        rng = self._rng
        renewals = self._seniority.draw(rng)
        if renewals > KNOWN_RENEWALS:
            renewals = rng.randint(KNOWN_RENEWALS, MOST_RENEWALS)
        offset = self._forced_day(chain, first=renewals == 0)
        clean = offset is not None
        end = self._today + timedelta(days=offset) if offset is not None else self._own_day()
        rate = self._agents[chain.agent].rates[chain.block] if chain.agent >= 0 else 0.6
        lapsed = renewals > 0 and not clean and rng.random() > rate
        growth = rng.uniform(-0.03, 0.13)
        instalments = 2 if chain.products[0] == "kasko" and rng.random() < INSTALMENT_SHARE else 1
        ends = [add_years(end, -back) for back in range(renewals, -1, -1)]
        starts = [add_years(ends[0], -1) + timedelta(days=1), *(day + timedelta(days=1) for day in ends[:-1])]
        if lapsed:
            ends.pop()
        previous = [-1] * len(chain.products)
        number = ""
        for year, last in enumerate(ends):
            package = -1
            for place, product in enumerate(chain.products):
                premium = (
                    round(chain.premiums[place] / (1 + growth) ** (renewals - year) / 100 + rng.random())
                    * 100
                )
                if product != MORTGAGE or not number:
                    number = self.numbers.next(product, self.region_number(chain.client), starts[year].year)
                premium += rng.randrange(100)
                term = Term(
                    number, product, chain.client, chain.agent, chain.thing, starts[year], last, premium, year,
                    self._issued(starts[year]), chain.bank, package, previous[place],
                    chain.sum_insured if product != "osago" else 40_000_000,
                    instalments if product == "kasko" else 1, self._channel(chain.agent),
                )  # fmt: skip
                self._book.terms.append(term)
                previous[place] = len(self._book.terms) - 1
                package = previous[0] if place == 0 and len(chain.products) > 1 else -1
        if clean:
            self._book.clean.update(index for index in previous if index >= 0)

    def _forced_day(self, chain: Chain, *, first: bool) -> int | None:
        """One of the next sixty days for a chain that nothing may stop, else None."""
        if chain.agent < 0 or not self._unstopped(chain):
            return None
        supported = chain.block == "motor" and self._agents[chain.agent].supported
        group = (chain.key, first, supported)
        place = self._laid[group]
        self._laid[group] = place + 1
        # Of later years every second chain, for there are many: the others keep days of their own.
        day, other = (place, 0) if first else divmod(place, 2)
        return day if not other and day <= HORIZON else None

    def _unstopped(self, chain: Chain) -> bool:
        """Whether neither the seller's norm nor the client's wishes and channels stop the chain's touches."""
        agent, person = self._agents[chain.agent], self._people[chain.client]
        judged = chain.products[0] != MORTGAGE
        if judged and (agent.keeps_norm or agent.rates[chain.block] > 0.75):
            return False
        if person.do_not_contact or any(point.bad or point.do_not_use for point in person.points):
            return False
        needed = {"phone", "email", "vk"} if agent.supported and chain.block == "motor" else {"phone"}
        refused = {"sms", "call"} if needed == {"phone"} else {"sms", "call", "email", "vk"}
        return needed <= {point.kind for point in person.points} and not refused & set(person.refused)

    def _own_day(self) -> date:
        """End day within the coming year by the months in which real contracts renew."""
        rng = self._rng
        month = min(bisect_right(self._months, rng.random() * self._months[-1]), 11) + 1
        day = date(self._today.year, month, 1)
        day += timedelta(days=rng.randrange(monthrange(day.year, month)[1]))
        return day if day >= self._today else add_years(day, 1)

    def _issued(self, start: date) -> datetime:
        days = int(self._rng.random() ** 2 * 21)
        return datetime.combine(start - timedelta(days=days), time(5, 30)) + timedelta(
            minutes=self._rng.randrange(600)
        )

    def _channel(self, agent: int) -> str:
        if agent < 0:
            return "office"
        return "broker" if self._agents[agent].kind == "broker" else "agent"


def _kopecks(roubles: float) -> int:
    return max(round(roubles * 100), 100)
