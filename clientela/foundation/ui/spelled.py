"""Sums in words, as bills and agreements say them beside the figure. Pure."""

from decimal import Decimal

from clientela.foundation.money import in_kopecks

_ONES_RU = [
    "ноль",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
]
_TENS_RU = [
    "",
    "",
    *["двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"],
]
_HUNDREDS_RU = [
    "",
    *["сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"],
]
_SCALES_RU = (
    ("рубль", "рубля", "рублей"), ("тысяча", "тысячи", "тысяч"), ("миллион", "миллиона", "миллионов"),
    ("миллиард", "миллиарда", "миллиардов"), ("триллион", "триллиона", "триллионов"),
)  # fmt: skip
_KOPECKS_RU = ("копейка", "копейки", "копеек")
_ONES_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS_EN = ["", "", *["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]]
_SCALES_EN = ("", "thousand", "million", "billion", "trillion")


def sum_in_words(amount: Decimal | int | str, language: str) -> str:
    """``Восемь тысяч шестьдесят семь рублей 41 копейка``; kopecks stay figures. For sums from zero up."""
    roubles, kopecks = divmod(in_kopecks(amount), 100)
    if roubles < 0 or roubles >= 1000 ** len(_SCALES_RU):
        raise ValueError("a sum in words is from zero to a thousand trillion")
    if language[:2] == "en":
        parts = f"{_english(roubles)} {'rouble' if roubles == 1 else 'roubles'}"
        return f"{parts[0].upper()}{parts[1:]} {kopecks:02} {'kopeck' if kopecks == 1 else 'kopecks'}"
    parts = f"{_russian(roubles)} {_form(roubles, _SCALES_RU[0])}"
    return f"{parts[0].upper()}{parts[1:]} {kopecks:02} {_form(kopecks, _KOPECKS_RU)}"


def _groups(number: int) -> list[int]:
    """Thousands, the lowest first."""
    found = []
    while number:
        number, group = divmod(number, 1000)
        found.append(group)
    return found


def _russian(number: int) -> str:
    words: list[str] = []
    for scale, group in reversed(list(enumerate(_groups(number)))):
        if group:
            words += _under_thousand(group, feminine=scale == 1)
            words += [_form(group, _SCALES_RU[scale])] if scale else []
    return " ".join(words) or _ONES_RU[0]


def _under_thousand(number: int, *, feminine: bool) -> list[str]:
    hundreds, rest = divmod(number, 100)
    tens, ones = (0, rest) if rest < 20 else divmod(rest, 10)
    last = {1: "одна", 2: "две"}.get(ones, "") if feminine else ""
    return [
        word
        for word in (_HUNDREDS_RU[hundreds], _TENS_RU[tens], last or (_ONES_RU[ones] if ones else ""))
        if word
    ]


def _form(number: int, forms: tuple[str, str, str]) -> str:
    """``1 рубль``, ``2 рубля``, ``5 рублей``."""
    if 11 <= number % 100 <= 14:
        return forms[2]
    return forms[0] if number % 10 == 1 else forms[1] if 2 <= number % 10 <= 4 else forms[2]


def _english(number: int) -> str:
    words: list[str] = []
    for scale, group in reversed(list(enumerate(_groups(number)))):
        if group:
            words += [*_hundreds_en(group), *([_SCALES_EN[scale]] if scale else [])]
    return " ".join(words) or _ONES_EN[0]


def _hundreds_en(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    words = [_ONES_EN[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words.append(_TENS_EN[tens] + (f"-{_ONES_EN[ones]}" if ones else ""))
    elif rest:
        words.append(_ONES_EN[rest])
    return words
