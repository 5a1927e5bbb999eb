"""Forms that several public pages share."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TrappedForm(forms.Form):
    """A form; ``website`` is for programs: people do not see it."""

    website = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
    )

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "website"]


class CodeForm(forms.Form):
    """The code from the SMS."""

    code = forms.CharField(label=_("Code from the SMS"), max_length=12, widget=forms.TextInput(attrs={
        "inputmode": "numeric", "autocomplete": "one-time-code", "placeholder": "000000",
    }))  # fmt: skip
