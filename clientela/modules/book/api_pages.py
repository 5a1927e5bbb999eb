"""The sales book over the API: pages, entries with their files and versions, search."""

from datetime import date
from typing import Annotated, Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.dates import local_today
from clientela.foundation.private_files import private_download
from clientela.foundation.refusals import FileRefused
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.book.models import Block, Entry, EntryVersion
from clientela.modules.book.models import Page as BookPage
from clientela.modules.book.operations import pages
from clientela.modules.book.queries.pages import find, products_in
from clientela.modules.book.schemas_pages import (
    BookEntryChange,
    BookEntryIn,
    BookEntryOut,
    BookHitOut,
    BookMoveIn,
    BookPageIn,
    BookPageOut,
    BookVersionOut,
)
from clientela.modules.products.models import Product

router = Router(tags=["book"])
READ = requires(Permission.PRODUCTS_READ)
WRITE = requires(Permission.PRODUCTS_READ, Permission.PRODUCTS_WRITE)
map_problem(pages.EntryRefused, 422)
map_problem(pages.BookChanged, 409)
map_problem(pages.NoSuchVersion, 404)
map_problem(FileRefused, 422)


def _day() -> date:
    return local_today(settings.TIME_ZONE, timezone.now())


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _rows(request: HttpRequest) -> Any:
    return Entry.objects.visible_to(caller(request), _day()).select_related("page__product")


def _entry(request: HttpRequest, book_entry_id: int) -> Entry:
    found: Entry = get_object_or_404(_rows(request), pk=book_entry_id)
    return found


def _product(request: HttpRequest, code: str) -> Product:
    found: Product = get_object_or_404(products_in(caller(request)), code=code)
    return found


def _page(product: Product, page: BookPage | None) -> dict[str, Any]:
    return {
        "product_code": product.code, "product": product.name, "pitch": page.pitch if page else "",
        "licence": page.licence if page else "", "version": page.version if page else 0,
        "changed_at": page.changed_at if page else None,
    }  # fmt: skip


@router.get("/book/pages", response=list[BookPageOut])
@READ
def list_book_pages(request: HttpRequest) -> Any:
    """The page of every product this person may read of, by line; at most 500."""
    products = list(products_in(caller(request))[:500])
    kept = {page.product_id: page for page in BookPage.objects.filter(product__in=products)}
    return [_page(product, kept.get(product.pk)) for product in products]


@router.get("/book/pages/{product_code}", response=BookPageOut)
@READ
def book_page(request: HttpRequest, product_code: str) -> Any:
    product = _product(request, product_code)
    return _page(product, BookPage.objects.filter(product=product).first())


@router.put("/book/pages/{product_code}", response=BookPageOut)
@WRITE
def change_book_page(request: HttpRequest, product_code: str, body: BookPageIn) -> Any:
    """The pitch and the licence."""
    product, seen = _product(request, product_code), body.version or None
    page = pages.change_page(
        **_who(request), product=product, pitch=body.pitch, licence=body.licence, seen=seen
    )
    return _page(product, page)


@router.get("/book/entries", response=Page[BookEntryOut])
@READ
def list_book_entries(
    request: HttpRequest,
    product: Annotated[str, Query(max_length=20)] = "",
    block: Block | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """What this person reads today, of one product or block, or of all."""
    rows = _rows(request)
    if product:
        rows = rows.filter(page__product__code=product)
    if block:
        rows = rows.filter(block=block)
    return page_of(rows, order=("page_id", "block", "place", "id"), cursor=cursor, limit=limit)


@router.get("/book/search", response=list[BookHitOut])
@READ
def search_book(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=80)],
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Any:
    """Entries with every word of ``q`` in any form, in title, text or name of file, the surest first."""
    return [
        {"entry": hit.entry, "excerpt": hit.excerpt} for hit in find(caller(request), q, _day(), few=limit)
    ]


@router.post("/book/entries", response={201: BookEntryOut})
@WRITE
def add_book_entry(request: HttpRequest, body: BookEntryIn) -> Any:
    """A new entry at the end of its block."""
    typed = body.dict()
    product = _product(request, typed.pop("product_code"))
    return Status(201, pages.add_entry(**_who(request), product=product, **typed))


@router.get("/book/entries/{book_entry_id}", response=BookEntryOut)
@READ
def book_entry(request: HttpRequest, book_entry_id: Id) -> Any:
    return _entry(request, book_entry_id)


@router.patch("/book/entries/{book_entry_id}", response=BookEntryOut)
@WRITE
def change_book_entry(request: HttpRequest, book_entry_id: Id, body: BookEntryChange) -> Any:
    """409 when somebody changed it meanwhile."""
    typed = body.dict(exclude_unset=True)
    typed = {name: value for name, value in typed.items() if value is not None or name in pages.DATES}
    seen = typed.pop("version")
    return pages.change_entry(**_who(request), entry=_entry(request, book_entry_id), seen=seen, **typed)


@router.get("/book/entries/{book_entry_id}/file")
@READ
def book_file(request: HttpRequest, book_entry_id: Id) -> Any:
    """The file of an entry; 404 when it has none."""
    found = _entry(request, book_entry_id)
    if not found.file:
        raise Http404
    return private_download(found.file, found.file_name)


@router.post("/book/entries/{book_entry_id}/file", response={201: BookEntryOut})
@WRITE
def attach_book_file(request: HttpRequest, book_entry_id: Id, file: File[UploadedFile]) -> Any:
    """A file of up to 20 MB instead of the one before, which stays with its version."""
    return Status(201, pages.change_entry(**_who(request), entry=_entry(request, book_entry_id), file=file))


@router.delete("/book/entries/{book_entry_id}/file", response=BookEntryOut)
@WRITE
def drop_book_file(request: HttpRequest, book_entry_id: Id) -> Any:
    """Without a file; an earlier version still has it."""
    return pages.change_entry(**_who(request), entry=_entry(request, book_entry_id), drop_file=True)


@router.get("/book/entries/{book_entry_id}/versions", response=Page[BookVersionOut])
@WRITE
def list_book_versions(
    request: HttpRequest, book_entry_id: Id, cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """What the entry was, the newest first."""
    rows = EntryVersion.objects.filter(entry=_entry(request, book_entry_id))
    return page_of(rows, order=("-number",), cursor=cursor, limit=limit)


@router.post("/book/entries/{book_entry_id}/versions/{number}/return", response=BookEntryOut)
@WRITE
def bring_book_version_back(request: HttpRequest, book_entry_id: Id, number: Id) -> Any:
    """Make a version the newest one again."""
    return pages.bring_back(**_who(request), entry=_entry(request, book_entry_id), number=number)


@router.post("/book/entries/{book_entry_id}/move", response=BookEntryOut)
@WRITE
def move_book_entry(request: HttpRequest, book_entry_id: Id, body: BookMoveIn) -> Any:
    """One place within its block; at its end it stays."""
    found = _entry(request, book_entry_id)
    return pages.move(**_who(request), entry=found, by=body.by) if body.by else found


@router.post("/book/entries/{book_entry_id}/removal", response=BookEntryOut)
@WRITE
def put_book_entry_away(request: HttpRequest, book_entry_id: Id) -> Any:
    """Nobody reads it any longer; it can be restored."""
    return pages.put_away(**_who(request), entry=_entry(request, book_entry_id))


@router.post("/book/entries/{book_entry_id}/restoration", response=BookEntryOut)
@WRITE
def restore_book_entry(request: HttpRequest, book_entry_id: Id) -> Any:
    """Back in its place."""
    rows = Entry.objects.filter(page__product__in=products_in(caller(request)))
    return pages.restore(**_who(request), entry=get_object_or_404(rows, pk=book_entry_id))
