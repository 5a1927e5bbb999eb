"""What an event may be about in modules above this one.

``register("policy", Link(…))`` (config/subscriptions) tells which records a person may tie an event to, and how they are
named and opened. The calendar keeps the kind and the id only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise


@dataclass(frozen=True)
class Link:
    """One kind of record: ``visible(user)`` gives those in the person's reach, each with ``client_id``."""

    label: Promise
    visible: Callable[[Any], "QuerySet[Any]"]
    title: Callable[[Any], str] = str
    url: Callable[[Any], str] = lambda record: ""


_links: dict[str, Link] = {}


def register(kind: str, link: Link) -> None:
    """A second call for a kind replaces the first."""
    _links[kind] = link


def kinds() -> dict[str, Link]:
    return dict(_links)


def find(user: Any, kind: str, record_id: int | None) -> Any:
    """The record an event is about, in the person's reach; None when there is none."""
    link = _links.get(kind)
    if link is None or record_id is None:
        return None
    return link.visible(user).filter(pk=record_id).first()
