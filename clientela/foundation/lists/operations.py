"""Saving views and columns: every list of the product uses these."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from clientela.foundation.lists.models import ListSettings, SavedView

MOST_VIEWS = 30


class NameTaken(ValueError):
    """The person has a view of this list under this name already."""


class TooManyViews(ValueError):
    """A person keeps at most ``MOST_VIEWS`` views of one list."""


def views_of(user: Any, list_key: str) -> "QuerySet[SavedView]":
    """Own views of a list and those that others share."""
    return SavedView.objects.filter(Q(owner=user) | Q(shared=True), list_key=list_key).order_by(
        "position", "name", "id"
    )


def save_view(*, actor: Any, list_key: str, name: str, query: str, shared: bool = False) -> SavedView:
    """Keep a filter under a name. Raises ``NameTaken``, ``TooManyViews``."""
    if SavedView.objects.filter(owner=actor, list_key=list_key).count() >= MOST_VIEWS:
        raise TooManyViews
    try:
        with transaction.atomic():
            return SavedView.objects.create(
                owner=actor, list_key=list_key, name=name, query=query, shared=shared
            )
    except IntegrityError:
        raise NameTaken from None


def delete_view(*, actor: Any, view_id: int, list_key: str) -> bool:
    """Forget an own view; somebody else's stays, and False says so."""
    return bool(SavedView.objects.filter(pk=view_id, owner=actor, list_key=list_key).delete()[0])


def columns_of(user: Any, list_key: str, *, known: Iterable[str], default: Iterable[str]) -> list[str]:
    """The columns this person chose, in the list's own order; ``default`` when nothing was chosen."""
    stored = ListSettings.objects.filter(owner=user, list_key=list_key).values_list("columns", flat=True)
    chosen = set(next(iter(stored), None) or default)
    return [code for code in known if code in chosen]


def save_columns(*, actor: Any, list_key: str, columns: Iterable[str]) -> None:
    """Keep the columns this person chose for a list; none brings the usual ones back."""
    ListSettings.objects.update_or_create(owner=actor, list_key=list_key, defaults={"columns": list(columns)})
