"""Who calls the API: a program with a bearer token, or a page of ours with its session."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, F, Q, When
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError, Throttled
from ninja.security import HttpBearer
from ninja.security.session import SessionAuth

from clientela.foundation.api.models import Token
from clientela.foundation.api.operations import digest

SHARES_A_MINUTE = 60
_shares: dict[str, tuple[int, int]] = {}


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
        count_request(found, now)
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


def count_request(token: Token, now: datetime) -> None:
    """At most ``settings.API_REQUESTS_A_MINUTE`` (600) of one token in a minute, whatever process answers; else 429.

    A process takes requests from the token's row in shares, so that one in ten writes, not every one.
    """
    minute = int(now.timestamp()) // 60
    of_minute, left = _shares.get(token.digest, (minute, 0))
    if of_minute != minute or not left:
        left = _take_share(token, minute, now)
    _shares[token.digest] = (minute, left - 1)
    if len(_shares) > 10_000:
        _shares.clear()


def _take_share(token: Token, minute: int, now: datetime) -> int:
    limit = getattr(settings, "API_REQUESTS_A_MINUTE", 600)
    share = max(1, limit // SHARES_A_MINUTE)
    open_yet = Q(minute__lt=minute) | Q(used__lte=limit - share)
    used = Case(When(minute=minute, then=F("used") + share), default=share)
    if not Token.objects.filter(open_yet, pk=token.pk).update(used=used, minute=minute, last_used_at=now):
        raise Throttled(wait=60 - now.second)
    return share
