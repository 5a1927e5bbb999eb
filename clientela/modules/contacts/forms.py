"""Forms of templates and of the communication policy."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.contacts.models import WRITTEN, Channel, CommunicationPolicy, Purpose
from clientela.modules.contacts.operations.policy import CAPPED, HOURS, PERIODS

LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
_TIME = forms.TimeInput(attrs={"type": "time", "class": "num"}, format="%H:%M")


class TextForm(forms.Form):
    """The words of a template: what a draft may change."""

    name = forms.CharField(label=pgettext_lazy("template", "Name"), max_length=120)
    purpose = forms.ChoiceField(
        label=pgettext_lazy("message", "Purpose"),
        choices=[choice for choice in Purpose.choices if choice[0] in CAPPED],
    )
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    body = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 10}), max_length=20_000)

    def refuse(self, errors: Mapping[str, Any]) -> None:
        """Put an operation's objections beside their fields."""
        for field, words in errors.items():
            self.add_error(field if field in self.fields else None, str(words))


class TemplateForm(TextForm):
    """A new template: also what it is for."""

    field_order = ["name", "code", "channel", "language", "purpose", "subject", "body"]
    code = forms.SlugField(
        label=_("Code"),
        max_length=60,
        help_text=_("Latin letters, digits and hyphens; other programs call it so"),
    )
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[choice for choice in Channel.choices if choice[0] in (*WRITTEN, Channel.LETTER)],
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)


class PolicyForm(forms.Form):
    """Hours, caps and forbidden words."""

    weekday_from = forms.TimeField(label=pgettext_lazy("hours", "From"), widget=_TIME)
    weekday_to = forms.TimeField(label=pgettext_lazy("hours", "To"), widget=_TIME)
    weekend_from = forms.TimeField(label=pgettext_lazy("hours", "From"), widget=_TIME)
    weekend_to = forms.TimeField(label=pgettext_lazy("hours", "To"), widget=_TIME)
    nda_patterns = forms.CharField(
        label=_("Forbidden in texts to an agent's client"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        required=False,
        max_length=10_000,
        help_text=_("One regular expression a line. Links that are not our own are forbidden anyway."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for purpose in CAPPED:
            for period in PERIODS:
                self.fields[f"{purpose}_{period}"] = forms.IntegerField(
                    label=_("a day") if period == "day" else _("in seven days"),
                    min_value=0,
                    max_value=1000,
                    required=False,
                )

    @staticmethod
    def initial_of(policy: CommunicationPolicy) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(policy, name) for name in HOURS}
        values["nda_patterns"] = "\n".join(policy.nda_patterns)
        for purpose in CAPPED:
            for period in PERIODS:
                values[f"{purpose}_{period}"] = policy.caps.get(purpose, {}).get(period)
        return values

    def values(self) -> dict[str, Any]:
        """What ``set_policy`` takes. An empty cap is no limit."""
        clean = self.cleaned_data
        caps = {
            purpose: {
                period: clean[f"{purpose}_{period}"]
                for period in PERIODS
                if clean[f"{purpose}_{period}"] is not None
            }
            for purpose in CAPPED
        }
        hours = {name: clean[name] for name in HOURS}
        return hours | {"caps": caps, "nda_patterns": clean["nda_patterns"].splitlines()}

    def refuse(self, errors: Mapping[str, Any]) -> None:
        """Put an operation's objections beside their fields."""
        for field, words in errors.items():
            self.add_error(field if field in self.fields else None, str(words))
