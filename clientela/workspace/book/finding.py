"""Entries of the book for the palette."""

from typing import Any

from django.urls import reverse

from clientela.modules.accounts.access import Permission
from clientela.modules.book.queries.pages import find
from clientela.modules.products.queries import name_of
from clientela.workspace.book.views import today
from clientela.workspace.book.words import icon_of

FEW, SHORTEST = 4, 3


def found(user: Any, text: str) -> list[dict[str, Any]]:
    """A few entries that say all words of the text."""
    text = text.strip()[:80]
    if len(text) < SHORTEST or not user.can(Permission.PRODUCTS_READ):
        return []
    return [
        {
            "label": hit.entry.title, "icon": icon_of(hit.entry), "meta": name_of(hit.entry.page.product),
            "url": reverse("book:entry", args=[hit.entry.page.product.code, hit.entry.pk]),
        }
        for hit in find(user, text, today(), few=FEW)
    ]  # fmt: skip
