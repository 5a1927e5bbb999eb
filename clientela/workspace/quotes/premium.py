"""What a premium is made of, as lines with bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clientela.foundation.ui import formats
from clientela.modules.quotes.queries.factors import Names, named
from clientela.modules.rating.rules.formula import Op

HIGHEST_FACTOR = 100


@dataclass(frozen=True)
class Bar:
    """A line of the explanation: its bar is ``base`` wide, then ``gain`` in ``tone``; both in percent."""

    label: str
    title: str
    why: str
    value: str
    amount: str
    base: str
    gain: str = ""
    left: str = ""
    tone: str = ""


def bars_of(factors: Sequence[Mapping[str, Any]], names: Names, language: str) -> list[Bar]:
    """The lines of a stored explanation in the order of the formula; what only rounds is left out.

    A rate of the sum insured and money have bars of their own scale.
    """
    lines = [one for one in named(factors, names) if not names.only_rounds(one)]
    highest = {True: Decimal(0), False: Decimal(0)}
    for one in lines:
        rate = names.is_rate(one)
        highest[rate] = max(highest[rate], Decimal(one["running"]))
    found: list[Bar] = []
    before, was_rate = Decimal(0), False
    for one in lines:
        after, op, rate = Decimal(one["running"]), names.op(one), names.is_rate(one)
        first = not before or rate != was_rate or op in (Op.SET, Op.PERCENT_OF)
        low, high = sorted((after if first else before, after))
        whole = highest[rate] or Decimal(1)
        found.append(
            Bar(
                one.get("label") or one["code"], one["title"], one["why"], _step(op, Decimal(one["value"]), language),
                _amount(after, language, rate=rate), _width(low, whole), "" if first else _width(high - low, whole),
                _width(low, whole), "first" if first else "bad" if after > before else "good",
            )
        )  # fmt: skip
        before, was_rate = after, rate
    return found


def _step(op: str, value: Decimal, language: str) -> str:
    """What a step does, as people write it: × 1,05, 0,42 %, + 10 %; a sum of money stands in its own column."""
    if op == Op.TIMES:
        return f"× {formats.coefficient(value, language)}" if value < HIGHEST_FACTOR else ""
    if op in (Op.PERCENT_OF, Op.PLUS_PERCENT_OF, Op.PLUS_PERCENT):
        sign = "" if op == Op.PERCENT_OF else "+\u00a0"
        return f"{sign}{formats.coefficient(value, language)}\u00a0%"
    return ""


def _amount(value: Decimal, language: str, *, rate: bool) -> str:
    """What the price has come to: roubles, or a percentage of the sum insured yet."""
    return f"{formats.number(value, language, 2)} %" if rate else formats.money(value, language)


def _width(part: Decimal, whole: Decimal) -> str:
    return f"{part * 100 / whole:.1f}"
