"""The short cut must never differ from the library."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clientela.foundation import phones
from clientela.foundation.imports.kinds.phones import normalize_series

SPELLED = st.text("0123456789789+ ()-.\u2013\u00a0x/", max_size=24)
SHAPED = st.builds(
    lambda prefix, number, cut: prefix + number[:cut] + " " + number[cut:],
    st.sampled_from(("", "+7", "8", "7", "+7 (", "810", "8-10-", "++7", "+8", "007")),
    st.from_regex(r"[3489][0-9]{8,10}|8108[0-9]{10}|33[0-9]{8}|7[0-9]{9}", fullmatch=True),
    st.integers(0, 9),
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("+7 916 123-45-67", "+79161234567"),
        ("8 (916) 123 45 67", "+79161234567"),
        ("79161234567", "+79161234567"),
        ("9161234567", "+79161234567"),
        ("8-495-123-45-67", "+74951234567"),
        ("8 800 123 45 67", "+78001234567"),
        ("+7 701 234 5678", "+77012345678"),
        ("+49 30 901820", "+4930901820"),
        ("8 916 123-45-67 доб. 3", "+79161234567"),
        ("12345", None),
        ("нет", None),
        ("", None),
        (None, None),
    ],
)
def test_spellings(raw, expected):
    assert phones.normalize(raw) == expected


def test_region_of_a_number_without_country_code():
    assert phones.normalize("030 901820", "DE") == "+4930901820"
    assert phones.normalize("8 701 234 5678", "KZ") == "+77012345678"


@settings(max_examples=1500)
@given(st.one_of(SPELLED, SHAPED, st.text(max_size=30)))
@example("8101234567")
@example("88101234567")
@example("+7(9161234567")
@example("9161234567" + " " * 250)
@example("3361234567")
def test_same_answer_as_the_library_for_one(raw):
    assert phones.normalize(raw) == (phones.normalize_by_library(raw) if raw else None)


@settings(max_examples=200)
@given(st.lists(st.one_of(st.none(), SPELLED, SHAPED), max_size=30))
def test_same_answer_for_a_column(raw):
    column = normalize_series(pl.Series("phone", raw, dtype=pl.String))
    assert column.name == "phone"
    assert column.to_list() == [phones.normalize(text) for text in raw]


def test_column_of_another_region():
    column = normalize_series(pl.Series("phone", ["030 901820", None, "x"]), "DE")
    assert column.to_list() == ["+4930901820", None, None]


def test_tail_and_form_for_people():
    assert phones.tail7("+79161234567") == "1234567"
    assert phones.tail7("8 916 123-45-67") == "1234567"
    assert phones.format_phone("+79161234567") == "+7 916 123-45-67"
    assert phones.format_phone("+4930901820") == "+49 30 901820"
    assert phones.format_phone("*0999") == "*0999"
