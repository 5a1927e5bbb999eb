"""What an administrator types about an address."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.outbox.operations import event_names
from clientela.workspace.webhooks.words import event_word


class EndpointForm(forms.Form):
    """Name, address, events."""

    name = forms.CharField(label=pgettext_lazy("webhook", "Name"), max_length=80)
    url = forms.CharField(
        label=_("Address"), max_length=500, widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        help_text=_("https://, open to this server"),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("Events"), widget=forms.CheckboxSelectMultiple({"class": "pick"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["events"]
        field.choices = [(name, event_word(name)) for name in event_names()]


class SinceForm(forms.Form):
    """From which moment on what failed is sent again."""

    DAYS = (1, 3, 7, 30)
    days = forms.TypedChoiceField(coerce=int, choices=[(days, days) for days in DAYS])

    def since(self) -> datetime:
        return timezone.now() - timedelta(days=self.cleaned_data["days"])
