"""Numbers, days and sums in words."""

from datetime import date
from decimal import Decimal

import pytest

from clientela.modules.robot.rules import words


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "ноль"),
        (1, "один"),
        (14, "четырнадцать"),
        (21, "двадцать один"),
        (100, "сто"),
        (111, "сто одиннадцать"),
        (1000, "одна тысяча"),
        (2002, "две тысячи два"),
        (13296, "тринадцать тысяч двести девяносто шесть"),
        (1_000_000, "один миллион"),
        (5_021_011, "пять миллионов двадцать одна тысяча одиннадцать"),
        (-3, "минус три"),
    ],
)
def test_a_number(n: int, said: str) -> None:
    assert words.number(n) == said


def test_a_number_goes_with_its_gender_and_ends_at_billions() -> None:
    assert words.number(22, feminine=True) == "двадцать две"
    assert words.number(999_999_999_999).startswith("девятьсот девяносто девять миллиардов")
    with pytest.raises(ValueError, match="1000000000000"):
        words.number(10**12)


@pytest.mark.parametrize(
    ("sum_", "said"),
    [
        ("13296.00", "тринадцать тысяч двести девяносто шесть рублей"),
        ("8533.50", "восемь тысяч пятьсот тридцать четыре рубля"),
        ("21.49", "двадцать один рубль"),
        ("112.00", "сто двенадцать рублей"),
    ],
)
def test_a_sum(sum_: str, said: str) -> None:
    assert words.roubles(Decimal(sum_)) == said


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (date(2026, 12, 17), "семнадцатого декабря"),
        (date(2026, 1, 20), "двадцатого января"),
        (date(2026, 5, 21), "двадцать первого мая"),
        (date(2026, 8, 30), "тридцатого августа"),
        (date(2026, 8, 31), "тридцать первого августа"),
    ],
)
def test_a_day(when: date, said: str) -> None:
    assert words.day(when) == said


def test_a_number_digit_by_digit() -> None:
    assert words.digits("*0999") == "ноль девять девять девять"
