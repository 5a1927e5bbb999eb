"""Links that open a chat with our bot and say which client follows them: the proof is our own signature."""

import hmac
from datetime import date

from django.utils.crypto import salted_hmac
from django.utils.http import base36_to_int, int_to_base36

VALID_DAYS = 90
_SALT = "contacts.start"
_SIGNATURE = 32


def start_token(client_id: int, today: date) -> str:
    """At most 64 letters, digits and hyphens, which is all that Telegram hands through."""
    said = f"{int_to_base36(client_id)}-{int_to_base36(today.toordinal())}"
    return f"{said}-{_signature(said)}"


def client_of_start(token: str, today: date) -> int | None:
    """Whose link it was; None when it is not ours or older than ``VALID_DAYS``."""
    said, _, signature = token.rpartition("-")
    if not hmac.compare_digest(signature.encode(), _signature(said).encode()):
        return None
    client_id, _, day = said.partition("-")
    if not 0 <= today.toordinal() - base36_to_int(day) <= VALID_DAYS:
        return None
    return base36_to_int(client_id)


def bot_url(bot: str, token: str) -> str:
    """The address that opens a chat with the bot and hands it the token."""
    return f"https://t.me/{bot}?start={token}"


def _signature(said: str) -> str:
    return salted_hmac(_SALT, said, algorithm="sha256").hexdigest()[:_SIGNATURE]
