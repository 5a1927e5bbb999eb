"""Telephone numbers in E.164. Whole columns are read by ``imports.kinds.phones``.

``phonenumbers`` (Google's libphonenumber metadata) decides what is valid. Russian numbers in the
usual spellings take a short cut built from the same metadata, which gives the same answer.
"""

import re

import phonenumbers
from phonenumbers import PhoneMetadata

# Characters that the library, too, skips anywhere between digits.
FILLER = " \u00a0().-\u2010\u2011\u2012\u2013\u2014"
_DROP_FILLER = str.maketrans("", "", FILLER)
LONGEST_COMPACT = len("+79161234567")
LONGEST_RAW = 40


def _russian_pattern() -> str:
    """Valid Russian numbers after an optional +7, 8 or 7, as one pattern with the number as its group."""
    metadata = PhoneMetadata.metadata_for_region("RU")
    assert metadata is not None
    kinds = (
        metadata.mobile,
        metadata.fixed_line,
        metadata.toll_free,
        metadata.premium_rate,
        metadata.personal_number,
    )
    patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    return rf"(?:\+7|[78])?({'|'.join(patterns)})".replace(r"\d", "[0-9]")


RUSSIAN_TEXT = _russian_pattern()
_RUSSIAN = re.compile(RUSSIAN_TEXT)


def normalize(raw: str | None, region: str = "RU") -> str | None:
    """``raw`` in E.164 (``+79161234567``), or ``None`` if it is no valid number.

    ``region`` (ISO 3166-1) is where a number without country code is dialled from.
    """
    if not raw:
        return None
    if region == "RU" and len(raw) <= LONGEST_RAW:
        compact = raw.translate(_DROP_FILLER)
        # Longer toll-free numbers begin like the international prefix 810: the library judges them.
        if len(compact) <= LONGEST_COMPACT and (match := _RUSSIAN.fullmatch(compact)):
            return "+7" + match[1]
    return normalize_by_library(raw, region)


def normalize_by_library(raw: str, region: str = "RU") -> str | None:
    """The same by the library alone: the reference, some fifteen times slower."""
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def tail7(number: str) -> str:
    """The last seven digits: what people remember and type when they look a number up."""
    return "".join(char for char in number if char.isdecimal())[-7:]


def format_phone(number: str) -> str:
    """A number in E.164 for people: Russian ``+7 916 123-45-67``, others as their country writes them."""
    if number.startswith("+7") and len(number) == LONGEST_COMPACT:
        return f"+7 {number[2:5]} {number[5:8]}-{number[8:10]}-{number[10:]}"
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
