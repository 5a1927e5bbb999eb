"""What keeps the classes of all drivers, and who knows the claims of a year."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from clientela.modules.bonus_malus.drivers import Key


@dataclass(frozen=True, slots=True)
class Answer:
    """The class under one key; ``previous`` is that of the year before, where the registry tells it."""

    klass: str
    since: date | None = None
    previous: str = ""


class RegistryDown(Exception):
    """No usable answer now: too slow, out of reach, or not understood. Worth asking again."""


class RegistryRefused(Exception):
    """The registry does not accept what it was asked; asking the same again helps nobody."""


class Registry(Protocol):
    """Keeps the class of every driver in the country."""

    name: str
    remote: bool  # whether asking leaves this machine: never done inside a transaction

    def ask(self, key: Key, on: date) -> Answer | None:
        """The class on this day; None for a driver it does not know. Raises RegistryDown, RegistryRefused."""


ClaimCounts = Callable[[Iterable[int], date, date], dict[int, int]]
_counts: list[ClaimCounts] = []


def count_claims_by(counts: ClaimCounts) -> None:
    """``counts(client ids, first day, last day)``: claims of each client who was insured (config/subscriptions)."""
    _counts[:] = [counts]


def claims_of(clients: Iterable[int], since: date, until: date) -> dict[int, int]:
    """Claims paid for the fault of those of these clients who were insured in these days; the others are not named."""
    return _counts[0](clients, since, until) if _counts else {}
