"""What a client types to report a loss, on two of three steps; the photos between them are no form."""

from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.identifiers import normalize_plate
from clientela.foundation.ui.formats import full_date
from clientela.foundation.ui.markup import language
from clientela.modules.claims import rules
from clientela.modules.claims.operations import Participant
from clientela.modules.claims.operations.reporting import PayoutWrong, payout_fields
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.portal.fields import DayField, KnownField

MOST = 50
LONGEST_AGO = 3  # years: how long the law lets one ask for the money


def policies_of(owner: Client, today: date) -> list[Policy]:
    """Under which policies this client may report a loss, those in force first."""
    since = today.replace(year=today.year - LONGEST_AGO, day=min(today.day, 28))
    rows = Policy.objects.filter(
        Q(cancelled_on=None) | Q(cancelled_on__gte=since), client=owner, start_date__lte=today, end_date__gte=since
    ).select_related("product", "insured_object")  # fmt: skip
    return list(rows.order_by("-end_date", "-pk")[:MOST])


class HourField(forms.Field):
    """An hour such as 10:20 or 1020; its value is a time, or None."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "10:20", "maxlength": 8}
        )
        super().__init__(widget=widget, required=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()[:9]
        if not text:
            return None
        digits = "".join(filter(str.isdigit, text))
        try:
            hours, minutes = digits[:-2], digits[-2:]
            if len(digits) not in (3, 4) or not digits.isascii():
                raise ValueError
            return time(int(hours), int(minutes))
        except ValueError:
            raise ValidationError(_("Write the time like 10:20.")) from None


class EventForm(forms.Form):
    """Which policy, what happened, when and where, and who else was there."""

    policy = forms.ChoiceField(label=pgettext_lazy("portal", "Policy"))
    kind = forms.ChoiceField(label=_("What happened"))
    occurred_on = DayField(label=pgettext_lazy("loss", "Day"), past=True)
    occurred_at = HourField(label=pgettext_lazy("loss", "Time"))
    place = forms.CharField(
        label=_("Where"), max_length=255, help_text=_("Town, street and house, or the place on the road"),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )  # fmt: skip
    description = forms.CharField(
        label=_("How it happened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    other_name = forms.CharField(label=_("Name of the other one"), max_length=200, required=False)
    other_car = forms.CharField(label=_("Make and model"), max_length=120, required=False)
    other_plate = KnownField(normalize_plate, label=_("Plate"), placeholder="А 123 ВС 77", required=False)
    other_policy = forms.CharField(label=_("Number of their OSAGO policy"), max_length=60, required=False)

    def __init__(self, data: Any = None, *, policies: list[Policy], today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.policies = {str(one.pk): one for one in policies}
        self.fields["policy"].choices = self._policies(today)  # type: ignore[attr-defined]
        asked = str((data if data is not None else self.initial).get("policy", ""))
        self.chosen = self.policies.get(asked) or next(iter(self.policies.values()), None)
        line = self.chosen.product.line if self.chosen else ""
        self.is_motor = line in rules.MOTOR
        empty = [("", _("Choose"))]
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            *empty, *((one.value, one.label) for one in rules.kinds_of(line)),
        ]  # fmt: skip

    def _policies(self, today: date) -> list[Any]:
        """Policies to choose from; terms that are over stand apart, with their last day."""
        now = [(pk, _title(one)) for pk, one in self.policies.items() if one.end_date >= today]
        over = [
            (
                pk,
                _("%(policy)s, until %(day)s")
                % {"policy": _title(one), "day": full_date(one.end_date, language())},
            )
            for pk, one in self.policies.items()
            if one.end_date < today
        ]
        return [*now, (_("Terms that are over"), over)] if over else now

    def told(self) -> dict[str, Any]:
        """As ``open_claim`` takes it."""
        data = self.cleaned_data
        other = Participant(
            name=data["other_name"], car=data["other_car"], plate=data["other_plate"], policy_number=data["other_policy"]
        )  # fmt: skip
        return {
            "policy": self.policies[data["policy"]], "kind": data["kind"], "place": data["place"],
            "occurred_on": date.fromisoformat(data["occurred_on"]), "occurred_at": data["occurred_at"],
            "description": data["description"], "participants": [other] if self.is_motor else [],
        }  # fmt: skip

    @property
    def policy_title(self) -> str:
        return _title(self.chosen) if self.chosen else "—"

    @property
    def day_shown(self) -> str:
        """Day and hour as they were typed."""
        day, hour = self["occurred_on"].value() or "—", self["occurred_at"].value()
        return f"{day}, {hour}" if hour else str(day)

    @property
    def others_told(self) -> bool:
        """Whether anything of the other one is known or wrong."""
        return any(one.value() or one.errors for one in self.others)

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("other_")]


def _title(policy: Policy) -> str:
    thing = f", {policy.insured_object}" if policy.insured_object else ""
    return f"{policy.product.shown_name}{thing} · {policy.number}"


class MoneyForm(forms.Form):
    """How the client wants to be made good."""

    payout = forms.ChoiceField(label=_("How to get the money"), widget=forms.RadioSelect({"class": "pick"}))
    payee = forms.CharField(label=_("Whose account"), max_length=200, required=False)
    bic = forms.CharField(
        label=_("BIC of the bank"), max_length=20, required=False, help_text=_("Nine digits, in the bank's app"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "044525225"}),
    )  # fmt: skip
    account = forms.CharField(
        label=_("Number of the account"), max_length=40, required=False, help_text=_("Twenty digits; not the number of a card"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, line: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.line = line
        self.ways = rules.ways_of(line)
        self.fields["payout"].choices = [(one.value, one.label) for one in self.ways]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        names = ("payee", "bic", "account")
        if self.errors:
            return data
        try:
            return payout_fields(self.line, data["payout"], **{name: data[name] for name in names})
        except PayoutWrong as wrong:
            self.add_error(wrong.field, str(wrong))
        return data
