"""Who is called first, and why, in an order that an operator can read."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """All that puts an entry before another one. ``asked``: the client named this moment, or asked for a person."""

    id: int
    asked: bool = False
    ends_on: date | None = None
    premium: Decimal | None = None
    attempts: int = 0

    @property
    def key(self) -> tuple[bool, date, Decimal, int, int]:
        """Who asked for it first; then the nearest end, the higher premium, fewer attempts, the older entry."""
        return (
            not self.asked, self.ends_on or date.max, -(self.premium or Decimal(0)), self.attempts, self.id,
        )  # fmt: skip
