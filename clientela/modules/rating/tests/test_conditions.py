"""Conditions: which answers call for a question or a step, and what is no condition."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clientela.modules.rating.rules.conditions import holds, readable
from clientela.modules.rating.rules.plan import Plan


@pytest.mark.parametrize(
    ("wanted", "answer", "expected"),
    [
        (["B", "BE"], "BE", True), (["B"], "C", False), ([True], True, True), ([True], None, False),
        ({"not": ["flat"]}, "house", True), ({"not": ["flat"]}, "flat", False), ({"not": ["flat"]}, "", False),
        ({"min": "5"}, 5, True), ({"min": "5"}, "4.99", False), ({"max": "5"}, Decimal(5), True),
        ({"min": 5, "max": "10"}, 11, False), ({"min": 5, "max": "10"}, 7, True), ({"min": "5"}, "", False),
        ({"max": "5"}, None, False), ({"max": "5"}, True, False),
        ({"filled": True}, 0, True), ({"filled": True}, "", False), ({"filled": False}, None, True),
        ({"filled": False}, "x", False), ({"filled": True}, False, True),
    ],
)  # fmt: skip
def test_an_answer_is_as_wanted_or_not(wanted: Any, answer: Any, expected: bool) -> None:
    assert holds(wanted, answer) is expected


@pytest.mark.parametrize(
    "strange",
    [
        [],
        {},
        {"not": []},
        {"not": "x"},
        {"min": "x"},
        {"filled": 1},
        {"more": 1},
        "x",
        5,
        None,
        {"min": True},
    ],
)
def test_what_says_nothing_is_no_condition(strange: Any) -> None:
    assert not readable(strange)


def test_a_step_counts_from_a_number_up() -> None:
    title = {"ru": "Надбавка", "en": "Loading"}
    steps = [
        {"code": "B", "op": "set", "title": title, "constant": "100"},
        {"code": "L", "op": "times", "title": title, "constant": "2", "when": {"power": {"min": "150"}}},
    ]
    plan = Plan("p", "p-1", {"formula": {"steps": steps}}, {})
    prices = [plan.price({"power": power}, date(2026, 11, 23), "ru").amount for power in (149, 150, 151, 90)]
    assert prices == [Decimal(100), Decimal(200), Decimal(200), Decimal(100)]


def test_who_may_be_insured_is_asked_before_the_tables_of_rules() -> None:
    eligibility = {"owner": ["person"], "age": {"min": "18", "max": "65"}, "sport": {"not": ["base"]}}
    questions = [{"key": "sport", "title": "Спорт", "title_en": "Sport", "kind": "text"}]
    definition = {"formula": {"steps": []}, "eligibility": eligibility, "questions": questions}
    plan = Plan("p", "p-1", definition, {})

    def told(language: str = "ru", **facts: Any) -> tuple[str, list[str]]:
        verdict = plan.verdict(facts, date(2026, 11, 23), language)
        return verdict.decision, [one.text for one in verdict.reasons]

    assert told(owner="person", age=40) == ("accept", [])
    assert told() == ("accept", [])
    assert told(age=66) == ("decline", ["По условиям продукта не подходит: возраст — 66."])
    assert told(owner="company", age=17, sport="base") == (
        "decline",
        [
            "По условиям продукта не подходит: страхователь.",
            "По условиям продукта не подходит: возраст — 17.",
            "По условиям продукта не подходит: Спорт.",
        ],
    )
    assert told("en", sport="base") == (
        "decline", ["By its conditions the product does not suit: Sport."],
    )  # fmt: skip
