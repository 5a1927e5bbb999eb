"""Signatures of the Standard Webhooks specification (version 1.0.0), and secrets at rest."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from clientela.foundation import sealing

PREFIX = "whsec_"


def new_secret() -> str:
    """32 random bytes as the specification writes them: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(*, message_id: str, timestamp: int, body: str, keys: Iterable[str]) -> dict[str, str]:
    """The three headers of a message; one ``v1`` signature for each of ``keys``, apart by a space."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(key, f"{message_id}.{timestamp}.{body}") for key in keys),
    }


def _signature(key: str, signed: str) -> str:
    digest = hmac.digest(base64.b64decode(key.removeprefix(PREFIX)), signed.encode(), hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def seal(secret: str) -> str:
    """Encrypted with the installation's key, for the database."""
    return sealing.seal("webhooks", secret)


def unseal(sealed: str) -> str:
    return sealing.unseal("webhooks", sealed)
