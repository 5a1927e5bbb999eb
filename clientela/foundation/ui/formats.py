"""How numbers, money, dates and names are written, in Russian and English.

Pure functions: the language (``"ru"`` or ``"en"``, longer tags by their first two letters) is passed in,
the template filters of ``templatetags/ui.py`` take it from the request. Spaces inside one figure are
no-break (U+00A0), minus is the true minus (U+2212).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

NBSP = "\u00a0"
MINUS = "\u2212"
TINTS = 6

# Days on which the steps of the standard schedule stand. A schedule passes its own.
STEPS = (45, 30, 17, 5)

_MONTHS_RU = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_NEAR = {
    "ru": {-1: "вчера", 0: "сегодня", 1: "завтра"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}
_DAY_FORMS = {"ru": ("день", "дня", "дней"), "en": ("day", "days")}
_SCALES = {
    "ru": ((1_000_000_000, "млрд"), (1_000_000, "млн"), (1_000, "тыс.")),
    "en": ((1_000_000_000, "bn"), (1_000_000, "m"), (1_000, "k")),
}
_LEGAL_FORMS = {
    "ооо",
    "оао",
    "зао",
    "пао",
    "ао",
    "ип",
    "нко",
    "гуп",
    "муп",
    "фгуп",
    "ltd",
    "llc",
    "inc",
    "plc",
}
_PLATE = re.compile(r"^([А-ЯA-Z])(\d{3})([А-ЯA-Z]{2})(\d{2,3})$")

Number = Decimal | int | float


def _lang(language: str) -> str:
    return "en" if language[:2] == "en" else "ru"


def number(value: Number, language: str, decimals: int = 0) -> str:
    """``1 284`` or ``1,284``; ``decimals`` digits after the separator, rounded half up."""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{abs(rounded):,f}"
    if _lang(language) == "ru":
        text = text.translate({ord(","): NBSP, ord("."): ","})
    return MINUS + text if rounded < 0 else text


def coefficient(value: Decimal, language: str) -> str:
    """``1,80`` or ``0,4621``: a factor of a price with two decimals at least and four at most."""
    places = max(2, -int(value.normalize().as_tuple().exponent)) if value % 1 else 2
    return number(value, language, min(places, 4))


def money(amount: Number, language: str, kopecks: bool = True) -> str:
    """``8 533,99 ₽`` or ``RUB 8,533.99``; ``kopecks=False`` rounds to roubles for summaries."""
    text = number(amount, language, 2 if kopecks else 0)
    if _lang(language) == "ru":
        return f"{text}{NBSP}₽"
    return f"{MINUS}RUB{NBSP}{text[1:]}" if text.startswith(MINUS) else f"RUB{NBSP}{text}"


def factor(value: Any, language: str) -> str:
    """A factor of a price with two to four places, a whole base as it is: ``1,70``, ``6 120``; other words stay."""
    try:
        number_ = Decimal(str(value))
    except InvalidOperation:
        return str(value or "")
    places = -int(number_.normalize().as_tuple().exponent)
    shown = max(places, 2) if "." in str(value) else 0
    return number(number_, language, min(shown, 4))


def money_short(amount: Number, language: str) -> str:
    """Money on strips: ``214 тыс. ₽``, ``24,4 млн ₽``, ``RUB 214k``; under a thousand in full roubles."""
    size = abs(Decimal(str(amount)))
    lang = _lang(language)
    for scale, name in _SCALES[lang]:
        if size >= scale:
            scaled = Decimal(str(amount)) / scale
            text = number(scaled, lang, 1 if abs(scaled) < 100 and scale > 1_000 else 0)
            if lang == "ru":
                return f"{text}{NBSP}{name}{NBSP}₽"
            sign, digits = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
            return f"{sign}RUB{NBSP}{digits}{name}"
    return money(amount, language, kopecks=False)


def percent(value: Number, language: str, decimals: int = 0) -> str:
    """``value`` is in percent, not a fraction: 15 gives ``15 %`` or ``15%``."""
    return number(value, language, decimals) + (f"{NBSP}%" if _lang(language) == "ru" else "%")


def signed_percent(value: Number, language: str, decimals: int = 1) -> str:
    """A change with its sign: ``+11,7 %``, ``−1,9 %``; a change that rounds to zero is «без изменений»."""
    text = percent(value, language, decimals)
    if not any(digit in text for digit in "123456789"):
        return "без изменений" if _lang(language) == "ru" else "no change"
    return text if text.startswith(MINUS) else f"+{text}"


def points(value: Number, language: str, decimals: int = 1) -> str:
    """Difference of two shares: ``+1,8 п. п.`` or ``+1.8 pp``."""
    text = number(value, language, decimals)
    unit = f"п.{NBSP}п." if _lang(language) == "ru" else "pp"
    return f"{text if text.startswith(MINUS) else '+' + text}{NBSP}{unit}"


def plural(count: int, forms: Sequence[str], language: str) -> str:
    """The form that goes with ``count`` by CLDR: (день, дня, дней) in Russian, (day, days) in English."""
    count = abs(count)
    if _lang(language) == "en":
        return forms[0] if count == 1 else forms[-1]
    if count % 10 == 1 and count % 100 != 11:
        return forms[0]
    return forms[1] if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else forms[2]


def days(count: int, language: str) -> str:
    """``17 дней``, ``1 day``: days in a sentence."""
    return f"{number(count, language)}{NBSP}{plural(count, _DAY_FORMS[_lang(language)], language)}"


def days_chip(count: int, language: str) -> tuple[str, str]:
    """Number and unit of the days mark: ``("17", "дн.")``; day zero is ``("сегодня", "")``."""
    lang = _lang(language)
    if count == 0:
        return _NEAR[lang][0], ""
    return number(count, lang), "дн." if lang == "ru" else plural(count, _DAY_FORMS["en"], lang)


def temperature(days_left: int, steps: Iterable[int] = STEPS) -> str:
    """How near day zero is: ``far``, ``mid``, ``soon``, ``now`` or ``past``.

    ``steps`` are the days of the schedule; the smallest three are the limits, so (45, 30, 17, 5)
    makes 45–31 far, 30–18 mid, 17–6 soon and 5–0 now.
    """
    if days_left < 0:
        return "past"
    limits = zip(sorted(set(steps)), ("now", "soon", "mid"), strict=False)
    return next((name for limit, name in limits if days_left <= limit), "far")


def short_date(day: date, language: str, today: date | None = None) -> str:
    """Lists: ``05.12`` or ``5 Dec``; with the year when it is not that of ``today``."""
    other_year = today is not None and day.year != today.year
    if _lang(language) == "ru":
        return f"{day:%d.%m.%Y}" if other_year else f"{day:%d.%m}"
    return f"{day.day}{NBSP}{day:%b}{NBSP}{day.year}" if other_year else f"{day.day}{NBSP}{day:%b}"


def full_date(day: date, language: str) -> str:
    """Documents: ``05.12.2026`` or ``5 Dec 2026``."""
    return f"{day:%d.%m.%Y}" if _lang(language) == "ru" else f"{day.day}{NBSP}{day:%b}{NBSP}{day.year}"


def long_date(day: date, language: str, today: date | None = None) -> str:
    """Sentences: ``5 декабря`` or ``5 December``; with the year when it is not that of ``today``."""
    lang = _lang(language)
    month = (_MONTHS_RU if lang == "ru" else _MONTHS_EN)[day.month - 1]
    year = f"{NBSP}{day.year}" if today is not None and day.year != today.year else ""
    return f"{day.day}{NBSP}{month}{year}"


def near_date(day: date, language: str, today: date) -> str:
    """``вчера``, ``сегодня``, ``завтра``, otherwise ``short_date``."""
    near = _NEAR[_lang(language)].get((day - today).days)
    return near or short_date(day, language, today)


def near_moment(moment: datetime, language: str, now: datetime, zone: str | ZoneInfo) -> str:
    """An aware moment on the clock of ``zone``: ``сегодня, 11:00``, ``вчера, 19:06``, ``05.12, 12:04``."""
    zone = zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
    local = moment.astimezone(zone)
    return f"{near_date(local.date(), language, now.astimezone(zone).date())}, {local:%H:%M}"


def duration(span: timedelta, language: str) -> str:
    """The two largest units: ``2 мин 10 с``, ``3 ч 05 мин``, ``4 days``; under a second is ``0 с``."""
    lang = _lang(language)
    seconds = max(0, int(span.total_seconds()))
    hour, minute, second = ("ч", "мин", "с") if lang == "ru" else ("h", "min", "s")
    if seconds >= 86400:
        return days(seconds // 86400, lang)
    if seconds >= 3600:
        return f"{seconds // 3600}{NBSP}{hour} {seconds % 3600 // 60:02d}{NBSP}{minute}"
    if seconds >= 60:
        return f"{seconds // 60}{NBSP}{minute} {seconds % 60}{NBSP}{second}"
    return f"{seconds}{NBSP}{second}"


def initials(name: str) -> str:
    """Two letters of the first two words: «Орлова Вера Николаевна» → ОВ, «ООО „Кама-Проект“» → КП."""
    words = [word for word in re.split(r"[^\w]+", name) if word and word.lower() not in _LEGAL_FORMS]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def tint(name: str) -> int:
    """Avatar tint 1…6, the same for a name on every screen."""
    return crc32(name.encode()) % TINTS + 1


def plate(value: str) -> str:
    """Registration plate in groups: ``Р418ТО116`` → ``Р 418 ТО 116``; anything else stays as it is."""
    match = _PLATE.match(value.replace(" ", "").upper())
    return NBSP.join(match.groups()) if match else value


def policy_number(value: str, language: str) -> str:
    """``№ ХХХ 0412773905`` or ``No. XXX 0412773905``, unbroken."""
    return ("№" if _lang(language) == "ru" else "No.") + NBSP + value.replace(" ", NBSP)
