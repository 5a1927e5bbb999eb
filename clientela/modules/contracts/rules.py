"""Terms, prices and numbers of contracts, and what a change of a running one costs. Pure calculation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clientela.foundation.dates import term_end
from clientela.foundation.money import ZERO, Money, kopecks

DEFAULT_NUMBER_FORMAT = "{code}-{serial:06}/{year:02}"


@dataclass(frozen=True)
class Term:
    """First and last day of cover."""

    start: date
    end: date


def next_term(end: date) -> Term:
    """The yearly term that follows without a gap: from the day after ``end``."""
    start = end + timedelta(days=1)
    return Term(start, term_end(start))


def price_change(before: Decimal, after: Decimal) -> Decimal | None:
    """Change of a price in percent with one decimal; ``None`` when there was no price before."""
    if not before:
        return None
    return ((after - before) * 100 / before).quantize(Decimal("0.1"))


def policy_number(number_format: str, *, code: str, serial: int, start: date) -> str:
    """The number of a new policy. A format may use ``code``, ``serial`` and the two digits of the ``year``."""
    return (number_format or DEFAULT_NUMBER_FORMAT).format(code=code, serial=serial, year=start.year % 100)


def share_passed(start: date, end: date, today: date) -> int:
    """How much of a term has passed, in percent 0…100."""
    length = (end - start).days + 1
    return max(0, min(100, ((today - start).days + 1) * 100 // length)) if today >= start else 0


# --- changes of a running contract ---------------------------------------------------------------------------


@dataclass(frozen=True)
class RefundRule:
    """What comes back when a contract ends early.

    ``kept`` is the share of the unused premium that the insurer keeps. Who asks within ``cooling_off`` days after the
    contract was made, ``cooling_off_credit`` where it was made with a loan, gets everything back; ``None``: never.
    ``less_losses``: what was paid out for losses is taken off.
    """

    kept: Decimal = Decimal(0)
    cooling_off: int | None = 14
    cooling_off_credit: int | None = 30
    less_losses: bool = False


# By line. OSAGO: 23 % are kept for the costs and the reserves of the union; there is no cooling-off of a duty.
REFUND_RULES = {
    "osago": RefundRule(kept=Decimal("0.23"), cooling_off=None, cooling_off_credit=None),
    "kasko": RefundRule(less_losses=True),
    "property": RefundRule(less_losses=True),
}


def refund_rule(line: str, said: Mapping[str, Any] | None = None) -> RefundRule:
    """The rule of a line, with what a product's definition says otherwise."""
    rule, said = REFUND_RULES.get(line, RefundRule()), said or {}
    known = {name: said[name] for name in RefundRule.__dataclass_fields__ if name in said}
    if "kept" in known:
        known["kept"] = Decimal(str(known["kept"]))
    return replace(rule, **known)


@dataclass(frozen=True)
class Refund:
    """How much comes back and why. ``way``: cooling_off, or pro_rata by ``unused`` of ``days`` days."""

    amount: Money
    way: str
    unused: int
    days: int
    kept: Decimal = Decimal(0)
    losses: Money = ZERO


def refund(
    rule: RefundRule, *, premium: Money, charged: Money, term: Term, last_day: date, concluded: date, asked: date,
    on_credit: bool = False, losses: Money = ZERO, had_losses: bool = False,
) -> Refund:  # fmt: skip
    """What comes back when cover ends with ``last_day``.

    ``premium`` is the price of the whole term by the conditions in force, ``charged`` what the client pays for it in
    all: more never comes back. A day of application is counted from the day after the contract was made.
    """
    days = (term.end - term.start).days + 1
    unused = max(0, min(days, (term.end - last_day).days))
    limit = rule.cooling_off_credit if on_credit else rule.cooling_off
    if limit is not None and not had_losses and concluded <= asked <= concluded + timedelta(days=limit):
        return Refund(charged, "cooling_off", unused, days)
    taken_off = kopecks(losses) if rule.less_losses else ZERO
    due = kopecks(premium * (1 - rule.kept) * unused / days) - taken_off
    return Refund(max(ZERO, min(due, charged)), "pro_rata", unused, days, rule.kept, taken_off)


def extra_premium(before: Money, after: Money, *, term: Term, valid_from: date) -> Money:
    """What a change of the price of the whole term costs from ``valid_from`` to its end; negative: it comes back."""
    days = (term.end - term.start).days + 1
    left = max(0, min(days, (term.end - valid_from).days + 1))
    return kopecks((after - before) * left / days)
