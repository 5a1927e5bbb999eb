"""Numbers, days and sums as Russian says them, for a voice that reads words only."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

_UNITS = ["", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать",
          "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать",
          "девятнадцать"]  # fmt: skip
_TENS = [
    "",
    "",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
]
_HUNDREDS = [
    "",
    "сто",
    "двести",
    "триста",
    "четыреста",
    "пятьсот",
    "шестьсот",
    "семьсот",
    "восемьсот",
    "девятьсот",
]
_SCALES = [
    ("", "", "", False),
    ("тысяча", "тысячи", "тысяч", True),
    ("миллион", "миллиона", "миллионов", False),
    ("миллиард", "миллиарда", "миллиардов", False),
]
_DAYS = ["", "первого", "второго", "третьего", "четвёртого", "пятого", "шестого", "седьмого", "восьмого", "девятого",
         "десятого", "одиннадцатого", "двенадцатого", "тринадцатого", "четырнадцатого", "пятнадцатого", "шестнадцатого",
         "семнадцатого", "восемнадцатого", "девятнадцатого", "двадцатого"]  # fmt: skip
_MONTHS = ["", "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
           "декабря"]  # fmt: skip


def plural(n: int, one: str, few: str, many: str) -> str:
    """рубль, рубля, рублей."""
    if n % 100 in range(11, 15):
        return many
    return {1: one, 2: few, 3: few, 4: few}.get(n % 10, many)


def number(n: int, *, feminine: bool = False) -> str:
    """A whole number up to 10¹² in the nominative: двадцать одна тысяча. Raises ValueError beyond."""
    if abs(n) >= 10**12:
        raise ValueError(n)
    if n == 0:
        return "ноль"
    words: list[str] = ["минус"] if n < 0 else []
    rest = abs(n)
    for power in range(3, -1, -1):
        group, rest = divmod(rest, 1000**power)
        if group:
            one, few, many, is_feminine = _SCALES[power]
            words += _group(group, feminine=is_feminine or (feminine and power == 0))
            words.append(plural(group, one, few, many))
    return " ".join(word for word in words if word)


def _group(n: int, *, feminine: bool) -> list[str]:
    hundreds, rest = divmod(n, 100)
    words = [_HUNDREDS[hundreds]]
    if rest >= 20:
        words.append(_TENS[rest // 10])
        rest %= 10
    unit = _UNITS[rest]
    return [*words, {"один": "одна", "два": "две"}.get(unit, unit) if feminine else unit]


def roubles(sum_: Decimal) -> str:
    """A sum to the rouble: a voice does not read kopecks."""
    whole = int(sum_.quantize(Decimal(1), ROUND_HALF_UP))
    return f"{number(whole)} {plural(whole, 'рубль', 'рубля', 'рублей')}"


def day(when: date) -> str:
    """The genitive of a day: семнадцатого декабря."""
    if when.day <= 20:
        said = _DAYS[when.day]
    elif when.day == 30:
        said = "тридцатого"
    else:
        said = f"{_TENS[when.day // 10]} {_DAYS[when.day % 10]}"
    return f"{said} {_MONTHS[when.month]}"


def digits(text: str) -> str:
    """A phone or a policy number digit by digit."""
    return " ".join(number(int(c)) for c in text if c.isdigit())
