"""Columns of text become typed columns; what cannot be read says why."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clientela.foundation import identifiers, names
from clientela.foundation.imports.kinds import KINDS, Hints
from clientela.foundation.imports.kinds.identifiers import policy_number_keys
from clientela.foundation.imports.kinds.people import name_keys, sexes, split_names, tidy_names

HINTS = Hints(today=date(2026, 11, 18), choices={"m": ("муж", "м"), "f": ("жен",)}, lookup={"осаго": 7})


def read(kind: str, texts: list[str | None], hints: Hints = HINTS) -> list[object]:
    """Values, or ``!code`` where one cannot be read."""
    reading = KINDS[kind].read(pl.Series(texts, dtype=pl.String), hints)
    return [
        f"!{code}" if code else value for value, code in zip(reading.values, reading.problems, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("05/11/2015", date(2015, 11, 5)), ("5.1.2015", date(2015, 1, 5)), ("2024-05-01", date(2024, 5, 1)),
        ("2024-05-01 00:00:00", date(2024, 5, 1)), ("2024-05-01T10:30:00", date(2024, 5, 1)),
        ("01.05.24", date(2024, 5, 1)), ("45231", date(2023, 11, 1)), ("5 мая 2021 г.", date(2021, 5, 5)),
        ("12-ene-2020", date(2020, 1, 12)), ("1 Sep 2026", date(2026, 9, 1)), ("29.02.2024", date(2024, 2, 29)),
        ("31.02.1990", "!date_none"), ("00.00.0000", "!date_none"), ("29/02/2023", "!date_none"),
        ("вчера", "!date_format"), ("01.01.1850", "!date_range"), ("", None), (" - ", None), ("не указано", None),
    ],
)  # fmt: skip
def test_dates(text, value):
    assert read("date", [text]) == [value]


def test_month_first_when_told():
    us = Hints(today=HINTS.today, order="mdy")
    assert read("date", ["05/13/2024", "12/01/2024"], us) == [date(2024, 5, 13), date(2024, 12, 1)]


def test_birth_dates_are_past():
    assert read("birth_date", ["01.02.35", "01.02.85", "19.11.2026", "18.11.2026"]) == [
        date(1935, 2, 1), date(1985, 2, 1), "!date_future", date(2026, 11, 18),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234,56", "1234.56"), ("1\u00a0234.5", "1234.50"), ("1,234.56", "1234.56"), ("1.234.567", "1234567.00"),
        ("12 500 ₽", "12500.00"), ("12'500.5 руб.", "12500.50"), ("0,125", "0.13"), ("0.124", "0.12"),
        ("-0,125", "-0.13"), ("−5", "-5.00"), ("7.9E+3", "7900.00"), ("1 234", "1234.00"),
    ],
)  # fmt: skip
def test_amounts(text, value):
    assert read("amount", [text]) == [Decimal(value)]


def test_numbers_that_are_none():
    assert read("amount", ["сто", "1-2"]) == ["!not_number", "!not_number"]
    assert read("integer", ["1 234", "5.0", "5.5", "x"]) == [
        1234,
        5,
        "!not_whole_number",
        "!not_whole_number",
    ]
    assert read("year", ["2021", "2021 г.", "2021.0", "1066", "2028", "21"]) == [
        2021, 2021, 2021, "!year", "!year", "!year",
    ]  # fmt: skip


def test_phones_of_spreadsheets_and_several_in_a_cell():
    assert read("phone", [
        "79161234567.0", "7.9161234567E10", "8 (916) 123-45-67", "9161234567", "8 916 123-45-67, 8 495 123-45-67",
        "8917000", "89161234567 и 84951234567", "abc", "+34 600 123 456", "нет",
    ]) == [
        "+79161234567", "+79161234567", "+79161234567", "+79161234567", "+79161234567 +74951234567",
        "!phone_short", "+79161234567 +74951234567", "!phone_short", "+34600123456", None,
    ]  # fmt: skip


def test_emails():
    assert read("email", ["Vera@Mail.Example ", "mailto:a@b.ru", "krylova@", "a b@c.ru", "<x@y.com>;"]) == [
        "vera@mail.example", "a@b.ru", "!email_format", "!email_format", "x@y.com",
    ]  # fmt: skip


def test_names_get_capitals_and_one_alphabet():
    assert read("full_name", [
        "ИВАНОВ ИВАН", "петрова-водкина анна", "Ивaнов Пётр", "ООО «Ромашка»", "ООО РОМАШКА", "SMITH JOHN", "Иваhoв",
        "Орлова  Вера\u00a0Николаевна",
    ]) == [
        "Иванов Иван", "Петрова-Водкина Анна", "Иванов Пётр", "ООО «Ромашка»", "ООО РОМАШКА", "Smith John",
        "!name_mixed", "Орлова Вера Николаевна",
    ]  # fmt: skip


def test_words_of_lists():
    assert read("choice", ["муж", "ЖЕН", "f", "?"]) == ["m", "f", "f", "!unknown_value"]
    assert read("yes_no", ["да", "Нет", "+", "0", "может"]) == [True, False, True, False, "!not_yes_or_no"]
    assert read("reference", ["ОСАГО", "каско"]) == [7, "!unknown_value"]
    assert read("region", ["Татарстан", "Нарния"]) == ["RU-TA", "!unknown_region"]


def test_identifiers_and_lost_zeros():
    assert read("inn", ["7827004526", "7827004527", "760307073214.0", "x"]) == [
        "7827004526", "!inn_check_digit", "760307073214", "!inn_format",
    ]  # fmt: skip
    assert read("snils", ["8765430300", "087-654-303 00"]) == ["08765430300", "08765430300"]
    assert read("plate", ["а123вс77", "A 123 BC 777", "А000АА116", "x"]) == [
        "А123ВС77", "А123ВС777", "!plate_zeros", "!plate_format",
    ]  # fmt: skip
    assert read("vin", ["хтаGFK330LY123417", "123"]) == ["XTAGFK330LY123417", "!vin_format"]
    assert read("passport", ["92 08 123441", "9208123441.0", "45"]) == [
        "9208123441",
        "9208123441",
        "!passport_format",
    ]


WORDS = st.sampled_from(
    [
        "Иванов",
        "Иван",
        "Иванович",
        "Ильич",
        "Ильинична",
        "Анна",
        "Вагиф",
        "оглы",
        "Петров-Водкин",
        "Smith",
        "John",
        "Ёлкина",
        "И.",
        "П.",
        "Кузьмич",
        "Алиев",
        "Кич",
        "ООО",
    ]
)
NAMES = st.one_of(
    st.lists(WORDS, min_size=1, max_size=5).map(" ".join),
    st.text(st.characters(max_codepoint=0x2FFF), max_size=12),
)


@settings(max_examples=300, deadline=None)
@given(text=NAMES)
def test_columns_of_names_are_what_the_library_says(text):
    tidy = " ".join(text.split())
    parts = split_names(pl.Series([tidy])).row(0)
    library = names.split_full_name(tidy)
    assert tuple(part or "" for part in parts) == (library.last, library.first, library.middle)
    assert name_keys(pl.Series([text]))[0] == names.name_key(text)
    sex = names.sex_from_patronymic(library.middle)
    assert sexes(pl.Series([library.middle]))[0] == (None if sex is None else sex.value[0])


PLATES = st.text("АВЕКМНОРСТУХABEKMHOPCTYX0123456789 -хyz", max_size=12)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(PLATES, st.text(st.characters(max_codepoint=0x2FFF), max_size=20)))
@example("ƛ")  # a capital of its own since Unicode 16, which only one of the two knows
def test_columns_of_identifiers_are_what_the_library_says(text):
    assert policy_number_keys(pl.Series([text]))[0] == identifiers.policy_number_key(text)
    for kind in ("plate", "vin", "passport"):
        given_text = KINDS["text"].read(pl.Series([text]), HINTS).values[0]
        if given_text is None:
            continue
        try:
            expected = getattr(identifiers, f"normalize_{kind}")(text.strip())
        except identifiers.InvalidIdentifier as error:
            expected = f"!{kind}_{error.code}"
        assert read(kind, [text]) == [expected]


def test_tidy_names_keeps_what_is_right():
    values, mixed = tidy_names(pl.Series(["Орлова Вера", "де Сад Маркиз", None]))
    assert values.to_list() == ["Орлова Вера", "де Сад Маркиз", None]
    assert not mixed.any()
