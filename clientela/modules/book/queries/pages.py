"""Reading the book."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from clientela.modules.accounts.rules import Permission
from clientela.modules.book.models import Block, Entry, Page
from clientela.modules.book.rules.text import excerpt, stems
from clientela.modules.products.models import Line, Product

MOST_FOUND = 20
_LINE_ORDER = Case(
    *(When(line=line, then=Value(place)) for place, line in enumerate(Line.values)),
    default=Value(len(Line.values)), output_field=IntegerField(),
)  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """An entry that was found, with the piece of its text that fits."""

    entry: Entry
    excerpt: str


def products_in(user: Any) -> QuerySet[Product]:
    """Products whose pages this person may open, as `Line` orders them; who keeps the book sees withdrawn ones too."""
    rows = (
        Product.objects.all()
        if user.can(Permission.PRODUCTS_WRITE)
        else Product.objects.filter(is_active=True)
    )
    if not user.can(Permission.PRODUCTS_READ):
        return rows.none()
    return rows.order_by(_LINE_ORDER, "code")


def page_of(user: Any, product: Product) -> Page | None:
    """The product's page, if it is written and this person may read it."""
    return (
        Page.objects.visible_to(user).select_related("product", "changed_by").filter(product=product).first()
    )


def entries_of(user: Any, page: Page | None, day: date) -> dict[str, list[Entry]]:
    """Entries by block, every block there, notices first."""
    found: dict[str, list[Entry]] = {block: [] for block in Block.values}
    if page is not None:
        rows = page.entries.visible_to(user, day).order_by("-is_notice", "place", "id")
        for entry in rows.select_related("changed_by"):
            found[entry.block].append(entry)
    return found


def find(user: Any, text: str, day: date, *, few: int = MOST_FOUND) -> list[Hit]:
    """Entries in which every word of ``text`` begins some word, the surest first: in titles, then elsewhere.

    Endings do not matter, in Russian or in English. At most ``few`` come back.
    """
    wanted = stems(text)
    if not wanted:
        return []
    fits, rank = Q(), Value(0, output_field=IntegerField())
    for stem in wanted:
        named = Q(title_key__contains=f" {stem}")
        fits &= Q(key__contains=f" {stem}")
        begins = When(Q(title_key__startswith=f" {stem}"), then=Value(6))
        rank = rank + Case(  # type: ignore[assignment]
            begins, When(named, then=Value(4)), default=Value(0), output_field=IntegerField()
        )
    rows = Entry.objects.visible_to(user, day).filter(fits).select_related("page__product")
    ordered = rows.annotate(rank=Coalesce(rank, 0)).order_by(
        "-rank", "page__product__line", "block", "place", "id"
    )
    return [Hit(entry, excerpt(entry.body, wanted)) for entry in ordered[:few]]
