"""What a premium is made of, as lines with bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clientela.modules.contracts.price_words import amount_text, step_text
from clientela.modules.quotes.queries.factors import Names, named
from clientela.modules.rating.rules.formula import Op


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
                one.get("label") or one["code"], one["title"], one["why"], step_text(op, Decimal(one["value"]), language),
                amount_text(after, language, rate=rate), _width(low, whole), "" if first else _width(high - low, whole),
                _width(low, whole), "first" if first else "bad" if after > before else "good",
            )
        )  # fmt: skip
        before, was_rate = after, rate
    return found


def _width(part: Decimal, whole: Decimal) -> str:
    return f"{part * 100 / whole:.1f}"
