"""What past calculations would cost by a draft: before and after, one by one, counted so that it can be cut and go on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from clientela.foundation.refusals import Refusal
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.rules.plan import Plan

MOST_CASES = 5_000
MOST_SHOWN = 20
WIDEST = 10  # percent; everything beyond stands in the last bar
COUNTS = ("same", "cheaper", "dearer", "failed")


@dataclass(frozen=True)
class Case:
    """A calculation that was made: its number, what people call it, its facts, and which it is among calculations."""

    number: str
    title: str
    facts: Mapping[str, Any]
    pk: int = 0


class Tally:
    """What became of the cases seen so far. ``to_json`` is all of it: a work that was cut goes on from there."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        kept = kept or {}
        self.counts: Counter[str] = Counter(dict.fromkeys(COUNTS, 0) | kept.get("counts", {}))
        self.bars: Counter[int] = Counter({int(key): count for key, count in kept.get("bars", {}).items()})
        self.tenths: Counter[int] = Counter(
            {int(key): count for key, count in kept.get("tenths", {}).items()}
        )
        self.was, self.now = (Decimal(kept.get(name, "0")) for name in ("was", "now"))
        self.most: list[dict[str, Any]] = list(kept.get("most", ()))

    def to_json(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts), "bars": {str(key): count for key, count in self.bars.items()},
            "tenths": {str(key): count for key, count in self.tenths.items()}, "was": str(self.was), "now": str(self.now),
            "most": self.most,
        }  # fmt: skip

    def add(self, before: Plan, after: Plan, cases: Iterable[Case], on: date) -> None:
        """Price these cases both ways. One that has no price without the draft says nothing."""
        for case in cases:
            was = _price(before, case, on)
            if was is not None:
                self._count(case, was, _price(after, case, on))
        self.most.sort(key=lambda one: (one["now"] is not None, -abs(Decimal(one["percent"] or 0))))
        del self.most[MOST_SHOWN:]

    def _count(self, case: Case, was: Decimal, now: Decimal | None) -> None:
        told = {"number": case.number, "title": case.title, "was": str(was), "now": None, "percent": None}
        if now is None:
            self.counts["failed"] += 1
            self.most.append(told)
            return
        self.was, self.now = self.was + was, self.now + now
        self.counts["same" if now == was else "dearer" if now > was else "cheaper"] += 1
        percent = (now - was) * 100 / was if was else Decimal(0)
        self.bars[max(-WIDEST, min(WIDEST, int(percent.quantize(Decimal(1), ROUND_HALF_UP))))] += 1
        rounded = percent.quantize(Decimal("0.1"), ROUND_HALF_UP)
        self.tenths[int(rounded * 10)] += 1
        if now != was:
            self.most.append(told | {"now": str(now), "percent": str(rounded)})

    def result(self) -> dict[str, Any]:
        """Counts, totals, the least, middle and largest change in percents, bars, and the cases that change most."""
        tenths = sorted(self.tenths)
        told = {"least": tenths[0], "median": self._middle(), "largest": tenths[-1]} if tenths else {}
        return {
            **self.counts, "was": str(self.was), "now": str(self.now), "most": self.most,
            "bars": [[percent, self.bars[percent]] for percent in range(-WIDEST, WIDEST + 1)],
            **{name: str(Decimal(value) / 10) for name, value in told.items()},
        }  # fmt: skip

    def _middle(self) -> int:
        """The lower of the two middle ones where the number of cases is even."""
        left = (self.tenths.total() + 1) // 2
        for tenth in sorted(self.tenths):
            left -= self.tenths[tenth]
            if left <= 0:
                return tenth
        return 0


def has_passed(version: TableVersion | ProductVersion) -> bool:
    """Whether exactly this content was checked to the end, and every case had a price."""
    checked = version.regression
    return checked.get("content") == version.content_stamp and checked.get("failed") == 0


def _price(plan: Plan, case: Case, on: date) -> Decimal | None:
    try:
        return plan.price(case.facts, on, "ru").amount
    except (
        Refusal,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ):  # a draft may hold anything
        return None
