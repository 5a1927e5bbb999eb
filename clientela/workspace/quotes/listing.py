"""The list of calculations: a page by key, its rows, its file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from clientela.foundation.fields import prefix_range
from clientela.foundation.names import name_key
from clientela.modules.products.queries import name_of, on_sale
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.rules import number_key
from clientela.workspace.quotes import words
from clientela.workspace.quotes.filters import CalculationFilter
from clientela.workspace.quotes.words import STATE_BADGES
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 50
MOST = 50_000
ORDER = (Key("updated_at", datetime, descending=True), Key("id", descending=True))


@dataclass(frozen=True)
class Row:
    """A calculation of the list."""

    calculation: Calculation
    product: str
    badge: str
    premium: Any
    thing: str
    lacks: str


def listed(user: Any, wanted: CalculationFilter) -> "QuerySet[Calculation]":
    """Calculations by every condition."""
    rows = Calculation.objects.visible_to(user)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.product:
        rows = rows.filter(product__code=wanted.product)
    if wanted.own:
        rows = rows.filter(created_by=user)
    if wanted.text:
        number = (
            Q(**prefix_range("number_key", number_key(wanted.text)))
            if number_key(wanted.text)
            else Q(pk=None)
        )
        named = (
            Q(**prefix_range("client__name_key", name_key(wanted.text)))
            if name_key(wanted.text)
            else Q(pk=None)
        )
        rows = rows.filter(number | named)
    return rows


def _shown() -> "QuerySet[Calculation]":
    chosen = Variant.objects.filter(calculation=OuterRef("pk"), is_chosen=True)
    rows = Calculation.objects.select_related("client", "product", "policy", "created_by")
    return rows.annotate(
        premium=Subquery(chosen.values("premium")[:1]), missing=Subquery(chosen.values("missing")[:1])
    )


def page(
    user: Any, wanted: CalculationFilter, *, after: str = "", before: str = "", size: int = PAGE
) -> KeyPage[Calculation]:
    """A page of the list."""
    return page_of(listed(user, wanted), ORDER, shown=_shown(), after=after, before=before, size=size)


def rows(found: Sequence[Calculation]) -> list[Row]:
    """As the table shows them."""
    return [
        Row(
            one,
            name_of(one.product),
            STATE_BADGES[Calculation.State(one.state)],
            getattr(one, "premium", None),
            words.thing_line(one.subject),
            words.lacks(getattr(one, "missing", None) or []),
        )
        for one in found
    ]


def exported(user: Any, wanted: CalculationFilter) -> Iterator[list[Any]]:
    """The rows of the file."""
    ids = listed(user, wanted).values("pk")
    for one in _shown().filter(pk__in=ids).order_by("-updated_at", "-id")[:MOST].iterator(chunk_size=2000):
        premium = getattr(one, "premium", None)
        yield [
            one.number, one.client.name, name_of(one.product), one.get_state_display(), one.starts_on, premium,
            one.updated_at,
        ]  # fmt: skip


def _link(label: str, wanted: CalculationFilter, current: bool) -> dict[str, Any]:
    query = f"?{wanted.query}" if wanted.query else ""
    return {"label": label, "url": reverse("quotes:list") + query, "current": current}


def states(wanted: CalculationFilter) -> list[dict[str, Any]]:
    """All, and each state."""
    shown = (Calculation.State.DRAFT, Calculation.State.SENT, Calculation.State.ACCEPTED, Calculation.State.REFERRED,
             Calculation.State.PROJECT, Calculation.State.ISSUED)  # fmt: skip
    found = [_link(_("All"), wanted.but(state=""), not wanted.state)]
    return found + [_link(str(one.label), wanted.but(state=one.value), wanted.state == one) for one in shown]


def whose(wanted: CalculationFilter) -> list[dict[str, Any]]:
    """Everybody's that this person may see, and those they began."""
    return [
        _link(_("All"), wanted.but(own=False), not wanted.own),
        _link(_("Mine"), wanted.but(own=True), wanted.own),
    ]


def products(wanted: CalculationFilter) -> list[dict[str, Any]]:
    """All products on sale."""
    found = [_link(_("All products"), wanted.but(product=""), not wanted.product)]
    return found + [
        _link(name_of(one), wanted.but(product=one.code), wanted.product == one.code) for one in on_sale()
    ]
