"""What a person chooses about alerts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientela.foundation.push.models import Preference
from clientela.foundation.push.topics import PAGE, PUSH, SOUND, TOPICS


class AlertsForm(forms.Form):
    """A box for each way of each topic, quiet hours, and what push may show."""

    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=_("Quiet to"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    shows_words = forms.BooleanField(
        label=_("Push shows who writes and the first words"), required=False,
        help_text=_("Others may look at a locked phone: without this a push only says that something came."),
    )  # fmt: skip

    def __init__(self, *args: Any, kept: Preference, **kwargs: Any) -> None:
        initial = {name: getattr(kept, name) for name in ("quiet_from", "quiet_to", "shows_words")}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for topic in TOPICS:
            chosen = kept.ways_of(topic)
            for way in (PAGE, SOUND, PUSH):
                name = f"{topic}-{way}"
                self.fields[name] = forms.BooleanField(required=False, initial=way in chosen)

    def rows(self) -> list[dict[str, Any]]:
        """Topics with their boxes, for the table."""
        return [
            {"label": topic.label, "boxes": [self[f"{code}-{way}"] for way in (PAGE, SOUND, PUSH)]}
            for code, topic in TOPICS.items()
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if (data.get("quiet_from") is None) != (data.get("quiet_to") is None):
            self.add_error("quiet_to", _("Give both the beginning and the end, or neither."))
        return data

    def chosen(self) -> dict[str, Any]:
        """Values for ``choose``."""
        data = self.cleaned_data
        ways = {topic: [way for way in (PAGE, SOUND, PUSH) if data[f"{topic}-{way}"]] for topic in TOPICS}
        return {"ways": ways} | {name: data[name] for name in ("quiet_from", "quiet_to", "shows_words")}
