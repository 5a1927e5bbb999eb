"""What an experiment shows, in the person's words and as a drawing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.modules.renewals.models import Experiment
from clientela.modules.renewals.proportions import Difference, Proportion
from clientela.modules.renewals.queries.experiments import Results, last_end

# A drawing is at least so many points wide, so that a tiny difference does not look like a great one.
LEAST_SPAN = 0.1


@dataclass(frozen=True)
class Bar:
    """One side of a drawing: the interval and its middle, in percent of the width."""

    left: float
    width: float
    middle: float


@dataclass(frozen=True)
class Rate:
    """One rate of both sides; ``a`` and ``b`` name the figure, ``of`` what it is a share of."""

    what: str
    of: str
    label: str
    difference: Difference
    kind: str
    verdict: str

    @property
    def is_drawn(self) -> bool:
        return bool(self.difference.a.total and self.difference.b.total)

    @property
    def bars(self) -> list[Bar]:
        low, high = self._range
        return [_bar(p, low, high - low) for p in (self.difference.a, self.difference.b)]

    @property
    def ends(self) -> list[str]:
        """The shares at both ends of the drawing."""
        return [formats.percent(100 * bound, _language()) for bound in self._range]

    @property
    def _range(self) -> tuple[float, float]:
        """Both intervals on one scale, rounded out to whole percents."""
        bounds = [*self.difference.a.interval, *self.difference.b.interval]
        middle = (min(bounds) + max(bounds)) / 2
        half = max(max(bounds) - min(bounds), LEAST_SPAN) / 2
        low, high = max(0.0, middle - half), min(1.0, middle + half)
        return int(100 * low) / 100, min(1.0, (int(100 * high) + 1) / 100)

    @property
    def sentence(self) -> str:
        """The drawing in one sentence, for readers."""
        a, b = (percent(p.share) for p in (self.difference.a, self.difference.b))
        return _("%(rate)s: version A %(a)s, version B %(b)s. %(verdict)s") % {
            "rate": self.label, "a": a, "b": b, "verdict": self.verdict,
        }  # fmt: skip


def _bar(found: Proportion, low: float, span: float) -> Bar:
    first, last = found.interval
    return Bar(100 * (first - low) / span, 100 * (last - first) / span, 100 * (found.share - low) / span)


def _language() -> str:
    return get_language() or "ru"


def percent(fraction: float) -> str:
    return formats.percent(100 * fraction, _language(), 1)


def spread(found: tuple[float, float]) -> str:
    """«0,8 … 5,4»: the bounds of a difference in points."""
    return " … ".join(formats.number(100 * bound, _language(), 1) for bound in found)


def rates(found: Results) -> list[Rate]:
    """Renewed first: that is what an experiment is for."""
    return [
        _rate("renewed", "ended", pgettext("rate", "Renewed by the end"), found.renewal),
        _rate("delivered", "sent", pgettext("rate", "Delivered"), found.delivery),
        _rate("replied", "sent", pgettext("rate", "Replied"), found.reply),
    ]


def _rate(what: str, of: str, label: str, difference: Difference) -> Rate:
    if not difference.is_enough:
        return Rate(what, of, label, difference, "wait", _("Too few so far to tell"))
    if not difference.is_shown:
        return Rate(what, of, label, difference, "open", _("The difference can be chance"))
    better = difference.value > 0
    words = {
        ("renewed", True): _("B renews more"), ("renewed", False): _("B renews less"),
        ("delivered", True): _("B is delivered more often"), ("delivered", False): _("B is delivered less often"),
        ("replied", True): _("B is answered more often"), ("replied", False): _("B is answered less often"),
    }  # fmt: skip
    text = _("%(words)s: %(points)s, 95%% between %(spread)s") % {
        "words": words[what, better], "points": formats.points(100 * difference.value, _language()),
        "spread": spread(difference.interval),
    }  # fmt: skip
    return Rate(what, of, label, difference, "good" if better else "bad", text)


def p_words(value: float) -> str:
    """«p = 0,034», never a bare zero."""
    if value < 0.001:
        return f"p < {formats.number(0.001, _language(), 3)}"
    return f"p = {formats.number(value, _language(), 3)}"


def stage(experiment: Experiment, today: date) -> dict[str, Any]:
    """Where an experiment is: not begun, taking in, waiting for the last ends, over, ended."""
    language, last = _language(), last_end(experiment)
    if experiment.ended_from is not None:
        day = formats.full_date(experiment.ended_from, language)
        return {
            "css": "",
            "badge": pgettext("experiment", "ended"),
            "text": _("Side by side until %(day)s") % {"day": day},
        }
    if today < experiment.first_day:
        day = formats.long_date(experiment.first_day, language, today)
        return {
            "css": "info",
            "badge": pgettext("experiment", "begins later"),
            "text": _("Begins on %(day)s") % {"day": day},
        }
    if last is None:
        return {
            "css": "good",
            "badge": pgettext("experiment", "runs"),
            "text": _("Contracts enter until it is ended"),
        }
    decision = formats.long_date(last, language, today)
    if today > last:
        return {
            "css": "warn",
            "badge": pgettext("experiment", "decide"),
            "text": _("The last contract has ended: choose a version"),
        }
    return {
        "css": "good", "badge": pgettext("experiment", "runs"),
        "text": _("Decision after %(day)s, when the last contract ends") % {"day": decision},
    }  # fmt: skip
