"""What an administrator types about a widget."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.integrations.webchat.models import Widget
from clientela.integrations.webchat.operations import BadOrigin, clean_origins
from clientela.modules.organisation.models import Branch


class WidgetForm(forms.Form):
    """Name, branch, sites, words and colour; the key only while the widget is new."""

    key = forms.SlugField(
        label=pgettext_lazy("widget", "Key"),
        max_length=40,
        help_text=_("stands in the line of code; it stays"),
    )
    name = forms.CharField(label=_("Name that visitors see"), max_length=80)
    branch: "forms.ModelChoiceField[Branch]" = forms.ModelChoiceField(
        queryset=None, label=_("Branch that answers"), help_text=_("people nobody knows yet get a card there")
    )
    colour = forms.ChoiceField(label=_("Colour"), choices=Widget.Colour.choices)
    greeting = forms.CharField(label=_("First words"), max_length=300, widget=forms.Textarea({"rows": 2}))
    offline_text = forms.CharField(
        label=_("First words outside working hours"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    origins = forms.CharField(
        label=_("Sites that may show it"),
        required=False,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false", "placeholder": "https://prichal.example"}),
        help_text=_("one a line; our own pages always may"),
    )
    is_active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    def __init__(self, *args: Any, widget: Widget | None = None, **kwargs: Any) -> None:
        if widget is not None:
            initial = {name: getattr(widget, name) for name in self.base_fields}
            kwargs["initial"] = initial | {"origins": "\n".join(widget.origins)}
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = Branch.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]
        if widget is not None:
            del self.fields["key"]

    def clean_origins(self) -> list[str]:
        try:
            return clean_origins(self.cleaned_data["origins"].splitlines())
        except BadOrigin as refusal:
            raise ValidationError(str(refusal)) from None
