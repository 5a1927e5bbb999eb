"""The list of products and tariffs: what its address asks for, what is found, and how many there are of each state."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from clientela.modules.accounts.access import Permission
from clientela.modules.products.models import Product, ProductVersion
from clientela.modules.rating.models import Table, TableVersion

Version = TableVersion | ProductVersion
LONGEST = 80
STATES: dict[str, Promise] = {
    "": pgettext_lazy("tariffs", "All"),
    "mine": pgettext_lazy("tariffs", "Wait for me"),
    "proposed": pgettext_lazy("tariffs", "For approval"),
    "draft": pgettext_lazy("tariffs", "Drafts"),
    "coming": pgettext_lazy("tariffs", "Start later"),
    "current": pgettext_lazy("tariffs", "In force"),
    "retired": pgettext_lazy("tariffs", "Retired"),
}


@dataclass(frozen=True)
class ProductFilter:
    """``state`` is one of `STATES`, ``text`` words of a name or a code."""

    state: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "ProductFilter":
        """Whatever the address says; a state it does not know is left out."""
        state = query.get("state", "")
        text = " ".join(query.get("q", "").split())[:LONGEST]
        return cls(state=state if state in STATES else "", text=text)

    @property
    def url(self) -> str:
        """The list by the same conditions; it can be sent to a colleague."""
        asked = urlencode({key: one for key, one in (("state", self.state), ("q", self.text)) if one})
        return reverse("product_pages:list") + (f"?{asked}" if asked else "")


@dataclass
class Found:
    """A product with those of its tables that were asked for; ``is_asked`` says whether its own definition was."""

    product: Product
    versions: list[ProductVersion]
    is_asked: bool
    tables: list[tuple[Table, list[TableVersion]]] = field(default_factory=list)


def may_decide(version: Version, user: Any) -> bool:
    """Whether it waits for this person: proposed by somebody else, and they may approve."""
    author = version.author_id if isinstance(version, TableVersion) else version.created_by_id
    is_another = author is not None and author != user.pk
    return version.state == "proposed" and is_another and user.can(Permission.TARIFFS_APPROVE)


def states_of(version: Version, versions: Iterable[Version], user: Any, today: date) -> set[str]:
    """Under which states of the list a version stands; an older one that has been replaced stands under none."""
    if version.state not in ("approved", "active"):
        return {version.state} | ({"mine"} if may_decide(version, user) else set())
    if version.starts_on > today:
        return {"coming"}
    begun = [one for one in versions if one.state in ("approved", "active") and one.starts_on <= today]
    return {"current"} if version == max(begun, key=lambda one: (one.starts_on, one.number)) else set()


def found(user: Any, wanted: ProductFilter, today: date) -> tuple[list[Found], dict[str, int]]:
    """What is asked for, by product; and how many tables and definitions the words find in each state."""
    counts = dict.fromkeys(STATES, 0)
    rows = []
    for product in _products():
        versions = list(product.versions.all())
        told = Found(product, versions, _asked(_names(product), versions, wanted, user, today, counts))
        for table in product.tables.all():
            held = list(table.versions.all())
            names = [*_names(product), table.title, table.title_en, table.code]
            if _asked(names, held, wanted, user, today, counts):
                told.tables.append((table, held))
        if told.is_asked or told.tables:
            rows.append(told)
    return rows, counts


def every(user: Any, wanted: ProductFilter, today: date) -> Iterator[tuple[Product, Table | None, Version]]:
    """Single versions that are asked for, with the table each is of; none for a definition."""
    for one in found(user, wanted, today)[0]:
        groups: list[tuple[Table | None, list[Any]]] = [(None, one.versions)] if one.is_asked else []
        for table, held in [*groups, *one.tables]:
            for version in held:
                if not wanted.state or wanted.state in states_of(version, held, user, today):
                    yield one.product, table, version


def filters(user: Any, wanted: ProductFilter, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The states to choose from; what waits for oneself is only for who may approve."""
    return [
        {
            "label": word, "url": replace(wanted, state=state).url, "current": wanted.state == state,
            "count": counts[state],
        }
        for state, word in STATES.items()
        if state != "mine" or user.can(Permission.TARIFFS_APPROVE)
    ]  # fmt: skip


def _products() -> Iterable[Product]:
    light = TableVersion.objects.defer("rows", "columns", "regression").order_by("-number")
    lighter = ProductVersion.objects.defer("definition", "regression").order_by("-number")
    tables = Table.objects.prefetch_related(Prefetch("versions", queryset=light))
    sold = Product.objects.filter(versions__isnull=False).distinct()
    return sold.prefetch_related(Prefetch("versions", queryset=lighter), Prefetch("tables", queryset=tables))


def _asked(
    names: Iterable[str], versions: list[Any], wanted: ProductFilter, user: Any, today: date, counts: dict[str, int]
) -> bool:  # fmt: skip
    """Whether the words and the state find it; each state that the words find is counted."""
    text = _plain(" ".join(names))
    if not all(word in text for word in _plain(wanted.text).split()):
        return False
    states = {""}.union(*(states_of(one, versions, user, today) for one in versions))
    for state in states:
        counts[state] += 1
    return wanted.state in states


def _names(product: Product) -> list[str]:
    return [product.name, product.name_en, product.message_name, product.code]


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")
