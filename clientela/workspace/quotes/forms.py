"""Forms of the one window: the product's questions, the thing, the drivers, a variant."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from clientela.foundation.dates import is_of_a_life
from clientela.foundation.identifiers import (
    InvalidIdentifier,
    normalize_body_number,
    normalize_plate,
    normalize_vin,
)
from clientela.foundation.ui.vin import watch_vin
from clientela.modules.quotes.rules import MOST_DRIVERS, MOST_INSURED, Origin, licence
from clientela.modules.rating.rules.conditions import holds
from clientela.workspace.quotes.fields import Figure, NumberOfCar
from clientela.workspace.quotes.words import said, subject_word

GROUPS = {
    "vehicle": gettext_lazy("Vehicle"), "owner": pgettext_lazy("of a vehicle", "Owner"), "drivers": pgettext_lazy("card", "Drivers"),
    "term": gettext_lazy("Term"), "object": gettext_lazy("Object"), "cover": gettext_lazy("Cover"),
    "trip": gettext_lazy("Trip"), "people": gettext_lazy("Who is insured"), "risk": gettext_lazy("Risk"),
    "loan": gettext_lazy("Loan"), "person": gettext_lazy("Borrower"),
}  # fmt: skip
NORMALIZED = {"plate": normalize_plate, "vin": normalize_vin, "body": normalize_body_number}
YES_NO = (("", "—"), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no")))


def day_field(**kwargs: Any) -> forms.DateField:
    """A day from the browser's own calendar."""
    return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kwargs)


class QuestionsForm(forms.Form):
    """The questions of a product; what stands in ``saved`` are the answers so far."""

    def __init__(
        self, questions: Sequence[Mapping[str, Any]], data: Any = None, *, saved: Mapping[str, Any],
        prefix: str = "q", strict: bool = False, origins: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(data, prefix=prefix, auto_id="id_%s")
        defaults = {str(one["key"]): one["default"] for one in questions if "default" in one}
        self.questions = [one for one in questions if is_shown(one, {**defaults, **saved})]
        for one in self.questions:
            field = _field(one, required=strict and bool(one.get("required")))
            field.label, field.help_text = said(one, "title"), said(one, "help")
            if (origins or {}).get(f"answers.{one['key']}") == Origin.TALK:
                words = [pgettext("field", "from the talk"), field.help_text]
                field.help_text = " · ".join(str(part) for part in words if part)
            field.initial = _initial(one, saved.get(str(one["key"]), one.get("default")))
            self.fields[str(one["key"])] = field

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """Fields under the headings of the definition."""
        found: dict[str, list[Any]] = {}
        for one in self.questions:
            group = str(one.get("group", ""))
            found.setdefault(str(GROUPS.get(group, group)), []).append(self[str(one["key"])])
        # A field that is called as its group says the heading itself.
        return [("" if str(fields[0].label) == name else name, fields) for name, fields in found.items()]

    def changed_values(self) -> list[str]:
        """What was typed, as it was typed."""
        return [
            str(self.data[self.add_prefix(name)])
            for name in self.changed_data
            if self.add_prefix(name) in self.data
        ]

    def answers(self) -> dict[str, Any]:
        """What was typed and is right; yes and no as truth, numbers as text."""
        found: dict[str, Any] = {}
        for one in self.questions:
            key = str(one["key"])
            if self.add_prefix(key) not in self.data or key not in self.cleaned_data:
                continue
            value = self.cleaned_data[key]
            if one.get("kind") == "bool":
                value = {"yes": True, "no": False}.get(value, "")
            elif isinstance(value, Decimal):
                value = int(value) if value == value.to_integral_value() else format(value.normalize(), "f")
            found[key] = "" if value is None else value
        return found


def is_shown(question: Mapping[str, Any], saved: Mapping[str, Any]) -> bool:
    """Whether the answers so far call for the question."""
    wanted = question.get("show_if") or {}
    return all(holds(value, saved.get(key)) for key, value in wanted.items() if key in saved)


def _initial(question: Mapping[str, Any], value: Any) -> Any:
    if question.get("kind") == "bool":
        return {True: "yes", False: "no", "true": "yes", "false": "no"}.get(value, "")
    return value


def _field(question: Mapping[str, Any], *, required: bool) -> forms.Field:
    kind = question.get("kind", "text")
    if kind in NORMALIZED:
        return NumberOfCar(NORMALIZED[kind], required=required)
    if kind == "choice":
        choices = [(str(one["value"]), said(one, "title")) for one in _choices(question)]
        return forms.ChoiceField(choices=[("", "—"), *choices], required=required)
    if kind == "bool":
        return forms.ChoiceField(choices=YES_NO, required=required)
    if kind == "date":
        return day_field(required=required)
    if kind in ("number", "money"):
        limits = {"min_value": question.get("min"), "max_value": question.get("max")}
        return Figure(
            required=required,
            **{key: Decimal(str(value)) for key, value in limits.items() if value not in (None, "")},
        )
    return forms.CharField(max_length=200, required=required)


def _choices(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        one if isinstance(one, dict) else {"value": one, "title": str(one)}
        for one in question.get("choices", [])
    ]


class SubjectForm(forms.Form):
    """The thing insured: a vehicle, or a place with its worth."""

    wide = ("title", "address")
    hides_optional = True  # what is left empty here may be what the price waits for

    make = forms.CharField(max_length=60, required=False)
    model = forms.CharField(max_length=80, required=False)
    year = forms.IntegerField(required=False, min_value=1950, max_value=2100)
    power = Figure(required=False, min_value=Decimal(1), max_value=Decimal(3000), decimal_places=1)
    plate = NumberOfCar(normalize_plate, required=False)
    vin = NumberOfCar(normalize_vin, required=False)
    body_number = NumberOfCar(normalize_body_number, required=False)
    address = forms.CharField(max_length=255, required=False)
    value = Figure(required=False, min_value=Decimal(1), decimal_places=2)
    title = forms.CharField(max_length=200, required=False)

    def __init__(self, data: Any = None, *, kind: str, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        away = (
            ("address",) if kind == "vehicle" else ("make", "model", "power", "plate", "vin", "body_number")
        )
        for name in away:
            del self.fields[name]
        for name, field in self.fields.items():
            word = subject_word(name)
            field.label = word[:1].upper() + word[1:]
        if "power" in self.fields:
            self.fields["power"].label = _("Power, hp")
            self.fields["title"].help_text = _("Left empty it is the make, the model and the year.")
            self.fields["body_number"].help_text = _("When the car has no VIN.")
            watch_vin(self["vin"], reverse("quotes:vin"))

    def tell_origin(self, names: Iterable[str], words: str) -> None:
        """Say under these fields where what stands in them comes from."""
        for name in names:
            self[name].help_text = words

    def values(self) -> dict[str, Any]:
        """What is insured; a vehicle without a name is called by its make, model and year."""
        found = {name: "" if value is None else value for name, value in self.cleaned_data.items()}
        if not found["title"] and found.get("make"):
            found["title"] = ", ".join(
                part
                for part in (f"{found['make']} {found['model']}".strip(), str(found["year"] or ""))
                if part
            )
        return found


class InsuredForm(forms.Form):
    """Somebody the contract insures."""

    name = forms.CharField(label=gettext_lazy("Full name"), max_length=200)
    birth_date = day_field(label=gettext_lazy("Birth date"))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in ("birth_date", "experience_since"):
            if data.get(name) and not is_of_a_life(data[name], timezone.localdate()):
                self.add_error(name, _("Check the year."))
        return data


class DriverForm(InsuredForm):
    """One driver."""

    experience_since = day_field(label=gettext_lazy("Drives since"))
    licence = forms.CharField(label=pgettext_lazy("document", "Licence"), max_length=20, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        born, since = data.get("birth_date"), data.get("experience_since")
        if born and since and since.year - born.year < 16:
            self.add_error("experience_since", _("Nobody drives before the age of 16."))
        if born and since and born > since:
            self.add_error("birth_date", _("Nobody is born after the first licence."))
        return data

    def clean_licence(self) -> str:
        text = self.cleaned_data["licence"]
        try:
            return licence(text) if text else ""
        except InvalidIdentifier as error:
            raise forms.ValidationError(error.message) from None


def _rows_of(form: type[forms.Form], most: int) -> Any:
    return forms.formset_factory(
        form, extra=0, max_num=most, validate_max=True, absolute_max=most + 2, can_delete=True
    )


DriverSet, InsuredSet = _rows_of(DriverForm, MOST_DRIVERS), _rows_of(InsuredForm, MOST_INSURED)


class TermForm(forms.Form):
    """When cover begins, and for how long."""

    starts_on = day_field(label=gettext_lazy("Cover begins"))
    months = forms.TypedChoiceField(
        label=gettext_lazy("Months"), coerce=int, choices=[(n, str(n)) for n in range(1, 13)]
    )


class VariantForm(forms.Form):
    """A column of one's own: its name and who drives in it."""

    title = forms.CharField(label=gettext_lazy("Name of the variant"), max_length=80, required=False)

    def __init__(
        self, data: Any, *, drivers: Sequence[Mapping[str, Any]], chosen: Sequence[str], title: str
    ) -> None:
        super().__init__(data, initial={"title": title, "drivers": chosen})
        if len(drivers) > 1:
            self.fields["drivers"] = forms.MultipleChoiceField(
                label=gettext_lazy("Who drives"), required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(str(index), one["name"]) for index, one in enumerate(drivers)],
            )  # fmt: skip


class ChannelForm(forms.Form):
    """How the client gets the comparison."""

    channel = forms.ChoiceField(
        label=gettext_lazy("By"),
        choices=[
            ("sms", "SMS"), ("email", gettext_lazy("E-mail")), ("telegram", "Telegram"), ("vk", "VK"),
        ],
        widget=forms.RadioSelect,
    )  # fmt: skip


class WordsForm(forms.Form):
    """A reason in a few words."""

    text = forms.CharField(label=pgettext_lazy("field", "Reason"), max_length=200)


class PricesForm(forms.Form):
    """Last days of cover whose next terms are priced."""

    since = day_field(label=gettext_lazy("Terms that end from"))
    until = day_field(label=gettext_lazy("to"))
