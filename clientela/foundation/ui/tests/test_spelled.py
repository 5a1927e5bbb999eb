"""Sums in words."""

from decimal import Decimal

import pytest

from clientela.foundation.ui.spelled import sum_in_words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.00", "Ноль рублей 00 копеек"),
        ("1.01", "Один рубль 01 копейка"),
        ("2.02", "Два рубля 02 копейки"),
        ("11.12", "Одиннадцать рублей 12 копеек"),
        ("21.21", "Двадцать один рубль 21 копейка"),
        ("8067.41", "Восемь тысяч шестьдесят семь рублей 41 копейка"),
        ("1000.00", "Одна тысяча рублей 00 копеек"),
        ("2002.05", "Две тысячи два рубля 05 копеек"),
        ("112000.99", "Сто двенадцать тысяч рублей 99 копеек"),
        ("1001000.00", "Один миллион одна тысяча рублей 00 копеек"),
        ("5000000.00", "Пять миллионов рублей 00 копеек"),
        ("999999999.99", "Девятьсот девяносто девять миллионов девятьсот девяносто девять тысяч девятьсот девяносто девять рублей 99 копеек"),
    ],
)  # fmt: skip
def test_russian(amount: str, words: str) -> None:
    assert sum_in_words(Decimal(amount), "ru") == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "Zero roubles 00 kopecks"),
        ("1.01", "One rouble 01 kopeck"),
        ("8067.41", "Eight thousand sixty-seven roubles 41 kopecks"),
        ("1200300", "One million two hundred thousand three hundred roubles 00 kopecks"),
        ("119.90", "One hundred nineteen roubles 90 kopecks"),
    ],
)
def test_english(amount: str, words: str) -> None:
    assert sum_in_words(amount, "en-gb") == words


@pytest.mark.parametrize("amount", ["-0.01", "1000000000000000"])
def test_what_has_no_words(amount: str) -> None:
    with pytest.raises(ValueError, match="from zero"):
        sum_in_words(amount, "ru")
