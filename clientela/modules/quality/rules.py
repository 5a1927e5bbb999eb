"""Scales of surveys, what a score means, and the figures made of many scores."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)
_NUMBER = re.compile(r"\s*(\d{1,2})(?!\d)(?:\s*(?:/|из|of)\s*\d{1,2})?[\s.!,)]*", re.IGNORECASE)


class Metric(StrEnum):
    """What a question measures: willingness to recommend, satisfaction, effort."""

    NPS = "nps"
    CSI = "csi"
    CES = "ces"


class Group(StrEnum):
    """What a score says: a promoter, a passive or a detractor, by whatever name the metric has for them."""

    GOOD = "good"
    NEUTRAL = "neutral"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from ``low`` to ``high``; up to ``bad`` a client is not content, from ``good`` on content."""

    low: int
    high: int
    bad: int
    good: int

    @property
    def scores(self) -> range:
        return range(self.low, self.high + 1)

    def group(self, score: int) -> Group:
        """Raises ``ValueError`` for a number that is not on the scale."""
        if score not in self.scores:
            raise ValueError(score)
        if score <= self.bad:
            return Group.BAD
        return Group.GOOD if score >= self.good else Group.NEUTRAL


# NPS after Reichheld: 0–6 detractors, 9–10 promoters. CSI: the two best of five. CES 2.0: agreement from one to seven.
SCALES = {Metric.NPS: Scale(0, 10, 6, 9), Metric.CSI: Scale(1, 5, 2, 4), Metric.CES: Scale(1, 7, 3, 5)}


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over many answers. ``value``: NPS in points (−100…100), CSI in percent of content clients (0…100), CES as
    the mean score (1…7); None without answers. ``margin`` is half of the 95 % interval, in the same unit.
    """

    value: float | None
    margin: float | None
    answers: int
    groups: Mapping[Group, int]


def figure(metric: Metric, counts: Mapping[int, int]) -> Figure:
    """The figure of a metric from the number of answers by score."""
    scale, total = SCALES[metric], sum(counts.values())
    groups = dict.fromkeys(Group, 0)
    for score, count in counts.items():
        groups[scale.group(score)] += count
    if not total:
        return Figure(None, None, 0, groups)
    worth = {score: _worth(metric, scale, score) for score in counts}
    mean = sum(worth[score] * count for score, count in counts.items()) / total
    if total == 1:
        return Figure(mean, None, total, groups)
    spread = sum(count * (worth[score] - mean) ** 2 for score, count in counts.items()) / (total - 1)
    return Figure(mean, _Z * math.sqrt(spread / total), total, groups)


def _worth(metric: Metric, scale: Scale, score: int) -> float:
    group = scale.group(score)
    if metric == Metric.NPS:
        return {Group.GOOD: 100.0, Group.NEUTRAL: 0.0, Group.BAD: -100.0}[group]
    if metric == Metric.CSI:
        return 100.0 if group == Group.GOOD else 0.0
    return float(score)


def score_in(text: str, metric: Metric) -> int | None:
    """The score that a short reply names (“9”, «9 из 10», “5!”), None when it says anything else."""
    found = _NUMBER.fullmatch(text)
    if found is None or int(found[1]) not in SCALES[metric].scores:
        return None
    return int(found[1])
