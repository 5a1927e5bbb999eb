"""When a rent is due, how much it is, and for how long it may wait. Pure calculation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from clientela.foundation.money import ZERO, Money, kopecks
from clientela.modules.commission.rules import earned, taken_back

# Sent back this often by the branch, the next answer goes to the head office.
RETURNS = 2
# A calculation that names no expiring term speaks of one this long.
QUOTE_DAYS = 90


class Check(TextChoices):
    """What must be so for a rent, in the order in which it is read."""

    FIRST = "first", _("The first contract was written by the agent")
    ALONE = "alone", _("The client renewed alone")
    QUOTE = "quote", _("A calculation by the agent stood in the system")
    LEVEL = "level", _("The agent's renewal level")
    ONCE = "once", _("Nothing was paid for this term")


class Reason(TextChoices):
    """Why a rent is sent back to its agent, or refused."""

    NO_QUOTE = "no_quote", _("No calculation before the renewal")
    OTHER_AGENT = "other_agent", _("First contract of another agent")
    LOW_LEVEL = "low_level", _("Level below the target")
    TWICE = "twice", _("Paid for already")
    OTHER = "other", _("Other reason")


# What the branch would say of a check that is not met.
REASON_OF = {
    Check.FIRST: Reason.OTHER_AGENT, Check.QUOTE: Reason.NO_QUOTE, Check.LEVEL: Reason.LOW_LEVEL,
    Check.ONCE: Reason.TWICE,
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What is known of a term that a client renewed; see ``queries.evidence`` for where it stands.

    ``first_agent_id`` is None where the first term of the contract is not in the system. Without ``target`` no level
    is asked for. ``others`` are entries of commission for the same term, or rents for another copy of it.
    """

    agent_id: int
    first_agent_id: int | None
    first_channel: str
    channel: str
    confirmed_at: datetime | None
    begun_at: datetime
    by_hand: bool
    quoted_at: datetime | None
    renewed: int
    expiring: int
    target: Decimal | None
    least: int
    others: int


def judge(facts: Facts) -> dict[Check, bool]:
    """Every check with its answer."""
    return {
        Check.FIRST: facts.first_agent_id == facts.agent_id and facts.first_channel != "web",
        Check.ALONE: (
            facts.channel == "web"
            and not facts.by_hand
            and facts.confirmed_at is not None
            and facts.confirmed_at <= facts.begun_at
        ),
        Check.QUOTE: facts.quoted_at is not None and facts.quoted_at < facts.begun_at,
        Check.LEVEL: reaches(
            renewed=facts.renewed, expiring=facts.expiring, target=facts.target, least=facts.least
        ),
        Check.ONCE: facts.others == 0,
    }


def reaches(*, renewed: int, expiring: int, target: Decimal | None, least: int) -> bool:
    """Whether the share of renewed terms reaches the target; compared so that rounding never decides.

    Too few expiring terms are no judgement, as for the norm: the branch looks itself.
    """
    if target is None:
        return True
    return expiring >= max(least, 1) and Decimal(renewed) * 100 >= target * expiring


@dataclass(frozen=True)
class Paid:
    """One payment of the premium and what has gone back of it."""

    amount: Money
    returned: Money = ZERO


def base_of(payments: Iterable[Paid]) -> Money:
    """The premium that the rent is counted from: paid and not returned."""
    return kopecks(sum((one.amount - one.returned for one in payments), ZERO))


def rent_of(payments: Iterable[Paid], percent: Decimal) -> Money:
    """The rent of these payments, counted as its entries of commission are: each payment by itself."""
    total = ZERO
    for one in payments:
        whole = earned(one.amount, percent)
        total += whole
        if one.returned:
            total += taken_back(accrued=whole, paid=one.amount, returned=one.returned, before=ZERO)
    return total


def days_waited(since: date, today: date) -> int:
    """Days a rent has waited for a decision."""
    return max((today - since).days, 0)


def last_day(since: date, days: int) -> date:
    """By when it is to be decided."""
    return since + timedelta(days=days)


def goes_to_office(returned: int) -> bool:
    """Whether an answer goes past the branch."""
    return returned >= RETURNS
