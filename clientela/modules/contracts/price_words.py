"""How a stored price came about, in the language of who reads it.

Lines of a price are stored as codes and numbers with the words of the moment; what is shown are the words of the
product's formula in the reader's language. A line that the formula does not know any more keeps the stored words.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from clientela.foundation.ui import formats
from clientela.modules.contracts.models import Project
from clientela.modules.products.queries import version_on
from clientela.modules.rating.queries import plan_of
from clientela.modules.rating.rules import OutOfTariff
from clientela.modules.rating.rules.formula import Op
from clientela.modules.rating.rules.words import filled

REGULAR_CODE = "REGULAR"
AGREED_CODE, HAND_CODE, LOADING_CODE = "AGREED", "HAND", "UNDERWRITER"
MOST = 3
HIGHEST_FACTOR = 100
_NAME = re.compile(r"\{(\w+)\}")
_THOUSANDS = re.compile(r"\d{1,3}(?:[ \u00a0,]\d{3})+")
_DECIMAL = re.compile(r"(\d+)[.,](\d{1,4})")


def regular_discount() -> Promise | str:
    """What the discount of a regular client is called."""
    return _("Regular client's discount")


def years_with_us(years: int) -> Promise | str:
    """For which year of renewal it is given."""
    return format_lazy("{words}: {years}", words=_("year of renewal"), years=years)


def agreed_words() -> tuple[str, str]:
    """Title and reason of what was agreed upon the tariff and stays so when the contract is changed."""
    return gettext("Agreed upon the tariff"), gettext("as agreed when the contract was made")


def loading_words() -> tuple[str, str]:
    """Title and reason of the factor with which an underwriter accepted a change."""
    return gettext("Factor of the underwriter"), gettext("as the underwriter accepted the change")


def hand_words() -> str:
    """What a price that a person set is called."""
    return gettext("Price set by hand")


@dataclass(frozen=True)
class Words:
    """The words of a product's formula on a day: by code and any title, the steps that may have made a line.

    ``rates`` are lines whose amount is a percentage of a sum insured yet, ``rounds`` those that only round it.
    """

    product: str
    on: date
    language: str
    steps: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    rates: frozenset[tuple[str, str]] = frozenset()
    rounds: frozenset[tuple[str, str]] = frozenset()

    def is_rate(self, line: Mapping[str, Any]) -> bool:
        """Whether the amount of this line is a percentage yet."""
        return (str(line["code"]), str(line["title"])) in self.rates

    def op(self, line: Mapping[str, Any]) -> str:
        """What the step of this line does to the amount; it multiplies where the formula does not know the line."""
        steps = self.steps.get((str(line["code"]), str(line["title"])), ())
        return str(steps[0]["op"]) if steps else Op.TIMES.value

    def only_rounds(self, line: Mapping[str, Any]) -> bool:
        return (str(line["code"]), str(line["title"])) in self.rounds


def words_of(product: str, on: date) -> Words:
    """In the language of the moment; one statement."""
    version, language = version_on(product, on), (get_language() or "ru")[:2]
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    steps = ((version.definition if version else {}).get("formula") or {}).get("steps", ())
    rates: set[tuple[str, str]] = set()
    rounds: set[tuple[str, str]] = set()
    until = max((place for place, step in enumerate(steps) if step["op"] == Op.AS_PERCENT_OF), default=0)
    for place, step in enumerate(steps):
        for title in {str(title) for title in (step.get("title") or {}).values()}:
            key = (str(step["code"]), title)
            found.setdefault(key, []).append(step)
            if step["op"] == Op.ROUND:
                rounds.add(key)
            if place < until:
                rates.add(key)
    return Words(product, on, language, found, frozenset(rates), frozenset(rounds))


def worded(lines: Iterable[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    """The same lines with their titles and reasons in the reader's language."""
    return [_worded(line, words) for line in lines]


def _worded(line: Mapping[str, Any], words: Words) -> dict[str, Any]:
    code, title, why = str(line["code"]), str(line["title"]), str(line.get("why") or "")
    if code == REGULAR_CODE:
        year = re.search(r"\d+$", why)
        told = {"why": str(years_with_us(int(year[0])))} if year else {}
        return {**line, "title": gettext("Regular client's discount")} | told
    if code == AGREED_CODE:
        title, why = agreed_words()
        return {**line, "title": title} | ({"why": why} if "why" in line else {})
    if code == LOADING_CODE:
        title, why = loading_words()
        return {**line, "title": title, "why": why}
    if code == HAND_CODE:
        return {**line, "title": hand_words()}
    steps = words.steps.get((code, title), ())
    if not steps:
        return dict(line)
    shown = next((text for step in steps if (text := _title(step, words.language))), title)
    return {**line, "title": shown} | ({"why": _reason(why, steps, words)} if "why" in line else {})


def _title(step: Mapping[str, Any], language: str) -> str:
    return str((step.get("title") or {}).get(language, ""))


def _reason(why: str, steps: Sequence[Mapping[str, Any]], words: Words) -> str:
    """``why`` was made from one of the templates of these steps: its values are put into the reader's template."""
    made = [
        (template, step)
        for step in steps
        for language, template in (step.get("why") or {}).items()
        if language != words.language and (step.get("why") or {}).get(words.language)
    ]
    for template, step in sorted(made, key=lambda one: -len(_NAME.sub("", one[0]))):
        values = _values(template, why)
        told = _filled(step, values, words) if values is not None else None
        if told is not None:
            return told
    return why


def _values(template: str, text: str) -> dict[str, str] | None:
    """What stands in the places of a template; nothing where the text is not of it."""
    pattern, seen = "", set()
    for place, piece in enumerate(_NAME.split(template)):
        if place % 2 == 0:
            pattern += re.escape(piece)
        elif piece in seen:
            pattern += f"(?P={piece})"
        else:
            seen.add(piece)
            pattern += f"(?P<{piece}>.*?)"
    found = re.fullmatch(pattern, text)
    return found.groupdict() if found else None


def _filled(step: Mapping[str, Any], values: Mapping[str, str], words: Words) -> str | None:
    """The reader's template with these values; nothing where one of its words is not known."""
    template = step["why"][words.language]
    known = dict(values)
    if wanted := set(_NAME.findall(template)) - known.keys():
        row = _row(str(step.get("table") or ""), values, words)
        known |= {name: row[name] for name in wanted if row.get(name)}
        if not wanted <= known.keys():
            return None
    return filled(
        template, {name: _written(value, words.language) for name, value in known.items()}, words.language
    )


def _row(table: str, values: Mapping[str, str], words: Words) -> dict[str, str]:
    """The row of the table where these words stand: it has the name of a town in the other language."""
    try:
        sheet = plan_of(words.product, words.on).sheets.get(table)
    except OutOfTariff:
        return {}
    for cell, _texts in sheet.body.rules() if sheet else ():
        row = sheet.body.texts(cell.row)  # type: ignore[union-attr]
        shared = values.keys() & row.keys()
        if shared and all(row[name] == values[name] for name in shared):
            return row
    return {}


def _written(value: str, language: str) -> str:
    if _THOUSANDS.fullmatch(value):
        return formats.number(int(re.sub(r"\D", "", value)), language)
    if number := _DECIMAL.fullmatch(value):
        return f"{number[1]}{'.' if language == 'en' else ','}{number[2]}"
    return value


def reason_from(moved: Sequence[Mapping[str, Any]], language: str, words: Words | None = None) -> str:
    """The strongest factors of a changed price: ``Бонус-малус −466,58 ₽, Территория +12,00 ₽``."""
    lines = worded(moved, words) if words else moved
    told = [f"{line['title']} {_signed(Decimal(str(line['effect'])), language)}" for line in lines[:MOST]]
    return ", ".join(told)[:255] or gettext("priced from the tariffs in force")


def step_text(op: str, value: Decimal, language: str) -> str:
    """What a step does, as people write it: × 1,05, 0,42 %, + 10 %; a sum of money stands in its own column."""
    if op == Op.TIMES:
        return f"× {formats.coefficient(value, language)}" if value < HIGHEST_FACTOR else ""
    if op in (Op.PERCENT_OF, Op.PLUS_PERCENT_OF, Op.PLUS_PERCENT):
        sign = "" if op == Op.PERCENT_OF else "+\u00a0"
        return f"{sign}{formats.coefficient(value, language)}\u00a0%"
    return ""


def amount_text(value: Decimal, language: str, *, rate: bool) -> str:
    """What the price has come to: roubles, or a percentage of the sum insured yet."""
    return f"{formats.number(value, language, 2)} %" if rate else formats.money(value, language)


def _signed(amount: Decimal, language: str) -> str:
    return ("+" if amount > 0 else "−") + formats.money(abs(amount), language)


def why_shown(project: Project) -> str:
    """Why the prepared price is what it is, in the language of the moment; words that a person wrote stay theirs."""
    stored, language = project.adjustment_reason, (get_language() or "ru")[:2]
    moved = (project.terms or {}).get("moved")
    if not stored or moved is None or language == settings.LANGUAGE_CODE[:2]:
        return stored
    try:
        with override(settings.LANGUAGE_CODE):
            if reason_from(moved, settings.LANGUAGE_CODE) != stored:
                return stored
        return reason_from(moved, language, words_of(project.product.code, project.start_date))
    except (KeyError, TypeError, InvalidOperation):
        return stored
