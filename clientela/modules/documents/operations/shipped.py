"""Shipped templates: a new text of the product is followed where nobody wrote their own, and offered where somebody did.

Each version keeps the digest of the shipped text that it began with. A version whose own digest is that one was edited
by nobody.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.documents.models import Kind, Template
from clientela.modules.documents.operations.templates import line_of, next_number
from clientela.modules.documents.rules import with_parts

FOLDER = Path(__file__).resolve().parents[1] / "shipped"
_PARTS = FOLDER / "parts"
State = Template.State


class NothingShipped(Refusal):
    """The product ships no newer text for this template."""

    message = _("There is no newer shipped text for this template.")


class NotRetired(Refusal):
    """Only what was in force once comes back."""

    message = _("Only a version that was in force once can be put in force again.")


def shipped_text(path: Path) -> str:
    """A shipped template, whole: what several have in common lies in ``parts``."""
    return with_parts(
        path.read_text(encoding="utf-8"), lambda name: _PARTS.joinpath(f"{name}.html").read_text("utf-8")
    )


def digest_of(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def shipped(folder: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Each shipped text with its kind, product and language."""
    # a file is named kind.product.language.html, or kind.language.html for any product
    for path in sorted(folder.glob("*.html")):
        kind, *product, language, _ending = path.name.split(".")
        yield (
            {"kind": kind, "product_code": product[0] if product else "", "language": language},
            shipped_text(path),
        )


@cache
def _texts(folder: Path) -> dict[tuple[str, ...], tuple[str, str]]:
    return {tuple(line.values()): (text, digest_of(text)) for line, text in shipped(folder)}


def newer_shipped(template: Template) -> str:
    """The shipped text that is newer than the one this version in force began with; empty where there is none."""
    if template.state != State.ACTIVE:
        return ""
    text, digest = _texts(FOLDER).get(tuple(line_of(template).values()), ("", ""))
    return text if digest != template.shipped and template.html != text else ""


@transaction.atomic
def load_shipped(*, now: datetime) -> int:
    """Put shipped texts in force where there is none, and newer ones in place of those that nobody edited.

    What people wrote stays. Answers how many texts were put in force; asked again, none.
    """
    count = 0
    for line, text in shipped(FOLDER):
        digest = digest_of(text)
        rows = list(Template.objects.select_for_update().filter(**line).exclude(state=State.RETIRED))
        in_force = next((row for row in rows if row.state == State.ACTIVE), None)
        if not rows and not Template.objects.filter(**line).exists():
            _put(line, text, digest, name=_name(line), now=now)
        elif in_force is not None and in_force.shipped == digest_of(in_force.html) != digest:
            made = _put(line, text, digest, name=in_force.name, now=now, instead=in_force)
            changes = {"version": [in_force.number, made.number]}
            record(actor=None, now=now, action="document_template.followed", obj=made, changes=changes)
        else:
            continue
        count += 1
    return count


@transaction.atomic
def take_shipped(*, actor: Any, now: datetime, template: Template) -> Template:
    """Put the newer shipped text in force instead of the company's own, which stays among the versions.

    Raises ``NothingShipped``, ``PermissionDenied``.
    """
    row, text = _offered(actor, template)
    line = line_of(row)
    made = _put(line, text, digest_of(text), name=row.name, now=now, instead=row, approved_by=actor)
    changes = {"version": [row.number, made.number]}
    record(actor=actor, now=now, action="document_template.shipped_taken", obj=made, changes=changes)
    return made


@transaction.atomic
def keep_own(*, actor: Any, now: datetime, template: Template) -> Template:
    """Stay with the company's text: this shipped one is not offered any more, the next one is.

    Raises ``NothingShipped``, ``PermissionDenied``.
    """
    row, text = _offered(actor, template)
    row.shipped, row.changed_at = digest_of(text), now
    row.save(update_fields=["shipped", "changed_at"])
    record(actor=actor, now=now, action="document_template.own_kept", obj=row)
    return row


@transaction.atomic
def restore_template(*, actor: Any, now: datetime, template: Template) -> Template:
    """Put a version that was in force once in force again, as a new version. Raises ``NotRetired``, ``PermissionDenied``."""
    ensure(actor, Permission.DOCUMENTS_WRITE)
    row = Template.objects.select_for_update().get(pk=template.pk)
    if row.state != State.RETIRED:
        raise NotRetired
    line = line_of(row)
    in_force = Template.objects.select_for_update().filter(**line, state=State.ACTIVE).first()
    base = in_force.shipped if in_force else row.shipped  # what it was weighed against is not offered anew
    made = _put(
        line, row.html, base, name=row.name, now=now, instead=in_force, author=row.author, approved_by=actor
    )
    changes = {"version": [row.number, made.number]}
    record(actor=actor, now=now, action="document_template.restored", obj=made, changes=changes)
    return made


def _put(
    line: dict[str, str], text: str, digest: str, *, name: str, now: datetime, instead: Template | None = None, **who: Any
) -> Template:  # fmt: skip
    if instead is not None:
        Template.objects.filter(pk=instead.pk).update(state=State.RETIRED, changed_at=now)
    return Template.objects.create(
        **line, number=next_number(line), html=text, shipped=digest, name=name, state=State.ACTIVE, created_at=now,
        changed_at=now, approved_at=now, **who,
    )  # fmt: skip


def _name(line: dict[str, str]) -> str:
    kind, code, language = line.values()
    name = _NAMES.get(kind, str(Kind(kind).label)) if language == "ru" else _ENGLISH[kind]
    return f"{name}, {_PRODUCTS[language, code]}" if code else name


_NAMES = {
    "policy": "Полис", "application": "Заявление", "invoice": "Счёт", "offer": "Предложение",
    "endorsement": "Дополнительное соглашение", "cancellation": "Соглашение о расторжении", "receipt": "Квитанция",
}  # fmt: skip
_ENGLISH = {
    "policy": "Policy", "application": "Application", "invoice": "Invoice", "endorsement": "Endorsement",
    "cancellation": "Agreement of cancellation", "receipt": "Receipt", "offer": "Offer",
}  # fmt: skip
_PRODUCTS = {
    ("ru", "osago"): "ОСАГО", ("ru", "kasko"): "КАСКО", ("ru", "305"): "имущество", ("ru", "354"): "имущество экспресс",
    ("ru", "555"): "ипотека", ("ru", "travel"): "путешествия", ("ru", "accident"): "несчастный случай",
    ("en", "travel"): "travel",
}  # fmt: skip


def _offered(actor: Any, template: Template) -> tuple[Template, str]:
    """The locked template and the newer shipped text. Raises as its callers."""
    ensure(actor, Permission.DOCUMENTS_WRITE)
    row = Template.objects.select_for_update().get(pk=template.pk)
    text = newer_shipped(row)
    if not text:
        raise NothingShipped
    return row, text
