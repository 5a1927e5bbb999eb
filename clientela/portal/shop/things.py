"""What is insured, as fields: a car by its numbers, a home by its address."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clientela.foundation import identifiers
from clientela.portal.fields import AmountField, KnownField

THING = {
    "osago": ("make", "model", "year", "power", "vin", "body_number", "plate", "unregistered"),
    "kasko": ("make", "model", "year", "plate", "vin"),
    "property": ("address",),
    "travel": (),
}  # fmt: skip
# What a car of category B may carry.
_PLATES_OF_CARS = (identifiers.PlateKind.CAR, identifiers.PlateKind.TAXI, identifiers.PlateKind.TRANSIT)


def missing_of(data: Mapping[str, Any], wrong: Iterable[str] = ()) -> dict[str, Any]:
    """What an OSAGO policy lacks to name the car, by field: VIN or body number, and the plate of a registered car."""
    found: dict[str, Any] = {}
    wrong = set(wrong)
    plate, is_new = data.get("plate"), data.get("unregistered")
    if not (data.get("vin") or data.get("body_number") or {"vin", "body_number"} & wrong):
        found["vin"] = _("Write the VIN, or the number of the body when the car has none.")
    if plate and identifiers.plate_kind(plate) not in _PLATES_OF_CARS:
        found["plate"] = _("This is not the plate of a car: write it like А 123 ВС 77.")
    elif not plate and not is_new and "plate" not in wrong:
        found["plate"] = _("Write the plate, or tick that the car is not registered yet.")
    elif is_new and not plate and data.get("body_number") and not data.get("vin") and "vin" not in wrong:
        found["vin"] = _("A car without VIN and plate is insured by a colleague: call us.")
    return found


def of_thing(name: str) -> forms.Field:
    """The field of one thing that is told."""
    match name:
        case "year":
            return AmountField(label=_("Year of make"), least="1950", most=str(timezone.localdate().year))
        case "power":
            return AmountField(
                label=_("Power, hp"), least="1", most="2000", help_text=_("As in the registration paper")
            )
        case "plate":
            return KnownField(
                identifiers.normalize_plate, label=_("Plate"), placeholder="А 123 ВС 777", required=False
            )
        case "vin":
            return KnownField(
                identifiers.normalize_vin, label="VIN", placeholder="XTA…", required=False,
                help_text=_("17 characters, in the registration certificate"),
            )  # fmt: skip
        case "body_number":
            return KnownField(
                identifiers.normalize_body_number,
                label=_("Number of the body or chassis, when there is no VIN"),
                required=False,
            )
        case "unregistered":
            return forms.BooleanField(label=_("The car is not registered yet: no plate"), required=False)
        case "address":
            return forms.CharField(
                label=_("Address of what is insured"),
                max_length=200,
                widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
            )
        case "make":
            return forms.CharField(
                label=_("Make"),
                max_length=40,
                widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Hyundai"}),
            )
    return forms.CharField(
        label=_("Model"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Creta"}),
    )
