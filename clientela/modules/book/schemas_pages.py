"""Pages and entries of the sales book as the API shows and takes them."""

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from clientela.modules.book.models import Block, Entry
from clientela.modules.book.operations import pages
from clientela.modules.book.rules.text import as_html

Seen = Annotated[int, Field(ge=1, le=2**31 - 1)]


class BookPageOut(Schema):
    """``pitch`` is what to say in twenty seconds. A product without a page has an empty one of version 0."""

    product_code: str
    product: str
    pitch: str
    licence: str
    version: int
    changed_at: datetime | None


class BookPageIn(Schema):
    """``version`` is the one that was read; 0 when there was no page."""

    pitch: Annotated[str, Field(max_length=600)]
    licence: Annotated[str, Field(max_length=120)] = ""
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class BookEntryIn(Schema):
    """``body`` is Markdown without HTML; ``link`` a path of this product, e.g. ``/products/``."""

    product_code: Annotated[str, Field(max_length=20)]
    block: Block
    title: Annotated[str, Field(max_length=160)]
    note: Annotated[str, Field(max_length=200)] = ""
    remark: Annotated[str, Field(max_length=40)] = ""
    body: Annotated[str, Field(max_length=pages.LONGEST)] = ""
    link: Annotated[str, Field(max_length=300)] = ""
    is_notice: bool = False
    shown_from: date | None = None
    shown_until: date | None = None


class BookEntryChange(Schema):
    """What is not named stays; ``version`` is the one that was read."""

    version: Seen
    block: Block | None = None
    title: Annotated[str, Field(max_length=160)] | None = None
    note: Annotated[str, Field(max_length=200)] | None = None
    remark: Annotated[str, Field(max_length=40)] | None = None
    body: Annotated[str, Field(max_length=pages.LONGEST)] | None = None
    link: Annotated[str, Field(max_length=300)] | None = None
    is_notice: bool | None = None
    shown_from: date | None = None
    shown_until: date | None = None


class BookEntryOut(Schema):
    """``place`` orders the entries of a block, notices before the others; ``html`` is the body made safe."""

    id: int
    product_code: str
    block: str
    place: int
    title: str
    note: str
    remark: str
    body: str
    html: str
    link: str
    is_notice: bool
    shown_from: date | None
    shown_until: date | None
    file_name: str
    file_size: int
    version: int
    is_put_away: bool
    changed_at: datetime

    @staticmethod
    def resolve_product_code(entry: Entry) -> str:
        return entry.page.product.code

    @staticmethod
    def resolve_html(entry: Entry) -> str:
        return as_html(entry.body)

    @staticmethod
    def resolve_is_put_away(entry: Entry) -> bool:
        return entry.put_away_at is not None


class BookHitOut(Schema):
    entry: BookEntryOut
    excerpt: str


class BookVersionOut(Schema):
    """``content`` is the entry as it stood after this change."""

    number: int
    made_at: datetime
    content: dict[str, Any]


class BookMoveIn(Schema):
    """``by``: −1 one place up, 1 one place down within the block."""

    by: Annotated[int, Field(ge=-1, le=1)]
