"""The book as product managers keep it: add, change, move, put away, go back to a version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Block, Entry, Page
from clientela.modules.book.operations import pages
from clientela.modules.book.operations.pages import FIELDS
from clientela.workspace.book.forms import AboutForm, EntryForm
from clientela.workspace.book.views import context_of, entry_of, htmx_of, product_of

WRITE = requires(Permission.PRODUCTS_READ, Permission.PRODUCTS_WRITE)
T = TypeVar("T")
_FORM = ["GET", "HEAD", "POST"]
CHANGED = "changed"


@require_http_methods(_FORM)
@WRITE
def about(request: HttpRequest, product_code: str) -> HttpResponseBase:
    """The pitch and the licence."""
    product = product_of(request, product_code)
    kept = Page.objects.filter(product=product).first()
    initial = {"pitch": kept.pitch, "licence": kept.licence, "seen": kept.version} if kept else {}
    form = AboutForm(request.POST if request.method == "POST" else None, initial=initial)
    back = reverse("book:page", args=[product.code])
    if form.is_valid():
        typed: dict[str, Any] = form.cleaned_data
        if _done(form, lambda: pages.change_page(**_who(request), product=product, **typed)):
            return _go(request, back, _("The page is saved."))
    newest = Page.objects.select_related("changed_by").filter(product=product).first()
    clash = _clash(form, newest, ("pitch", "licence"))
    return _form(request, form, _("What the page says"), back, clash)


@require_http_methods(_FORM)
@WRITE
def new(request: HttpRequest, product_code: str) -> HttpResponseBase:
    """A new entry of the block that the address names."""
    product = product_of(request, product_code)
    block = request.GET.get("block", "")
    initial = {"block": block if block in Block.values else Block.RULES}
    form = EntryForm(
        request.POST if request.method == "POST" else None, request.FILES or None, initial=initial
    )
    back = reverse("book:page", args=[product.code])
    if form.is_valid():
        typed: dict[str, Any] = {name: form.cleaned_data[name] for name in (*FIELDS, "file")}
        if made := _done(form, lambda: pages.add_entry(**_who(request), product=product, **typed)):
            return _go(request, reverse("book:entry", args=[product.code, made.pk]), _("The entry is added."))
    return _form(request, form, _("New entry"), back)


@require_http_methods(_FORM)
@WRITE
def edit(request: HttpRequest, product_code: str, book_entry_id: int) -> HttpResponseBase:
    """Change an entry; the version before stays."""
    found = entry_of(request, product_code, book_entry_id)
    initial = {name: getattr(found, name) for name in FIELDS} | {"seen": found.version}
    form = EntryForm(
        request.POST if request.method == "POST" else None, request.FILES or None, initial=initial,
        file_name=found.file_name,
    )  # fmt: skip
    back = reverse("book:entry", args=[product_code, found.pk])
    if form.is_valid():
        typed: dict[str, Any] = {name: form.cleaned_data.get(name) for name in (*FIELDS, "file", "seen")}
        drop = bool(form.cleaned_data.get("drop_file"))
        changed = _done(
            form, lambda: pages.change_entry(**_who(request), entry=found, drop_file=drop, **typed)
        )
        if changed and changed.version > found.version:
            undo = reverse("book:bring_back", args=[product_code, found.pk, found.version])
            return _go(request, back, _("The entry is saved."), undo)
        if changed:
            return _go(request, back, _("Nothing has changed."))
    newest = Entry.objects.select_related("changed_by").get(pk=found.pk)
    return _form(request, form, _("Change the entry"), back, _clash(form, newest, FIELDS))


@require_POST
@WRITE
def move(request: HttpRequest, product_code: str, book_entry_id: int) -> HttpResponseBase:
    """One place up or down in its block."""
    found = entry_of(request, product_code, book_entry_id)
    pages.move(**_who(request), entry=found, by=-1 if request.POST.get("by") == "-1" else 1)
    if not htmx_of(request):
        return HttpResponseRedirect(reverse("book:entry", args=[product_code, found.pk]))
    # The button that was pressed keeps the focus, so that it can be pressed again.
    context = context_of(request, found.page.product, open_id=found.pk) | {"open_id": 0}
    return render(request, "book/parts/middle.html", context)


@require_POST
@WRITE
def put_away(request: HttpRequest, product_code: str, book_entry_id: int) -> HttpResponseBase:
    """Out of the book, until somebody undoes it."""
    found = entry_of(request, product_code, book_entry_id)
    pages.put_away(**_who(request), entry=found)
    undo = reverse("book:restore", args=[product_code, found.pk])
    return _go(
        request,
        reverse("book:page", args=[product_code]),
        _("“%(title)s” is put away.") % {"title": found},
        undo,
    )


@require_POST
@WRITE
def restore(request: HttpRequest, product_code: str, book_entry_id: int) -> HttpResponseBase:
    """Take an entry that was put away out again."""
    product = product_of(request, product_code)
    found = get_object_or_404(Entry, pk=book_entry_id, page__product=product)
    pages.restore(**_who(request), entry=found)
    return _go(request, reverse("book:entry", args=[product_code, found.pk]), _("The entry is back."))


@require_safe
@WRITE
def versions(request: HttpRequest, product_code: str, book_entry_id: int) -> HttpResponse:
    """What the entry was, who changed it and when."""
    found = entry_of(request, product_code, book_entry_id)
    context = {
        "entry": found, "versions": found.versions.select_related("made_by")[:50], "title": _("Versions of the entry"),
        "part": "book/parts/versions.html", "back": reverse("book:entry", args=[product_code, found.pk]),
    }  # fmt: skip
    return render(request, "book/modal.html" if htmx_of(request) else "book/modal_page.html", context)


@require_POST
@WRITE
def bring_back(request: HttpRequest, product_code: str, book_entry_id: int, number: int) -> HttpResponseBase:
    """Make a version the newest one again."""
    found = entry_of(request, product_code, book_entry_id)
    back = reverse("book:entry", args=[product_code, found.pk])
    try:
        pages.bring_back(**_who(request), entry=found, number=number)
    except Refusal as refused:
        return HttpResponse(str(refused), status=422, content_type="text/plain; charset=utf-8")
    return _go(request, back, _("Version %(number)s is back.") % {"number": number})


def _who(request: HttpRequest) -> dict[str, Any]:
    user: User = caller(request)
    return {"actor": user, "now": timezone.now()}


def _done(form: Form, act: Callable[[], T]) -> T | None:
    """Do it; a refusal stands at its field, that of a change by somebody else above the form."""
    try:
        return act()
    except pages.BookChanged as refused:
        form.add_error(None, ValidationError(str(refused), code=CHANGED))
        return None
    except Refusal as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return None


@dataclass(frozen=True)
class Clash:
    """What somebody kept while this person was typing: who, when, and field by field what stands there now."""

    by: Any
    at: datetime
    rows: list[tuple[Any, str, str]]


def _clash(form: Form, newest: Page | Entry | None, names: Sequence[str]) -> Clash | None:
    """Where the form was refused because of it: both texts; from then on ``newest`` was seen and may be saved over."""
    if newest is None or not form.is_bound or not form.has_error("__all__", code=CHANGED):
        return None
    typed: Any = form.data
    typed = typed.copy()
    typed["seen"] = str(newest.version)
    form.data = typed
    rows = [
        (form.fields[name].label, _said(form, name, getattr(newest, name)), _said(form, name, typed_one))
        for name in names
        if (typed_one := form.cleaned_data.get(name)) != getattr(newest, name)
    ]
    return Clash(newest.changed_by, newest.changed_at, rows)


def _said(form: Form, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return formats.full_date(value, language())
    named: dict[Any, Any] = dict(getattr(form.fields[name], "choices", ()))
    return str(named.get(value, value) or "")


def _form(
    request: HttpRequest, form: Form, title: str, back: str, clash: Clash | None = None
) -> HttpResponse:
    context = {
        "form": form, "title": title, "back": back, "part": "book/parts/form.html", "action": request.get_full_path(),
        "clash": clash,
    }  # fmt: skip
    template = "book/modal.html" if htmx_of(request) else "book/modal_page.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


def _go(request: HttpRequest, url: str, text: str, undo: str = "") -> HttpResponseBase:
    """Show the page anew and say what was done."""
    messages.success(request, text, extra_tags=undo)
    return HttpResponseClientRedirect(url) if htmx_of(request) else HttpResponseRedirect(url)
