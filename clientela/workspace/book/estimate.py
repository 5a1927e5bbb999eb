"""A price without a client: the product's own questions, who drives or goes by age, and what the tariff says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.bonus_malus.rules import CLASSES, NEW_DRIVER
from clientela.modules.products.models import Line as ProductLine
from clientela.modules.products.models import Product
from clientela.modules.quotes.queries.factors import Names, factor_names, named
from clientela.modules.quotes.queries.facts import number
from clientela.modules.quotes.queries.products import definition_of, questions_of
from clientela.modules.rating.queries import plan_of
from clientela.workspace.quotes.fields import Figure
from clientela.workspace.quotes.forms import QuestionsForm, is_shown

YEAR, PREFIX = 12, "e"
FACTORS_BELOW = 100
PERSON = ("age", "experience", "kbm")
# What a tariff asks of a client nobody knows yet.
NOBODY: Mapping[str, Any] = {
    "owner": "person", "period_months": YEAR, "months_of_use": YEAR, "renewal_year": 0, "client_years": 0,
}  # fmt: skip


class EstimateForm(QuestionsForm):
    """All questions of the product at once; one driver or one insured person stands for whoever it will be."""

    age = Figure(label=gettext_lazy("Age"), required=False, min_value=0, max_value=120, decimal_places=0)
    experience = Figure(
        label=gettext_lazy("Years of driving"), required=False, min_value=0, max_value=100, decimal_places=0
    )
    kbm = forms.ChoiceField(
        label=gettext_lazy("Class"),
        choices=[(one, one) for one in CLASSES],
        initial=NEW_DRIVER,
        required=False,
    )

    def __init__(self, product: Product, on: date, data: QueryDict | None = None) -> None:
        asked = definition_of(product, on)
        self.kinds = {str(one["key"]): one.get("kind") for one in asked.get("questions", [])}
        questions = [
            one
            for one in questions_of(asked | {"object": ""}, on)
            if one.get("kind") not in ("drivers", "people")
        ]
        super().__init__([one | {"show_if": {}} for one in questions], None, saved={}, prefix=PREFIX)
        driven, people = "drivers" in self.kinds.values(), "people" in self.kinds.values()
        for name, is_asked in (
            ("age", driven or people), ("experience", driven), ("kbm", driven and product.line == ProductLine.OSAGO),
        ):  # fmt: skip
            if not is_asked:
                del self.fields[name]
        if data is not None:  # what an address leaves out is as usual
            usual = {
                self.add_prefix(name): self.get_initial_for_field(one, name)
                for name, one in self.fields.items()
            }
            self.data, self.is_bound = {**usual, **data.dict()}, True
        usually = {str(one["key"]): one["default"] for one in questions if "default" in one}
        first = {
            str(one["key"])
            for one in questions
            if one.get("required") and "default" not in one and is_shown(one, usually)
        }
        self.first = [self[name] for name in self.fields if name in first]
        self.first += [self[name] for name in PERSON if name in self.fields]
        self.rest = [self[name] for name in self.fields if name not in first and name not in PERSON]
        self.opened = self.is_bound and any(bound.name in self.changed_data for bound in self.rest)

    def facts(self) -> dict[str, Any]:
        """What the tariff is asked with; what was not filled in is left to it to name."""
        typed = {key: value for key, value in self.answers().items() if value != ""}
        usual = {str(one["key"]): one["default"] for one in self.questions if one.get("default") is not None}
        facts = {**NOBODY, **usual, **typed}
        facts |= {
            key: number(value)
            for key, value in facts.items()
            if isinstance(value, str) and self.kinds.get(key) in ("number", "money")
        }
        who = {
            name: value if name == "kbm" else int(value)
            for name in PERSON
            if (value := self.cleaned_data.get(name)) not in (None, "")
        }
        for key, kind in self.kinds.items():
            if kind in ("drivers", "people") and who:
                facts[key] = [{"name": "1"} | who]
        if facts.get("unlimited") is True:
            facts.pop("drivers", None)
        return facts


@dataclass(frozen=True)
class Line:
    """A step of the formula: its factor in words, none for a sum of money, and what it leads to."""

    title: str
    value: str
    running: str


@dataclass(frozen=True)
class Estimate:
    """The price and its factors, or why there is none; ``share`` is the price per cent of the sum insured."""

    premium: Decimal | None = None
    factors: Sequence[Line] = field(default_factory=list)
    problem: str = ""
    share: Decimal | None = None


def estimate_of(product: Product, form: EstimateForm, on: date) -> Estimate | None:
    """Nothing before anything was typed."""
    if not form.is_bound:
        return None
    if not form.is_valid():
        wrong = [f"{form[name].label}: {' '.join(map(str, faults))}" for name, faults in form.errors.items()]
        return Estimate(problem=" ".join(wrong))
    facts = form.facts()
    try:
        premium = plan_of(product.code, on).price(facts, on, language())
    except Refusal as refusal:
        return Estimate(problem=str(refusal))
    insured = facts.get("sum_insured")
    share = premium.amount * 100 / insured if isinstance(insured, (int, Decimal)) and insured else None
    names = factor_names(product, on)
    return Estimate(premium.amount, _lines(named(premium.to_json()["factors"], names), names), "", share)


def _lines(factors: Sequence[Mapping[str, Any]], names: Names) -> list[Line]:
    """The steps that change what is seen; a rate is shown with its hundredths, money in whole roubles."""
    found: list[Line] = []
    for one in factors:
        value, running = Decimal(one["value"]), Decimal(one["running"])
        shown = (
            f"{formats.number(running, language(), 2)} %"
            if names.is_rate(one)
            else formats.number(running, language(), 0)
        )
        if not found or found[-1].running != shown:
            times = bool(found) and value != 1 and value < FACTORS_BELOW
            said = f"× {formats.coefficient(value, language())}" if times else ""
            found.append(Line(str(one["title"]), said, shown))
    return found
