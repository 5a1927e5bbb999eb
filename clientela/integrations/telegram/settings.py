"""What the environment says of the bot; free of aiogram, which takes a second to load."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram brings updates, and the secret that it shows there."""

    url: str
    secret: str = field(repr=False)


def webhook_from(environment: Mapping[str, str] = os.environ) -> Webhook | None:
    """The webhook of `CLIENTELA_TELEGRAM_WEBHOOK_SECRET`; None when there is no bot, or it polls."""
    secret = environment.get("CLIENTELA_TELEGRAM_WEBHOOK_SECRET", "")
    if not (secret and environment.get("CLIENTELA_TELEGRAM_TOKEN")):
        return None
    return Webhook(f"{settings.PUBLIC_URL.rstrip('/')}/telegram/webhook/", secret)
