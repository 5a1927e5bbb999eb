"""Keeping the book: pages and entries, with every version of an entry."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.private_files import fault_of, plain_name
from clientela.foundation.refusals import FileRefused, Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.book.models import Block, Entry, EntryVersion, Page
from clientela.modules.book.rules.text import as_plain, key_of
from clientela.modules.products.models import Product

FAULTS = {
    "kind": _("Files of this kind are not kept: use PDF, a picture, an office document or ZIP."),
    "empty": _("The file is empty."),
    "large": _("The file is larger than 20 MB."),
}
LONGEST = 20_000
MOST_ENTRIES = 200
TEXTS = ("title", "note", "remark", "body", "link")
DATES = ("shown_from", "shown_until")
FIELDS = ("block", *TEXTS, "is_notice", *DATES)
_FILE = ("file", "file_name", "file_size")


class EntryRefused(Refusal):
    """What is typed cannot be kept; ``field`` says where."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.field, self.message = field, message


class BookChanged(Refusal):
    """Somebody changed it meanwhile."""

    message = _("Somebody has changed this meanwhile. Your text is still here: compare and save again.")


class NoSuchVersion(Refusal):
    """There is nothing to go back to."""

    message = _("There is no such version of this entry.")


@transaction.atomic
def change_page(
    *, actor: Any, now: datetime, product: Product, pitch: str, licence: str, seen: int | None = None
) -> Page:
    """What to say in twenty seconds, and the licence. Raises `EntryRefused`, `BookChanged`."""
    ensure(actor, Permission.PRODUCTS_WRITE)
    pitch, licence = pitch.strip(), licence.strip()
    for field, text, most in (("pitch", pitch, 600), ("licence", licence, 120)):
        if len(text) > most:
            raise EntryRefused(field, _("Make it shorter: at most %(most)s characters.") % {"most": most})
    page = _page(actor, now, product)
    if seen is not None and page.version != seen:
        raise BookChanged
    changes = {
        name: [getattr(page, name), value]
        for name, value in (("pitch", pitch), ("licence", licence))
        if getattr(page, name) != value
    }
    if changes:
        page.pitch, page.licence, page.changed_at, page.changed_by = pitch, licence, now, actor
        page.version += 1
        page.save()
        record(actor=actor, now=now, action="book.page_changed", obj=page, changes=changes)
    return page


@transaction.atomic
def add_entry(
    *, actor: Any, now: datetime, product: Product, file: File | None = None, **typed: Any
) -> Entry:
    """A new entry at the end of its block. Raises `EntryRefused`, `FileRefused`."""
    ensure(actor, Permission.PRODUCTS_WRITE)
    values = _checked(typed)
    page = _page(actor, now, product)
    kept = page.entries.filter(put_away_at=None)
    if kept.count() >= MOST_ENTRIES:
        raise EntryRefused("title", _("A page holds at most %(most)s entries.") % {"most": MOST_ENTRIES})
    last = page.entries.filter(block=values["block"]).aggregate(most=Max("place"))["most"] or 0
    entry = Entry(page=page, place=last + 1, created_at=now, changed_at=now, changed_by=actor, **values)
    return _kept(actor, now, entry, file, "book.entry_added")


@transaction.atomic
def change_entry(
    *, actor: Any, now: datetime, entry: Entry, seen: int | None = None, file: File | None = None,
    drop_file: bool = False, **typed: Any,
) -> Entry:  # fmt: skip
    """Change what is named. ``seen`` is the version that was looked at. Raises as `add_entry`, and `BookChanged`."""
    ensure(actor, Permission.PRODUCTS_WRITE)
    found = _locked(entry)
    if seen is not None and found.version != seen:
        raise BookChanged
    values = _checked({name: getattr(found, name) for name in FIELDS} | typed)
    if drop_file and file is None:
        values |= {"file": "", "file_name": "", "file_size": 0}
    if file is None and all(getattr(found, name) == value for name, value in values.items()):
        return found
    return _set(actor, now, found, values, file, "book.entry_changed")


@transaction.atomic
def bring_back(*, actor: Any, now: datetime, entry: Entry, number: int) -> Entry:
    """Make version ``number`` the newest one again. Raises `NoSuchVersion`."""
    ensure(actor, Permission.PRODUCTS_WRITE)
    found = _locked(entry)
    version = found.versions.filter(number=number).first()
    if version is None:
        raise NoSuchVersion
    values = dict(version.content)
    for name in DATES:
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return _set(actor, now, found, values, None, "book.entry_brought_back")


@transaction.atomic
def put_away(*, actor: Any, now: datetime, entry: Entry) -> Entry:
    """Nobody reads it any longer; `restore` takes it out again."""
    return _away(actor, entry, now, now, "book.entry_put_away")


@transaction.atomic
def restore(*, actor: Any, now: datetime, entry: Entry) -> Entry:
    """Back in its place."""
    return _away(actor, entry, now, None, "book.entry_restored")


@transaction.atomic
def move(*, actor: Any, now: datetime, entry: Entry, by: int) -> Entry:
    """One place up (``by`` −1) or down (1) within its block; at the end of the block it stays."""
    ensure(actor, Permission.PRODUCTS_WRITE)
    found = _locked(entry)
    rows = Entry.objects.filter(page=found.page_id, block=found.block, put_away_at=None)
    order = list(rows.order_by("-is_notice", "place", "id").values_list("pk", "is_notice"))
    at = order.index((found.pk, found.is_notice)) if found.put_away_at is None else -1
    to = at + (1 if by > 0 else -1)
    if at < 0 or not 0 <= to < len(order) or order[at][1] != order[to][1]:
        return found
    order[at], order[to] = order[to], order[at]
    for place, (pk, _notice) in enumerate(order, start=1):
        Entry.objects.filter(pk=pk).exclude(place=place).update(place=place)
    record(actor=actor, now=now, action="book.entry_moved", obj=found, changes={"place": [at + 1, to + 1]})
    found.refresh_from_db()
    return found


def _page(actor: Any, now: datetime, product: Product) -> Page:
    """The product's page, locked; made when there is none."""
    Page.objects.get_or_create(product=product, defaults={"changed_at": now, "changed_by": actor})
    return Page.objects.select_for_update().select_related("product").get(product=product)


def _locked(entry: Entry) -> Entry:
    Page.objects.select_for_update().get(pk=entry.page_id)
    return Entry.objects.select_for_update().get(pk=entry.pk)


def _checked(typed: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {name: str(typed.get(name) or "").strip() for name in TEXTS}
    values |= {name: typed.get(name) for name in DATES}
    values["body"] = values["body"].replace("\r\n", "\n")
    values["is_notice"] = bool(typed.get("is_notice"))
    values["block"] = str(typed.get("block") or "")
    if values["block"] not in Block.values:
        raise EntryRefused("block", _("Choose a block of the page."))
    if not values["title"]:
        raise EntryRefused("title", _("Give it a title."))
    for name in ("title", "note", "remark", "link", "body"):
        most = LONGEST if name == "body" else getattr(Entry._meta.get_field(name), "max_length", 0)
        if len(values[name]) > most:
            raise EntryRefused(name, _("Make it shorter: at most %(most)s characters.") % {"most": most})
    if values["shown_from"] and values["shown_until"] and values["shown_until"] < values["shown_from"]:
        raise EntryRefused("shown_until", _("The last day is before the first one."))
    if values["link"]:
        _check_link(values["link"])
    return values


def _check_link(link: str) -> None:
    """A link leads to a page of this product: a path that exists, never another site."""
    path = link.partition("#")[0].partition("?")[0]
    if not link.startswith("/") or link.startswith("//") or "\\" in link:
        raise EntryRefused(
            "link", _("A link leads to a page of Clientela and begins with “/”, e.g. /letters/.")
        )
    try:
        resolve(path)
    except Resolver404:
        raise EntryRefused("link", _("There is no page at this address.")) from None


def _set(
    actor: Any, now: datetime, entry: Entry, values: Mapping[str, Any], file: File | None, action: str
) -> Entry:
    before = {name: getattr(entry, name) for name in values}
    if values["block"] != entry.block:
        rows = Entry.objects.filter(page=entry.page_id, block=values["block"])
        entry.place = (rows.aggregate(most=Max("place"))["most"] or 0) + 1
    for name, value in values.items():
        setattr(entry, name, value)
    entry.version, entry.changed_at, entry.changed_by = entry.version + 1, now, actor
    return _kept(actor, now, entry, file, action, before)


def _kept(
    actor: Any, now: datetime, entry: Entry, file: File | None, action: str,
    before: Mapping[str, Any] | None = None,
) -> Entry:  # fmt: skip
    """Save the entry with its file, its words for search, its version and the journal's line."""
    stored = ""
    was_file = (before or {}).get("file_name", entry.file_name if before is not None else "")
    if file is not None:
        stored = _store(entry, file)
    entry.title_key = key_of(f"{entry.title}")[:400]
    entry.key = key_of(f"{entry.title} {entry.note} {entry.remark} {entry.file_name} {as_plain(entry.body)}")
    try:
        entry.save()
        EntryVersion.objects.create(
            entry=entry, number=entry.version, content=_content(entry), made_at=now, made_by=actor
        )
        changes = {
            name: [str(was), str(getattr(entry, name))]
            for name, was in (before or {}).items()
            if name not in _FILE and getattr(entry, name) != was
        }
        if entry.file_name != was_file:
            changes["file"] = [was_file, entry.file_name]
        record(actor=actor, now=now, action=action, obj=entry, changes=changes)
    except Exception:
        if stored:
            entry.file.storage.delete(stored)
        raise
    return entry


def _store(entry: Entry, file: File) -> str:
    name = plain_name(file.name or "")
    if fault := fault_of(name, file.size):
        raise FileRefused(FAULTS[fault])
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    entry.file_name, entry.file_size = name, file.size
    suffix = PurePath(name).suffix.lower().lstrip(".")
    entry.file.save(f"{digest.hexdigest()[:24]}.{suffix}", file, save=False)
    return str(entry.file.name)


def _content(entry: Entry) -> dict[str, Any]:
    content: dict[str, Any] = {name: getattr(entry, name) for name in ("block", *TEXTS, "is_notice")}
    content |= {name: str(getattr(entry, name) or "") for name in DATES}
    return content | {
        "file": str(entry.file.name or ""), "file_name": entry.file_name, "file_size": entry.file_size
    }  # fmt: skip


def _away(actor: Any, entry: Entry, now: datetime, at: datetime | None, action: str) -> Entry:
    ensure(actor, Permission.PRODUCTS_WRITE)
    found = _locked(entry)
    if bool(found.put_away_at) != bool(at):
        found.put_away_at = at
        found.save(update_fields=["put_away_at"])
        record(actor=actor, now=now, action=action, obj=found)
    return found
