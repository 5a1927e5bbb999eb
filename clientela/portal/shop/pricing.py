"""What a purchase costs before anybody is known, by the same pricing as a calculation; nothing is stored."""

import re
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.cache import cache
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.formats import money
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.clients.models import Client
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.operations.classes import ask_classes
from clientela.modules.quotes.operations.pricing import price as price_variant
from clientela.modules.quotes.queries.prefill import driver_row
from clientela.modules.quotes.queries.products import asked_of
from clientela.modules.rating.queries import plan_of
from clientela.modules.rating.queries import price as price_of
from clientela.modules.rating.rules import MissingFacts, OutOfTariff
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.values import is_odd

# What is chosen beside its price: the key of the answer and its values, the first one taken unless another is chosen.
CHOICES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "osago": ("months_of_use", (12, 6, 3)),
    "kasko": ("deductible", ("0", "15000", "30000")),
    "property": ("deductible", ("0", "10000", "30000")),
    "travel": ("medical_sum", ("30000", "50000", "100000")),
}
FIXED: dict[str, dict[str, Any]] = {
    "osago": {"category": "B", "owner": "person", "foreign": False},
    "kasko": {"use": "private", "instalments": "1", "discount": "0", "continuous": False},
    "property": {"years_with_us": 0},
    "travel": {},
}
# Told of the car, and not kept on the thing.
_ONLY_HERE = ("unregistered",)
_BIG = re.compile(r"\d{4,}(\.\d+)?")
_LEAST_SUM, _MOST_DAYS = Decimal(50), Decimal(366)
KIND = {"osago": "vehicle", "kasko": "vehicle"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "osago": {"category": "B", "power": 100, "territory": "kazan", "drivers": [{"age": 40, "experience": 16, "kbm": "13"}]},
    "kasko": {"make": "Hyundai", "sum_insured": 2_000_000, "territory": "kazan", "vehicle_age": 0, "deductible": "30000", "drivers": [{"age": 40, "experience": 16}]},
    "property": {"object": "flat", "wall": "brick", "building_age": 10, "sum_finish": 500_000, "sum_liability": 300_000},
    "travel": {"zone": "europe", "days": 7, "travellers": [{"age": 35}]},
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One way to buy, with its price and how it came about."""

    value: str
    title: str
    premium: Decimal | None
    decision: str
    reasons: list[str]
    explanation: dict[str, Any]
    chosen: bool

    @property
    def factors(self) -> list[dict[str, Any]]:
        return factors_of(self.explanation)


@dataclass(frozen=True)
class Priced:
    """All ways to buy; ``waits`` while the registry is asked, ``problem`` says why there is no price.

    ``photos``: the thing is photographed before it is paid for. ``odd``: a colleague looks at the value first.
    """

    choices: list[Choice] = field(default_factory=list)
    waits: bool = False
    problem: str = ""
    classes: list[tuple[str, str, str]] = field(default_factory=list)
    photos: bool = False
    odd: bool = False

    @property
    def chosen(self) -> Choice | None:
        return next((one for one in self.choices if one.chosen), None)

    @property
    def can_be_bought(self) -> bool:
        one = self.chosen
        return one is not None and one.premium is not None and (one.decision == "accept" or self.photos)


def answers_for(purchase: Purchase) -> dict[str, Any]:
    """Every answer of the product's version: what was told, what is fixed here, else what is usual."""
    assert purchase.starts_on is not None
    found = asked_of(purchase.product, purchase.starts_on) | FIXED[purchase.line]
    key, values = CHOICES[purchase.line]
    found |= {key: values[0]} | purchase.answers
    return {name: value for name, value in found.items() if value is not None}


def subject_for(purchase: Purchase) -> dict[str, Any]:
    """The thing as a calculation keeps it."""
    if not purchase.subject:
        return {}
    kind = KIND.get(purchase.line) or str(purchase.answers.get("object", "flat"))
    told = {name: value for name, value in purchase.subject.items() if value and name not in _ONLY_HERE}
    title = (
        " ".join(str(told[name]) for name in ("make", "model") if told.get(name))
        or str(told.get("address", ""))[:80]
    )
    year = int(told["year"]) if told.get("year") else None
    return {"kind": kind, "title": title} | told | ({"year": year} if year else {})


def drivers_for(purchase: Purchase) -> list[dict[str, Any]]:
    """The drivers as a calculation keeps them."""
    found = []
    for one in purchase.drivers:
        name = " ".join(part for part in (one["last_name"], one["first_name"], one["middle_name"]) if part)
        day = date.fromisoformat
        row = driver_row(None, name, day(one["birth_date"]), day(one["experience_since"]), one["licence"])
        found.append(row | {key: one[key] for key in ("last_name", "first_name", "middle_name")})
    return found


def draft(purchase: Purchase) -> Calculation:
    """An unsaved calculation of what was told: of nobody's card."""
    assert purchase.starts_on is not None
    return Calculation(
        client=Client(kind=Client.Kind.PERSON), product=purchase.product, starts_on=purchase.starts_on, months=12,
        subject=subject_for(purchase), drivers=drivers_for(purchase), answers=answers_for(purchase),
    )  # fmt: skip


def price(purchase: Purchase, *, now: datetime) -> Priced:
    """Price every way to buy; the classes of drivers are asked where they are not known yet."""
    calculation = draft(purchase)
    ask_classes(calculation, actor=None, now=now)
    classes = [
        (one["first_name"], one.get("class", ""), one.get("class_state", "")) for one in calculation.drivers
    ] if purchase.line == "osago" else []  # fmt: skip
    if calculation.waits_for_class:
        return Priced(waits=True, classes=classes)
    if any(state == Lookup.State.FAILED for _name, _class, state in classes):
        return Priced(problem=_("The national system did not give the class of a driver."), classes=classes)
    key, values = CHOICES[purchase.line]
    taken = str(calculation.answers[key])
    try:
        plan = plan_of(purchase.product.code, calculation.starts_on)
    except OutOfTariff as refusal:
        return Priced(problem=str(refusal))
    found = []
    for value in values:
        variant = Variant(changes={"answers": {key: value}})
        price_variant(plan, deepcopy(calculation), variant, now=now)
        found.append(Choice(
            str(value), title_of(purchase.line, value), variant.premium, variant.decision, list(variant.reasons),
            variant.explanation, str(value) == taken,
        ))  # fmt: skip
        if variant.problem and str(value) == taken:
            return Priced(problem=variant.problem, classes=classes)
    odd = is_odd(purchase)
    inspected = any(one.chosen and one.decision == "inspect" for one in found)
    photos = purchase.line == "kasko" and inspected and not odd
    return Priced(choices=found, classes=classes, photos=photos, odd=inspected and odd)


def factors_of(explanation: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of a price as people read them: rates and sums in roubles, factors and counts as they are."""
    language = get_language() or "ru"
    return [
        one | {"value": _written(one, language), "why": _sums_in(str(one.get("why") or ""), language)}
        for one in explanation.get("factors", [])
    ]


def _sums_in(text: str, language: str) -> str:
    """Sums in roubles that stand in a sentence, grouped; a sentence without roubles stays as it is."""
    if "₽" not in text:
        return text
    return _BIG.sub(lambda found: formats.number(Decimal(found[0]), language, 2 if found[1] else 0), text)


def _written(one: dict[str, Any], language: str) -> str:
    """A rate that a price begins with is a sum, and so is what no factor and no count of days can be."""
    try:
        value, running = Decimal(str(one["value"])), Decimal(str(one.get("running") or 0))
    except InvalidOperation:
        return str(one["value"])
    is_sum = value > _MOST_DAYS or (value == running and value >= _LEAST_SUM)
    return money(value, language) if is_sum else formats.factor(one["value"], language)


def title_of(line: str, value: Any) -> str:
    """A way to buy in the reader's words."""
    language = (get_language() or "ru")[:2]
    if line == "osago" and value == 12:
        return _("Drive the whole year")
    if line == "osago":
        return ngettext("Drive %(n)s month of the year", "Drive %(n)s months of the year", value) % {
            "n": value
        }
    if line == "travel":
        sums = f"{int(value):,}".replace(",", "\u00a0")
        return _("Medical expenses up to %(sum)s euro") % {"sum": sums}
    if value == "0":
        return _("We pay every loss in full")
    return _("You bear the first %(sum)s of a loss") % {"sum": money(Decimal(value), language, kopecks=False)}


def example(product: Product, line: str, on: date) -> Decimal | None:
    """The price of the example that the shop's page tells; counted once an hour."""
    key = f"shop:example:{line}:{on}"
    found = cache.get(key)
    if found is None:
        try:
            found = str(price_of(product.code, EXAMPLES[line], on=on).amount)
        except (MissingFacts, OutOfTariff):
            found = ""
        cache.set(key, found, 3600)
    return Decimal(found) if found else None
