"""What must not be written where everybody reads it: numbers of policies, phones, names with patronymics."""

import re
from collections.abc import Collection
from typing import Literal

Kind = Literal["policy", "phone", "name"]
_PHONE = re.compile(r"(?<![\w+])(?:\+7|7|8)[ (-]*\d{3}[ )-]*\d{3}[ -]*\d{2}[ -]*\d{2}(?!\d)")
# Series and number, or a number as long as those of policies, passports and cards.
_POLICY = re.compile(r"\b[A-ZА-ЯЁ]{2,5}[\s№#/-]{0,3}\d{6,}|(?<!\d)\d(?:[ -]?\d){8,}", re.IGNORECASE)
_NAME = re.compile(
    r"\b[А-ЯЁ][а-яё]+\s+(?:(?:[А-ЯЁ][а-яё]*[ое]в|Иль|Кузьм|Фом|Лук)ич(?:а|у|ем|е)?"
    r"|(?:[А-ЯЁ][а-яё]*[ое]в|[А-ЯЁ][а-яё]*[иь]нич|Лукинич)н(?:а|ы|е|у|ой|ою))\b"
)


def personal_data(text: str, own_phones: Collection[str] = ()) -> list[tuple[Kind, str]]:
    """Kind and words of everything personal in ``text``; ``own_phones`` (digits, E.164) are the company's."""
    found: list[tuple[Kind, str]] = []

    def phone(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        if f"7{digits[-10:]}" not in own_phones:
            found.append(("phone", match.group().strip()))
        return " "

    rest = _PHONE.sub(phone, text)
    found += [("policy", match.group().strip()) for match in _POLICY.finditer(rest)]
    found += [("name", match.group()) for match in _NAME.finditer(rest)]
    return found
