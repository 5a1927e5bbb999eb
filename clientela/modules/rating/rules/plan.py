"""A product's formula with the versions of its tables that count on a day: prices and verdicts come from here."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clientela.foundation.money import ZERO, allocate, kopecks
from clientela.modules.rating.rules.conditions import holds
from clientela.modules.rating.rules.eligibility import refusals
from clientela.modules.rating.rules.engine import Decision, Node, NoNumber
from clientela.modules.rating.rules.formula import Formula, Step, run
from clientela.modules.rating.rules.premium import (
    DECISIONS,
    Factor,
    MissingFacts,
    OutOfTariff,
    Part,
    Premium,
    Reason,
    Verdict,
)
from clientela.modules.rating.rules.route import Route, Sheet
from clientela.modules.rating.rules.tables import Cell
from clientela.modules.rating.rules.words import filled, said

# Facts without a question or a column of their own to be called by.
FACTS = {
    "age": _("age"),
    "experience": _("driving experience"),
    "owner": pgettext_lazy("fact", "owner of the contract"),
}


@dataclass(frozen=True)
class Hit:
    """Where a step's table answered, for which item of the list, and the limits the value keeps to."""

    value: Decimal
    cell: Cell | None
    item: Mapping[str, Any] = field(default_factory=dict)


class Plan:
    """Everything needed to price one product; compiled once, asked many times."""

    def __init__(
        self, product: str, name: str, definition: Mapping[str, Any], sheets: Mapping[str, Sheet]
    ) -> None:
        self.product, self.name, self.sheets = product, name, sheets
        self.definition = definition
        self.formula = Formula.from_json(definition.get("formula", {}))
        self.coverages = {one["code"]: one for one in definition.get("coverages", ())}
        self.underwriting = [rule for rule in definition.get("underwriting", ()) if rule["table"] in sheets]
        wanted = [one for step in self.formula.steps for one in step.when.items()]
        self._asked = tuple({fact: None for fact, told in wanted if not isinstance(told, Mapping)})
        self._told = tuple(one for one in wanted if isinstance(one[1], Mapping))
        self._routes: dict[tuple[Any, ...], Route] = {}
        self._judge: Decision | None = None
        self._finder: Decision | None = None

    def with_sheet(self, sheet: Sheet) -> "Plan":
        """The same tariff with another version of one table."""
        sheets = {**self.sheets, sheet.code: sheet}
        return Plan(self.product, f"{self.name}+{sheet.number}", self.definition, sheets)

    def price(self, facts: Mapping[str, Any], on: date, language: str) -> Premium:
        """Raises `MissingFacts`, `OutOfTariff`."""
        with _numbers(facts):
            return self._price(facts, on, language)

    def verdict(self, facts: Mapping[str, Any], on: date, language: str) -> Verdict:
        """Every rule that speaks, the strictest decision; `accept` where none does. Raises `OutOfTariff`."""
        with _numbers(facts):
            return self._verdict(facts, on, language)

    def _price(self, facts: Mapping[str, Any], on: date, language: str) -> Premium:
        known = self._known(facts, on)
        route = self.route(known)
        if missing := list(dict.fromkeys(self._asked_for(route.missing(known)))):
            raise MissingFacts(missing, [self._called(key, language) for key in missing])
        answers = route.decision.ask(known)
        factors: list[Factor] = []
        parts: dict[str, Decimal] = {}
        running: Decimal | None = None
        for place, step in route.steps:
            hit = None if step.left_out(known) else self._value(place, step, known, answers)
            if hit is None:
                continue
            if not step.part and running is None:
                running = self._sum(parts)
            before = parts.get(step.part, ZERO) if step.part else running or ZERO
            after = run(step.op, before, hit.value, _decimal(known, step.of) if step.of else ZERO)
            if step.part:
                parts[step.part] = after
            else:
                running = after
            factors.append(self._factor(step, hit, known, after, language))
        amount = kopecks(self._sum(parts) if running is None else running)
        return Premium(
            amount, tuple(factors), self.product, on, self.name, self._parts(parts, amount, known, language)
        )

    def _called(self, key: str, language: str) -> str:
        """What people call a fact: the question for it, for what it follows from, else the column of a table; the
        person it is of is told by place: “Drivers 1: class”."""
        place, _dot, rest = key.partition(".")
        number, _dot, fact = rest.partition(".")
        if fact:
            return f"{self._called(place, language)} {int(number) + 1}: {self._called(fact, language)}"
        derived = self.formula.derived
        for name in (key, derived.get(key, key), key.removesuffix("_count")):
            asked = next((one for one in self.definition.get("questions", ()) if one["key"] == name), None)
            if asked is not None:
                return _title(asked, language)
        columns = (column for sheet in self.sheets.values() for column in sheet.body.columns)
        told = next((column for column in columns if column.key == key), None)
        if told is None:
            return str(FACTS.get(key, key))
        return (told.title_en if language == "en" else "") or told.title

    def _names(self, facts: Iterable[str]) -> dict[str, str]:
        language = (get_language() or "ru")[:2]
        return {fact: self._called(fact, language) for fact in facts}

    def _sum(self, parts: Mapping[str, Decimal]) -> Decimal:
        sums = self.formula.sums
        if not parts and any(step.part for step in self.formula.steps):
            # In the order of the steps: what PostgreSQL keeps as JSON forgets the order of its keys.
            parts_in_order = dict.fromkeys(step.part for step in self.formula.steps)
            raise MissingFacts([sums[part] for part in parts_in_order if part in sums])
        return sum(parts.values(), ZERO)

    def _verdict(self, facts: Mapping[str, Any], on: date, language: str) -> Verdict:
        eligibility = self.definition.get("eligibility")
        if not self.underwriting and not eligibility:
            return Verdict("accept")
        known = self._known(facts, on)
        if self._judge is None:
            self._judge = Decision(
                Node(f"u{place}", self.sheets[rule["table"]].body, {}, rule.get("each", ""))
                for place, rule in enumerate(self.underwriting)
            )
        answers = self._judge.ask(known)
        reasons = list(refusals(eligibility, known, self._called, language))
        for place, rule in enumerate(self.underwriting):
            code, sheet = rule["table"], self.sheets[rule["table"]]
            for row in dict.fromkeys(cell.row for cell in answers[f"u{place}"]):
                text = sheet.body.text(row, "reason_en" if language == "en" else "reason")
                reasons.append(
                    Reason(
                        sheet.body.text(row, "decision"),
                        text or sheet.body.text(row, "reason"),
                        code,
                        sheet.number,
                    )
                )
        reasons.sort(key=lambda reason: -DECISIONS.index(reason.decision))
        return Verdict(reasons[0].decision if reasons else "accept", tuple(reasons))

    def _known(self, facts: Mapping[str, Any], on: date) -> dict[str, Any]:
        known = self.formula.complete(facts, on)
        wanted = {
            fact: rule
            for fact, rule in self.formula.lookups.items()
            if fact not in known and known.keys() >= self.sheet(rule["table"]).body.inputs.keys()
        }
        if wanted:
            if self._finder is None:
                nodes = {rule["table"]: fact for fact, rule in self.formula.lookups.items()}
                self._finder = Decision(Node(fact, self.sheet(code).body, {}) for code, fact in nodes.items())
            answers = self._finder.ask(known)
            for fact, rule in wanted.items():
                cell = answers[fact]
                if cell is not None:
                    known[fact] = self.sheet(rule["table"]).body.text(cell.row, rule["column"])
        return known

    def _asked_for(self, missing: Iterable[str]) -> Iterator[str]:
        """What a person is asked for: not the group of a make, but the make; not a share of a sum, but the sum."""
        for fact in missing:
            fact = self.formula.shares.get(fact, {}).get("of", fact)
            rule = self.formula.lookups.get(fact)
            yield from self.sheet(rule["table"]).body.inputs if rule else (fact,)

    def route(self, known: Mapping[str, Any]) -> "Route":
        """The steps that these facts call for, with their compiled tables."""
        key = tuple(str(known.get(fact)) for fact in self._asked)
        key += tuple(str(holds(told, known.get(fact))) for fact, told in self._told)
        if key not in self._routes:
            steps = [(place, step) for place, step in enumerate(self.formula.steps) if step.counts(known)]
            self._routes[key] = Route(steps, self.sheet)
        return self._routes[key]

    def sheet(self, code: str) -> Sheet:
        """Raises `OutOfTariff` when the table has no version for the day."""
        if code not in self.sheets:
            raise OutOfTariff(code, {}, message=_("The tariff “%s” has no version for this day.") % code)
        return self.sheets[code]

    def _value(
        self, place: int, step: Step, known: Mapping[str, Any], answers: Mapping[str, Any]
    ) -> Hit | None:
        if step.given and step.given in known:
            value = _decimal(known, step.given)
            return Hit(value, None, self._limits(step, value, known, answers.get(f"w{place}")))
        if not step.table:
            return Hit(Decimal(step.constant), None) if step.constant else None
        found = answers[f"s{place}"]
        body = self.sheet(step.table).body
        items = known[step.each] if step.each else [{}]
        hits = []
        for number, (cell, item) in enumerate(zip(found if step.each else [found], items, strict=True)):
            value_or_none = body.number(cell, step.column) if cell else None
            if cell is None or value_or_none is None:
                if step.optional:
                    return None
                asked = [step.facts.get(key, key) for key in body.inputs]
                facts = {fact: item.get(fact, known.get(fact)) for fact in asked}
                where = f"{step.each}.{number}.{asked[-1]}" if step.each else asked[0]
                title, names = said(self.sheet(step.table).title), self._names(facts)
                raise OutOfTariff(step.table, facts, field=where, title=title, names=names)
            hits.append(Hit(value_or_none, cell, item))
        best = max(hits, key=lambda hit: hit.value)
        if step.take == "sum":
            best = Hit(sum((hit.value for hit in hits), ZERO), best.cell, best.item)
        limits = self._limits(step, best.value, known, answers.get(f"w{place}"))
        return Hit(best.value, best.cell, {**best.item, **limits})

    def _limits(
        self, step: Step, value: Decimal, known: Mapping[str, Any], cell: Cell | None
    ) -> dict[str, Decimal | None]:
        if not step.within:
            return {}
        sheet = self.sheet(step.within)
        field_ = step.given or step.code
        if cell is None:
            facts = {
                fact: known.get(fact) for fact in (step.facts.get(key, key) for key in sheet.body.inputs)
            }
            raise OutOfTariff(step.within, facts, title=said(sheet.title), names=self._names(facts))
        low, high = sheet.body.number(cell, "min"), sheet.body.number(cell, "max")
        if (low is not None and value < low) or (high is not None and value > high):
            message = _("%(value)s is outside the limits of “%(table)s”: %(low)s to %(high)s.") % {
                "value": value, "table": said(sheet.title), "low": low, "high": high,
            }  # fmt: skip
            raise OutOfTariff(step.within, {field_: value}, field=field_, message=message)
        return {"min": low, "max": high}

    def _factor(
        self, step: Step, hit: Hit, known: Mapping[str, Any], running: Decimal, language: str
    ) -> Factor:
        title = said(step.title, language)
        if hit.cell is None:
            why = (
                filled(said(step.why, language), {**known, **hit.item}, language)
                if step.within or step.of
                else ""
            )
            return Factor(step.code, title, hit.value, why, "", 0, running, step.label, step.part)
        sheet = self.sheet(step.table)
        row = sheet.body.texts(hit.cell.row)
        why = filled(said(step.why, language), {**known, **hit.item, **row}, language)
        return Factor(
            step.code, title, hit.value, why, step.table, sheet.number, running, step.label, step.part
        )

    def _parts(
        self, parts: Mapping[str, Decimal], amount: Decimal, known: Mapping[str, Any], language: str
    ) -> tuple[Part, ...]:
        if not parts or not any(parts.values()):
            return ()
        shares = allocate(amount, list(parts.values()))
        return tuple(
            Part(
                code,
                _title(self.coverages.get(code, {"title": code}), language),
                _decimal(known, self.formula.sums[code]) if code in self.formula.sums else None,
                share,
            )
            for code, share in zip(parts, shares, strict=True)
        )


@contextmanager
def _numbers(facts: Mapping[str, Any]) -> Iterator[None]:
    """Junk in the place of a number is the caller's fault, told by the fact's key."""
    try:
        yield
    except NoNumber as refused:
        fact = str(refused)
        raise OutOfTariff("", {fact: facts.get(fact)}, message=_("A number stands here.")) from None
    except ValueError as refused:
        raise OutOfTariff("", {}, message=_("A number or a date cannot be read.")) from refused


def _title(coverage: Mapping[str, Any], language: str) -> str:
    return str(coverage.get("title_en") or coverage["title"] if language == "en" else coverage["title"])


def _decimal(facts: Mapping[str, Any], key: str) -> Decimal:
    try:
        if isinstance(facts[key], (bool, float)):
            raise InvalidOperation
        return Decimal(str(facts[key]))
    except InvalidOperation:
        raise OutOfTariff("", {key: facts[key]}, field=key, message=_("A number stands here.")) from None
