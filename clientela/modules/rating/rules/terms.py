"""What is wrong with the parts of a definition that are names with values: limits, defaults, shares, sums."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.modules.rating.rules.conditions import number

NUMBERS = frozenset({"number", "money"})
TERM = frozenset({"period_months"})  # known of every contract


def faults_of_terms(definition: Mapping[str, Any], known: set[str]) -> Iterator[tuple[str, Any]]:
    """Places with what is wrong there; ``known`` are the facts there are."""
    questions = {str(one.get("key")): one for one in definition.get("questions", ())}
    formula = definition.get("formula", {})
    for fact, value in definition.get("limits", {}).items():
        if fact not in known | TERM:
            yield f"limits.{fact}.key", _("There is no question “%s”.") % fact
        yield from _limits(f"limits.{fact}", value)
    for fact, value in formula.get("defaults", {}).items():
        yield from _default(f"formula.defaults.{fact}.value", value, questions.get(fact, {}))
    for fact, share in formula.get("shares", {}).items():
        at = f"formula.shares.{fact}"
        if not isinstance(share, dict) or share.get("of") not in known:
            yield f"{at}.of", _("Choose a question of this product.")
        elif number(share.get("percent")) is None:
            yield f"{at}.percent", _("A number stands here.")
    coverages = {str(one.get("code")) for one in definition.get("coverages", ())}
    for coverage, fact in formula.get("sums", {}).items():
        if coverage not in coverages:
            yield f"formula.sums.{coverage}.key", _("There is no coverage “%s”.") % coverage
        elif not isinstance(fact, str) or fact not in known:
            yield f"formula.sums.{coverage}.of", _("Choose a question of this product.")
    for fact, source in formula.get("derived", {}).items():
        if not isinstance(source, str) or not source:
            yield f"formula.derived.{fact}.of", _("Name the year or the day it is counted from.")
    kept = definition.get("cancellation", {}).get("kept_percent")
    share = number(kept)
    if kept not in (None, "") and (share is None or not 0 <= share <= 100):
        yield "cancellation.kept_percent", _("A number from 0 to 100 stands here.")


def _limits(at: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, list) or len(value) != 2:
        yield f"{at}.min", _("The least and the greatest stand here.")
        return
    low, high = (number(one) for one in value)
    for name, limit in (("min", low), ("max", high)):
        if limit is None:
            yield f"{at}.{name}", _("A number stands here.")
    if low is not None and high is not None and low > high:
        yield f"{at}.max", _("The greatest is less than the least.")


def _default(at: str, value: Any, question: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = question.get("kind")
    if value is None:
        return
    if kind in NUMBERS and number(value) is None:
        yield at, _("A number stands here.")
    elif kind == "bool" and not isinstance(value, bool):
        yield at, _("Yes or no stands here.")
    elif kind == "choice" and isinstance(choices := question.get("choices"), list) and choices:
        answers = [str(one.get("value")) for one in choices if isinstance(one, dict)]
        if str(value) not in answers:
            yield at, _("“%s” is none of the answers.") % value
