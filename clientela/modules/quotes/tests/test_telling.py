"""What was said in a talk fills the calculation; what was typed is not replaced without asking."""

from datetime import datetime

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations.answers import Said, keep_answers
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import change, disputed, start, take_told
from clientela.modules.quotes.told import NoAnswer, understood

FRANCHISE = {
    "key": "deductible", "kind": "choice",
    "choices": [{"value": "0", "title": "нет", "title_en": "none"}, {"value": "15000", "title": "15 000"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "said", "kept"),
    [
        (FRANCHISE, "15\u00a0000 ₽", "15000"),
        (FRANCHISE, "Нет", "0"),
        (FRANCHISE, "none", "0"),
        ({"kind": "choice", "choices": ["6", "12"]}, "6", "6"),
        ({"kind": "bool"}, "да", True),
        ({"kind": "bool"}, "no", False),
        ({"kind": "money", "min": 1}, "1 500 000,50 ₽", "1500000.5"),
        ({"kind": "number", "min": 0, "max": 12}, "6", 6),
        ({"kind": "date"}, "2026-11-02", "2026-11-02"),
        ({"kind": "text"}, " Creta ", "Creta"),
    ],
)
def test_words_become_answers(question: dict[str, object], said: str, kept: object) -> None:
    assert understood(question, said) == kept


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (FRANCHISE, "побольше"),
        ({"kind": "bool"}, "наверное"),
        ({"kind": "number", "max": 12}, "13"),
        ({"kind": "money"}, "NaN"),
        ({"kind": "date"}, "завтра"),
        ({"kind": "people"}, "двое"),
        ({"kind": "text"}, "  "),
    ],
)
def test_what_answers_nothing_is_refused(question: dict[str, object], said: str) -> None:
    with pytest.raises(NoAnswer):
        understood(question, said)


def test_what_was_said_is_priced_and_keeps_its_origin(
    calculation: Calculation, anna: User, now: datetime
) -> None:
    before = calculation.variants.get(is_chosen=True).premium
    after = take_told(
        actor=anna, now=now, calculation=calculation, told={"months_of_use": "6", "nonsense": "да"}
    )
    assert (after.answers["months_of_use"], after.origins["answers.months_of_use"]) == (6, "talk")
    assert "nonsense" not in after.answers
    assert after.variants.get(is_chosen=True).premium != before
    again = take_told(actor=anna, now=now, calculation=after, told={"months_of_use": "6"})
    assert again.version == after.version


def test_what_is_usual_anyway_was_said_all_the_same(
    calculation: Calculation, anna: User, now: datetime
) -> None:
    assert "answers.unlimited" not in calculation.origins
    after = take_told(actor=anna, now=now, calculation=calculation, told={"unlimited": "no"})
    assert (after.answers["unlimited"], after.origins["answers.unlimited"]) == (False, "talk")


def test_what_was_typed_is_asked_about(calculation: Calculation, anna: User, now: datetime) -> None:
    typed = change(actor=anna, now=now, calculation=calculation, answers={"months_of_use": 3})
    told = {"months_of_use": "6", "foreign": "no"}
    after = take_told(actor=anna, now=now, calculation=typed, told=told)
    assert (after.answers["months_of_use"], after.origins["answers.months_of_use"]) == (3, "typed")
    assert disputed(after, told) == {"months_of_use": 6}
    over = take_told(actor=anna, now=now, calculation=after, told=told, over=True)
    assert (over.answers["months_of_use"], over.origins["answers.months_of_use"]) == (6, "talk")
    assert disputed(over, told) == {}


def test_a_new_calculation_takes_from_the_profile_what_answers_its_questions(
    tariffs: None, vera: Client, anna: User, now: datetime
) -> None:
    said = [
        Said("deductible", "Франшиза", "", "choice", "15 000", ""),
        Said("gap", "GAP", "", "text", "возможно", ""),
    ]
    keep_answers(actor=anna, now=now, client=vera, answers=said, source="Разговор")
    row = start(actor=anna, now=now, client=vera, product=Product.objects.get(code="kasko"))
    assert (row.answers["deductible"], row.answers["gap"]) == ("15000", False)
