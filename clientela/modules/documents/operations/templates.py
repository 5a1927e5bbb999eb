"""Templates: edited as a draft, proposed, approved by a second person."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.documents.models import Kind, Template
from clientela.modules.documents.rules import check_template, with_parts

FOLDER = Path(__file__).resolve().parents[1] / "shipped"
_PARTS = FOLDER / "parts"
State = Template.State
_OPEN = (State.DRAFT, State.PROPOSED)


class NotADraft(Refusal):
    """Only a draft is proposed, and what waits for approval is not edited."""

    message = _("This version waits for approval: return it first.")


class NotProposed(Refusal):
    """Only what was proposed is approved or returned."""

    message = _("This version does not wait for approval.")


class ApprovedByAuthor(Refusal):
    """A second person approves."""

    message = _("Somebody else approves: you wrote this version.")


def _line(template: Template) -> dict[str, str]:
    return {"kind": template.kind, "product_code": template.product_code, "language": template.language}


@transaction.atomic
def edit_template(
    *, actor: Any, now: datetime, kind: str, language: str, html: str, name: str, product_code: str = ""
) -> Template:
    """Write the draft of the next version. Raises ``TemplateFault``, ``NotADraft``, ``PermissionDenied``."""
    ensure(actor, Permission.DOCUMENTS_WRITE)
    check_template(html)
    line = {"kind": kind, "product_code": product_code, "language": language}
    same = Template.objects.select_for_update().filter(**line)
    draft = same.filter(state__in=_OPEN).first()
    if draft is not None and draft.state != State.DRAFT:
        raise NotADraft
    if draft is None:
        last = same.order_by("-number").values_list("number", flat=True).first() or 0
        draft = Template(**line, number=last + 1, created_at=now)
    draft.html, draft.name, draft.author, draft.changed_at = html, name.strip()[:120], actor, now
    draft.save()
    changes = {"version": [None, draft.number]}
    record(actor=actor, now=now, action="document_template.edited", obj=draft, changes=changes)
    return draft


@transaction.atomic
def propose_template(*, actor: Any, now: datetime, template: Template) -> Template:
    """Ask a second person to approve the draft. Raises ``NotADraft``."""
    return _move(template, State.DRAFT, State.PROPOSED, NotADraft, actor=actor, now=now, word="proposed")


@transaction.atomic
def return_template(*, actor: Any, now: datetime, template: Template) -> Template:
    """Make a draft again of what was proposed. Raises ``NotProposed``."""
    return _move(template, State.PROPOSED, State.DRAFT, NotProposed, actor=actor, now=now, word="returned")


@transaction.atomic
def approve_template(*, actor: Any, now: datetime, template: Template) -> Template:
    """Put the version in force; the one before retires. Raises ``NotProposed``, ``ApprovedByAuthor``."""
    ensure(actor, Permission.DOCUMENTS_WRITE)
    row = Template.objects.select_for_update().get(pk=template.pk)
    if row.author_id is not None and actor is not None and row.author_id == actor.pk:
        raise ApprovedByAuthor
    if row.state == State.PROPOSED:
        Template.objects.filter(state=State.ACTIVE, **_line(row)).update(state=State.RETIRED, changed_at=now)
        Template.objects.filter(pk=row.pk).update(approved_by=actor, approved_at=now)
    return _move(row, State.PROPOSED, State.ACTIVE, NotProposed, actor=actor, now=now, word="approved")


def _move(
    template: Template,
    before: str,
    after: str,
    refusal: type[Refusal],
    *,
    actor: Any,
    now: datetime,
    word: str,
) -> Template:
    ensure(actor, Permission.DOCUMENTS_WRITE)
    if not Template.objects.filter(pk=template.pk, state=before).update(state=after, changed_at=now):
        raise refusal
    template.refresh_from_db()
    changes = {"state": [before, after]}
    record(actor=actor, now=now, action=f"document_template.{word}", obj=template, changes=changes)
    return template


def shipped_text(path: Path) -> str:
    """A shipped template, whole: what several have in common lies in ``parts``."""
    return with_parts(
        path.read_text(encoding="utf-8"), lambda name: _PARTS.joinpath(f"{name}.html").read_text("utf-8")
    )


@transaction.atomic
def load_shipped(*, now: datetime) -> None:
    """Put the shipped templates in force where there is none; what people made stays."""
    # a file is named kind.product.language.html, or kind.language.html for any product
    names = {Kind(kind): str(Kind(kind).label) for kind in Kind.values}
    for path in sorted(FOLDER.glob("*.html")):
        kind, *product, language, _ending = path.name.split(".")
        code = product[0] if product else ""
        if not Template.objects.filter(kind=kind, product_code=code, language=language).exists():
            name = _NAMES.get(kind, names[Kind(kind)]) if language == "ru" else _ENGLISH[kind]
            Template.objects.create(
                kind=kind, product_code=code, language=language, number=1, html=shipped_text(path),
                name=f"{name}, {_PRODUCTS[language, code]}" if code else name, state=State.ACTIVE, created_at=now,
                changed_at=now, approved_at=now,
            )  # fmt: skip


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
