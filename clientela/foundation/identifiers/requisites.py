"""Numbers the Russian state and banks give to people and companies.

Every ``normalize_*`` returns the compact form that is stored and compared; ``format_*`` gives the
form people read. Check-digit rules: orders of the Federal Tax Service (INN, OGRN, KPP), the
Pension Fund (SNILS) and the Bank of Russia (account keys).
"""

import re
from collections.abc import Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clientela.foundation.identifiers.alphabet import to_latin_twins
from clientela.foundation.identifiers.errors import InvalidIdentifier

_SEPARATORS = re.compile(r"[\s\-‐-―−.]+")
_KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")
_INN_WEIGHTS_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_WEIGHTS_11 = (7, *_INN_WEIGHTS_10)
_INN_WEIGHTS_12 = (3, *_INN_WEIGHTS_11)
_ACCOUNT_WEIGHTS = (7, 1, 3)


def _compact(text: str | None) -> str:
    return _SEPARATORS.sub("", text or "").upper()


def _digits(text: str | None, lengths: Sequence[int]) -> str:
    """Digits of ``text`` without separators; raises unless their number is one of ``lengths``."""
    compact = _compact(text)
    if not compact:
        raise InvalidIdentifier("empty", _("Enter the number."))
    if not (compact.isascii() and compact.isdigit()) or len(compact) not in lengths:
        wanted = " / ".join(str(length) for length in lengths)
        message = format_lazy(_("The number must have {count} digits."), count=wanted)
        raise InvalidIdentifier("format", message)
    if not compact.strip("0"):
        raise InvalidIdentifier("zeros", _("The number cannot be all zeros."))
    return compact


def _refuse_check_digit() -> InvalidIdentifier:
    return InvalidIdentifier("check_digit", _("The check digit does not match: look for a typing mistake."))


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def inn_check_digits(stem: str) -> str:
    """Check digit(s) of a taxpayer number from its first 9 (company) or 10 (person) digits."""
    if len(stem) == 9:
        return str(_weighted(stem, _INN_WEIGHTS_10) % 11 % 10)
    first = str(_weighted(stem, _INN_WEIGHTS_11) % 11 % 10)
    return first + str(_weighted(stem + first, _INN_WEIGHTS_12) % 11 % 10)


def normalize_inn(text: str | None) -> str:
    """Taxpayer number: 10 digits of a company or 12 of a person."""
    digits = _digits(text, (10, 12))
    stem = digits[: 9 if len(digits) == 10 else 10]
    if stem + inn_check_digits(stem) != digits:
        raise _refuse_check_digit()
    return digits


def normalize_inn_company(text: str | None) -> str:
    """Taxpayer number of a company, 10 digits."""
    return normalize_inn(_digits(text, (10,)))


def normalize_inn_person(text: str | None) -> str:
    """Taxpayer number of a person or sole trader, 12 digits."""
    return normalize_inn(_digits(text, (12,)))


def snils_check_digits(stem: str) -> str:
    """Two check digits of a pension insurance number from its first 9 digits."""
    total = _weighted(stem, range(9, 0, -1))
    return f"{total % 101 % 100:02d}"


def normalize_snils(text: str | None) -> str:
    """Pension insurance number (СНИЛС), 11 digits."""
    digits = _digits(text, (11,))
    if snils_check_digits(digits[:9]) != digits[9:]:
        raise _refuse_check_digit()
    return digits


def format_snils(digits: str) -> str:
    """``087-654-303 00``."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def ogrn_check_digit(stem: str) -> str:
    """Check digit of a state registration number from its first 12 (OGRN) or 14 (OGRNIP) digits."""
    return str(int(stem) % (len(stem) - 1) % 10)


def _registration_number(text: str | None, length: int) -> str:
    digits = _digits(text, (length,))
    if ogrn_check_digit(digits[:-1]) != digits[-1]:
        raise _refuse_check_digit()
    return digits


def normalize_ogrn(text: str | None) -> str:
    """State registration number of a company, 13 digits."""
    return _registration_number(text, 13)


def normalize_ogrnip(text: str | None) -> str:
    """State registration number of a sole trader, 15 digits."""
    return _registration_number(text, 15)


def normalize_kpp(text: str | None) -> str:
    """Tax registration reason code: 9 characters, the fifth and sixth may be Latin letters."""
    compact = to_latin_twins(_compact(text))
    if not compact:
        raise InvalidIdentifier("empty", _("Enter the number."))
    if not _KPP.fullmatch(compact):
        message = _("A KPP has 9 characters: 4 digits, 2 digits or Latin letters, 3 digits.")
        raise InvalidIdentifier("format", message)
    if not compact.strip("0"):
        raise InvalidIdentifier("zeros", _("The number cannot be all zeros."))
    return compact


def normalize_bic(text: str | None) -> str:
    """Bank identification code of the Bank of Russia, 9 digits beginning with 0, 1 or 2."""
    digits = _digits(text, (9,))
    if digits[0] not in "012":
        raise InvalidIdentifier("format", _("A BIC has 9 digits and begins with 0, 1 or 2."))
    return digits


def _account_sum(prefix: str, account: str) -> int:
    digits = prefix + account
    return sum(int(digit) * _ACCOUNT_WEIGHTS[index % 3] for index, digit in enumerate(digits)) % 10


def _account(text: str | None, prefix: str) -> str:
    digits = _digits(text, (20,))
    if _account_sum(prefix, digits):
        raise _refuse_check_digit()
    return digits


def account_key(account: str, bic: str) -> str:
    """The key (ninth) digit that makes ``account`` valid at ``bic``; the present ninth digit is ignored."""
    blank = account[:8] + "0" + account[9:]
    return str(_account_sum(bic[-3:], blank) * 3 % 10)


def normalize_account(text: str | None, bic: str) -> str:
    """Client's bank account, 20 digits with the key checked against the bank's BIC."""
    return _account(text, normalize_bic(bic)[-3:])


def normalize_correspondent_account(text: str | None, bic: str) -> str:
    """Bank's correspondent account, 20 digits with the key checked against its BIC."""
    return _account(text, "0" + normalize_bic(bic)[4:6])
