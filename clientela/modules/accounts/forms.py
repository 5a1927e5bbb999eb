"""What a person sets for themselves, and a new token."""

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clientela.modules.accounts.rules import Permission

RUSSIAN_ZONES = [
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Europe/Ulyanovsk", "Europe/Saratov",
    "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Novosibirsk", "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk",
    "Asia/Vladivostok", "Asia/Magadan", "Asia/Sakhalin", "Asia/Kamchatka",
]  # fmt: skip


def zone_choices() -> list[tuple[str, Any]]:
    """Zones of Russia first, the rest of the world after."""
    rest = sorted(zone for zone in available_timezones() if "/" in zone and zone not in RUSSIAN_ZONES)
    return [
        (str(_("Russia")), [(zone, zone) for zone in RUSSIAN_ZONES]),
        (str(_("Other zones")), [(zone, zone) for zone in rest if not zone.startswith("Etc/")]),
    ]


class PersonalForm(forms.Form):
    """Language, zone and keys of one person."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    keyboard = forms.BooleanField(
        label=_("Single-letter keys"),
        help_text=_("J K, X, C, M and others work outside fields"),
        required=False,
    )


class TokenForm(forms.Form):
    """A token's name, scopes and life."""

    LIFE = [("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("until revoked"))]

    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    life = forms.ChoiceField(label=_("Good for"), choices=LIFE, required=False, initial="90")

    def __init__(self, *args: Any, permissions: frozenset[Permission], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(p.value, p.label) for p in Permission if p in permissions]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        days = cleaned.pop("life", "")
        cleaned["expires_at"] = timezone.now() + timedelta(days=int(days)) if days else None
        return cleaned
