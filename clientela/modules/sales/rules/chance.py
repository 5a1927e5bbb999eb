"""How likely a deal is won: the stage's own share, and readable reasons that add to it or take from it."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LEAST, MOST = 1, 99
MUCH_DEARER = Decimal(10)
LONG_WITH_US = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a deal and its client. ``price_change`` is percent to the last premium."""

    loyalty: str = ""
    temperature: str = ""
    years_with_us: int = 0
    price_change: Decimal | None = None
    from_client: bool = False
    over_norm: bool = False
    overdue: bool = False
    no_step: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence and the percentage points it is worth."""

    label: Promise
    points: int


@dataclass(frozen=True, slots=True)
class Chance:
    """Percent, and why; ``base`` is the share of the stage."""

    percent: int
    base: int
    reasons: tuple[Reason, ...]


def chance(base: int, facts: Facts) -> Chance:
    """The chance of a deal in a stage with the probability ``base`` percent."""
    change = facts.price_change
    weighed = (
        (change is not None and change < 0, Reason(_("Price below the last one"), 9)),
        (change is not None and change > MUCH_DEARER, Reason(_("Price grew by more than a tenth"), -9)),
        (facts.temperature == "hot", Reason(_("The client is hot"), 8)),
        (facts.temperature == "cold", Reason(_("The client is cold"), -6)),
        (facts.loyalty == "loyal", Reason(_("A loyal client"), 7)),
        (facts.years_with_us >= LONG_WITH_US, Reason(_("Five years with us and longer"), 6)),
        (facts.from_client, Reason(_("Came to us themselves"), 4)),
        (facts.over_norm, Reason(_("Longer in the stage than the norm"), -8)),
        (facts.overdue, Reason(_("The next step is overdue"), -5)),
        (facts.no_step, Reason(_("No next step"), -3)),
    )
    reasons = tuple(reason for holds, reason in weighed if holds)
    percent = base + sum(reason.points for reason in reasons)
    return Chance(max(LEAST, min(MOST, percent)), base, reasons)
