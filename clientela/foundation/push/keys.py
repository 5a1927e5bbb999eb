"""The key by which push services know this installation (VAPID, RFC 8292)."""

from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from webpush.vapid import VAPID

from clientela.foundation.push.models import Key
from clientela.foundation.webhooks.signing import seal, unseal


@dataclass(frozen=True)
class Vapid:
    """Both halves as PEM, and the public one as browsers take it."""

    private: bytes
    public: bytes
    browser: str


def vapid() -> Vapid:
    """The installation's key; made at the first call, the same for every process from then on."""
    row = Key.objects.filter(pk=1).first()
    if row is None:
        made = VAPID.generate_keys()[0].decode()
        row = Key.objects.get_or_create(pk=1, defaults={"sealed": seal(made)})[0]
    private = unseal(row.sealed).encode()
    public = serialization.load_pem_private_key(private, None).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Vapid(private, pem, VAPID.get_application_server_key(public))
