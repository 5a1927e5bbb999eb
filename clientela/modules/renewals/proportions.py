"""Shares with their uncertainty: intervals and the comparison of two of them."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)
# Below this expected count in any of the four cells the test of two proportions is not to be trusted (Cochran 1954).
LEAST_EXPECTED = 5


@dataclass(frozen=True)
class Proportion:
    """``count`` of ``total``; shares and bounds are fractions from 0 to 1."""

    count: int
    total: int

    @property
    def share(self) -> float:
        return self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % score interval (Wilson 1927; method 3 in Newcombe, Statistics in Medicine 17, 1998, 857–872)."""
        if not self.total:
            return 0.0, 1.0
        n, p, z2 = self.total, self.share, Z95**2
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Difference:
    """How much the share of ``b`` is above that of ``a``."""

    a: Proportion
    b: Proportion

    @property
    def value(self) -> float:
        return self.b.share - self.a.share

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % hybrid score interval (method 10 in Newcombe, Statistics in Medicine 17, 1998, 873–890)."""
        (low_a, high_a), (low_b, high_b) = self.a.interval, self.b.interval
        down = sqrt((self.b.share - low_b) ** 2 + (high_a - self.a.share) ** 2)
        up = sqrt((high_b - self.b.share) ** 2 + (self.a.share - low_a) ** 2)
        return self.value - down, self.value + up

    @property
    def p_value(self) -> float:
        """Two-sided test of equal proportions with the pooled variance (the root of Pearson's chi-square)."""
        total = self.a.total + self.b.total
        pooled = (self.a.count + self.b.count) / total if total else 0.0
        if not self.a.total or not self.b.total or pooled in (0.0, 1.0):
            return 1.0
        error = sqrt(pooled * (1 - pooled) * (1 / self.a.total + 1 / self.b.total))
        return 2 * NormalDist().cdf(-abs(self.value) / error)

    @property
    def is_enough(self) -> bool:
        """Whether there are enough observations for the test: five expected in each of the four cells."""
        total = self.a.total + self.b.total
        if not total:
            return False
        rarer = min(self.a.count + self.b.count, total - self.a.count - self.b.count)
        return min(self.a.total, self.b.total) * rarer / total >= LEAST_EXPECTED

    @property
    def is_shown(self) -> bool:
        """Whether chance alone would seldom give as much: p below 5 % and an interval that leaves zero out."""
        low, high = self.interval
        return self.is_enough and self.p_value < 0.05 and (low > 0 or high < 0)
