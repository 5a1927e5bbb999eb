"""Counts that everybody of a wide scope shares for a minute; those of a portfolio are always counted anew."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any, TypeVar

from django.core.cache import cache

from clientela.modules.organisation.queries import scope_of

COUNTS_LIVE = 60
Counts = TypeVar("Counts")


def is_wide(user: Any) -> bool:
    """Whether a scope is a whole branch, centre or company: too much to count at every look."""
    return not scope_of(user).agent_ids


def kept(user: Any, what: str, today: date, count: Callable[[], Counts]) -> Counts:
    """``count()``, or what it gave to somebody of the same wide scope in the last minute."""
    if not is_wide(user):
        return count()
    key = f"today.{what}:{sha256(f'{scope_of(user)!r} {today}'.encode()).hexdigest()}"
    found: Counts | None = cache.get(key)
    if found is None:
        found = count()
        cache.set(key, found, COUNTS_LIVE)
    return found
