"""The keys that personal data are encrypted with: a ring, whose first key encrypts and whose every key decrypts.

``settings.DATA_KEYS`` names them, ``2027:BASE64,2026:BASE64``: a short name and 32 bytes each. The word ``secret``
stands for a key made of the installation's secret key, and alone it is the ring of one that names no keys.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from clientela.foundation.sealing import Unreadable

MARK = "v1:"
OF_SECRET = "secret"  # noqa: S105
_NAME = re.compile(r"[a-z0-9]{1,8}")
_NONCE = 12
_BLIND = 16


@dataclass(frozen=True)
class Key:
    """One key: what it encrypts with and what it makes indexes with are derived apart."""

    name: str
    cipher: AESGCM = field(repr=False)
    index: bytes = field(repr=False)

    @property
    def mark(self) -> str:
        """How everything begins that this key sealed."""
        return f"{MARK}{self.name}:"


def ring() -> tuple[Key, ...]:
    """The keys of this installation, that which encrypts first. Raises ``ImproperlyConfigured``."""
    return _ring(settings.DATA_KEYS or OF_SECRET, settings.SECRET_KEY)


def seal(text: str, purpose: str) -> str:
    """``text`` under the first key. Only the same ``purpose`` opens it, so that no value can be put in another's place."""
    key = ring()[0]
    nonce = os.urandom(_NONCE)
    sealed = nonce + key.cipher.encrypt(nonce, text.encode(), purpose.encode())
    return key.mark + binascii.b2a_base64(sealed, newline=False).decode()


def is_sealed(text: str) -> bool:
    """Whether it is a sealed text, of whatever key."""
    return text.startswith(MARK)


def unseal(text: str, purpose: str) -> str:
    """Raises ``Unreadable`` where its key is not in the ring, or it was changed or taken from elsewhere."""
    name, _, body = text.removeprefix(MARK).partition(":")
    for key in ring():
        if key.name == name:
            raw = binascii.a2b_base64(body)
            try:
                return key.cipher.decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode()).decode()
            except InvalidTag as error:
                raise Unreadable(purpose) from error
    raise Unreadable(purpose)


def blind(text: str, purpose: str) -> str:
    """What stands in an index in place of ``text``: the same for the same text, and of no use without the key."""
    return _blind(ring()[0], text, purpose)


def blinds(text: str, purpose: str) -> list[str]:
    """Under every key of the ring, to look for: while keys change both kinds of rows are there."""
    return [_blind(key, text, purpose) for key in ring()]


def digest(text: str, purpose: str) -> str:
    """64 hexadecimal characters for keys that may never change with the ring: under the installation's secret key."""
    return hmac.digest(_pepper(settings.SECRET_KEY, purpose), text.encode(), "sha256").hex()


def _blind(key: Key, text: str, purpose: str) -> str:
    made = hmac.digest(key.index, f"{purpose}|{text}".encode(), "sha256")[:_BLIND]
    return base64.urlsafe_b64encode(made)[:22].decode()


@lru_cache(8)
def _ring(written: str, secret: str) -> tuple[Key, ...]:
    keys = [_key(one.strip(), secret) for one in written.split(",") if one.strip()]
    if not keys or len({key.name for key in keys}) < len(keys):
        raise ImproperlyConfigured("CLIENTELA_DATA_KEYS: each key has a name of its own")
    return tuple(keys)


def _key(written: str, secret: str) -> Key:
    name, _, encoded = written.partition(":")
    if written == OF_SECRET:
        master = hashlib.sha256(f"data:{secret}".encode()).digest()
    else:
        try:
            master = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            master = b""
        if len(master) != 32 or not _NAME.fullmatch(name) or name == OF_SECRET:
            raise ImproperlyConfigured("CLIENTELA_DATA_KEYS: name:base64 of 32 bytes, or the word secret")
    # Of a master of full entropy HKDF is one HMAC for each name.
    cipher, index = (hmac.digest(master, use, "sha256") for use in (b"encrypt", b"index"))
    return Key(name, AESGCM(cipher), index)


@lru_cache(32)
def _pepper(secret: str, purpose: str) -> bytes:
    return hashlib.sha256(f"digest:{purpose}:{secret}".encode()).digest()
