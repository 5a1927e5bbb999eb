"""Rates, sums and months of commission. Pure calculation."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from clientela.foundation.dates import add_months
from clientela.foundation.money import ZERO, Money, kopecks

NEW, RENEWAL, RENT = "new", "renewal", "rent"
# Income tax that the company keeps back, by the agent's legal status: percent of what is due (DOMAIN §5).
INCOME_TAX = {"individual": Decimal(13)}


@dataclass(frozen=True)
class Terms:
    """A rate (ставка): for whom and what it holds, and since when. Empty means any; of terms: new ones and renewals.

    ``valid_until`` is the last day; none: until another rate follows.
    """

    id: int
    percent: Decimal
    line: str
    valid_from: date
    valid_until: date | None = None
    agent_id: int | None = None
    product_id: int | None = None
    term: str = ""
    channel: str = ""


@dataclass(frozen=True)
class Sale:
    """What a premium was paid for: ``term`` is new, renewal or rent, ``channel`` how the contract was sold."""

    agent_id: int
    line: str
    product_id: int
    term: str
    channel: str
    paid_on: date


def fits(terms: Terms, sale: Sale) -> bool:
    """Whether a rate may be used for a premium paid on this day. Rent goes by rates of rent only."""
    return (
        terms.line == sale.line
        and terms.agent_id in (None, sale.agent_id)
        and terms.product_id in (None, sale.product_id)
        and (terms.term == sale.term or (not terms.term and sale.term != RENT))
        and terms.channel in ("", sale.channel)
        and terms.valid_from <= sale.paid_on
        and (terms.valid_until is None or sale.paid_on <= terms.valid_until)
    )


def best(rates: Iterable[Terms], sale: Sale) -> Terms | None:
    """The narrowest rate that fits: the agreement's own first, then of the product, the kind of term, the channel."""
    found = [one for one in rates if fits(one, sale)]
    return max(
        found,
        key=lambda one: (one.agent_id is not None, one.product_id is not None, bool(one.term), bool(one.channel), one.valid_from, one.id),
        default=None,
    )  # fmt: skip


def overlap(first: date, last: date | None, other_first: date, other_last: date | None) -> bool:
    """Whether two periods share a day; no last day means for ever."""
    return (other_last is None or first <= other_last) and (last is None or other_first <= last)


def earned(base: Money, percent: Decimal) -> Money:
    """The commission of a paid premium, to the kopeck."""
    return kopecks(base * percent / 100)


def taken_back(*, accrued: Money, paid: Money, returned: Money, before: Money) -> Money:
    """What one more refund takes back of a commission: zero or negative.

    ``returned`` is all that has gone back of the payment with this refund, ``before`` what was taken back for the
    rest of it (negative). Counted on the whole, so that parts add up to the commission and never to more.
    """
    due = min(kopecks(accrued * returned / paid), accrued)
    return min(ZERO, -(due + before))


def tax_of(due: Money, legal_status: str) -> Money:
    """Income tax kept back of what is due, in whole roubles; nothing of a debt."""
    percent = INCOME_TAX.get(legal_status, Decimal(0))
    return kopecks((max(due, ZERO) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def open_month(month: date, closed: Collection[date]) -> date:
    """The month, or the next one whose statement is not closed."""
    while month in closed:
        month = add_months(month, 1)
    return month
