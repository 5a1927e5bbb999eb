"""What is done with mailboxes and signatures. No journal entry, answer or export names a password."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.foundation.sealing import seal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.mailboxes.models import Mailbox, Signature
from clientela.modules.mailboxes.ports import Probe
from clientela.modules.mailboxes.queries import SEALED_AS, account_of
from clientela.modules.mailboxes.rules import (
    VARIABLE_PREFIX,
    is_address,
    is_password_variable,
    unknown_variables,
)
from clientela.modules.mailboxes.words import said
from clientela.modules.organisation.models import Branch

FIELDS = (
    "name", "person", "branch", "centre", "imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port",
    "smtp_security", "user", "password_variable", "signature", "acknowledges", "acknowledgement",
    "acknowledgement_subject", "acknowledgement_hours", "is_active",
)  # fmt: skip
LONGEST = 4000


class WrongMailbox(Refusal):
    """``field`` and ``message`` say what is wrong."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.field, self.message = field, message


@transaction.atomic
def add_mailbox(*, actor: Any, now: datetime, address: str, password: str = "", **values: Any) -> Mailbox:
    """A mailbox; ``values`` are of ``FIELDS``. Raises `WrongMailbox`, PermissionDenied."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    address = address.strip().lower()
    if not is_address(address):
        raise WrongMailbox("address", _("Write an e-mail address such as kazan@company.ru."))
    if Mailbox.objects.filter(address=address).exists():
        raise WrongMailbox("address", _("There is a mailbox with this address already."))
    box = Mailbox(address=address, created_at=now, updated_at=now)
    _fill(box, values)
    if password:
        box.sealed_password = seal(SEALED_AS, password)
    _check(box)
    box.save()
    record(
        actor=actor, now=now, action="mailbox.added", obj=box, object_name=address,
        changes={"address": [None, address], "is_active": [None, box.is_active]},
    )  # fmt: skip
    return box


@transaction.atomic
def change_mailbox(*, actor: Any, now: datetime, box: Mailbox, password: str = "", **values: Any) -> Mailbox:
    """Change what ``values`` name; an empty ``password`` leaves the one there is. Raises as `add_mailbox`.

    A password goes only to the servers it was given for: naming another server asks for it again.
    """
    ensure(actor, Permission.ORGANISATION_WRITE)
    row = Mailbox.objects.select_for_update(of=("self",)).get(pk=box.pk)
    before = {name: getattr(row, name) for name in FIELDS}
    _fill(row, values)
    moved = [name for name in ("imap_host", "smtp_host", "user") if getattr(row, name) != before[name]]
    if moved and row.sealed_password and not password and not row.password_variable:
        raise WrongMailbox("password", _("Give the password again: the server or the user has changed."))
    changes = {
        name: [str(before[name] or ""), str(getattr(row, name) or "")]
        for name in FIELDS
        if before[name] != getattr(row, name)
    }
    if password:
        row.sealed_password, changes["password"] = seal(SEALED_AS, password), ["•••", "•••"]
    if not changes:
        return row
    _check(row)
    row.updated_at, row.fault = now, ""
    row.save()
    record(actor=actor, now=now, action="mailbox.changed", obj=row, object_name=row.address, changes=changes)
    return row


def _fill(box: Mailbox, values: dict[str, Any]) -> None:
    if unknown := values.keys() - set(FIELDS):
        raise TypeError(f"not fields of a mailbox: {', '.join(sorted(unknown))}")
    for name, value in values.items():
        setattr(box, name, value.strip() if isinstance(value, str) else value)


def _check(box: Mailbox) -> None:
    if not box.name.strip():
        raise WrongMailbox("name", _("Give the mailbox a name: clients see it."))
    if sum(owner is not None for owner in (box.person_id, box.branch_id, box.centre_id)) > 1:
        raise WrongMailbox("person", _("A mailbox is a person's, a branch's or a centre's: choose one."))
    if box.password_variable and not is_password_variable(box.password_variable):
        raise WrongMailbox(
            "password_variable",
            _("The variable's name begins with %(prefix)s.") % {"prefix": VARIABLE_PREFIX},
        )
    for field in ("imap_port", "smtp_port"):
        if not 1 <= getattr(box, field) <= 65535:
            raise WrongMailbox(field, _("A port is a number from 1 to 65535."))
    for field in ("imap_security", "smtp_security"):
        if getattr(box, field) not in Mailbox.Security.values:
            raise WrongMailbox(field, _("Choose TLS, STARTTLS or none."))
    if not 1 <= box.acknowledgement_hours <= 720:
        raise WrongMailbox("acknowledgement_hours", _("Between one hour and thirty days."))
    if box.acknowledges and not box.acknowledgement.strip():
        raise WrongMailbox("acknowledgement", _("Write what the acknowledgement says."))
    for field in ("signature", "acknowledgement"):
        _check_words(field, getattr(box, field))


def _check_words(field: str, text: str) -> None:
    if len(text) > LONGEST:
        raise WrongMailbox(field, _("The text is too long."))
    if unknown := unknown_variables(text):
        raise WrongMailbox(field, _("There is no variable {%(name)s}.") % {"name": unknown[0]})


@transaction.atomic
def remove_mailbox(*, actor: Any, now: datetime, box: Mailbox) -> None:
    """Messages that came by it stay; answers to them go out from the company's mailbox."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    record(actor=actor, now=now, action="mailbox.removed", obj=box, object_name=box.address)
    box.delete()


def try_mailbox(*, actor: Any, now: datetime, box: Mailbox) -> list[str]:
    """Sign in to the servers of the mailbox; what went wrong, nothing when all is well. Not inside a transaction:
    a server may take its time."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    probe: Probe = import_string(settings.MAILBOX_PROBE)
    faults = [said(fault) for fault in probe(account_of(box))]
    note_use(box.pk, now=now, fault=" ".join(faults))
    record(
        actor=actor, now=now, action="mailbox.tried", obj=box, object_name=box.address,
        changes={"faults": [None, faults]},
    )  # fmt: skip
    return faults


def note_use(box_id: int, *, now: datetime, fault: str = "") -> None:
    """When the connection was used and whether it worked; written by readers, so without an entry in the journal."""
    Mailbox.objects.filter(pk=box_id).update(tried_at=now, fault=fault[:300])


@transaction.atomic
def set_signature(*, actor: Any, now: datetime, text: str, branch: Branch | None = None) -> Signature | None:
    """The actor's own signature, or that of a branch; an empty text takes it away. Raises `WrongMailbox`."""
    ensure(actor, Permission.POLICY_WRITE if branch else Permission.CONTACTS_WRITE)
    text = text.strip()
    _check_words("text", text)
    whose: dict[str, Any] = {"branch": branch} if branch else {"person": actor}
    row = Signature.objects.select_for_update(of=("self",)).filter(**whose).first()
    before = row.text if row else ""
    if before == text:
        return row
    if not text:
        assert row is not None
        row.delete()
        row = None
    elif row is None:
        row = Signature.objects.create(**whose, text=text, updated_at=now)
    else:
        row.text, row.updated_at = text, now
        row.save()
    record(
        actor=actor,
        now=now,
        action="signature.changed",
        obj=branch or actor,
        changes={"text": [before, text]},
    )
    return row
