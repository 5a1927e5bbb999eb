"""What is written in a conversation: an answer to the client, or a note for colleagues."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientela.modules.accounts.models import User
from clientela.workspace.today.forms import MessageForm

NOTE = "note"


class AnswerForm(MessageForm):
    """A message by one of the client's channels; the channel ``note`` writes a note that the client never sees."""

    def __init__(
        self, *args: Any, channels: list[tuple[str, str]], notes: bool = True, **kwargs: Any
    ) -> None:
        if notes:
            channels = [*channels, (NOTE, str(_("Note")))]
        super().__init__(*args, channels=channels, **kwargs)
        self.fields["text"].widget.attrs.update({"id": "reply-text", "rows": 3})


class GiveForm(forms.Form):
    """To whom a conversation goes; nobody gives it back to the queue."""

    person: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(
        queryset=None, required=False, label=_("Who answers"), empty_label=_("Nobody: back to the queue")
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
