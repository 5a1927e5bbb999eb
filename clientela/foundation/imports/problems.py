"""What can be wrong with a value: a title to group rows by, and how to mend it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.foundation.imports.targets import Target

_DIGITS = _("Check the last digits")
_TEXTS: dict[str, tuple[Any, Any]] = {
    "required": (_("A needed value is missing"), _("Fill it in")),
    "too_many_cells": (_("The row has more cells than the heading"), _("A separator stands inside a value: put it in quotes")),
    "too_long": (_("The text is too long"), _("Make it shorter")),
    "date_none": (_("There is no such day"), _("Like 31.02 or 00.00")),
    "date_format": (_("This is not a date"), _("Write it like 28.11.2026")),
    "date_range": (_("The year is out of range"), _("Years from 1900 to 2100 are taken")),
    "date_future": (_("The day is still to come"), _("Check the year")),
    "not_whole_number": (_("This is not a whole number"), _("Write digits only")),
    "not_number": (_("This is not a number"), _("Write it like 8533.99 or 8 533,99")),
    "year": (_("This is not a year"), _("Write four digits")),
    "phone_short": (_("The phone has too few digits"), _("Add the code or leave it empty")),
    "phone_format": (_("No such phone exists"), _("Write it like +7 917 000-41-08")),
    "email_format": (_("The e-mail has no address"), _("Write it like name@mail.ru")),
    "name_mixed": (_("Latin and Cyrillic letters in one word"), _("Type the name again")),
    "unknown_value": (_("The value is not in the list"), _("Choose one that is, or add it to the list")),
    "unknown_region": (_("There is no such region"), _("Write its official name")),
    "not_yes_or_no": (_("Neither yes nor no"), _("Write yes or no")),
    "policy_number": (_("This is no policy number"), _("Up to 60 characters, with a letter or a digit")),
    "inn_check_digit": (_("The INN does not check"), _DIGITS),
    "inn_format": (_("An INN has 10 or 12 digits"), _DIGITS),
    "snils_check_digit": (_("The SNILS does not check"), _DIGITS),
    "snils_format": (_("A SNILS has 11 digits"), _DIGITS),
    "ogrn_check_digit": (_("The OGRN does not check"), _DIGITS),
    "ogrn_format": (_("An OGRN has 13 digits"), _DIGITS),
    "kpp_format": (_("A KPP has 9 characters"), _DIGITS),
    "bic_format": (_("A BIC has 9 digits"), _DIGITS),
    "passport_format": (_("A passport has 4 + 6 digits"), _DIGITS),
    "licence_format": (_("A driving licence has 10 characters"), _DIGITS),
    "vin_format": (_("A VIN has 17 characters"), _("Letters I, O and Q are not used")),
    "plate_format": (_("There is no such plate"), _("Write it like А 123 ВС 77")),
    "plate_zeros": (_("The plate 000 is not issued"), _("Check the digits")),
}  # fmt: skip
_ZEROS = (_("The number is all zeros"), _DIGITS)
_OTHER = (_("The row cannot be taken"), "")


def texts_of(code: str, target: Target | None = None) -> tuple[Any, Any]:
    """``(title, how to mend it)`` of a problem code."""
    if target is not None and code in target.problem_texts:
        return target.problem_texts[code]
    if code in _TEXTS:
        return _TEXTS[code]
    return _ZEROS if code.endswith(("_zeros", "_empty")) else _OTHER
