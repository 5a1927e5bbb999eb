"""Consents in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_NAMES: dict[tuple[str, str], Any] = {
    ("service", "sms"): _("Service SMS"),
    ("service", "email"): _("Service e-mail"),
    ("service", "vk"): _("Service messages in VK"),
    ("service", "telegram"): _("Service messages in Telegram"),
    ("service", "webchat"): _("Answers in the chat on the site"),
    ("service", "call"): _("Service calls"),
    ("advertising", "sms"): _("Advertising by SMS"),
    ("advertising", "email"): _("Advertising by e-mail"),
    ("advertising", "vk"): _("Advertising in VK"),
    ("advertising", "telegram"): _("Advertising in Telegram"),
    ("advertising", "call"): _("Advertising calls"),
}
_GROUP = _("Data from sister companies")
CHANNELS: dict[str, Any] = {
    "sms": "SMS",
    "email": pgettext_lazy("channel", "e-mail"),
    "vk": "VK",
    "telegram": "Telegram",
    "webchat": pgettext_lazy("channel", "chat on the site"),
    "call": pgettext_lazy("channel", "calls"),
}


def consent_name(purpose: str, channel: str) -> str:
    """A consent as people name it."""
    return str(_NAMES.get((purpose, channel), _GROUP if purpose == "group_data" else f"{purpose}/{channel}"))
