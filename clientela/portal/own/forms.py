"""What a visitor types to come in, and to have a colleague call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientela.portal.fields import DayField, PhoneField
from clientela.portal.forms import TrappedForm


class EnterForm(TrappedForm):
    """The phone, and the birth date or, for a company, the number of any of its policies."""

    phone = PhoneField(label=_("Phone"), help_text=_("We send a code to it"))
    birth_date = DayField(label=_("Date of birth"), past=True, autocomplete="bday", required=False)
    number = forms.CharField(
        label=_("Number of a policy"), max_length=60, required=False, strip=True,
        help_text=_("Instead of the birth date: any policy of yours, or of your company"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("birth_date") and not data.get("number") and "birth_date" not in self.errors:
            self.add_error("birth_date", _("Write your birth date, or the number of a policy below."))
        return data

    def told(self) -> dict[str, str]:
        """What the card is looked for by."""
        number = self.cleaned_data["number"]
        return {"number": number} if number else {"birth_date": self.cleaned_data["birth_date"]}


class ChangedForm(forms.Form):
    """What is not as it was last year, in the client's words."""

    text = forms.CharField(
        label=_("What has changed"),
        max_length=1000,
        help_text=_("Another driver, another car, another address: your agent counts anew and writes to you"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
