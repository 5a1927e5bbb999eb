"""Templates: written by one person, approved by another, replaced by a new version, never edited in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import changed, record
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.contacts.models import WRITTEN, Channel, Purpose, Template
from clientela.modules.contacts.rules import VARIABLES, TextError, UnknownVariable, sms_size, variables_in
from clientela.modules.contacts.rules.policy import LONGEST

EDITABLE = ("name", "purpose", "subject", "body")
State = Template.State


class InvalidTemplate(ValueError):
    """``errors``: field → sentence in the person's language."""

    def __init__(self, errors: Mapping[str, str | Promise]) -> None:
        super().__init__(dict(errors))
        self.errors = errors


class OwnTemplate(Exception):
    """Whoever wrote the words does not approve them."""


class WrongState(Exception):
    """Only a draft is edited and approved, only what is not retired yet is retired."""


@transaction.atomic
def draft_template(
    *,
    actor: Any,
    now: datetime,
    code: str,
    name: str,
    channel: str,
    body: str,
    language: str = "ru",
    purpose: str = Purpose.SERVICE,
    subject: str = "",
) -> Template:
    """Begin a template, or the next version of the one with this code, channel and language.

    Raises `InvalidTemplate`, PermissionDenied.
    """
    ensure(actor, Permission.POLICY_WRITE)
    values = {"name": name, "purpose": purpose, "subject": subject, "body": body}
    _check(channel, values, code=code, language=language)
    same = Template.objects.filter(code=code, channel=channel, language=language)
    if same.filter(state=State.DRAFT).exists():
        raise InvalidTemplate({"code": _("There is a draft of this template already.")})
    version = (same.aggregate(last=Max("version"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            template = Template.objects.create(
                code=code, channel=channel, language=language, version=version, author=actor, created_at=now, **values
            )  # fmt: skip
    except IntegrityError:
        raise InvalidTemplate({"code": _("There is a draft of this template already.")}) from None
    _record(actor, now, "template.drafted", template, {"version": [None, version]})
    return template


@transaction.atomic
def edit_template(*, actor: Any, now: datetime, template: Template, **values: str) -> Template:
    """Change a draft (``name``, ``purpose``, ``subject``, ``body``); who changes it becomes its author.

    Raises `WrongState`, `InvalidTemplate`, PermissionDenied.
    """
    ensure(actor, Permission.POLICY_WRITE)
    if unknown := values.keys() - set(EDITABLE):
        raise TypeError(f"not editable: {', '.join(sorted(unknown))}")
    row = _locked(template, State.DRAFT)
    changes = changed(row, values)
    if not changes:
        return row
    _check(row.channel, {name: values.get(name, getattr(row, name)) for name in EDITABLE})
    for name, value in values.items():
        setattr(row, name, value)
    row.author = actor
    row.save()
    _record(actor, now, "template.edited", row, changes)
    return row


@transaction.atomic
def approve_template(*, actor: Any, now: datetime, template: Template) -> Template:
    """Put a draft in force; the version before it is retired. Raises `OwnTemplate`, `WrongState`, PermissionDenied."""
    ensure(actor, Permission.POLICY_WRITE)
    row = _locked(template, State.DRAFT)
    if actor is not None and row.author_id == actor.pk:
        raise OwnTemplate
    _check(row.channel, {name: getattr(row, name) for name in EDITABLE})
    same = Template.objects.filter(
        code=row.code, channel=row.channel, language=row.language, state=State.APPROVED
    )
    same.update(state=State.RETIRED)
    row.state, row.approved_by, row.approved_at = State.APPROVED, actor, now
    row.save()
    _record(actor, now, "template.approved", row, {"state": [State.DRAFT, State.APPROVED]})
    return row


@transaction.atomic
def retire_template(*, actor: Any, now: datetime, template: Template) -> Template:
    """Take a template out of use, or throw a draft away. Raises `WrongState`, PermissionDenied."""
    ensure(actor, Permission.POLICY_WRITE)
    row = _locked(template, State.DRAFT, State.APPROVED)
    before, row.state = row.state, State.RETIRED
    row.save()
    _record(actor, now, "template.retired", row, {"state": [before, State.RETIRED]})
    return row


def revise_template(*, actor: Any, now: datetime, template: Template) -> Template:
    """A new draft with the words of ``template``. Raises `InvalidTemplate` when there is a draft already."""
    return draft_template(
        actor=actor,
        now=now,
        code=template.code,
        name=template.name,
        channel=template.channel,
        body=template.body,
        language=template.language,
        purpose=template.purpose,
        subject=template.subject,
    )


def _locked(template: Template, *states: str) -> Template:
    row = Template.objects.select_for_update().get(pk=template.pk)
    if row.state not in states:
        raise WrongState(row.state)
    return row


def _check(channel: str, values: Mapping[str, str], *, code: str = "x", language: str = "ru") -> None:
    errors: dict[str, str | Promise] = {}
    if channel not in (*WRITTEN, Channel.LETTER):
        errors["channel"] = _("Choose SMS, e-mail, VK, Telegram or a letter.")
    if not code:
        errors["code"] = _("Give the template a code.")
    if language not in ("ru", "en"):
        errors["language"] = _("Choose Russian or English.")
    if values["purpose"] not in (Purpose.SERVICE, Purpose.ADVERTISING):
        errors["purpose"] = _("Choose service or advertising.")
    if not values["name"].strip():
        errors["name"] = _("Give the template a name.")
    if channel == Channel.EMAIL and not values["subject"].strip():
        errors["subject"] = _("An e-mail needs a subject.")
    if not values["body"].strip():
        errors["body"] = _("Write the text.")
    elif channel == Channel.SMS and sms_size(values["body"]).parts > LONGEST["sms"]:
        errors["body"] = _("The text is too long for SMS.")
    for field in ("subject", "body"):
        try:
            unknown = [name for name in variables_in(values[field]) if name not in VARIABLES]
        except TextError as error:
            errors[field] = str(error)
        else:
            if unknown:
                errors[field] = str(UnknownVariable(unknown[0]))
    if errors:
        raise InvalidTemplate(errors)


def _record(actor: Any, now: datetime, action: str, template: Template, changes: dict[str, Any]) -> None:
    name = f"{template.name} ({template.channel}, {template.language}, {template.version})"
    record(actor=actor, now=now, action=action, obj=template, object_name=name, changes=changes)
