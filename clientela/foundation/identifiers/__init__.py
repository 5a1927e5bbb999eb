"""Identifiers of people, companies, vehicles and contracts: ``normalize_*``, ``format_*``, ``is_valid_*``.

``normalize_*`` returns the compact canonical form or raises ``InvalidIdentifier``.
"""

from collections.abc import Callable

from clientela.foundation.identifiers.contracts import (
    format_osago_number,
    normalize_osago_number,
    policy_number_key,
)
from clientela.foundation.identifiers.documents import (
    format_driving_licence,
    format_passport,
    format_passport_unit,
    normalize_driving_licence,
    normalize_passport,
    normalize_passport_unit,
)
from clientela.foundation.identifiers.errors import InvalidIdentifier
from clientela.foundation.identifiers.requisites import (
    account_key,
    format_snils,
    inn_check_digits,
    normalize_account,
    normalize_bic,
    normalize_correspondent_account,
    normalize_inn,
    normalize_inn_company,
    normalize_inn_person,
    normalize_kpp,
    normalize_ogrn,
    normalize_ogrnip,
    normalize_snils,
    ogrn_check_digit,
    snils_check_digits,
)
from clientela.foundation.identifiers.vehicles import (
    PlateKind,
    format_plate,
    normalize_body_number,
    normalize_plate,
    normalize_vin,
    plate_kind,
    plate_region,
    vin_check_digit,
    vin_check_digit_matches,
    vin_is_doubtful,
)


def _accepts(normalize: Callable[..., str], *arguments: str | None) -> bool:
    try:
        normalize(*arguments)
    except InvalidIdentifier:
        return False
    return True


def is_valid_inn(text: str | None) -> bool:
    """Whether ``text`` is a taxpayer number of a company or a person."""
    return _accepts(normalize_inn, text)


def is_valid_inn_company(text: str | None) -> bool:
    """Whether ``text`` is a company's taxpayer number."""
    return _accepts(normalize_inn_company, text)


def is_valid_inn_person(text: str | None) -> bool:
    """Whether ``text`` is a person's taxpayer number."""
    return _accepts(normalize_inn_person, text)


def is_valid_snils(text: str | None) -> bool:
    """Whether ``text`` is a pension insurance number."""
    return _accepts(normalize_snils, text)


def is_valid_ogrn(text: str | None) -> bool:
    """Whether ``text`` is a company's registration number."""
    return _accepts(normalize_ogrn, text)


def is_valid_ogrnip(text: str | None) -> bool:
    """Whether ``text`` is a sole trader's registration number."""
    return _accepts(normalize_ogrnip, text)


def is_valid_kpp(text: str | None) -> bool:
    """Whether ``text`` is a tax registration reason code."""
    return _accepts(normalize_kpp, text)


def is_valid_bic(text: str | None) -> bool:
    """Whether ``text`` is a bank identification code."""
    return _accepts(normalize_bic, text)


def is_valid_account(text: str | None, bic: str) -> bool:
    """Whether ``text`` is a client's account at the bank ``bic``."""
    return _accepts(normalize_account, text, bic)


def is_valid_correspondent_account(text: str | None, bic: str) -> bool:
    """Whether ``text`` is the correspondent account of the bank ``bic``."""
    return _accepts(normalize_correspondent_account, text, bic)


def is_valid_vin(text: str | None) -> bool:
    """Whether ``text`` has the shape of a VIN (the check digit is not looked at)."""
    return _accepts(normalize_vin, text)


def is_valid_body_number(text: str | None) -> bool:
    """Whether ``text`` has the shape of a body or chassis number."""
    return _accepts(normalize_body_number, text)


def is_valid_plate(text: str | None) -> bool:
    """Whether ``text`` is a Russian plate of any kind."""
    return _accepts(normalize_plate, text)


def is_valid_osago_number(text: str | None) -> bool:
    """Whether ``text`` is a compulsory motor policy number."""
    return _accepts(normalize_osago_number, text)


def is_valid_passport(text: str | None) -> bool:
    """Whether ``text`` is the series and number of an internal passport."""
    return _accepts(normalize_passport, text)


def is_valid_passport_unit(text: str | None) -> bool:
    """Whether ``text`` is the code of a passport-issuing unit."""
    return _accepts(normalize_passport_unit, text)


def is_valid_driving_licence(text: str | None) -> bool:
    """Whether ``text`` is the series and number of a driving licence."""
    return _accepts(normalize_driving_licence, text)


__all__ = [
    "InvalidIdentifier",
    "PlateKind",
    "account_key",
    "format_driving_licence",
    "format_osago_number",
    "format_passport",
    "format_passport_unit",
    "format_plate",
    "format_snils",
    "inn_check_digits",
    "is_valid_account",
    "is_valid_bic",
    "is_valid_body_number",
    "is_valid_correspondent_account",
    "is_valid_driving_licence",
    "is_valid_inn",
    "is_valid_inn_company",
    "is_valid_inn_person",
    "is_valid_kpp",
    "is_valid_ogrn",
    "is_valid_ogrnip",
    "is_valid_osago_number",
    "is_valid_passport",
    "is_valid_passport_unit",
    "is_valid_plate",
    "is_valid_snils",
    "is_valid_vin",
    "normalize_account",
    "normalize_bic",
    "normalize_body_number",
    "normalize_correspondent_account",
    "normalize_driving_licence",
    "normalize_inn",
    "normalize_inn_company",
    "normalize_inn_person",
    "normalize_kpp",
    "normalize_ogrn",
    "normalize_ogrnip",
    "normalize_osago_number",
    "normalize_passport",
    "normalize_passport_unit",
    "normalize_plate",
    "normalize_snils",
    "normalize_vin",
    "ogrn_check_digit",
    "plate_kind",
    "plate_region",
    "policy_number_key",
    "snils_check_digits",
    "vin_check_digit",
    "vin_check_digit_matches",
    "vin_is_doubtful",
]
