"""The kinds of records that may be talked about. Their modules lie above; `config/subscriptions` registers them here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True)
class Kind:
    """``visible(user)`` are the records this person may see now; ``titles(ids)`` gives name and address of some."""

    permission: str
    visible: Callable[[Any], "QuerySet[Any]"]
    titles: Callable[[Iterable[int]], dict[int, tuple[str, str]]]


KINDS: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    """Let people talk about records of ``name``."""
    KINDS[name] = kind


def may_see(user: Any, name: str, record_id: int) -> bool:
    """Whether this person may see this record now."""
    kind = KINDS.get(name)
    if kind is None or not user.is_active or not user.can(kind.permission):
        return False
    return bool(kind.visible(user).filter(pk=record_id).exists())
