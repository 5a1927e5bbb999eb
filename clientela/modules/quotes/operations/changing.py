"""Changing what is calculated: each change is kept at once, its field remembers who said it, and prices follow."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import is_of_a_life, local_today
from clientela.foundation.identifiers import InvalidIdentifier, is_valid_driving_licence
from clientela.foundation.names import name_key
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.models import Client, IdentityDocument
from clientela.modules.clients.operations import add_document, update_client
from clientela.modules.quotes import rules
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations.base import keep, lock
from clientela.modules.quotes.operations.classes import ask_classes
from clientela.modules.quotes.operations.pricing import price_all
from clientela.modules.quotes.queries.prefill import driver_row, insured_row, plain
from clientela.modules.quotes.queries.products import definition_of, insured_question
from clientela.modules.quotes.rules import MOST_DRIVERS, MOST_INSURED, Origin

DRIVER_FIELDS = ("name", "birth_date", "experience_since", "licence")
# An underwriter accepted what was known then.
UNDECIDED = {"released": False, "loading": Decimal(1), "conditions": "", "reasons": []}


class PastStart(Refusal):
    """Cover cannot begin before today."""

    message = _("Cover begins today at the earliest.")
    field = "starts_on"


class BadPerson(Refusal):
    """What is told of a driver or insured person cannot be; ``field`` names the row: ``drivers.0.birth_date``."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.field, self.message = field, message


class NamesNobody(Refusal):
    """People insured are named one by one, and only where the product insures people."""

    message = _("This product is not answered so: name people where it asks for them.")
    field = "insured"


class TooManyInsured(Refusal):
    """A contract names thirty people at the most."""

    message = _("At most thirty people are named in one contract.")
    field = "insured"


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
    insured: Sequence[Mapping[str, Any]] | None = None,
    starts_on: date | None = None,
    months: int | None = None,
    origin: Origin = Origin.TYPED,
) -> Calculation:
    """Keep what differs and price all variants again. What an underwriter accepted must be accepted anew.

    ``insured`` are the people of a product that insures people: ``name`` and ``birth_date`` of each. What is told of
    the client among drivers or insured goes to the client's card where the card does not know it.
    Raises ``StaleCalculation``, ``CalculationFixed``, ``PastStart``, ``TooManyDrivers``, ``TooManyInsured``,
    ``NamesNobody``, ``BadPerson``, ``PermissionDenied``.
    """
    today = local_today(settings.TIME_ZONE, now)
    drivers, insured = _checked("drivers", drivers, today), _checked("insured", insured, today)
    row = lock(actor, calculation, now=now, version=version)
    if starts_on is not None and starts_on != row.starts_on:
        if starts_on < today:
            raise PastStart
        row.starts_on = starts_on
        row.origins["term.starts_on"] = origin
    if months is not None and months != row.months:
        row.months = months
        row.origins["term.months"] = origin
    _fill(row, "subject", subject or {}, origin)
    named = insured_question(definition_of(row.product, row.starts_on))
    if (insured is not None and named is None) or (named is not None and named["key"] in (answers or {})):
        raise NamesNobody
    _fill(row, "answers", answers or {}, origin)
    if insured is not None and named is not None:
        people = [_insured(row.client, one) for one in insured]
        if len(people) > MOST_INSURED:
            raise TooManyInsured
        _fill(row, "answers", {str(named["key"]): people or None}, origin)
    if drivers is not None:
        _drive(row, drivers, origin)
    tell_card(actor, row.client, [*(insured or ()), *(drivers or ())], now=now)
    ask_classes(row, actor=actor, now=now)
    fixed = row.state in (Calculation.State.DECLINED, Calculation.State.EXPIRED)
    state = Calculation.State.DRAFT if fixed else row.state
    keep(
        row, now=now, starts_on=row.starts_on, months=row.months, subject=row.subject, answers=row.answers,
        drivers=row.drivers, origins=row.origins, waits_for_class=row.waits_for_class, state=state, **UNDECIDED,
    )  # fmt: skip
    price_all(row, now=now)
    return row


def _checked(
    place: str, people: Sequence[Mapping[str, Any]] | None, today: date
) -> list[dict[str, Any]] | None:
    """The people with their licences as they are stored. Raises ``BadPerson``."""
    if people is None:
        return None
    found = []
    for index, one in enumerate(people):
        for name in ("birth_date", "experience_since"):
            day = one.get(name)
            if isinstance(day, date) and not is_of_a_life(day, today):
                raise BadPerson(f"{place}.{index}.{name}", _("Check the year."))
        licence = str(one.get("licence") or "").strip()
        try:
            licence = rules.licence(licence) if licence else ""
        except InvalidIdentifier as error:
            raise BadPerson(f"{place}.{index}.licence", error.message) from None
        found.append({**one, "name": str(one["name"]).strip(), "licence": licence})
    return found


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
        person = old or driver_row(_the_client(row.client, str(one["name"])), str(one["name"]), None, None)
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


def _the_client(client: Client, name: str) -> Client | None:
    return client if name_key(name) == name_key(client.name) else None


def _insured(client: Client, one: Mapping[str, Any]) -> dict[str, Any]:
    name = str(one["name"])
    return insured_row(_the_client(client, name), name, None) | {"birth_date": plain(one["birth_date"]) or ""}


def tell_card(actor: Any, client: Client, people: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """What was told of the client: birth date and licence go to the card, where it has none and ``actor`` may write."""
    told = next((one for one in people if _the_client(client, str(one["name"]))), None)
    if told is None or actor is None or not actor.can(Permission.CLIENTS_WRITE):
        return
    born, licence = plain(told.get("birth_date")) or "", str(told.get("licence") or "")
    if born and client.birth_date is None:
        details = {"birth_date": date.fromisoformat(born)}
        update_client(actor=actor, now=now, client=client, version=client.version, details=details)
    known = IdentityDocument.objects.filter(client=client, kind=IdentityDocument.Kind.LICENCE)
    if licence and is_valid_driving_licence(licence) and not known.exists():
        add_document(
            actor=actor, now=now, client=client, kind=IdentityDocument.Kind.LICENCE.value, number=licence
        )
