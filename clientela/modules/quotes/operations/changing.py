"""Changing what is calculated: each change is kept at once, its field remembers who said it, and prices follow."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations.base import keep, lock
from clientela.modules.quotes.operations.classes import ask_classes
from clientela.modules.quotes.operations.pricing import price_all
from clientela.modules.quotes.queries.prefill import driver_row, plain
from clientela.modules.quotes.rules import MOST_DRIVERS, Origin

DRIVER_FIELDS = ("name", "birth_date", "experience_since", "licence")
# An underwriter accepted what was known then.
UNDECIDED = {"released": False, "loading": Decimal(1), "conditions": "", "reasons": []}


class PastStart(Refusal):
    """Cover cannot begin before today."""

    message = _("Cover begins today at the earliest.")
    field = "starts_on"


class TooManyDrivers(Refusal):
    """A policy names ten drivers at the most."""

    message = _("At most ten drivers are named; choose unlimited drivers for more.")
    field = "drivers"


@transaction.atomic
def change(
    *,
    actor: Any,
    now: datetime,
    calculation: Calculation,
    version: int | None = None,
    subject: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    drivers: Sequence[Mapping[str, Any]] | None = None,
    starts_on: date | None = None,
    months: int | None = None,
    origin: Origin = Origin.TYPED,
) -> Calculation:
    """Keep what differs and price all variants again. What an underwriter accepted must be accepted anew.

    Raises ``StaleCalculation``, ``CalculationFixed``, ``PastStart``, ``TooManyDrivers``, ``PermissionDenied``.
    """
    row = lock(actor, calculation, now=now, version=version)
    if starts_on is not None and starts_on != row.starts_on:
        if starts_on < local_today(settings.TIME_ZONE, now):
            raise PastStart
        row.starts_on = starts_on
        row.origins["term.starts_on"] = origin
    if months is not None and months != row.months:
        row.months = months
        row.origins["term.months"] = origin
    _fill(row, "subject", subject or {}, origin)
    _fill(row, "answers", answers or {}, origin)
    if drivers is not None:
        _drive(row, drivers, origin)
    ask_classes(row, actor=actor, now=now)
    fixed = row.state in (Calculation.State.DECLINED, Calculation.State.EXPIRED)
    state = Calculation.State.DRAFT if fixed else row.state
    keep(
        row, now=now, starts_on=row.starts_on, months=row.months, subject=row.subject, answers=row.answers,
        drivers=row.drivers, origins=row.origins, waits_for_class=row.waits_for_class, state=state, **UNDECIDED,
    )  # fmt: skip
    price_all(row, now=now)
    return row


def _fill(row: Calculation, place: str, values: Mapping[str, Any], origin: Origin) -> None:
    target: dict[str, Any] = getattr(row, place)
    for name, value in values.items():
        kept = plain(value)
        if target.get(name) == kept:
            # What is usual or known anyway was still said.
            known = row.origins.get(f"{place}.{name}", Origin.BASE)
            if origin == Origin.TALK and known == Origin.BASE and kept not in (None, ""):
                row.origins[f"{place}.{name}"] = origin
            continue
        if kept in (None, ""):
            if name not in target:
                continue
            target.pop(name)
            row.origins.pop(f"{place}.{name}", None)
        else:
            target[name] = kept
            row.origins[f"{place}.{name}"] = origin


def _drive(row: Calculation, drivers: Sequence[Mapping[str, Any]], origin: Origin) -> None:
    """The drivers as they are now; who was named before keeps what is known of them."""
    if len(drivers) > MOST_DRIVERS:
        raise TooManyDrivers
    before = {one["name"]: (index, one) for index, one in enumerate(row.drivers)}
    origins = {key: value for key, value in row.origins.items() if not key.startswith("drivers.")}
    people = []
    for index, one in enumerate(drivers):
        place, old = before.get(str(one["name"]), (None, None))
        person = old or driver_row(None, str(one["name"]), None, None)
        for name in DRIVER_FIELDS:
            value = plain(one.get(name)) or ""
            if old is not None and old.get(name) == value:
                known = row.origins.get(f"drivers.{place}.{name}")
            else:
                known = origin
                person |= {name: value, "class": "", "class_state": ""}
            if value and known:
                origins[f"drivers.{index}.{name}"] = known
        if old is not None and (known := row.origins.get(f"drivers.{place}.class")) and person["class"]:
            origins[f"drivers.{index}.class"] = known
        people.append(person)
    row.drivers, row.origins = people, origins
