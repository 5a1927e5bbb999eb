"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from django.db import transaction

from clientela.modules.bonus_malus.events import ClassKnown
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.contracts.events import ProjectChanged
from clientela.modules.contracts.models import Project
from clientela.modules.contracts.operations import quote_of_calculation
from clientela.modules.quotes.events import (
    CalculationAccepted,
    CalculationClosed,
    CalculationPriced,
    CalculationSent,
)
from clientela.modules.quotes.models import EDITABLE, Calculation
from clientela.modules.quotes.operations.base import close, keep
from clientela.modules.quotes.operations.classes import PENDING, hear
from clientela.modules.quotes.operations.pricing import price_all

# What is known of a class stays good for so many calculations that wait for it at the same time.
MOST = 500
TOLD = (Calculation.State.SENT, Calculation.State.ACCEPTED)
UNTOLD = (Calculation.State.DECLINED, Calculation.State.EXPIRED, Calculation.State.LOST)


def on_class(event: ClassKnown, *, now: datetime) -> None:
    """The registry answered: calculations that wait for this driver get their price."""
    lookup = Lookup.objects.get(pk=event.lookup_id)
    waiting = Calculation.objects.filter(waits_for_class=True, state__in=EDITABLE).order_by("pk")
    for pk in waiting.values_list("pk", flat=True)[:MOST]:
        with transaction.atomic():
            row = (
                Calculation.objects.select_for_update(of=("self",))
                .select_related("client", "product")
                .get(pk=pk)
            )
            places = [
                index
                for index, person in enumerate(row.drivers)
                if person.get("driver_key") == event.driver_key and person["class_state"] == PENDING
            ]
            if not places or row.state not in EDITABLE:
                continue
            for index in places:
                hear(row, index, lookup)
            waits = any(person["class_state"] == PENDING for person in row.drivers)
            keep(row, now=now, drivers=row.drivers, origins=row.origins, waits_for_class=waits)
            price_all(row, now=now)


def on_told(
    event: CalculationPriced | CalculationSent | CalculationAccepted | CalculationClosed, *, now: datetime
) -> None:
    """What a client was told of the price of the next term is its quote; an offer that is over takes it back."""
    row = Calculation.objects.select_related("policy", "created_by").get(pk=event.calculation_id)
    if row.policy is None or row.state not in TOLD + UNTOLD:
        return
    told = row.state in TOLD and row.variants.filter(is_chosen=True).values_list("premium", flat=True).first()
    quote_of_calculation(
        now=now, policy=row.policy, number=row.number, premium=told or None, valid_until=row.valid_until,
        author=row.created_by,
    )  # fmt: skip


def on_project(event: ProjectChanged, *, now: datetime) -> None:
    """The contract was issued or withdrawn: so is its calculation."""
    if event.state not in (Project.State.ISSUED, Project.State.WITHDRAWN):
        return
    state = Calculation.State.ISSUED if event.state == Project.State.ISSUED else Calculation.State.DRAFT
    rows = Calculation.objects.select_for_update(of=("self",)).filter(
        project=event.project_id, state=Calculation.State.PROJECT
    )
    for row in rows:
        close(row, actor=None, now=now, state=state)
