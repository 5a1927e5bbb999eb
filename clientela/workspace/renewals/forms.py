"""Forms of the board and of the drawer: what a person types, checked at the field."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clientela.foundation.ui import formats
from clientela.modules.billing.models import Payment
from clientela.modules.renewals.models import LossReason, Renewal, TermLine
from clientela.workspace.renewals.columns import COLUMNS
from clientela.workspace.renewals.filters import EARLIEST, LATEST, REACHES, BoardFilter

PICK = {"class": "pick"}


class RoublesField(forms.DecimalField):
    """Money as people type it: ``8 533,99``, with or without spaces and the sign of the currency."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 12)
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("min_value", Decimal("0.01"))
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(widget=widget, localize=False, **kwargs)
        self.error_messages |= {
            "invalid": _("Write a sum like 8 533.99."),
            "min_value": _("Write a sum above zero."),
        }

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = "".join(value.replace("₽", "").replace("RUB", "").split())
            value = value.replace(",", "") if "." in value else value.replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return formats.number(value, get_language() or "ru", 2) if isinstance(value, Decimal) else value


def _day(**attributes: Any) -> forms.DateInput:
    return forms.DateInput({"type": "date", **attributes}, format="%Y-%m-%d")


class ReasonChoice(forms.ModelChoiceField):
    """Why a term is lost, in the person's language."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(LossReason.objects.filter(is_active=True), empty_label=None, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return loss_name(obj)


def loss_name(reason: LossReason) -> str:
    """The reason's name in the language of the request."""
    return reason.name_en if (get_language() or "ru").startswith("en") and reason.name_en else reason.name


class QuoteForm(forms.Form):
    """A price calculated for the next year."""

    premium = RoublesField(label=_("Price for the year"))
    valid_until = forms.DateField(label=_("Holds until"), required=False, widget=_day())
    note = forms.CharField(label=_("What it is based on"), max_length=255, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["valid_until"].widget.attrs["min"] = today.isoformat()

    def clean_valid_until(self) -> date | None:
        until: date | None = self.cleaned_data["valid_until"]
        if until and until < self.today:
            raise forms.ValidationError(_("Choose today or a later day."))
        return until


class ProjectForm(forms.Form):
    """The price of the next term: last term's, or another one with its reason."""

    premium = RoublesField(label=_("Price for the year"))
    reason = forms.CharField(
        label=_("Why the price differs"), max_length=255, required=False,
        help_text=_("Goes into the journal and to the client's history."),
    )  # fmt: skip

    def __init__(self, *args: Any, carried: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.carried = carried

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        premium = data.get("premium")
        if premium is not None and premium != self.carried and not (data.get("reason") or "").strip():
            self.add_error("reason", _("Say why the price differs from last term's."))
        return data


class OfferForm(forms.Form):
    """Through which channel the offer goes."""

    channel = forms.ChoiceField(label=_("Send by"), widget=forms.RadioSelect(PICK))

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = channels  # type: ignore[attr-defined]


class PaymentForm(forms.Form):
    """Money received outside the pay link."""

    amount = RoublesField(label=_("Sum received"))
    method = forms.ChoiceField(label=_("How it was paid"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_hand = [Payment.Method.CARD, Payment.Method.CASH, Payment.Method.SBP, Payment.Method.BANK]
        self.fields["method"].choices = [(way.value, way.label) for way in by_hand]  # type: ignore[attr-defined]


class LossForm(forms.Form):
    """Why the client will not renew."""

    reason = ReasonChoice(label=_("Why it is lost"))
    note = forms.CharField(
        label=_("In the client's words"), max_length=200, required=False, widget=forms.Textarea({"rows": 2})
    )


class HoldForm(forms.Form):
    """Until which day nothing is sent."""

    until = forms.DateField(label=_("Send nothing until"), widget=_day(), help_text=_("This day included."))
    reason = forms.CharField(label=pgettext_lazy("hold", "Why"), max_length=200, required=False)

    def __init__(self, *args: Any, today: date, end: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.end = today, end
        limits = {"min": today.isoformat()}
        if end is not None:
            limits["max"] = end.isoformat()
        self.fields["until"].widget.attrs |= limits
        usual = today + timedelta(days=7)
        self.fields["until"].initial = min(usual, end) if end is not None and end >= today else usual

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < self.today:
            raise forms.ValidationError(_("Choose today or a later day."))
        if self.end is not None and until > self.end:
            raise forms.ValidationError(_("The term ends before this day."))
        return until


class CallForm(forms.Form):
    """How a call went, in one of a few words, and what was said."""

    OUTCOMES = [
        ("will_renew", _("Will renew")),
        ("later", _("Asked to call later")),
        ("no_answer", _("No answer")),
        ("refused", _("Will not renew")),
        ("wrong_number", _("Wrong number")),
    ]

    outcome = forms.ChoiceField(label=_("How it went"), choices=OUTCOMES, widget=forms.RadioSelect(PICK))
    note = forms.CharField(
        label=_("In the client's words"), max_length=200, required=False, widget=forms.Textarea({"rows": 2})
    )


class NoteForm(forms.Form):
    """A note on the client."""

    text = forms.CharField(
        label=_("Note"), max_length=5000, widget=forms.Textarea({"rows": 4}),
        help_text=_("Colleagues named with @ are told."),
    )  # fmt: skip


class OptOutForm(forms.Form):
    """Channels through which the client no longer wants messages about contracts."""

    channels = forms.MultipleChoiceField(
        label=_("No more messages by"), widget=forms.CheckboxSelectMultiple(PICK),
        error_messages={"required": _("Choose at least one channel.")},
    )  # fmt: skip

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channels"].choices = channels  # type: ignore[attr-defined]


class ViewForm(forms.Form):
    """A name for the filter in hand."""

    name = forms.CharField(label=_("Name of the view"), max_length=80)
    shared = forms.BooleanField(
        label=_("For everybody"), required=False, help_text=_("Each person sees only their own scope in it.")
    )
    query = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)


class ColumnsForm(forms.Form):
    """Which columns the list has."""

    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        choices=list(COLUMNS.items()),
        widget=forms.CheckboxSelectMultiple(PICK),
        required=False,
    )


class FilterForm(forms.Form):
    """Every condition of the board; its values go to the address as they are.

    ``options`` are the branches, centres, agents and reasons within the person's scope; an empty list leaves
    the question out.
    """

    line = forms.MultipleChoiceField(
        label=_("Product"),
        choices=TermLine.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(PICK),
    )
    state = forms.MultipleChoiceField(
        label=_("State"),
        choices=Renewal.State.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(PICK),
    )
    reach = forms.MultipleChoiceField(
        label=_("Reached by"), choices=[(code, bit.label) for code, bit in REACHES.items()], required=False,
        widget=forms.CheckboxSelectMultiple(PICK),
    )  # fmt: skip
    year = forms.BooleanField(label=_("First renewal year only"), required=False)

    CHOICES = {
        "branch": _("Branch"),
        "centre": _("Renewal centre"),
        "agent": _("Agent"),
        "reason": _("Why lost"),
    }

    def __init__(self, *, wanted: BoardFilter, options: dict[str, list[tuple[int, str]]]) -> None:
        initial = {
            name: [str(value) for value in getattr(wanted, name)]
            for name in ("line", "state", "reach", *self.CHOICES)
        }
        first, last = {"from": wanted.first, "to": wanted.last}, {"year": wanted.first_year}
        super().__init__(initial=initial | first | last)
        days = {
            name: forms.IntegerField(label=label, min_value=LATEST, max_value=EARLIEST, required=False)
            for name, label in (("to", _("Days left, from")), ("from", pgettext_lazy("days", "to")))
        }
        self.fields = days | self.fields
        for name, label in self.CHOICES.items():
            if options.get(name):
                self.fields[name] = forms.MultipleChoiceField(
                    label=label, choices=options[name], required=False,
                    widget=forms.SelectMultiple({"size": min(len(options[name]), 6)}),
                )  # fmt: skip
