"""What one says of a mailing before it begins."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.contacts.models import Channel, Template

WINDOWS = [("e65", _("E65, window at the right")), ("din", _("DL, window at the left (DIN 5008)"))]


class MailingForm(forms.Form):
    """Text, name and envelope."""

    template: "forms.ModelChoiceField[Template]" = forms.ModelChoiceField(
        label=pgettext_lazy("mailing", "Text"), queryset=Template.objects.none(), empty_label=None
    )
    name = forms.CharField(
        label=pgettext_lazy("mailing", "Name"), max_length=120, required=False,
        help_text=_("Empty: the name of the text"),
    )  # fmt: skip
    window = forms.ChoiceField(label=_("Envelope"), choices=WINDOWS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        approved = Template.objects.filter(channel=Channel.LETTER, state=Template.State.APPROVED)
        self.fields["template"].queryset = approved.order_by("name")  # type: ignore[attr-defined]
