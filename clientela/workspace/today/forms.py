"""What a person writes to a client from the day's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientela.modules.contacts.models import Channel


class MessageForm(forms.Form):
    """A message: its channel, a subject for letters, and the words."""

    channel = forms.ChoiceField(label=_("Send by"), widget=forms.RadioSelect)
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    text = forms.CharField(
        label=_("Message"), max_length=4000, widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Write something.")},
    )  # fmt: skip

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = channels  # type: ignore[attr-defined]
        if all(code != Channel.EMAIL for code, _name in channels):
            del self.fields["subject"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("channel") == Channel.EMAIL and not (data.get("subject") or "").strip():
            self.add_error("subject", _("Give the letter a subject."))
        return data
