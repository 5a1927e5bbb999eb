"""What the demo portfolio is made of: plain columns that a loader can write anywhere.

Clients, agents and things are referred to by their place in their list, terms likewise; ``-1`` is none.
Money is whole kopecks. Moments are naive UTC.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from clientela.demo.vehicles import Vehicle


@dataclass(slots=True)
class Thing:
    """An insured vehicle, flat or house."""

    client: int
    kind: str
    title: str
    address: str = ""
    value: int = 0
    vehicle: Vehicle | None = None
    sold_on: date | None = None


@dataclass(slots=True)
class Term:
    """One policy term. ``year`` is 0 for a new contract; ``package`` the KASKO term an OSAGO goes with."""

    number: str
    product: str
    client: int
    agent: int
    thing: int
    start: date
    end: date
    premium: int
    year: int
    issued_at: datetime
    bank: str = ""
    package: int = -1
    previous: int = -1
    sum_insured: int = 0
    instalments: int = 1
    channel: str = "agent"
    losses: int = 0
    loss_paid: int = 0


@dataclass(slots=True)
class DemoQuote:
    """A kept price for the term after ``term``."""

    term: int
    premium: int
    created_at: datetime
    by_agent: int
    note: str = ""


@dataclass(slots=True)
class DemoProject:
    """A prepared next term; ``next_term`` is the policy it became."""

    term: int
    premium: int
    carried: int
    state: str
    created_at: datetime
    by_agent: int
    next_term: int = -1
    reason: str = ""


@dataclass(slots=True)
class DemoClaim:
    """A loss under a term."""

    term: int
    occurred_on: date
    reported_at: datetime
    status: str
    amount: int
    description: str
    disputed_since: date | None = None


@dataclass(slots=True)
class DemoParticipant:
    """A driver, owner or beneficiary of a term; ``client`` when we know the person."""

    term: int
    role: str
    name: str
    client: int = -1
    born: date | None = None
    experience_since: date | None = None


@dataclass(slots=True)
class Loss:
    """Why a term was not renewed; ``at`` is when somebody learned it."""

    term: int
    reason: str
    at: datetime


@dataclass(slots=True)
class Portfolio:
    """Everything the clients hold, and what became of it."""

    agent_of: list[int] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    quotes: list[DemoQuote] = field(default_factory=list)
    projects: list[DemoProject] = field(default_factory=list)
    claims: list[DemoClaim] = field(default_factory=list)
    participants: list[DemoParticipant] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    # Terms that nothing stops: one for each step of the shipped schedules on each coming day.
    clean: set[int] = field(default_factory=set)
