"""Issuing and revoking the tokens of other programs."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clientela.foundation.api.models import Token
from clientela.foundation.audit.operations import record

PREFIX = "clientela_"


def digest(secret: str) -> str:
    """What is kept of a token's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue_token(
    *, actor: Any, now: datetime, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[Token, str]:
    """A token for ``actor`` and its secret, which can be shown only now.

    Raises PermissionDenied when ``scopes`` go beyond what the person may do.
    """
    wanted = sorted({str(scope) for scope in scopes})
    if not wanted or not all(actor.can(scope) for scope in wanted):
        raise PermissionDenied("scopes beyond the role")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=actor,
        name=name,
        digest=digest(secret),
        hint=secret[-4:],
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
    )
    record(actor=actor, now=now, action="token.issued", obj=token, changes={"scopes": [[], wanted]})
    return token, secret


@transaction.atomic
def revoke_token(*, actor: Any, now: datetime, token: Token) -> bool:
    """End a token at once; False when it had already ended. Only its owner may."""
    if token.user_id != actor.pk:
        raise PermissionDenied("not the owner")
    ended = Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)
    if ended:
        record(actor=actor, now=now, action="token.revoked", obj=token)
    return bool(ended)
