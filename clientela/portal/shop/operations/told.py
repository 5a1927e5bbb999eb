"""What a visitor told in the words in which it was asked, for the colleague who calls."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from clientela.foundation.identifiers import InvalidIdentifier, format_plate
from clientela.foundation.ui import formats

Questions = Mapping[str, Mapping[str, Any]]


def label_of(key: str, questions: Questions) -> str:
    """The question as the product or the page asks it."""
    if key in questions:
        return str(questions[key]["title"])
    words = {
        "make": _("Make"), "model": _("Model"), "year": _("Year of make"), "power": _("Power, hp"), "plate": _("Plate"), "vin": "VIN",
        "body_number": _("Number of the body or chassis, when there is no VIN"), "address": _("Address of what is insured"),
        "unregistered": _("The car is not registered yet: no plate"), "starts_on": _("First day of cover"),
        "months_of_use": _("Months of use"), "deductible": _("Deductible"), "medical_sum": _("Medical expenses, euro"),
    }  # fmt: skip
    return str(words.get(key, key))


def value_of(key: str, value: Any, questions: Questions) -> str:
    """The answer as the visitor saw it: the title of a choice, yes or no, a day and a sum as they are written here."""
    language, question = settings.LANGUAGE_CODE, questions.get(key, {})
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    for one in question.get("choices", []):
        if str(one["value"]) == str(value):
            return str(one["title"])
    if key == "starts_on" or question.get("kind") == "date":
        return formats.full_date(date.fromisoformat(str(value)), language)
    if question.get("kind") == "money" or key == "deductible":
        return formats.money(Decimal(str(value)), language, kopecks=False)
    if key == "medical_sum":
        return formats.number(Decimal(str(value)), language)
    if key == "plate":
        try:
            return format_plate(str(value))
        except InvalidIdentifier:
            return str(value)
    return str(value)
