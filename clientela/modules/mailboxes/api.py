"""Mailboxes and signatures for other programs. A password goes in and never comes out."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.mailboxes import operations
from clientela.modules.mailboxes.models import Mailbox, Signature
from clientela.modules.mailboxes.queries import mailboxes
from clientela.modules.organisation.models import Branch, RenewalCentre

router = Router(tags=["mailboxes"])
map_problem(operations.WrongMailbox, 422)
_Text = Annotated[str, Field(max_length=operations.LONGEST)]
_Word = Annotated[str, Field(max_length=120)]
_Port = Annotated[int, Field(ge=1, le=65535)]


class MailboxWords(Schema):
    """Whose it is (one of ``person_id``, ``branch_id``, ``centre_id`` or none: the company's), servers, words."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    person_id: int | None = None
    branch_id: int | None = None
    centre_id: int | None = None
    imap_host: _Word = ""
    imap_port: _Port = 993
    imap_security: _Word = "tls"
    smtp_host: _Word = ""
    smtp_port: _Port = 465
    smtp_security: _Word = "tls"
    user: _Word = ""
    password_variable: Annotated[str, Field(max_length=80)] = ""
    signature: _Text = ""
    acknowledges: bool = False
    acknowledgement: _Text = ""
    acknowledgement_subject: Annotated[str, Field(max_length=200)] = ""
    acknowledgement_hours: Annotated[int, Field(ge=1, le=720)] = 24
    is_active: bool = False


class MailboxChange(MailboxWords):
    """``password`` is written only; empty keeps the one there is."""

    password: Annotated[str, Field(max_length=200)] = ""

    def values(self) -> dict[str, Any]:
        values = self.dict(exclude={"person_id", "branch_id", "centre_id", "address"})
        return values | {
            "person": get_object_or_404(User, pk=self.person_id) if self.person_id else None,
            "branch": get_object_or_404(Branch, pk=self.branch_id) if self.branch_id else None,
            "centre": get_object_or_404(RenewalCentre, pk=self.centre_id) if self.centre_id else None,
        }


class MailboxIn(MailboxChange):
    address: Annotated[str, Field(min_length=3, max_length=254)]


class MailboxOut(MailboxWords):
    """``fault`` says why the connection did not work at ``tried_at``; empty when it did."""

    id: int
    address: str
    has_password: bool
    tried_at: datetime | None
    fault: str

    @staticmethod
    def resolve_has_password(box: Mailbox) -> bool:
        return bool(box.sealed_password or box.password_variable)


class MailboxTrialOut(Schema):
    """One line for each thing that went wrong; none: both servers let us in."""

    faults: list[str]


class SignatureWords(Schema):
    text: _Text


def _box(mailbox_id: int) -> Mailbox:
    return get_object_or_404(mailboxes(), pk=mailbox_id)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


@router.get("/mailboxes", response=list[MailboxOut])
@requires(Permission.ORGANISATION_WRITE)
def list_mailboxes(request: HttpRequest) -> Any:
    return mailboxes()


@router.post("/mailboxes", response={201: MailboxOut})
@requires(Permission.ORGANISATION_WRITE)
def add_mailbox(request: HttpRequest, body: MailboxIn) -> Any:
    return Status(201, operations.add_mailbox(**_who(request), address=body.address, **body.values()))


@router.get("/mailboxes/{mailbox_id}", response=MailboxOut)
@requires(Permission.ORGANISATION_WRITE)
def mailbox(request: HttpRequest, mailbox_id: int) -> Any:
    return _box(mailbox_id)


@router.put("/mailboxes/{mailbox_id}", response=MailboxOut)
@requires(Permission.ORGANISATION_WRITE)
def change_mailbox(request: HttpRequest, mailbox_id: int, body: MailboxChange) -> Any:
    return operations.change_mailbox(**_who(request), box=_box(mailbox_id), **body.values())


@router.delete("/mailboxes/{mailbox_id}", response={204: None})
@requires(Permission.ORGANISATION_WRITE)
def remove_mailbox(request: HttpRequest, mailbox_id: int) -> Any:
    operations.remove_mailbox(**_who(request), box=_box(mailbox_id))
    return Status(204, None)


@router.post("/mailboxes/{mailbox_id}/trials", response={201: MailboxTrialOut})
@requires(Permission.ORGANISATION_WRITE)
def try_mailbox(request: HttpRequest, mailbox_id: int) -> Any:
    """Signs in to both servers and out again."""
    return Status(201, {"faults": operations.try_mailbox(**_who(request), box=_box(mailbox_id))})


@router.get("/signature", response=SignatureWords)
@requires(Permission.CONTACTS_WRITE)
def signature(request: HttpRequest) -> Any:
    """What stands under the caller's mails."""
    row = Signature.objects.filter(person=caller(request)).first()
    return {"text": row.text if row else ""}


@router.put("/signature", response=SignatureWords)
@requires(Permission.CONTACTS_WRITE)
def set_signature(request: HttpRequest, body: SignatureWords) -> Any:
    """An empty text takes it away."""
    row = operations.set_signature(**_who(request), text=body.text)
    return {"text": row.text if row else ""}


@router.put("/branches/{branch_id}/signature", response=SignatureWords)
@requires(Permission.POLICY_WRITE)
def set_branch_signature(request: HttpRequest, branch_id: int, body: SignatureWords) -> Any:
    row = operations.set_signature(
        **_who(request), text=body.text, branch=get_object_or_404(Branch, pk=branch_id)
    )
    return {"text": row.text if row else ""}
