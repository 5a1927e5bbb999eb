"""Who calls the API: a program with a bearer token, or a page of ours with its session."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError, Throttled
from ninja.security import HttpBearer
from ninja.security.session import SessionAuth

from clientela.foundation.api.models import Token
from clientela.foundation.api.operations import digest

_windows: dict[int, tuple[int, int]] = {}


class TokenAuth(HttpBearer):
    """Bearer token. The person's permissions are narrowed to the token's scopes for this request."""

    def __call__(self, request: HttpRequest) -> Any:
        known = getattr(request, "api_token", None)
        if known is not None:
            return known
        if request.headers.get("Authorization") is None:
            return None
        token = super().__call__(request)
        if token is None:
            raise AuthenticationError
        return token

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        now = timezone.now()
        found = (
            Token.objects.select_related("user")
            .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
            .filter(digest=digest(token), revoked_at__isnull=True, user__is_active=True)
            .first()
        )
        if found is None:
            return None
        count_request(found.pk)
        _mark_used(found, now)
        user: Any = found.user
        user.permissions = user.permissions & frozenset(found.scopes)
        request.user = user
        request.api_token = found  # type: ignore[attr-defined]
        return found


class PageAuth(SessionAuth):
    """The session of a signed-in person, from our own pages only (CSRF is checked)."""

    def __call__(self, request: HttpRequest) -> Any:
        if not request.user.is_authenticated:
            return None
        return super().__call__(request)


def count_request(token_id: int) -> None:
    """At most ``settings.API_REQUESTS_A_MINUTE`` (600) of one token in a minute and a process; else 429."""
    limit = getattr(settings, "API_REQUESTS_A_MINUTE", 600)
    minute, second = divmod(int(time.time()), 60)
    window, count = _windows.get(token_id, (minute, 0))
    count = count + 1 if window == minute else 1
    _windows[token_id] = (minute, count)
    if len(_windows) > 10_000:
        _windows.clear()
    if count > limit:
        raise Throttled(wait=60 - second)


def _mark_used(token: Token, now: datetime) -> None:
    """Once a minute is enough for the owner's eyes."""
    if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=1):
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
