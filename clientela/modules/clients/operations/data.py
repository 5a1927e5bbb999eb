"""Turning what was typed or sent into what is stored: one place for forms, API and imports of one record."""

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from clientela.foundation import identifiers, phones, regions
from clientela.foundation.dates import is_of_a_life
from clientela.foundation.names import full_name_key, mixes_alphabets, name_key, sex_from_patronymic
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument

NAME_FIELDS = ("last_name", "first_name", "middle_name")
TEXT_FIELDS = {
    "company_name": 255,
    "region_code": 6,
    "city": 120,
    "preferred_channel": 10,
    "language": 5,
    "last_name": 120,
    "first_name": 80,
    "middle_name": 80,
}
FLAG_FIELDS = ("is_internal", "is_key", "is_cross")


class InvalidData(ValidationError):
    """What was given cannot be stored; ``errors`` maps a field to the sentences that say how to mend it."""

    def __init__(self, errors: Mapping[str, list[Any]]) -> None:
        super().__init__(dict(errors))
        self.errors = dict(errors)


class Errors(dict[str, list[Any]]):
    """Collects errors field by field."""

    def note(self, name: str, message: Any) -> None:
        self.setdefault(name, []).append(message)

    def check(self, name: str, normalize: Callable[..., str], *arguments: Any) -> str:
        """The normal form of an identifier, or an empty text with the error noted."""
        try:
            return normalize(*arguments)
        except identifiers.InvalidIdentifier as error:
            self.note(name, error.message)
            return ""

    def refuse(self) -> None:
        """Raise when anything was noted."""
        if self:
            raise InvalidData(self)


def clean_details(raw: Mapping[str, Any], *, kind: str, today: date, errors: Errors) -> dict[str, Any]:
    """Values of ``Client`` fields from those keys of ``raw`` that are there; unknown keys are an error."""
    values: dict[str, Any] = {}
    for name, limit in TEXT_FIELDS.items():
        if name in raw:
            values[name] = " ".join(str(raw[name] or "").split())
            if len(values[name]) > limit:
                errors.note(name, _("This is too long."))
    for name in NAME_FIELDS:
        if values.get(name) and mixes_alphabets(values[name]):
            errors.note(name, _("Latin and Cyrillic letters are mixed in one word: type it again."))
    for name in FLAG_FIELDS:
        if name in raw:
            values[name] = bool(raw[name])
    for name in ("contact_from", "contact_to"):
        if name in raw:
            value = raw[name] or None
            if value is not None and not isinstance(value, time):
                errors.note(name, _("Write the time like 11:00."))
            values[name] = value
    _identifiers(raw, values, kind, errors)
    _birth(raw, values, today, errors)
    known = {
        *TEXT_FIELDS,
        *FLAG_FIELDS,
        *_IDENTIFIERS,
        "contact_from",
        "contact_to",
        "birth_date",
        "sex",
        "kind",
    }
    for name in raw:
        if name not in known:
            errors.note(name, _("There is no such field."))
    return values


_IDENTIFIERS = ("inn", "kpp", "ogrn", "snils", "bank_bic", "bank_account")


def _identifiers(raw: Mapping[str, Any], values: dict[str, Any], kind: str, errors: Errors) -> None:
    company = kind == Client.Kind.COMPANY
    rules: dict[str, Callable[..., str]] = {
        "inn": identifiers.normalize_inn_company if company else identifiers.normalize_inn_person,
        "kpp": identifiers.normalize_kpp,
        "ogrn": identifiers.normalize_ogrn if company else identifiers.normalize_ogrnip,
        "snils": identifiers.normalize_snils,
        "bank_bic": identifiers.normalize_bic,
    }
    for name, normalize in rules.items():
        if name in raw:
            values[name] = errors.check(name, normalize, raw[name]) if raw[name] else ""
    if raw.get("bank_account"):
        if not values.get("bank_bic"):
            errors.note("bank_account", _("Enter the bank's BIC first: the account is checked against it."))
        else:
            values["bank_account"] = errors.check(
                "bank_account", identifiers.normalize_account, raw["bank_account"], values["bank_bic"]
            )
    elif "bank_account" in raw:
        values["bank_account"] = ""


def _birth(raw: Mapping[str, Any], values: dict[str, Any], today: date, errors: Errors) -> None:
    if "birth_date" in raw:
        born = values["birth_date"] = raw["birth_date"] or None
        if born is not None and not isinstance(born, date):
            errors.note("birth_date", _("Write the date like 22.04.1984."))
        elif born is not None and not is_of_a_life(born, today):
            errors.note("birth_date", _("Nobody was born on this day: check the year."))
    if "sex" in raw:
        values["sex"] = raw["sex"] or ""
        if values["sex"] not in {"", *Client.Sex.values}:
            errors.note("sex", _("Choose male or female."))


def complete_details(client: Client, errors: Errors) -> None:
    """Fill what follows from other fields: the folded name, sex by patronymic, region and zone by city."""
    if client.kind == Client.Kind.COMPANY:
        if not client.company_name:
            errors.note("company_name", _("Enter the company's name."))
        client.name_key = name_key(client.company_name)[:280]
    else:
        if not client.last_name:
            errors.note("last_name", _("Enter the surname."))
        client.name_key = full_name_key(client.last_name, client.first_name, client.middle_name)[:280]
        found = sex_from_patronymic(client.middle_name) if not client.sex else None
        if found is not None:
            client.sex = Client.Sex.MALE if found.value == "male" else Client.Sex.FEMALE


def zone_of(city: str, region_code: str, default: str) -> str:
    """Time zone of an address; ``default`` when neither the town nor the region is known."""
    found = regions.zone_of_city(city, region_code or None) if city else None
    if found is None and region_code in regions.BY_CODE:
        found = regions.zone_of_region(region_code)
    return found or default


def region_of(city: str, default: str) -> str:
    """Code of the region a town lies in; ``default`` for a town that is not known."""
    found = regions.region_of_city(city) if city else None
    return found.code if found else default


def clean_contact(kind: str, value: str, errors: Errors, name: str = "value") -> tuple[str, str]:
    """``(value, tail)`` as stored: E.164 and its last seven digits, or a lower-case address or account."""
    text = (value or "").strip()
    if not text:
        errors.note(name, _("Enter the contact."))
        return "", ""
    if kind == ContactPoint.Kind.PHONE:
        number = phones.normalize(text)
        if number is None:
            digits = sum(char.isdigit() for char in text)
            if digits < 11 and text.lstrip().startswith(("+7", "8", "7")):
                errors.note(
                    name, _("The number has %(n)s digits, it needs 11. Check the last ones.") % {"n": digits}
                )
            else:
                errors.note(
                    name, _("This is not a phone number that exists. Write it like +7 917 000-41-08.")
                )
            return "", ""
        return number, phones.tail7(number)
    if kind == ContactPoint.Kind.EMAIL:
        try:
            validate_email(text)
        except ValidationError:
            errors.note(name, _("This is not an e-mail address. Write it like name@mail.ru."))
            return "", ""
        return text.lower(), ""
    if kind in {ContactPoint.Kind.VK, ContactPoint.Kind.TELEGRAM, ContactPoint.Kind.WEBCHAT}:
        account = text.removeprefix("https://").removeprefix("http://").removeprefix("vk.com/")
        return account.removeprefix("t.me/").removeprefix("@").lower(), ""
    errors.note(name, _("There is no such kind of contact."))
    return "", ""


def clean_document(kind: str, number: str, errors: Errors, name: str = "number") -> str:
    """The number of an identity document as stored and searched."""
    if kind == IdentityDocument.Kind.PASSPORT:
        return errors.check(name, identifiers.normalize_passport, number)
    if kind == IdentityDocument.Kind.LICENCE:
        return errors.check(name, identifiers.normalize_driving_licence, number)
    compact = "".join((number or "").upper().split())[:40]
    if not compact:
        errors.note(name, _("Enter the number."))
    return compact
