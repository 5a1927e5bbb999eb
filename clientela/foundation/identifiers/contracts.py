"""Numbers printed on insurance policies, compared whatever way people type them."""

import re

from django.utils.translation import gettext_lazy as _

from clientela.foundation.identifiers.alphabet import CYRILLIC_TWINS, to_cyrillic_twins, to_latin_twins
from clientela.foundation.identifiers.errors import InvalidIdentifier

_OSAGO = re.compile(rf"([{CYRILLIC_TWINS}]{{3}})([0-9]{{10}})")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def policy_number_key(text: str | None) -> str:
    """Key two spellings of one policy number share: upper case, twins Latin, letters and digits only.

    ``ххх 0123456789`` and ``XXX/№0123456789`` give ``XXX0123456789``. Empty text gives an empty key.
    """
    return _NOT_ALPHANUMERIC.sub("", to_latin_twins((text or "").replace("№", "")))


def normalize_osago_number(text: str | None) -> str:
    """Compulsory motor policy number: three Cyrillic letters and ten digits, ``ХХХ0123456789``."""
    compact = _NOT_ALPHANUMERIC.sub("", to_cyrillic_twins((text or "").replace("№", "")))
    if not compact:
        raise InvalidIdentifier("empty", _("Enter the number."))
    if not _OSAGO.fullmatch(compact):
        message = _("An OSAGO policy number has 3 letters and 10 digits, like ХХХ 0123456789.")
        raise InvalidIdentifier("format", message)
    if not compact[3:].strip("0"):
        raise InvalidIdentifier("zeros", _("The number cannot be all zeros."))
    return compact


def format_osago_number(number: str) -> str:
    """``ХХХ 0123456789``."""
    return f"{number[:3]} {number[3:]}"
