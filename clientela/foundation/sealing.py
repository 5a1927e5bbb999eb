"""Secrets at rest: encrypted with the installation's key, one key for each kind of secret."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Unreadable(ValueError):
    """The secret was sealed with another key of the installation."""


def _cipher(kind: str) -> Fernet:
    key = hashlib.sha256(f"{kind}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(kind: str, secret: str) -> str:
    """Encrypted, for the database."""
    return _cipher(kind).encrypt(secret.encode()).decode()


def unseal(kind: str, sealed: str) -> str:
    """Raises `Unreadable`."""
    try:
        return _cipher(kind).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(kind) from error
