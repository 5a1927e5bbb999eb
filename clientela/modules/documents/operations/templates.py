"""Templates: edited as a draft, proposed, approved by a second person."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.documents.models import Template
from clientela.modules.documents.rules import check_template

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


def line_of(template: Template) -> dict[str, str]:
    return {"kind": template.kind, "product_code": template.product_code, "language": template.language}


def next_number(line: dict[str, str]) -> int:
    """Of the next version of this kind, product and language."""
    return (
        Template.objects.filter(**line).order_by("-number").values_list("number", flat=True).first() or 0
    ) + 1


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
        in_force = same.filter(state=State.ACTIVE).first()
        base = in_force.shipped if in_force else ""
        draft = Template(**line, number=next_number(line), created_at=now, shipped=base)
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
        Template.objects.filter(state=State.ACTIVE, **line_of(row)).update(
            state=State.RETIRED, changed_at=now
        )
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
