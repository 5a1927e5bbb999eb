"""The steps as forms, made from the questions of the product's version."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clientela.foundation import identifiers
from clientela.foundation.ui.vin import watch_vin
from clientela.modules.contacts.operations.one_time_codes import NoSms
from clientela.modules.contacts.queries.facts import can_be_written
from clientela.modules.products.models import Product
from clientela.modules.quotes.queries.products import definition_of, questions_of
from clientela.modules.rating.rules.conditions import holds
from clientela.portal.fields import AmountField, DayField, KnownField, PhoneField
from clientela.portal.forms import TrappedForm
from clientela.portal.shop.consents import DOCUMENTS
from clientela.portal.shop.things import THING, missing_of, of_thing

FURTHEST = timedelta(days=60)
# What a visitor is not asked: fixed for what is sold here, decided by us, or chosen beside its price.
NOT_ASKED = {
    "osago": {"category", "owner", "foreign", "kbm_class", "period_days", "months_of_use", "unlimited"},
    "kasko": {"discount", "instalments", "continuous", "deductible", "unlimited", "use"},
    "property": {"years_with_us", "deductible"},
    "travel": {"travellers", "medical_sum"},
}


class FactsForm(TrappedForm):
    """The thing and the questions of the product's version, and the first day of cover."""

    def __init__(self, *args: Any, line: str, product: Product, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.thing = THING[line]
        self.today = today
        for name in self.thing:
            self.fields[name] = of_thing(name)
        self.fields_of_car(line)
        definition = definition_of(product, today)
        self.questions = [one for one in questions_of(definition, today) if one["key"] not in NOT_ASKED[line]]
        for one in self.questions:
            self.fields[one["key"]] = of_question(one)
        if line == "kasko" and "sum_insured" in self.fields and not self.fields["sum_insured"].help_text:
            self.fields["sum_insured"].help_text = _("What the car costs today")
        if isinstance(built := self.fields.get("built"), AmountField):
            built.most = str(today.year)
        self.fields["starts_on"] = DayField(label=_("First day of cover"))

    def fields_of_car(self, line: str) -> None:
        """A car is named by its model and one of its numbers, so no number alone is required."""
        if "vin" in self.thing:
            self.fields["model"].required = line == "osago"
            for name in ("vin", "plate"):
                self.fields[name].wanted = True  # type: ignore[attr-defined]
            watch_vin(self["vin"], reverse("shop:vin"))

    def clean_starts_on(self) -> str:
        day = self.cleaned_data["starts_on"]
        if day and not self.today < date.fromisoformat(day) <= self.today + FURTHEST:
            raise forms.ValidationError(_("From tomorrow to sixty days ahead."))
        return str(day)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for one in self.questions:
            if one.get("show_if") and one["required"] and self._asked(one, data) and not data.get(one["key"]):
                self.add_error(one["key"], _("Fill this in, please."))
            elif one.get("show_if") and not self._asked(one, data):
                data[one["key"]] = ""
        if "unregistered" in self.thing:
            for name, words in missing_of(data, self.errors).items():
                self.add_error(name, words)
        elif "vin" in self.thing and not (
            data.get("vin") or data.get("plate") or {"vin", "plate"} & self.errors.keys()
        ):
            self.add_error("vin", _("Write the VIN, or the plate."))
        told = any(data.get(key) for key in data if key.startswith("sum_"))
        wrong = any(key.startswith("sum_") for key in self.errors)
        if self.thing == ("address",) and not (told or wrong):
            self.add_error(
                next(key for key in self.fields if key.startswith("sum_")),
                _("Say what is insured and for how much."),
            )
        return data

    @staticmethod
    def _asked(one: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
        return all(holds(wanted, data.get(key)) for key, wanted in one["show_if"].items() if key in data)

    def facts(self) -> tuple[dict[str, Any], dict[str, Any], date]:
        """Subject, answers and the first day."""
        data = self.cleaned_data
        subject = {name: data[name] for name in self.thing if data.get(name)}
        answers = {
            one["key"]: data.get(one["key"])
            for one in self.questions
            if data.get(one["key"]) not in (None, "")
        }
        return subject, answers, date.fromisoformat(data["starts_on"])


def of_question(one: Mapping[str, Any]) -> forms.Field:
    """A question of a product's version as a field with the right keyboard."""
    english = (get_language() or "ru").startswith("en")
    same: dict[str, Any] = {
        "label": one.get("title_en") or one["title"] if english else one["title"],
        "required": bool(one.get("required")) and not one.get("show_if"),
        "help_text": (one.get("help_en") if english else one.get("help")) or "",
        "initial": one.get("default"),
    }
    match one["kind"]:
        case "choice":
            choices = [
                (str(each["value"]), (each.get("title_en") if english else None) or each["title"])
                for each in one["choices"]
            ]
            blank = [] if one.get("default") is not None and same["required"] else [("", "—")]
            return forms.ChoiceField(choices=[*blank, *choices], **same)
        case "bool":
            return forms.BooleanField(**(same | {"required": False}))
        case "number" | "money":
            return AmountField(least=str(one.get("min", "")), most=str(one.get("max", "")), **same)
        case "date":
            return DayField(**same)
    return forms.CharField(max_length=200, **same)


class DriverForm(forms.Form):
    """Who drives. Empty rows after the first are left out."""

    last_name = forms.CharField(
        label=_("Last name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    first_name = forms.CharField(
        label=_("First name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    middle_name = forms.CharField(
        label=_("Middle name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "additional-name"}),
    )
    birth_date = DayField(label=_("Date of birth"), past=True, autocomplete="bday")
    licence = KnownField(
        identifiers.normalize_driving_licence, label=_("Driving licence"), placeholder="99 12 345678"
    )
    experience_since = DayField(
        label=_("Drives since"),
        past=True,
        help_text=_("Date of the first licence: it stands in special marks"),
    )


class TravellerForm(forms.Form):
    """Who travels."""

    name = forms.CharField(
        label=_("Name as in the passport"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    birth_date = DayField(label=_("Date of birth"), past=True, autocomplete="bday")


DriverSet = forms.formset_factory(DriverForm, extra=0, min_num=1, max_num=5, absolute_max=5)
TravellerSet = forms.formset_factory(TravellerForm, extra=0, min_num=1, max_num=8, absolute_max=8)


class PersonForm(TrappedForm):
    """The policyholder and the consents, each a document of its own."""

    last_name = forms.CharField(
        label=_("Last name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    first_name = forms.CharField(
        label=_("First name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    middle_name = forms.CharField(
        label=_("Middle name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "additional-name"}),
    )
    birth_date = DayField(label=_("Date of birth"), past=True, autocomplete="bday")
    passport = KnownField(
        identifiers.normalize_passport,
        label=pgettext_lazy("document", "Passport: series and number"),
        placeholder="00 00 000000",
        numeric=True,
    )
    phone = PhoneField(label=_("Phone"), help_text=_("We send a code to it"))
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("The policy comes here"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, one in DOCUMENTS.items():
            self.fields[f"agree_{kind}"] = forms.BooleanField(
                label=one.label, required=one.required,
                error_messages={"required": _("Without this consent the contract cannot be made.")},
            )  # fmt: skip

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        if not can_be_written("sms", phone):
            raise forms.ValidationError(NoSms.message)
        return phone

    @property
    def data_fields(self) -> list[forms.BoundField]:
        return [field for field in self.shown if not field.name.startswith("agree_")]

    @property
    def agreements(self) -> list[tuple[forms.BoundField, str]]:
        return [(self[f"agree_{kind}"], kind) for kind in DOCUMENTS]

    def person(self) -> dict[str, str]:
        """What was typed, without the consents."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "website" and not name.startswith("agree_")
        }

    def agreed(self) -> list[str]:
        return [kind for kind in DOCUMENTS if self.cleaned_data.get(f"agree_{kind}")]


class CallForm(TrappedForm):
    """Name and phone of who wants to be called."""

    name = forms.CharField(
        label=_("How to address you"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = PhoneField(label=_("Phone"))
    agreed = forms.BooleanField(
        label=DOCUMENTS["service"].label,
        error_messages={"required": _("Without your consent we may not call you.")},
    )


class LaterForm(TrappedForm):
    """Where the link to come back goes."""

    where = forms.CharField(
        label=_("Your phone or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )
    agreed = forms.BooleanField(
        label=_("You may send me this link"),
        error_messages={"required": _("Without your consent we may not write to you.")},
    )

    def clean_where(self) -> str:
        text = self.cleaned_data["where"].strip()
        field: forms.Field = forms.EmailField() if "@" in text else PhoneField()
        return str(field.clean(text)).lower()
