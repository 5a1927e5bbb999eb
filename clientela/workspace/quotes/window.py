"""What the one window shows: steps, cards, the comparison, what the premium is made of, and what is waited for."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.clients.models import Client, IdentityDocument
from clientela.modules.contracts.models import Project
from clientela.modules.products.queries import name_of
from clientela.modules.quotes import rules
from clientela.modules.quotes.models import EDITABLE, Calculation, Variant
from clientela.modules.quotes.operations.closing import last_factors
from clientela.modules.quotes.queries.factors import Names, factor_names, named
from clientela.modules.quotes.queries.products import (
    HELD,
    definition_of,
    insured_question,
    names_drivers,
    questions_of,
)
from clientela.workspace.quotes import cards, words
from clientela.workspace.quotes.cards import Card
from clientela.workspace.quotes.papers import Application, Paper, application_of, papers_of
from clientela.workspace.quotes.premium import Bar, bars_of

State = Calculation.State
MOST_ROWS = 5


@dataclass(frozen=True)
class Step:
    """A step at the left; ``state`` is done, now, wait or next."""

    anchor: str
    name: str
    note: str
    state: str


@dataclass
class Column:
    """A variant of the comparison."""

    variant: Variant
    title: str
    note: str
    delta: Decimal | None = None
    cells: list[tuple[str, bool]] = field(default_factory=list)


class Window:
    """One calculation as its page shows it; a bounded number of statements, whatever it holds."""

    def __init__(self, calculation: Calculation, *, today: date, form: Any = None) -> None:
        self.calculation, self.today, self.given_form = calculation, today, form
        self.client: Client = calculation.client
        self.language = language()

    @cached_property
    def definition(self) -> dict[str, Any]:
        return definition_of(self.calculation.product, self.calculation.starts_on)

    @cached_property
    def questions(self) -> list[dict[str, Any]]:
        return questions_of(self.definition, self.calculation.starts_on)

    @cached_property
    def variants(self) -> list[Variant]:
        return list(self.calculation.variants.order_by("place"))

    @cached_property
    def chosen(self) -> Variant | None:
        return next((one for one in self.variants if one.is_chosen), None)

    @cached_property
    def papers(self) -> list[IdentityDocument]:
        return list(IdentityDocument.objects.filter(client=self.client_id).order_by("kind", "-pk"))

    @property
    def client_id(self) -> int:
        return self.calculation.client_id

    @property
    def title(self) -> str:
        """ОСАГО, продление."""
        name = name_of(self.calculation.product)
        if self.calculation.policy is None:
            return _("%(product)s, new contract") % {"product": name}
        return _("%(product)s, renewal") % {"product": name}

    @property
    def days_left(self) -> int | None:
        """Days to the end of the expiring term."""
        policy = self.calculation.policy
        return (policy.end_date - self.today).days if policy else None

    @property
    def editable(self) -> bool:
        return self.calculation.state in EDITABLE

    @property
    def billable(self) -> bool:
        """Whether a contract can be made: priced, and accepted by the rules or by an underwriter."""
        chosen = self.chosen
        if chosen is None or chosen.premium is None:
            return False
        return self.calculation.released or chosen.decision == "accept"

    @property
    def goes_on(self) -> bool:
        """Whether selling it is not over: somebody may still change it or take it up again."""
        return self.calculation.state not in (State.PROJECT, State.ISSUED)

    @cached_property
    def count(self) -> rules.Count:
        return rules.count_origins(self.calculation.origins)

    # --- cards -------------------------------------------------------------------------------------------

    @cached_property
    def cards(self) -> list[Card]:
        shown = [cards.client_card(self)]
        if self.subject_kind in HELD or self.calculation.subject.get("title"):
            shown.append(cards.subject_card(self))
        if self.has_drivers:
            shown.append(cards.drivers_card(self))
        if (named := insured_question(self.definition)) is not None:
            shown.append(cards.insured_card(self, named))
        return shown

    @property
    def subject_kind(self) -> str:
        return str(self.definition.get("object") or self.calculation.subject.get("kind") or "")

    @property
    def has_drivers(self) -> bool:
        return names_drivers(self.definition)

    @cached_property
    def missing(self) -> list[str]:
        """Keys of facts that the chosen variant waits for."""
        return list(self.chosen.missing) if self.chosen else []

    # --- comparison --------------------------------------------------------------------------------------

    @cached_property
    def columns(self) -> list[Column]:
        first = self.chosen
        shown = []
        for variant in self.variants:
            title, note = words.variant_title(self.calculation, variant)
            column = Column(variant, title, note)
            base = self.calculation.last_premium if variant.is_chosen else (first.premium if first else None)
            if base is not None and variant.premium is not None:
                column.delta = variant.premium - base
            shown.append(column)
        return shown

    @cached_property
    def rows(self) -> list[tuple[str, list[tuple[str, bool, bool]]]]:
        """Factors in which the variants differ, each cell with whether it differs from the chosen one and is of it."""
        if len(self.variants) < 2:
            return []
        priced = [
            {one["code"]: one for one in variant.explanation.get("factors", [])} for variant in self.variants
        ]
        codes = dict.fromkeys(code for one in priced for code in one)
        place = next((index for index, one in enumerate(self.variants) if one.is_chosen), 0)
        found = []
        for code in codes:
            lines = [one.get(code) for one in priced]
            cells = [self._value(line["value"]) if line else "—" for line in lines]
            if len(set(cells)) > 1:
                line = next(one for one in lines if one)
                found.append(
                    (
                        line.get("label") or line["title"],
                        [(cell, cell != cells[place], index == place) for index, cell in enumerate(cells)],
                    )
                )
        return found[:MOST_ROWS]

    def _value(self, text: str) -> str:
        return formats.coefficient(Decimal(text), self.language)

    # --- what the premium is made of -----------------------------------------------------------------------

    @cached_property
    def lines(self) -> list[Bar]:
        if self.chosen is None:
            return []
        return bars_of(self.chosen.explanation.get("factors", []), self.names, self.language)

    @cached_property
    def moved(self) -> list[rules.Moved]:
        """Why the price is not that of the expiring term, factor by factor."""
        if self.calculation.policy is None or self.chosen is None or self.chosen.premium is None:
            return []
        before = last_factors(self.calculation.policy)
        after = self.chosen.explanation.get("factors", [])
        return rules.what_moved(named(before, self.names), named(after, self.names)) if before else []

    @cached_property
    def names(self) -> Names:
        """What the factors are called in the language of the page."""
        return factor_names(self.calculation.product, self.calculation.starts_on)

    @property
    def change(self) -> Decimal | None:
        """In percent against the expiring term."""
        last = self.calculation.last_premium
        if not last or self.chosen is None or self.chosen.premium is None:
            return None
        return (self.chosen.premium - last) * 100 / last

    @property
    def change_abs(self) -> Decimal:
        return abs(self.change or Decimal(0))

    @property
    def asks(self) -> bool:
        """Whether a question of the product is what the price waits for."""
        keys = {str(one["key"]) for one in self.questions}
        return any(key in keys for key in self.missing)

    @cached_property
    def dispute_url(self) -> str:
        """Where the class that the price stands on is disputed; empty where it is not known."""
        lookups = [
            one["lookup"] for one in self.calculation.drivers if one.get("class") and one.get("lookup")
        ]
        try:
            return reverse("classes:open", args=[lookups[0]]) if lookups else ""
        except NoReverseMatch:
            return ""

    @property
    def ends_on(self) -> date:
        return rules.last_day(self.calculation.starts_on, self.calculation.months, self.calculation.answers)

    @cached_property
    def documents(self) -> list[Paper]:
        return papers_of(self.calculation, self.papers, self.today)

    @cached_property
    def application(self) -> Application | None:
        """The client's application once there is a contract to apply for."""
        return application_of(self.project, timezone.now()) if self.project else None

    # --- steps -------------------------------------------------------------------------------------------

    @cached_property
    def project(self) -> Project | None:
        return self.calculation.project

    @cached_property
    def steps(self) -> list[Step]:
        return words.steps(self)


def loaded(rows: "QuerySet[Calculation]") -> "QuerySet[Calculation]":
    """With everything the window names."""
    return rows.select_related(
        "client__agent", "product", "policy", "project__next_policy", "insured_object", "created_by"
    )
