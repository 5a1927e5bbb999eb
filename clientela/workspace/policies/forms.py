"""Forms of changes of a policy. They keep what was typed; what may be stored is decided by the operations."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.dates import is_of_a_life
from clientela.foundation.identifiers import InvalidIdentifier
from clientela.modules.contracts.models import Participant, PolicyVersion
from clientela.modules.quotes import rules
from clientela.workspace.clients.forms import DayField, SumField


class WhyForm(forms.Form):
    """A reason. ``seen`` is the version that stood on the page."""

    reason = forms.CharField(label=pgettext_lazy("version", "Reason"), max_length=255)
    seen = forms.IntegerField(widget=forms.HiddenInput)


class CancelForm(WhyForm):
    """An early end."""

    on = DayField(label=_("Last day of cover"))
    field_order = ("on", "reason")


class EndorsementForm(WhyForm):
    """What changes from a day on; people are taken out and one is put in. ``shown`` is the price that was looked at.

    Where the tariff prices the change, ``premium`` is a price by hand, of who may set one; else it has to be written.
    """

    shown = forms.DecimalField(required=False, widget=forms.HiddenInput)
    valid_from = DayField(label=pgettext_lazy("version", "From which day"))
    sum_insured = SumField(label=_("Sum insured"), required=False)
    without = forms.MultipleChoiceField(
        label=_("Take out of the policy"), required=False, widget=forms.CheckboxSelectMultiple
    )
    role = forms.ChoiceField(label=_("Put in: role"), choices=Participant.Role, required=False)
    name = forms.CharField(label=_("Put in: name"), max_length=200, required=False)
    birth_date = DayField(label=_("Put in: date of birth"), required=False)
    experience_since = DayField(label=_("Put in: experience since"), required=False)
    licence = forms.CharField(label=_("Put in: driving licence"), max_length=20, required=False)
    premium = SumField(label=_("Price of the whole term by the new conditions"))

    def __init__(
        self, *args: Any, version: PolicyVersion, known: bool, may_price: bool, insures_sum: bool, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.people = version.participants
        choices = [(str(place), one["name"]) for place, one in enumerate(self.people)]
        self.fields["without"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["without"]
        if known and not insures_sum:
            del self.fields["sum_insured"]
        if known and not may_price:
            del self.fields["premium"]
        elif known:
            self.fields["premium"].required = False
            self.fields["premium"].label = _("Price of the whole term by hand")
            self.fields["premium"].help_text = _("Left empty it is the price of the tariff.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        told = [data.get(name) for name in ("birth_date", "experience_since", "licence")]
        if not data.get("name") and any(told):
            self.add_error("name", _("Write who it is."))
        for name in ("birth_date", "experience_since"):
            if data.get(name) and not is_of_a_life(data[name], timezone.localdate()):
                self.add_error(name, _("Check the year."))
        return data

    def clean_licence(self) -> str:
        written = self.cleaned_data["licence"].strip()
        try:
            return rules.licence(written) if written else ""
        except InvalidIdentifier as error:
            raise forms.ValidationError(str(error.message)) from None

    def named(self) -> list[dict[str, Any]] | None:
        """The people of the policy by the new conditions; nothing where they stay."""
        data = self.cleaned_data
        gone = set(data.get("without") or [])
        people = [one for place, one in enumerate(self.people) if str(place) not in gone]
        if data["name"]:
            days = {
                name: data[name].isoformat() if data[name] else None
                for name in ("birth_date", "experience_since")
            }
            who = {"role": data["role"], "name": data["name"].strip(), "client_id": None}
            people.append(who | days | {"licence": data["licence"]})
        return people if people != self.people else None
