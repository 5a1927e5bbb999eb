"""What colleagues type about a claim."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.identifiers import InvalidIdentifier, normalize_plate
from clientela.foundation.money import ZERO
from clientela.modules.claims import rules
from clientela.modules.claims.models import Claim
from clientela.modules.claims.operations import Participant
from clientela.modules.contracts.models import Policy
from clientela.workspace.clients.forms import DayField, SumField


class PaymentForm(forms.Form):
    """How much is paid."""

    amount = SumField(label=_("Sum, RUB"))


class ReasonForm(forms.Form):
    """Why a claim is refused."""

    reason = forms.CharField(
        label=pgettext_lazy("field", "Reason"), max_length=500, help_text=_("The client reads it in the SMS."),
        widget=forms.Textarea({"rows": 2}),
    )  # fmt: skip


class WantedForm(forms.Form):
    """Which papers the client is asked for."""

    wanted = forms.CharField(
        label=_("Which papers"), max_length=500, help_text=_("The client reads it in the SMS."),
        widget=forms.Textarea({"rows": 2}),
    )  # fmt: skip


class NoticeForm(forms.Form):
    """A loss that a client told of by any channel; ``key`` makes one claim of a form that is sent twice."""

    key = forms.CharField(max_length=43, widget=forms.HiddenInput)
    policy = forms.TypedChoiceField(label=pgettext_lazy("portal", "Policy"), coerce=int)
    channel = forms.ChoiceField(
        label=_("How the client told"),
        choices=[(one.value, one.label) for one in Claim.Channel if one != Claim.Channel.PORTAL],
        initial="phone",
    )
    kind = forms.ChoiceField(label=_("What happened"))
    occurred_on = DayField(label=pgettext_lazy("loss", "Day"))
    occurred_at = forms.TimeField(
        label=pgettext_lazy("loss", "Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    place = forms.CharField(label=_("Where"), max_length=255)
    description = forms.CharField(
        label=_("How it happened"), max_length=4000, widget=forms.Textarea({"rows": 3})
    )
    other_name = forms.CharField(label=_("Name of the other one"), max_length=200, required=False)
    other_phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    other_car = forms.CharField(label=_("Make and model"), max_length=120, required=False)
    other_plate = forms.CharField(label=_("Plate"), max_length=15, required=False)
    other_policy_number = forms.CharField(
        label=_("Number of their OSAGO policy"), max_length=60, required=False
    )
    amount = SumField(label=_("Estimate, RUB"), required=False)
    payout = forms.ChoiceField(label=_("How to get the money"), required=False)
    payee = forms.CharField(label=_("Whose account"), max_length=200, required=False)
    bic = forms.CharField(label=_("BIC of the bank"), max_length=20, required=False)
    account = forms.CharField(label=_("Number of the account"), max_length=40, required=False)

    def __init__(self, data: Any = None, *, policies: list[Policy], chosen: Policy, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        line = chosen.product.line
        fields: dict[str, Any] = self.fields
        fields["policy"].choices = [(one.pk, f"{one.product.shown_name} · {one.number}") for one in policies]
        fields["kind"].choices = [(one.value, one.label) for one in rules.kinds_of(line)]
        told_later = ("", _("The client tells later"))
        fields["payout"].choices = [told_later, *((one.value, one.label) for one in rules.ways_of(line))]
        fields["key"].initial = secrets.token_urlsafe(24)
        self.is_motor = line in rules.MOTOR

    def clean_other_plate(self) -> str:
        try:
            return (
                normalize_plate(self.cleaned_data["other_plate"]) if self.cleaned_data["other_plate"] else ""
            )
        except InvalidIdentifier as wrong:
            raise forms.ValidationError(str(wrong)) from None

    def told(self) -> dict[str, Any]:
        """As ``open_claim`` takes it, without the policy."""
        data = dict(self.cleaned_data)
        other = {
            name.removeprefix("other_"): data.pop(name) for name in list(data) if name.startswith("other_")
        }
        key, amount = data.pop("key"), data.pop("amount") or ZERO
        data.pop("policy")
        return data | {
            "participants": [Participant(**other)], "notice_key": key, "amount": amount,
        }  # fmt: skip

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("other_")]
