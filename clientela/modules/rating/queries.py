"""Prices and verdicts; the tables and versions they come from."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clientela.foundation.ui.lazy import LazyDay
from clientela.modules.products.queries import version_on
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.rules import OutOfTariff, Premium, Verdict
from clientela.modules.rating.rules.cells import NOTHING, number, words
from clientela.modules.rating.rules.plan import Plan
from clientela.modules.rating.rules.route import Sheet
from clientela.modules.rating.rules.tables import Body
from clientela.modules.rating.rules.territories import Territories

MOST_PLANS = 256
KBM_TABLE = "osago.kbm"
TERRITORY_TABLE = "osago.kt"
_TOLD = ("object", "coverages", "limits", "documents", "eligibility", "cancellation")
# One look at what is in force: a sum of stamps that differs means another tariff. Asked before every price, so by hand.
_IN_FORCE = """
    SELECT v.id, v.changed_at, (
        SELECT CAST(SUM(t.stamp) AS BIGINT) FROM rating_tableversion t JOIN rating_table b ON b.id = t.table_id
        WHERE t.state = 'approved' AND b.product_id = p.id)
    FROM products_productversion v JOIN products_product p ON p.id = v.product_id
    WHERE p.code = %s AND v.state = 'active' AND v.starts_on <= %s
    ORDER BY v.starts_on DESC, v.number DESC LIMIT 1"""
_plans: dict[tuple[Any, ...], Plan] = {}
_looked: ContextVar[dict[tuple[Any, ...], Plan] | None] = ContextVar("looked", default=None)


@contextmanager
def many() -> Iterator[None]:
    """Look only once at what is in force for all prices inside: a list, a job of renewals."""
    token = _looked.set({})
    try:
        yield
    finally:
        _looked.reset(token)


def price(product: str, facts: Mapping[str, Any], *, on: date, as_of: datetime | None = None) -> Premium:
    """What the product with this code costs, explained.

    ``on``, the first day of cover, decides the versions; ``as_of`` leaves out those approved later.
    Raises `MissingFacts` and `OutOfTariff`; their ``field`` is the fact's key.
    """
    return plan_of(product, on, as_of).price(facts, on, _language())


def verdict(product: str, facts: Mapping[str, Any], *, on: date) -> Verdict:
    """What the underwriting tables say: accept, inspect, refer or decline, with reasons. An unknown fact says nothing."""
    return plan_of(product, on).verdict(facts, on, _language())


def plan_of(product: str, on: date, as_of: datetime | None = None) -> Plan:
    """The compiled tariff of a day, kept by this process until a version of any table changes.

    Raises `OutOfTariff` when the product is not sold on this day.
    """
    looked = _looked.get()
    if looked is not None:
        if (product, on, as_of) not in looked:
            looked[product, on, as_of] = _plan_of(product, on, as_of)
        return looked[product, on, as_of]
    return _plan_of(product, on, as_of)


def _plan_of(product: str, on: date, as_of: datetime | None) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, [product, on])
        found = cursor.fetchone()
    if found is None:
        raise not_sold(product, on)
    key = (*found, on, as_of)
    plan = _plans.get(key)
    if plan is None:
        if len(_plans) >= MOST_PLANS:
            _plans.clear()
        plan = _plans[key] = _compile(product, on, as_of)
    return plan


def _compile(product: str, on: date, as_of: datetime | None) -> Plan:
    version = version_on(product, on)
    if version is None:
        raise not_sold(product, on)
    versions = versions_on(product, on, as_of)
    sheets = {code: _sheet(row) for code, row in versions.items()}
    stamp = sum(row.stamp for row in versions.values()) % 0xFFFFFF
    name = f"{product}-{version.number}-{stamp:06x}"
    same = _plans.get((name,))
    if same is None:
        same = _plans[(name,)] = Plan(product, name, version.definition, sheets)
    return same


def versions_on(product: str, on: date, as_of: datetime | None = None) -> dict[str, TableVersion]:
    """The version of each table of a product that counts on ``on``, as far as it was known ``as_of``."""
    versions = TableVersion.objects.filter(
        state=TableVersion.State.APPROVED, table__product__code=product, starts_on__lte=on
    )
    if as_of is not None:
        versions = versions.filter(approved_at__lte=as_of)
    ordered = versions.select_related("table").order_by("starts_on", "number")
    return {row.table.code: row for row in ordered}


def sheets_on(product: str, on: date) -> dict[str, Sheet]:
    """The tables a formula of this product may name on ``on``: its own."""
    return {code: _sheet(row) for code, row in versions_on(product, on).items()}


def _sheet(row: TableVersion) -> Sheet:
    return Sheet(row.table.code, {"ru": row.table.title, "en": row.table.title_en}, row.number, row.body)


def _language() -> str:
    return (get_language() or "ru")[:2]


def definition(product: str, on: date) -> dict[str, Any]:
    """What is sold on ``on``: coverages, limits, documents, and the questions with the choices their tables give.

    Raises `OutOfTariff` when the product is not sold on this day.
    """
    version = version_on(product, on)
    if version is None:
        raise not_sold(product, on)
    told = {name: version.definition.get(name) for name in _TOLD}
    return told | {
        "product": product, "version": version.number, "starts_on": version.starts_on,
        "questions": [_question(question, on) for question in version.definition.get("questions", ())],
    }  # fmt: skip


def body_on(table: str, on: date) -> Body | None:
    """Columns and rows of a table as they count on ``on``."""
    versions = TableVersion.objects.filter(
        state=TableVersion.State.APPROVED, table__code=table, starts_on__lte=on
    )
    found = versions.select_related("table").order_by("-starts_on", "-number").first()
    return found.body if found else None


def territories_on(on: date) -> Territories:
    """The OSAGO territories of the tariff as it counts on ``on``; none while the table is not there."""
    found = _newest(TERRITORY_TABLE, on)
    return _territories(*found) if found else Territories({}, {}, {})


def territory_for(region: str, city: str, on: date) -> str:
    """Code of the OSAGO territory of an address, ``""`` where the tariff has no row for it."""
    return territories_on(on).of(region, city)


@lru_cache(maxsize=16)
def _territories(version_id: int, _stamp: int) -> Territories:
    body = TableVersion.objects.select_related("table").get(pk=version_id).body
    return Territories.read(
        (body.text(row, "region"), body.text(row, "city"), body.text(row, "territory"))
        for row in range(len(body.rows))
    )


def kbm_values(on: date) -> Mapping[str, Decimal]:
    """What each class of a driver is worth on ``on``; empty while the table of the tariff act is not there."""
    found = _newest(KBM_TABLE, on)
    return _kbm_values(*found) if found else {}


def _newest(table: str, on: date) -> tuple[int, int] | None:
    """The version of a table that counts on ``on`` and its stamp."""
    versions = TableVersion.objects.filter(
        state=TableVersion.State.APPROVED, table__code=table, starts_on__lte=on
    )
    return versions.order_by("-starts_on", "-number").values_list("pk", "stamp").first()


@lru_cache(maxsize=16)
def _kbm_values(version_id: int, _stamp: int) -> Mapping[str, Decimal]:
    body = TableVersion.objects.select_related("table").get(pk=version_id).body
    told: dict[str, Decimal] = {}
    for row in range(len(body.rows)):
        if (text := body.text(row, "value").strip()) not in NOTHING:
            told |= dict.fromkeys(words(body.text(row, "class")), number(text))
    return told


def not_sold(product: str, on: date) -> OutOfTariff:
    """The refusal for a product without a version."""
    message = _("The product %(product)s has no version for %(on)s.") % {
        "product": product,
        "on": LazyDay(on),
    }
    return OutOfTariff("", {"product": product}, message=message)


def _question(question: dict[str, Any], on: date) -> dict[str, Any]:
    source = question.get("choices_from")
    if not source:
        return question
    body = body_on(source["table"], on)
    names = {name: column for name, column in source.items() if name != "table"}
    names.setdefault("title", names["value"])
    rows = range(len(body.rows)) if body else ()
    choices = [{name: body.text(row, column) for name, column in names.items()} for row in rows if body]
    return {key: value for key, value in question.items() if key != "choices_from"} | {"choices": choices}
