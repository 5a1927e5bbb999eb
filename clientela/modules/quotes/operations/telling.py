"""What a client said in a talk goes into the calculation; what the seller typed is theirs to replace."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations.base import lock
from clientela.modules.quotes.operations.changing import change
from clientela.modules.quotes.queries.products import definition_of, questions_of
from clientela.modules.quotes.rules import Origin
from clientela.modules.quotes.told import NoAnswer, understood

# What was typed, or stands in a register, is not replaced by words.
OWN = (Origin.TYPED, Origin.REGISTRY)


def answers_told(calculation: Calculation, told: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was ``told``, by question, the answers to questions of this product, as they are kept."""
    found: dict[str, Any] = {}
    if not told:
        return found
    for one in questions_of(definition_of(calculation.product, calculation.starts_on), calculation.starts_on):
        key = str(one["key"])
        if key in told:
            try:
                found[key] = understood(one, told[key])
            except NoAnswer:
                continue
    return found


def disputed(calculation: Calculation, told: Mapping[str, Any]) -> dict[str, Any]:
    """What was said otherwise than the seller typed it, by question."""
    return {
        key: value
        for key, value in answers_told(calculation, told).items()
        if calculation.origins.get(f"answers.{key}") in OWN
        and str(calculation.answers.get(key)) != str(value)
    }


@transaction.atomic
def take_told(
    *, actor: Any, now: datetime, calculation: Calculation, told: Mapping[str, Any], over: bool = False
) -> Calculation:
    """Fill in what was ``told`` and price again. What was typed stays, unless ``over`` it.

    Raises ``CalculationFixed``, ``NotAdmitted``, ``PermissionDenied``.
    """
    row = lock(actor, calculation, now=now)
    stays = {} if over else disputed(row, told)
    answers = {key: value for key, value in answers_told(row, told).items() if key not in stays}
    unsaid = {key for key in answers if row.origins.get(f"answers.{key}", Origin.BASE) == Origin.BASE}
    if all(row.answers.get(key) == value and key not in unsaid for key, value in answers.items()):
        return row
    return change(actor=actor, now=now, calculation=row, answers=answers, origin=Origin.TALK)
