"""The sellers and staff of «Причал Страхование», the same for the same seed."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from clientela.demo.figures import Weighted
from clientela.demo.name_tables import Names, feminine
from clientela.demo.organisation import (
    AGENTS,
    BRANCHES,
    CENTRE_SUPPORT_SHARE,
    CENTRES,
    MAIL_DOMAIN,
    NAMED_AGENTS,
    NAMED_STAFF,
    NAMED_TEAM,
    OPERATORS_A_CENTRE,
)
from clientela.demo.people import latin
from clientela.demo.phones import agent_phone
from clientela.foundation.regions import BY_CODE

LEGAL_STATUSES = {"individual": 0.42, "self_employed": 0.30, "entrepreneur": 0.22, "company": 0.06}
BROKER_SHARE = 0.08
INACTIVE_SHARE = 0.03
KEEPS_NORM_SHARE = 0.46
# Chance that a term of the agent's is renewed: clearly above or clearly below the norms of 75 and 80 %.
RATES = {
    True: {"motor": (0.82, 0.95), "property": (0.86, 0.96)},
    False: {"motor": (0.44, 0.67), "property": (0.5, 0.71)},
}
SPECIALISATIONS = ("kasko", "osago", "property", "mortgage")


@dataclass(slots=True)
class DemoAgent:
    """A seller. ``rates`` is how likely a term renews by block; ``weight`` how big the book is."""

    last: str
    first: str
    middle: str
    branch: int
    team: str
    supported: bool
    agreement: str
    agreed_on: date
    kind: str
    status: str
    phone: str
    email: str
    keeps_norm: bool
    rates: dict[str, float]
    weight: float
    specialisations: tuple[str, ...]
    active: bool = True
    confirmed_days_ago: int = 0


@dataclass(slots=True)
class Member:
    """A member of staff who signs in."""

    role: str
    last: str
    first: str
    middle: str
    email: str
    zone: str
    branch: str | None = None
    team: str | None = None
    centre: str | None = None


@dataclass(slots=True)
class Staff:
    """Everybody: agents in order of their index, and members of staff."""

    agents: list[DemoAgent] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)


def make_staff(seed: int, today: date, agents: int = AGENTS) -> Staff:
    """Agents spread over the branches by their share, staff of every role."""
    return _Maker(seed, today).staff(agents)


class _Maker:
    def __init__(self, seed: int, today: date) -> None:
        self._rng = random.Random(f"company {seed}")
        self._names = Names(self._rng)
        self._today = today
        self._mails: set[str] = set()
        self._status = Weighted(LEGAL_STATUSES)

    def staff(self, agents: int) -> Staff:
        staff = Staff()
        for last, first, middle, agreement, kind, supported in NAMED_AGENTS:
            named = self._agent(len(staff.agents), 0, NAMED_TEAM, (last, first, middle), kind, supported)
            named.agreement, named.weight, named.active = agreement, 0.85, True
            staff.agents.append(named)
        wanted = [max(round(facts.share * agents), 1) for facts in BRANCHES]
        wanted[0] = max(agents - sum(wanted[1:]) - len(NAMED_AGENTS), 0)
        for branch, facts in enumerate(BRANCHES):
            for number in range(wanted[branch]):
                name = self._name(facts.regions[0])
                kind = "broker" if self._rng.random() < BROKER_SHARE else "agent"
                supported = self._rng.random() < CENTRE_SUPPORT_SHARE
                team = facts.teams[number % len(facts.teams)]
                agent = self._agent(len(staff.agents), branch, team, name, kind, supported)
                agent.active = agent.active or number == 0  # every branch has somebody who sells
                staff.agents.append(agent)
        self._members(staff)
        return staff

    def _agent(
        self, index: int, branch: int, team: str, name: tuple[str, str, str], kind: str, supported: bool
    ) -> DemoAgent:
        rng = self._rng
        keeps = index in {1, 4} or (index not in {0, 3} and rng.random() < KEEPS_NORM_SHARE)
        rates = {block: rng.uniform(*bounds) for block, bounds in RATES[keeps].items()}
        if index == 0:  # the agent of the screens keeps the property norm and misses the motor one
            rates["property"] = 0.93
        number = BY_CODE[BRANCHES[branch].regions[0]].number
        return DemoAgent(
            *name, branch=branch, team=team, supported=supported,
            agreement=f"{number}-{'Б-' if kind == 'broker' else ''}{1000 + index * 13 % 9000:05d}",
            agreed_on=self._today - timedelta(days=200 + int(rng.random() ** 1.5 * 4200)), kind=kind,
            status="company" if kind == "broker" else self._status.draw(rng), phone=agent_phone(index),
            email=self._mail(name[1], name[0]), keeps_norm=keeps, rates=rates, weight=rng.lognormvariate(0, 0.45),
            specialisations=tuple(what for what in SPECIALISATIONS if rng.random() < 0.7) or ("osago",),
            active=rng.random() >= INACTIVE_SHARE, confirmed_days_ago=int(rng.random() ** 2 * 620),
        )  # fmt: skip

    def _members(self, staff: Staff) -> None:
        for role, last, first, middle, branch, team, centre in NAMED_STAFF:
            staff.members.append(self._member(role, (last, first, middle), branch, team, centre))
        for facts in BRANCHES:
            if facts.code != "kazan":
                staff.members.append(self._member("branch_head", self._name(facts.regions[0]), facts.code))
            for team in facts.teams:
                if team != NAMED_TEAM:
                    staff.members.append(
                        self._member("team_lead", self._name(facts.regions[0]), facts.code, team)
                    )
        for code, count in OPERATORS_A_CENTRE.items():
            for _ in range(count - (code == "volga")):
                staff.members.append(self._member("centre_operator", self._name("RU-MOW"), centre=code))
        for role in ("renewals_manager", "quality", "marketer"):
            staff.members.append(self._member(role, self._name("RU-MOW")))

    def _member(
        self, role: str, name: tuple[str, str, str], branch: str | None = None, team: str | None = None,
        centre: str | None = None,
    ) -> Member:  # fmt: skip
        zone = next((facts.zone for facts in BRANCHES if facts.code == branch), "Europe/Moscow")
        zone = next((its_zone for code, _, its_zone, _ in CENTRES if code == centre), zone)
        return Member(
            role,
            *name,
            email=self._mail(name[1], name[0]),
            zone=zone,
            branch=branch,
            team=team,
            centre=centre,
        )

    def _name(self, region: str) -> tuple[str, str, str]:
        sex = self._rng.choice("mff")
        culture = self._names.culture(region)
        year = self._rng.randint(1962, 1999)
        last = self._names.surname(culture)
        first, middle = self._names.given(sex, culture, year), self._names.patronymic(sex, culture, year)
        return (feminine(last) if sex == "f" else last), first, middle

    def _mail(self, first: str, last: str) -> str:
        local = latin(f"{first[:1]}.{last}")
        address, number = f"{local}@{MAIL_DOMAIN}", 2
        while address in self._mails:
            address, number = f"{local}{number}@{MAIL_DOMAIN}", number + 1
        self._mails.add(address)
        return address
