"""Asking the registry for the class of every driver: by itself, whenever a driver is new."""

from datetime import date, datetime
from typing import Any

from clientela.modules.bonus_malus.drivers import Driver
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.bonus_malus.operations import ask_class
from clientela.modules.products.models import Line
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.rules import Origin

PENDING = Lookup.State.PENDING.value


def ask_classes(calculation: Calculation, *, actor: Any, now: datetime, again: bool = False) -> None:
    """Write each driver's class into the (unsaved) calculation; one that is still being asked stays visible so."""
    if calculation.product.line != Line.OSAGO:
        return
    for index, person in enumerate(calculation.drivers):
        if not person["birth_date"] or (person["class_state"] == Lookup.State.KNOWN and not again):
            continue
        answer = ask_class(
            driver_of(person), calculation.starts_on, now=now, actor=actor, client_id=person["client_id"]
        )
        hear(calculation, index, answer)
    calculation.waits_for_class = any(person["class_state"] == PENDING for person in calculation.drivers)


def driver_of(person: dict[str, Any]) -> Driver:
    """The driver as the registry knows people."""
    return Driver(
        last_name=person["last_name"], first_name=person["first_name"], middle_name=person["middle_name"],
        birth_date=date.fromisoformat(person["birth_date"]), licence=person["licence"],
    )  # fmt: skip


def hear(calculation: Calculation, index: int, answer: Lookup) -> None:
    """Keep one answer of the registry on its driver."""
    person = calculation.drivers[index]
    person |= {
        "class": answer.klass, "class_state": answer.state, "previous_class": answer.previous_klass,
        "lookup": answer.pk, "driver_key": answer.driver_key,
    }  # fmt: skip
    if answer.klass:
        calculation.origins[f"drivers.{index}.class"] = Origin.REGISTRY
