"""Identity documents of people."""

import re

from django.utils.translation import gettext_lazy as _

from clientela.foundation.identifiers.alphabet import CYRILLIC_TWINS, to_cyrillic_twins
from clientela.foundation.identifiers.errors import InvalidIdentifier

_JUNK = re.compile(r"[\s\-‐-―−.№]+")
_PASSPORT = re.compile(r"[0-9]{10}")
_UNIT = re.compile(r"[0-9]{6}")
_LICENCE = re.compile(rf"[0-9]{{2}}(?:[0-9]{{2}}|[{CYRILLIC_TWINS}]{{2}})[0-9]{{6}}")


def _compact(text: str | None) -> str:
    compact = to_cyrillic_twins(_JUNK.sub("", text or ""))
    if not compact:
        raise InvalidIdentifier("empty", _("Enter the number."))
    return compact


def _refuse_zeros(digits: str) -> None:
    if not digits.strip("0"):
        raise InvalidIdentifier("zeros", _("The number cannot be all zeros."))


def normalize_passport(text: str | None) -> str:
    """Internal passport: series of 4 and number of 6 digits, written together."""
    compact = _compact(text)
    if not _PASSPORT.fullmatch(compact):
        raise InvalidIdentifier("format", _("A passport has a series of 4 digits and a number of 6 digits."))
    _refuse_zeros(compact)
    return compact


def format_passport(number: str) -> str:
    """``45 10 123456``."""
    return f"{number[:2]} {number[2:4]} {number[4:]}"


def normalize_passport_unit(text: str | None) -> str:
    """Code of the unit that issued a passport, 6 digits written together."""
    compact = _compact(text)
    if not _UNIT.fullmatch(compact):
        raise InvalidIdentifier("format", _("The unit code has 6 digits, like 770-001."))
    _refuse_zeros(compact)
    return compact


def format_passport_unit(code: str) -> str:
    """``770-001``."""
    return f"{code[:3]}-{code[3:]}"


def normalize_driving_licence(text: str | None) -> str:
    """Driving licence: 2 digits, 2 digits or Cyrillic letters, 6 digits, written together."""
    compact = _compact(text)
    if not _LICENCE.fullmatch(compact):
        message = _("A driving licence has 4 characters of series and 6 digits, like 99 01 123456.")
        raise InvalidIdentifier("format", message)
    _refuse_zeros(compact[4:])
    return compact


def format_driving_licence(number: str) -> str:
    """``99 01 123456``."""
    return f"{number[:2]} {number[2:4]} {number[4:]}"
