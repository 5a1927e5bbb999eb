"""Conditions and answers of a definition go through the form unchanged, whatever they hold; what no base keeps is told."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from clientela.modules.clients.models import Client
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.workspace.products import codes, conditions
from clientela.workspace.products.definition import read
from clientela.workspace.products.terms import Unreadable
from clientela.workspace.products.tests.test_definition import typed

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
PLAIN = st.one_of(TEXTS, st.booleans(), st.integers(-(10**12), 10**12))
WANTED = st.one_of(
    st.lists(PLAIN, max_size=4),
    st.fixed_dictionaries({"not": st.lists(PLAIN, max_size=3)}),
    st.fixed_dictionaries({}, optional={"min": PLAIN, "max": PLAIN, "filled": st.booleans()}),
    st.dictionaries(TEXTS, PLAIN, max_size=2), PLAIN, st.none(),
)  # fmt: skip
CONDITIONS = st.dictionaries(TEXTS, WANTED, max_size=4)
CHOICES = st.lists(
    st.fixed_dictionaries({"value": PLAIN}, optional={"title": TEXTS, "title_en": TEXTS, "hint": PLAIN}),
    max_size=5,
)
QUESTIONS = st.lists(
    st.fixed_dictionaries(
        {"key": st.from_regex(r"[a-z]{1,6}", fullmatch=True), "kind": st.sampled_from(["text", "choice", "number"])},
        optional={"show_if": CONDITIONS, "choices": CHOICES},
    ),
    max_size=4,
)  # fmt: skip
STEPS = st.lists(
    st.fixed_dictionaries({"code": st.just("T"), "op": st.just("set")}, optional={"when": CONDITIONS}),
    max_size=3,
)


def whole(questions: list[dict[str, Any]], steps: list[dict[str, Any]]) -> dict[str, Any]:
    parts: dict[str, Any] = {"limits": {}, "eligibility": {}, "underwriting": [], "cancellation": {}}
    return parts | {
        "object": "life", "coverages": [], "documents": [], "questions": questions, "formula": {"steps": steps},
    }  # fmt: skip


@given(QUESTIONS, STEPS)
def test_what_was_not_touched_is_stored_as_it_was(
    questions: list[dict[str, Any]], steps: list[dict[str, Any]]
) -> None:
    definition = whole(questions, steps)
    found = read(typed(definition), definition)
    assert json.dumps(found, sort_keys=True) == json.dumps(definition, sort_keys=True)
    assert conditions.said(questions[0].get("show_if"), {}) is not None if questions else True


def changed(text: str) -> QueryDict:
    definition = whole([{"key": "wall", "kind": "choice", "show_if": {"object": ["house"]}}], [])
    form = typed(definition)
    form.setlist("questions-show_if", [text])
    return form


def test_a_condition_is_changed_and_taken_out() -> None:
    found = read(changed('{"object": {"not": ["flat"]}, "built": {"min": 1950}}'), {})["questions"][0]
    assert found["show_if"] == {"object": {"not": ["flat"]}, "built": {"min": 1950}}
    assert "show_if" not in read(changed(""), {})["questions"][0]


@pytest.mark.parametrize(
    "junk",
    ["{", "NaN", '{"a": [1e999]}', '{"a": "\\u0000"}', '{"a": "\\ud800"}', "[" * 3000, '{"a": [Infinity]}'],
)
def test_what_no_base_keeps_is_told_at_its_field(junk: str) -> None:
    with pytest.raises(Unreadable) as told:
        read(changed(junk), {})
    assert told.value.at == "questions-0-show_if"


def test_conditions_are_said_in_words() -> None:
    named = {
        "object": {"title": "Объект", "options": [("house", "Дом"), ("flat", "Квартира")]},
        "alarm": {"title": "Сигнализация", "options": []},
    }  # fmt: skip
    shown = {
        "object": ["house", "flat"],
        "alarm": [True],
        "built": {"min": 1950, "max": "2020"},
        "x": {"filled": False},
    }
    assert conditions.said(shown, named) == (
        "Объект одно из Дом, Квартира; Сигнализация равно да; built не меньше 1950 не больше 2020; x нет ответа"
    )
    assert (
        conditions.said({"object": {"not": ["flat"]}, "y": {"odd": 1}}, named)
        == "Объект кроме Квартира; y odd 1"
    )


def test_an_answer_that_goes_is_told_with_the_tables_and_calculations_that_hold_it(
    db: None, vera: Client, now: datetime
) -> None:
    load_shipped(now=now - timedelta(days=1))
    product = Product.objects.get(code="accident")
    for number, sport in (("1", "contact"), ("2", "contact"), ("3", "none")):
        Calculation.objects.create(
            number=number, number_key=number, client=vera, product=product, starts_on=now.date(),
            answers={"sport": sport}, created_at=now, updated_at=now,
        )  # fmt: skip
    base = product.versions.get().definition
    typed_now = json.loads(json.dumps(base))
    sport = typed_now["questions"][3]
    sport["choices"] = [one for one in sport["choices"] if one["value"] != "contact"]
    typed_now["questions"][0]["choices"].append({"value": "new", "title": "Новая"})
    (told,) = codes.lost(typed_now, base, product)
    assert told["place"] == "questions-3-choices"
    assert told["text"].startswith(
        "Ответа «Контактный» (contact) больше нет, но он ещё нужен. Он есть в таблицах: "
    )
    assert told["text"].endswith(" Он стоит в 2 прошлых расчётах.")
    assert codes.lost(base, base, product) == []
    del typed_now["questions"][3]
    assert [one["place"] for one in codes.lost(typed_now, base, product)] == [""] * 4
