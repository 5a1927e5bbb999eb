"""How a request is counted: readable rules of points, a temperature, and what makes two requests one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

BASE = 20


class Test(StrEnum):
    """How a fact is looked at."""

    __test__ = False  # the field's word; not a test of ours

    IS = "is"
    HAS = "has"
    FILLED = "filled"
    EMPTY = "empty"


FACTS = {
    "source": _("Where it came from"),
    "product": _("Line of the product"),
    "known": _("Client already"),
    "times": _("Came again"),
    "phone": pgettext_lazy("fact", "Phone"),
    "email": pgettext_lazy("fact", "E-mail"),
    "text": _("Words of the request"),
    "answers": _("Answers of the form"),
    "partner": _("Partner"),
    "utm_source": _("Advertising source (utm_source)"),
    "utm_medium": _("Kind of advertising (utm_medium)"),
    "utm_campaign": _("Campaign (utm_campaign)"),
    "page": _("Page of the site"),
    "working_time": _("Came in working time"),
}


@dataclass(frozen=True)
class Rule:
    """Points for requests of which ``fact`` is, has, or is not what ``value`` lists (separated by commas)."""

    code: str
    words: str
    fact: str
    test: str
    value: str
    points: int


def holds(rule: Rule, facts: Mapping[str, Any]) -> bool:
    """Whether the request is one the rule is about; of words one of the list is enough."""
    fact = str(facts.get(rule.fact) or "").casefold()
    wanted = [one.strip().casefold() for one in rule.value.split(",") if one.strip()]
    match rule.test:
        case Test.FILLED:
            return bool(fact)
        case Test.EMPTY:
            return not fact
        case Test.HAS:
            return any(one in fact for one in wanted)
        case _:
            return fact in wanted


def score(rules: Iterable[Rule], facts: Mapping[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """Points between 0 and 100, and the rules that gave or took them, in their order."""
    reasons: list[dict[str, Any]] = [
        {"code": rule.code, "words": rule.words, "points": rule.points}
        for rule in rules
        if rule.points and holds(rule, facts)
    ]
    return min(max(BASE + sum(one["points"] for one in reasons), 0), 100), reasons


def temperature(points: int, *, warm_from: int, hot_from: int) -> str:
    """cold, warm or hot."""
    return "hot" if points >= hot_from else "warm" if points >= warm_from else "cold"


# What the product comes with; a manager changes points and adds rules.
SHIPPED = (
    Rule("known", "Уже наш клиент", "known", Test.FILLED, "", 20),
    Rule("again", "Обращается повторно", "times", Test.FILLED, "", 15),
    Rule("phone", "Оставил телефон", "phone", Test.FILLED, "", 10),
    Rule("kasko", "КАСКО: большой чек", "product", Test.IS, "kasko", 20),
    Rule("mortgage", "Ипотека: ждёт банк", "product", Test.IS, "mortgage", 15),
    Rule("partner", "Привёл партнёр", "partner", Test.FILLED, "", 15),
    Rule("call", "Позвонил сам", "source", Test.IS, "call, missed", 15),
    Rule("chat", "Пишет в чате сейчас", "source", Test.IS, "chat", 15),
    Rule("urgent", "Нужно срочно", "text", Test.HAS, "срочно, сегодня, завтра, покупаю, забираю", 15),
    Rule("advertising", "Пришёл с платной рекламы", "utm_medium", Test.IS, "cpc, cpm, ads", 5),
    Rule("leaving", "Только сравнивает цены", "text", Test.HAS, "сравниваю, просто узнать, на будущее", -15),
)
