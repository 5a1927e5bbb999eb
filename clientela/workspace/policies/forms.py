"""Forms of changes of a policy. They keep what was typed; what may be stored is decided by the operations."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.dates import is_of_a_life
from clientela.modules.contracts.models import Participant, PolicyVersion
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
    """What changes from a day on; people are taken out and one is put in."""

    valid_from = DayField(label=pgettext_lazy("version", "From which day"))
    premium = SumField(label=_("Price of the whole term by the new conditions"))
    sum_insured = SumField(label=_("Sum insured"), required=False)
    without = forms.MultipleChoiceField(
        label=_("Take out of the policy"), required=False, widget=forms.CheckboxSelectMultiple
    )
    role = forms.ChoiceField(label=_("Put in: role"), choices=Participant.Role, required=False)
    name = forms.CharField(label=_("Put in: name"), max_length=200, required=False)
    birth_date = DayField(label=_("Put in: date of birth"), required=False)
    experience_since = DayField(label=_("Put in: experience since"), required=False)
    field_order = ("valid_from", "premium", "sum_insured", "without", "role", "name", "birth_date", "experience_since", "reason")  # fmt: skip

    def __init__(self, *args: Any, version: PolicyVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = version.participants
        choices = [(str(place), one["name"]) for place, one in enumerate(self.people)]
        self.fields["without"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["without"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("name") and (data.get("birth_date") or data.get("experience_since")):
            self.add_error("name", _("Write who it is."))
        for name in ("birth_date", "experience_since"):
            if data.get(name) and not is_of_a_life(data[name], timezone.localdate()):
                self.add_error(name, _("Check the year."))
        return data

    def change(self) -> dict[str, Any]:
        """What the operation takes."""
        data = self.cleaned_data
        gone = set(data.get("without") or [])
        people = [one for place, one in enumerate(self.people) if str(place) not in gone]
        if data["name"]:
            days = {
                name: data[name].isoformat() if data[name] else None
                for name in ("birth_date", "experience_since")
            }
            people.append({"role": data["role"], "name": data["name"].strip(), "client_id": None, **days})
        return {
            "valid_from": data["valid_from"], "reason": data["reason"], "seen": data["seen"], "premium": data["premium"],
            "sum_insured": data["sum_insured"], "participants": people if people != self.people else None,
        }  # fmt: skip
