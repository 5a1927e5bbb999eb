"""Tables on a document: people, coverages, factors, what was told and chosen, payments."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from html import escape
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from clientela.foundation.ui import formats
from clientela.modules.billing.models import Instalment
from clientela.modules.contracts.models import Participant, Policy
from clientela.modules.contracts.price_words import worded, words_of
from clientela.modules.products.queries import version_on
from clientela.modules.rating.queries import definition
from clientela.modules.rating.rules.premium import OutOfTariff

# As many lines as leave room for the rest of the page; of more those that change nothing are left out.
MANY = 8
_ROUBLES = re.compile(r"\d{4,}(?=[^ ]* ₽)")
_POINT = re.compile(r"(?<![\d.])(\d+)\.(\d{1,4})(?![\d.])")
_UNITS = {"₽": "₽", "RUB": "₽", "€": "€", "EUR": "€", "%": "%"}


class Told:
    """What the client answered, with the product's words for it."""

    def __init__(self, product: str, on: date, answers: Mapping[str, Any]) -> None:
        self.product, self.on, self.answers = product, on, answers

    @cached_property
    def definition(self) -> dict[str, Any]:
        """Of the version sold on the day; empty where there is none."""
        try:
            return definition(self.product, self.on)
        except OutOfTariff:
            return {}

    @cached_property
    def _rounding(self) -> set[tuple[str, str]]:
        version = version_on(self.product, self.on)
        steps = (version.definition.get("formula") or {}).get("steps", ()) if version else ()
        return {
            (str(one["code"]), str(title))
            for one in steps
            if one.get("op") == "round"
            for title in (one.get("title") or {}).values()
        }

    def people(self) -> list[dict[str, Any]]:
        """Those who are insured, where the product asks for people."""
        keys = [one["key"] for one in self.definition.get("questions", ()) if one.get("kind") == "people"]
        return [row for key in keys for row in self.answers.get(key) or () if row.get("name")]

    def covered(self) -> list[dict[str, Any]]:
        """The coverages chosen by the answers, where the product prices them as one: by their facts and the programme."""
        known = [dict(one) for one in self.definition.get("coverages") or ()]
        if not self.answers:  # sold elsewhere: nothing is known but what the law says of everybody
            return [one for one in known if one.get("limits")]
        programme = self.answers.get("programme")
        if any(one["code"] == programme for one in known):
            return [one for one in known if one["code"] == programme]
        return [one for one in known if not one.get("fact") or self.answers.get(one["fact"]) is True]

    def rounds(self, code: str, title: str) -> bool:
        """Whether this line of a price only rounds it."""
        return (code, title) in self._rounding

    def coverage(self, code: str, language: str) -> str:
        """What a coverage is called; empty where the product does not know it."""
        found = (one for one in self.definition.get("coverages") or () if one["code"] == code)
        return next((_said(one, language) for one in found), "")


def _said(one: Mapping[str, Any], language: str) -> str:
    return str((one.get("title_en") if language == "en" else "") or one.get("title", ""))


def _table(heads: Sequence[Any], rows: Iterable[Sequence[str]]) -> str:
    """The last column is a sum; a column without a word in it is left out. Nothing when there are no rows."""
    lines = [[*row] for row in rows]
    kept = [place for place in range(len(heads)) if any(line[place] for line in lines)]
    css = ["" if place < len(heads) - 1 else ' class="sum"' for place in kept]
    body = "".join(
        "<tr>"
        + "".join(f"<td{look}>{escape(line[place])}</td>" for look, place in zip(css, kept, strict=True))
        + "</tr>"
        for line in lines
    )
    top = "".join(
        f"<th{look}>{escape(str(heads[place]))}</th>" for look, place in zip(css, kept, strict=True)
    )
    return f"<table><thead><tr>{top}</tr></thead>{body}</table>" if body else ""


def people(named: Iterable[dict[str, Any]], told: Told, language: str) -> str:
    """Who is named in the contract, and who is insured by it."""
    roles = dict(Participant.Role.choices)
    rows = [
        [one["name"], str(roles.get(one["role"], one["role"])), _day(one.get("birth_date"), language)]
        for one in named
    ]
    known = {row[0] for row in rows}
    rows += [
        [one["name"], pgettext("paper", "Insured"), _day(one.get("birth_date"), language)]
        for one in told.people()
        if one["name"] not in known
    ]
    return _table([pgettext("paper", "Name"), _("Role"), _("Born")], rows)


def _day(text: Any, language: str) -> str:
    return formats.full_date(date.fromisoformat(text), language) if text else ""


def _money(amount: Any, language: str) -> str:
    """A sum as rating tells it, in words or as a number; what is no number stays as it is."""
    try:
        return formats.money(Decimal(str(amount)), language) if amount not in (None, "") else ""
    except InvalidOperation:
        return str(amount)


def coverages(rows: Sequence[dict[str, Any]], told: Told, language: str, sum_insured: Any = None) -> str:
    """What is covered, up to which sum and for how much; without prices where the product has one price for all."""
    if not rows:
        limits = [
            [_said(one, language), _money(one["amount"], language)]
            for cover in told.covered()
            for one in cover.get("limits") or [cover | {"amount": sum_insured}]
        ]
        return _table([_("Coverage"), _("Sum insured")], limits)
    return _table(
        [_("Coverage"), _("Sum insured"), _("Premium")],
        [
            [
                told.coverage(str(row.get("code", "")), language)
                or str(row.get("title") or row.get("code", "")),
                _money(row.get("sum_insured"), language),
                _money(row.get("amount"), language),
            ]
            for row in rows
        ],
    )


def factors(rows: Sequence[dict[str, Any]], told: Told, language: str) -> str:
    """How the premium came about."""
    rows = [row for row in rows if not told.rounds(str(row.get("code")), str(row.get("title")))]
    with override(language):
        rows = worded(rows, words_of(told.product, told.on))
    if len(rows) > MANY:
        rows = [row for row in rows if _number(row.get("value")) != 1]
    return _table(
        [pgettext("paper", "Factor"), _("Why"), pgettext("paper", "Value")],
        [
            [
                str(row.get("title") or row.get("code", "")),
                _why(str(row.get("why", "")), language),
                formats.factor(row.get("value"), language),
            ]
            for row in rows
        ],
    )


def _why(words: str, language: str) -> str:
    """The reason of a factor with its numbers written as the language writes them."""
    words = _ROUBLES.sub(lambda found: formats.number(int(found[0]), language), words)
    return _POINT.sub(r"\1,\2", words) if language == "ru" else words


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def conditions(told: Told, language: str) -> str:
    """What was told and chosen, in the product's words; people stand in a table of their own."""
    rows = []
    for question in told.definition.get("questions", ()):
        answer = told.answers.get(question["key"])
        if answer in (None, "", False, [], {}) or isinstance(answer, (list, dict)):
            continue
        rows.append(_with_unit(_said(question, language), _answer(question, answer, language), language))
    lines = "".join(f"<tr><td>{escape(name)}</td><td>{escape(answer)}</td></tr>" for name, answer in rows)
    return f'<table class="facts">{lines}</table>' if lines else ""


def _with_unit(name: str, answer: str, language: str) -> tuple[str, str]:
    """``Франшиза, ₽`` and ``15 000`` as ``Франшиза`` and ``15 000 ₽``: the unit stands by its number."""
    plain, _comma, tail = name.rpartition(", ")
    unit = _UNITS.get(tail)
    if unit is not None and re.fullmatch(r"\d{5,}", answer):
        answer = formats.number(int(answer), language)
    if not plain or unit is None or not answer[-1:].isdigit():
        return (plain, answer) if unit and answer else (name, answer)
    if language == "en":
        mark = {"₽": "RUB", "€": "EUR"}.get(unit)
        already = answer.startswith("RUB")
        return plain, answer if already else f"{mark}\u00a0{answer}" if mark else f"{answer}{unit}"
    return plain, f"{answer}\u00a0{unit}"


def _answer(question: Mapping[str, Any], answer: Any, language: str) -> str:
    if answer is True:
        return pgettext("paper", "yes")
    for one in question.get("choices") or ():
        if str(one["value"]) == str(answer):
            return _said(one, language) or str(answer)
    if question.get("kind") == "money":
        return _money(answer, language)
    number = _number(answer) if question.get("kind") == "number" else None
    if number is None:
        return str(answer)
    return (
        quantity(number, language) if abs(number) >= 10_000 or number % 1 else str(int(number))
    )  # a year is no sum


def quantity(value: Decimal, language: str) -> str:
    """A number with the decimals it has: ``123,5``, ``124``."""
    return formats.number(value, language, max(0, -int(value.normalize().as_tuple().exponent)))


def payments(policy: Policy, language: str) -> str:
    """The plan of payment, where there is more than one."""
    parts = Instalment.objects.filter(policy=policy)
    rows = [[formats.full_date(one.due_on, language), formats.money(one.amount, language)] for one in parts]
    return _table([_("Not later than"), _("Sum")], rows) if len(rows) > 1 else ""
