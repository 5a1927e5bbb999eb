"""Versions of the learnt weights: one in force for each kind of client, with the report of its quality."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from clientela.modules.resolution.models import LinkModel
from clientela.modules.resolution.rules import threshold_of
from clientela.modules.resolution.subjects import Subject, fits

SHIPPED = Path(__file__).parent.parent / "shipped.json"
# So many pairs of a hundred have to be right, by the model's own word.
PRECISION = 0.995


def active_model(subject: Subject) -> LinkModel | None:
    """The version in force; one learnt for other comparisons than those of this version of the product says nothing."""
    row = LinkModel.objects.filter(is_active=True, kind=subject.kind).first()
    return row if row is not None and fits(subject, row.parameters) else None


def for_base(model: LinkModel, cards: int) -> dict[str, Any]:
    """The weights for a base of another size: the larger it is, the rarer two cards drawn from it are one client."""
    prior = model.parameters["probability_two_random_records_match"] * model.cards / cards
    return {**model.parameters, "probability_two_random_records_match": min(prior, 0.01)}


def shipped(subject: Subject, now: datetime) -> LinkModel:
    """Weights learnt from the generated base of the tests, for a base that is too small to teach."""
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))[subject.kind]
    return keep_model(subject, data["parameters"], cards=data["cards"], now=now)


@transaction.atomic
def keep_model(subject: Subject, parameters: dict[str, Any], *, cards: int, now: datetime) -> LinkModel:
    """Store a version and put it in force."""
    LinkModel.objects.filter(is_active=True, kind=subject.kind).update(is_active=False)
    levels = [
        {
            "field": comparison["output_column_name"],
            "level": level["label_for_charts"],
            "m": level.get("m_probability"),
            "u": level.get("u_probability"),
        }
        for comparison in parameters["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]
    report = {"levels": levels, "prior": parameters["probability_two_random_records_match"]}
    return LinkModel.objects.create(
        kind=subject.kind, parameters=parameters, report=report, cards=cards, made_at=now, is_active=True
    )


def keep_expected(
    model: LinkModel, expected: Sequence[tuple[float, int, float]], *, at: Sequence[float]
) -> None:
    """What the model itself expects of the pairs it found last, nobody having labelled one.

    ``threshold`` is the lowest probability from which on ``PRECISION`` of the pairs are right; ``at`` are the thresholds in use.
    """
    whole = expected[-1][2] if expected else 0.0
    found = []
    for least in at:
        pairs, right = next(((n, r) for start, n, r in reversed(expected) if start >= least), (0, 0.0))
        found.append(
            {
                "from": least,
                "pairs": pairs,
                "precision": round(right / pairs, 5) if pairs else None,
                "recall": round(right / whole, 5) if whole else None,
            }
        )
    model.report |= {"expected": found, "threshold": threshold_of(expected, precision=PRECISION)}
    model.save(update_fields=["report"])
