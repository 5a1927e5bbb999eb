"""Whose a report is, and what values say."""

from datetime import date
from decimal import Decimal

import pytest

from clientela.modules.group.rules import BadValue, Card, Match, Told, Value, Why, judge, same_name, value_of

BORN = date(1985, 4, 12)
VERA = Card(7, "орлова вера николаевна", BORN)


def told(name="орлова вера николаевна", born=BORN):
    return Told(1, date(2026, 11, 1), name_key=name, birth_date=born)


@pytest.mark.parametrize(
    ("one", "papers", "phones", "match"),
    [
        (told(), [VERA], [], Match(7)),
        (told(name=""), [VERA], [], Match(7)),
        (told(name="соколова вера николаевна"), [VERA], [], Match(7)),
        (told(name="соколова вера", born=None), [VERA], [], Match(None, Why.NAME, (7,))),
        (told(born=date(1985, 12, 4)), [VERA], [], Match(None, Why.BIRTH, (7,))),
        (told(), [VERA, Card(8, "орлова вера", BORN)], [], Match(None, Why.SEVERAL, (7, 8))),
        (told(), [], [VERA], Match(7)),
        (told(name="орлова вера"), [], [VERA], Match(7)),
        (told(), [], [VERA, Card(8, "орлов петр николаевич", BORN)], Match(7)),
        (told(), [], [VERA, Card(8, "орлова вера николаевна", BORN)], Match(None, Why.SEVERAL, (7, 8))),
        (told(born=None), [], [VERA], Match(None, Why.NO_BIRTH, (7,))),
        (told(), [], [Card(8, "орлова вера", None)], Match(None, Why.NO_BIRTH, (8,))),
        (told(born=date(1990, 1, 1)), [], [VERA], Match(None, Why.NOBODY)),
        (told(name="зимин глеб"), [], [VERA], Match(None, Why.NOBODY)),
        (told(), [], [], Match(None, Why.NOBODY)),
    ],
)  # fmt: skip
def test_exact_keys_only(one, papers, phones, match):
    assert judge(one, papers, phones) == match


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("yes_no", True, Value("yes", None, True)),
        ("yes_no", "Нет", Value("no", None, False)),
        ("amount", "3 200 000,5", Value("3200000.50", Decimal("3200000.50"), True)),
        ("amount", 0, Value("0.00", Decimal("0.00"), False)),
        ("number", "3", Value("3.00", Decimal("3.00"), True)),
        ("date", "2031-04-01", Value("2031-04-01", None, True)),
        ("text", "  по  будням ", Value("по будням", None, True)),
    ],
)
def test_values_in_one_form(kind, raw, value):
    assert value_of(kind, raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [("yes_no", "maybe"), ("amount", "много"), ("amount", "-1"), ("amount", "NaN"), ("amount", "1e14"),
     ("date", "31.02.2026"), ("text", "я" * 201), ("text", " \x00 ")],
)  # fmt: skip
def test_values_of_another_type(kind, raw):
    with pytest.raises(BadValue):
        value_of(kind, raw)


def test_one_name_is_not_enough():
    assert not same_name("вера", "вера")
    assert not same_name("орлова вера николаевна", "орлова вера петровна")
