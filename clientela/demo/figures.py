"""Distributions the demo company is drawn from.

The shapes come from a real portfolio published under CC BY 4.0 (see ``source`` in ``figures.json``);
no row of it is kept here. Tables the paper does not print are assumptions until ``derive_figures``
computes them from the data. What the portfolio cannot know (Russian prices, products it does not
sell) is set below, and each number says what it means.
"""

import json
import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "figures.json"
FIGURES: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
PROBABILITIES: list[float] = FIGURES["probabilities"]

# Roubles for one euro of the portfolio's premium, by line: brings the median to Russian price lists
# (OSAGO about 8 thousand, KASKO about 60 thousand a year).
RUB_PER_EUR_PREMIUM = {"osago": 27, "kasko": 205}
# Roubles for one euro of vehicle value: the median car about 1.7 million.
RUB_PER_EUR_VALUE = 90
RUB_PER_EUR_CLAIM = 110

# Share of motor clients by what they hold.
MOTOR_COVER = {"osago": 0.62, "kasko": 0.08, "kasko_osago": 0.30}
# Share of person clients who hold something else, beside or instead of motor insurance.
PROPERTY_SHARE = {"305": 0.085, "354": 0.115}
MORTGAGE_SHARE = {"sber": 0.055, "other": 0.060}
NO_MOTOR_SHARE = 0.14
FLAT_PRICE_QUANTILES = [
    900_000,
    1_600_000,
    3_100_000,
    4_600_000,
    7_200_000,
    14_000_000,
    24_000_000,
    60_000_000,
]
PROPERTY_RATE = (0.0012, 0.0030)  # premium as a share of the sum insured
MORTGAGE_BALANCE_SHARE = (0.25, 0.85)  # of the flat's price
MORTGAGE_RATE = (0.0028, 0.0075)  # premium as a share of the balance, life and property together


def ranges(rows: Sequence[Sequence[float]]) -> "Ranges":
    """A distribution over whole numbers given as ``[from, to, weight]`` rows."""
    return Ranges(rows)


class Ranges:
    """Draws a range by weight, then a whole number inside it evenly."""

    def __init__(self, rows: Sequence[Sequence[float]]) -> None:
        self._bounds = [(int(low), int(high)) for low, high, _ in rows]
        self._cumulative = list(accumulate(weight for *_, weight in rows))

    def draw(self, rng: random.Random) -> int:
        low, high = self._bounds[bisect_right(self._cumulative, rng.random() * self._cumulative[-1])]
        return low + int(rng.random() * (high - low + 1))


class Weighted:
    """Draws one of the given things by weight."""

    def __init__(self, weights: dict[Any, float]) -> None:
        self._values = list(weights)
        self._cumulative = list(accumulate(weights.values()))

    def draw(self, rng: random.Random) -> Any:
        return self._values[bisect_right(self._cumulative, rng.random() * self._cumulative[-1])]


def quantile(values: Sequence[float], share: float) -> float:
    """Value below which ``share`` of the distribution lies, linear between the kept quantiles."""
    place = min(bisect_right(PROBABILITIES, share), len(PROBABILITIES) - 1)
    low, high = PROBABILITIES[place - 1], PROBABILITIES[place]
    return values[place - 1] + (values[place] - values[place - 1]) * (share - low) / (high - low)


def draw_quantile(values: Sequence[float], rng: random.Random, ceiling: float = 0.99) -> float:
    """A value drawn from a quantile table; shares above ``ceiling`` are cut off."""
    return quantile(values, rng.random() * ceiling)
