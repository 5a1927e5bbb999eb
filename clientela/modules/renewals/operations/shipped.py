"""Schedules, loss reasons and norms that the product ships with."""

import json
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from clientela.modules.organisation.models import NormTarget
from clientela.modules.renewals.models import LossReason, Schedule, ScheduleVersion, Step
from clientela.modules.renewals.rules import check_conditions

FOLDER = Path(__file__).resolve().parents[1] / "shipped"

LOSS_REASONS = [
    ("sold", "Объект продан", "Object sold", False),
    ("total-loss", "Полная гибель", "Total loss", False),
    ("loan-closed", "Кредит закрыт", "Loan closed", False),
    ("elsewhere", "Ушёл к другому страховщику", "Went to another insurer", True),
    ("too-dear", "Дорого", "Too dear", True),
    ("bad-claim", "Недоволен урегулированием", "Unhappy with a claim", True),
    ("no-need", "Страховка не нужна", "No need for insurance", True),
    ("unreachable", "Не смогли связаться", "Could not be reached", True),
]
NORMS = {"kasko": Decimal(75), "osago": Decimal(75), "property": Decimal(80)}


@transaction.atomic
def load_shipped(*, now: datetime, active_from: date) -> None:
    """Create what is missing; anything that is there already stays as people left it."""
    for position, (code, name, name_en, counts) in enumerate(LOSS_REASONS):
        LossReason.objects.get_or_create(
            code=code,
            defaults={"name": name, "name_en": name_en, "counts_in_norm": counts, "position": position},
        )
    for line, percent in NORMS.items():
        NormTarget.objects.get_or_create(agent=None, line=line, defaults={"percent": percent})
    for position, file in enumerate(["base.json", "centre.json"]):
        data = json.loads((FOLDER / file).read_text())
        schedule, created = Schedule.objects.get_or_create(
            code=data["code"],
            defaults={"name": data["name"], "description": data["description"], "position": position},
        )
        if created:
            _first_version(schedule, data["steps"], now=now, active_from=active_from)


def _first_version(schedule: Schedule, steps: list[dict], *, now: datetime, active_from: date) -> None:
    version = ScheduleVersion.objects.create(
        schedule=schedule,
        number=1,
        state=ScheduleVersion.State.ACTIVE,
        active_from=active_from,
        created_at=now,
    )
    for position, values in enumerate(steps):
        check_conditions(values["conditions"])
        Step.objects.create(
            version=version, position=position, **{**values, "at_time": time.fromisoformat(values["at_time"])}
        )
