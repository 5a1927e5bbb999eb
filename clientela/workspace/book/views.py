"""The book as it is read: a product's page, an entry, what is found, the page on paper."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.private_files import private_download
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.printing import set_pages
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.book.models import Block, Entry
from clientela.modules.book.queries.pages import entries_of, find, page_of, products_in
from clientela.modules.book.queries.training import may_sell
from clientela.modules.book.rules.text import as_html
from clientela.modules.products.models import Product
from clientela.modules.products.queries import name_of, version_on
from clientela.workspace.book.estimate import PREFIX, EstimateForm, estimate_of
from clientela.workspace.book.words import BLOCKS, coming, icon_of, icon_of_product, notes, prospects
from clientela.workspace.training.cards import card_of

LONGEST = 80


def today() -> date:
    """The company's day."""
    return local_today(settings.TIME_ZONE, timezone.now())


def product_of(request: HttpRequest, code: str) -> Product:
    """The product of a page this person may open, or 404."""
    found: Product = get_object_or_404(products_in(caller(request)), code=code)
    return found


def entry_of(request: HttpRequest, code: str, book_entry_id: int) -> Entry:
    """An entry this person may read today, or 404."""
    rows = Entry.objects.visible_to(caller(request), today()).select_related("page__product", "changed_by")
    found: Entry = get_object_or_404(rows, pk=book_entry_id, page__product=product_of(request, code))
    return found


@require_safe
@requires(Permission.PRODUCTS_READ)
def home(request: HttpRequest) -> HttpResponseBase:
    """What is found for ``q``; without it the first product."""
    products = products_in(caller(request))
    chosen = products.filter(code=request.GET.get("at", "")[:20]).first() or products.first()
    text = request.GET.get("q", "").strip()[:LONGEST]
    if chosen is None:
        return render(request, "book/empty.html")
    if not text:
        if htmx_of(request):
            response = render(request, "book/parts/middle.html", context_of(request, chosen))
            response["HX-Replace-Url"] = reverse("book:page", args=[chosen.code])
            return response
        return redirect("book:page", chosen.code)
    context = frame_of(request, chosen) | {
        "q": text,
        "hits": [
            {
                "entry": hit.entry, "excerpt": hit.excerpt, "icon": icon_of(hit.entry),
                "product": name_of(hit.entry.page.product),
                "url": reverse("book:entry", args=[hit.entry.page.product.code, hit.entry.pk]),
            }
            for hit in find(caller(request), text, today())
        ],
    }  # fmt: skip
    return render(request, "book/parts/found.html" if htmx_of(request) else "book/found.html", context)


@require_safe
@requires(Permission.PRODUCTS_READ)
def page(request: HttpRequest, product_code: str) -> HttpResponse:
    """Everything of one product on one page."""
    product = product_of(request, product_code)
    template = "book/parts/middle.html" if htmx_of(request) == "book" else "book/page.html"
    return render(request, template, context_of(request, product))


@require_safe
@requires(Permission.PRODUCTS_READ)
def entry(request: HttpRequest, product_code: str, book_entry_id: int) -> HttpResponse:
    """The page with this entry open; htmx asks for its line alone, open or closed again."""
    found = entry_of(request, product_code, book_entry_id)
    if htmx_of(request) == f"entry-{found.pk}":
        shown = row_of(found, is_open="closed" not in request.GET)
        return render(request, "book/parts/entry.html", {"row": shown} | keeping(request))
    return render(request, "book/page.html", context_of(request, found.page.product, open_id=found.pk))


@require_safe
@requires(Permission.PRODUCTS_READ)
def file(request: HttpRequest, product_code: str, book_entry_id: int) -> HttpResponseBase:
    """The file of an entry; who took it is not kept: the book is everybody's."""
    found = entry_of(request, product_code, book_entry_id)
    if not found.file:
        raise Http404
    return private_download(found.file, found.file_name)


@require_safe
@requires(Permission.PRODUCTS_READ)
def memo(request: HttpRequest, product_code: str) -> HttpResponseBase:
    """The page as a PDF to print or to take along, as sellers read it today."""
    product = product_of(request, product_code)
    user, day = caller(request), today()
    kept = page_of(user, product)
    rows = Entry.objects.none()
    if kept is not None:
        rows = kept.entries.visible_to(user, day).filter(pk__in=Entry.objects.shown_on(day).values("pk"))
    blocks: dict[str, list[dict[str, Any]]] = {block: [] for block in Block.values}
    for one in rows.order_by("-is_notice", "place", "id"):
        blocks[one.block].append({"entry": one, "html": mark_safe(as_html(one.body))})  # noqa: S308
    shown = [(block.label, blocks[block]) for block in Block if blocks[block]]
    context = {
        "product": name_of(product), "page": kept, "blocks": shown, "day": day, "company": settings.COMPANY_NAME,
        "version": version_on(product.code, day),
    }  # fmt: skip
    try:
        pdf = set_pages(render_to_string("book/memo.html", context)).write_pdf()
    except Refusal as refused:
        return HttpResponse(str(refused), status=503, content_type="text/plain; charset=utf-8")
    record(actor=user, now=timezone.now(), action="book.memo_taken", obj=product)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="book-{product.code}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@requires(Permission.PRODUCTS_READ, Permission.CONTRACTS_WRITE)
def estimate(request: HttpRequest, product_code: str) -> HttpResponse:
    """A price without a client: nothing of it is kept, its address can be shared."""
    product = product_of(request, product_code)
    if htmx_of(request) == "estimate-price":
        return render(request, "book/parts/estimate_price.html", estimating(request, product))
    return render(request, "book/page.html", context_of(request, product))


# --- what templates are given --------------------------------------------------------------------------


def htmx_of(request: HttpRequest) -> str:
    """The id htmx wants to fill; nothing for a whole page."""
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    return (htmx.target or "-") if htmx and not htmx.history_restore_request else ""


def keeping(request: HttpRequest) -> dict[str, Any]:
    """Whether this person keeps the book."""
    return {"may_keep": caller(request).can(Permission.PRODUCTS_WRITE)}


def estimating(request: HttpRequest, product: Product) -> dict[str, Any]:
    """The form of the estimate with its price; nothing for who does not sell."""
    if not caller(request).can(Permission.CONTRACTS_WRITE) or not product.is_active:
        return {}
    form = EstimateForm(
        product, today(), request.GET if any(key.startswith(f"{PREFIX}-") for key in request.GET) else None
    )
    return {"estimate_form": form, "estimate": estimate_of(product, form, today())}


def row_of(entry: Entry, *, is_open: bool = False) -> dict[str, Any]:
    """A line of the page; open, with its text."""
    day = today()
    is_shown = not (entry.shown_from and entry.shown_from > day) and not (
        entry.shown_until and entry.shown_until < day
    )
    url = reverse("book:entry", args=[entry.page.product.code, entry.pk])
    return {
        "entry": entry, "icon": icon_of(entry), "is_open": is_open, "is_shown": is_shown, "url": url,
        "html": mark_safe(as_html(entry.body)) if is_open else "",  # noqa: S308
        "page_url": reverse("book:page", args=[entry.page.product.code]),
    }  # fmt: skip


def frame_of(request: HttpRequest, product: Product) -> dict[str, Any]:
    """The left column: products and the blocks of the page."""
    day = today()
    version = version_on(product.code, day)
    return {
        "product": product, "name": name_of(product), "version": version,
        "products": [
            {"product": one, "name": name_of(one), "icon": icon_of_product(one), "current": one.pk == product.pk}
            for one in products_in(caller(request))
        ],
        "anchors": [(block.value, block.label) for block in BLOCKS],
        "q": "",
    } | keeping(request)  # fmt: skip


def context_of(request: HttpRequest, product: Product, *, open_id: int = 0) -> dict[str, Any]:
    """The whole page of a product."""
    user, day = caller(request), today()
    kept = page_of(user, product)
    entries = entries_of(user, kept, day)
    for one in (one for rows in entries.values() for one in rows):
        one.page.product = product
    shown = {
        block: [row_of(one, is_open=one.pk == open_id) for one in rows] for block, rows in entries.items()
    }
    said = notes(user, product, kept, day)
    return frame_of(request, product) | {
        "page": kept, "questions": shown[Block.QUESTIONS], "open_id": open_id,
        "blocks": [
            {
                "code": block.value, "title": block.label, "icon": icon, "note": said.get(block, ""),
                "rows": [row for row in shown[block] if not row["entry"].is_notice],
                "notices": [row for row in shown[block] if row["entry"].is_notice],
                "coming": coming(product, day) if block == Block.TARIFFS else [],
                "prospects": prospects(user, product) if block == Block.MARKETING else {},
            }
            for block, icon in BLOCKS.items()
        ],
        "is_empty": not any(shown.values()),
        "verdict": may_sell(user, product, day), "training": card_of(user, product, timezone.now()),
        "may_calculate": user.can(Permission.CONTRACTS_WRITE), **estimating(request, product),
        "title": _("Sales book"),
    }  # fmt: skip
