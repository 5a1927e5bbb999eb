"""The simple electronic signature by a one-time code: asked for, signed by the client, withdrawn.

The code is the one of `contacts.operations.one_time_codes`, bound to the digest of the agreement and of every file: it
signs what stood on the page and nothing else.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.operations import enqueue
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import require
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contacts.operations.one_time_codes import (
    MASK,
    Asked,
    NoSms,
    WrongCode,
    ask_code,
    last_code,
    try_code,
)
from clientela.modules.contacts.queries.facts import can_be_written
from clientela.modules.contracts.models import Project
from clientela.modules.documents.events import SignatureChanged
from clientela.modules.documents.evidence import JOB, evidence_of, mask_phone
from clientela.modules.documents.models import Document, SignedPaper, SignRequest

PURPOSE = "documents.sign"
LASTS = timedelta(days=3)
# Of all codes of one request together: four codes that were all typed wrong.
MOST_TRIES = 20
MOST_PAPERS = 10
State = SignRequest.State


class NothingToSign(Refusal):
    """Documents of one policy or project, made and whole, are signed."""

    message = _("Choose documents that are ready, of one contract.")
    field = "documents"


class ContractWithdrawn(Refusal):
    """The prepared contract that the documents are of is withdrawn."""

    message = _("The prepared contract was withdrawn: there is nothing to sign any more.")


class PaperOutdated(Refusal):
    """The prepared contract has another price than the paper says."""

    message = _("The price was changed after the document was made: make the document anew.")
    field = "documents"


class FileChanged(Refusal):
    """The stored file is not the one that was made."""

    message = _("The file of the document was changed after it was made: make the document anew.")
    field = "documents"


class LinkNotAllowed(Refusal):
    """The communication policy does not let the link go."""

    message = _(
        "The link may not go this way: the client has no usable address, or asked not to be written to."
    )
    field = "channel"


class SignatureOver(Refusal):
    """Signed, withdrawn, locked or too old."""

    message = _("These documents can no longer be signed by this link. Ask your agent for a new one.")


def link_of(request: SignRequest) -> str:
    """The client's page."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/sign/{request.token}/"


def agreement_text(client: Client, *, language: str) -> str:
    """What the client agrees to before a code is sent; kept with the signature."""
    with override(language):
        return gettext(
            "I, %(name)s, sign the documents listed on this page by a simple electronic signature: the one-time code "
            "from the SMS that %(company)s sends to my phone. I agree that documents signed so are equal to those signed "
            "by my own hand (Federal Law 63-FZ, articles 6 and 9), I have read them, and I keep the code secret."
        ) % {"name": client.name, "company": settings.COMPANY_NAME}


@transaction.atomic
def ask_signature(
    *, actor: Any, now: datetime, documents: Sequence[Document], channel: str = "sms"
) -> SignRequest:
    """Ask the client to sign; the link goes as a service message. Asked again while it waits, the same request is returned.

    Raises ``NothingToSign``, ``ContractWithdrawn``, ``PaperOutdated``, ``FileChanged``, ``NoSms``, ``LinkNotAllowed``, ``PermissionDenied``.
    """
    found = sorted({one.pk: one for one in documents}.values(), key=lambda one: one.pk)[:MOST_PAPERS]
    if not found or any(one.state != Document.State.READY for one in found):
        raise NothingToSign
    first = found[0]
    if any((one.policy_id, one.project_id) != (first.policy_id, first.project_id) for one in found):
        raise NothingToSign
    require(actor, "contracts.write", first.client_id)
    if _withdrawn(first.project):
        raise ContractWithdrawn
    for one in found:
        if one.is_outdated:
            raise PaperOutdated
        if digest_now(one) != one.digest:
            raise FileChanged
    client = Client.objects.select_for_update().get(pk=first.client_id)
    agreement = agreement_text(client, language=client.language)
    digest = _digest(agreement, [one.digest for one in found])
    known = SignRequest.objects.filter(client=client, digest=digest, state=State.OPEN).first()
    if known is not None and known.is_open(now):
        return known
    if known is not None:  # too old: a new link instead
        _close(known, State.WITHDRAWN, actor=actor, now=now)
    row = SignRequest.objects.create(
        client=client, policy_id=first.policy_id, project_id=first.project_id, token=secrets.token_urlsafe(16),
        channel=channel, phone=phone_of(client), agreement=agreement, digest=digest, created_by=actor, created_at=now,
        expires_at=now + LASTS,
    )  # fmt: skip
    for one in found:
        SignedPaper.objects.create(request=row, document=one, digest=one.digest)
    row.link_message = _send_link(row, now=now)
    row.save(update_fields=["link_message"])
    titles = [str(one) for one in found]
    _tell(row, actor=actor, now=now, action="signature.asked", changes={"documents": [None, titles]})
    return row


def _withdrawn(project: Project | None) -> bool:
    return project is not None and project.state == Project.State.WITHDRAWN


def phone_of(client: Client) -> str:
    """Where the code goes: the main phone that takes an SMS. Raises ``NoSms``."""
    for point in client.contact_points.filter(kind="phone").order_by("-is_primary", "id"):
        if point.usable and can_be_written("sms", point.value):
            return str(point.value)
    raise NoSms


def _send_link(row: SignRequest, *, now: datetime) -> Message:
    with override(row.client.language):
        text = gettext("%(company)s: sign the documents %(link)s") % {
            "company": settings.COMPANY_NAME, "link": link_of(row),
        }  # fmt: skip
        subject = gettext("Documents for your signature") if row.channel == "email" else ""
    message = queue_message(
        now=now, actor=None, client=row.client, channel=row.channel, text=text, subject=subject, origin=PURPOSE,
        origin_id=row.pk,
    )  # fmt: skip
    if message.state == Message.State.DROPPED:
        raise LinkNotAllowed
    return message


def digest_now(document: Document) -> str:
    """SHA-256 of the file as it lies on the disk; empty when it is gone."""
    try:
        with document.file.open("rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest()
    except (FileNotFoundError, ValueError):
        return ""


def _digest(agreement: str, digests: Sequence[str]) -> str:
    whole = json.dumps([agreement, *digests], ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()


@transaction.atomic
def note_opened(*, now: datetime, request: SignRequest) -> None:
    """The client has the page before their eyes; the first time is kept."""
    SignRequest.objects.filter(pk=request.pk, opened_at=None).update(opened_at=now)


@transaction.atomic
def send_sign_code(*, now: datetime, request: SignRequest) -> Asked:
    """A code to the client's phone. Raises ``SignatureOver``, ``PaperOutdated``, ``CodeJustSent``, ``TooManyCodes``, ``NoSms``."""
    row = _lock(request)
    if not row.is_open(now) or _withdrawn(row.project):
        raise SignatureOver
    if any(one.document.is_outdated for one in row.papers.select_related("document__project")):
        raise PaperOutdated
    with override(row.client.language):
        words = gettext("%(code)s is your code to sign documents of %(company)s. Tell it to nobody.") % {
            "code": MASK, "company": settings.COMPANY_NAME,
        }  # fmt: skip
    return ask_code(
        now=now, purpose=PURPOSE, subject_id=row.pk, phone=row.phone, words=words, bound_to=row.digest, client=row.client
    )  # fmt: skip


def sign(*, now: datetime, request: SignRequest, typed: str, ip: str, user_agent: str) -> SignRequest:
    """The client signs by the code. Signed already, it stays as it is. Every try counts.

    Raises ``WrongCode``, ``SignatureOver``, ``PaperOutdated``, ``FileChanged``.
    """
    with transaction.atomic():
        row = _lock(request)
        if row.state == State.SIGNED:
            return row
        if not row.is_open(now) or _withdrawn(row.project):
            raise SignatureOver
        papers = list(row.papers.select_related("document__project"))
        if any(one.document.is_outdated for one in papers):
            raise PaperOutdated
        if any(digest_now(one.document) != one.digest for one in papers):
            raise FileChanged
        code = last_code(PURPOSE, row.pk)
        row.tries += 1
        good = try_code(
            now=now, purpose=PURPOSE, subject_id=row.pk, phone=row.phone, typed=typed, bound_to=row.digest
        )
        if good and code is not None:
            row.state, row.signed_at = State.SIGNED, now
            row.evidence = evidence_of(row, papers, code=code, ip=ip, user_agent=user_agent[:400])
            row.evidence_digest = hashlib.sha256(canonical(row.evidence)).hexdigest()
            row.save()
            title = gettext("Evidence of a signature: %(name)s") % {"name": row.policy or row.client}
            enqueue(
                kind=JOB, title=title, now=now, args={"request": row.pk}, actor=None, schedule_key=f"{JOB}:{row.pk}"
            )  # fmt: skip
            changes = {"phone": [None, mask_phone(row.phone)], "evidence": [None, row.evidence_digest]}
            _tell(row, actor=None, now=now, action="signature.signed", changes=changes)
        elif row.tries >= MOST_TRIES:
            _close(row, State.LOCKED, actor=None, now=now)
        else:
            row.save(update_fields=["tries"])
    if not good:  # the try is counted even so
        raise WrongCode
    return row


def canonical(evidence: dict[str, Any]) -> bytes:
    """The bytes whose digest is kept: the same whatever order a database gives the keys in."""
    return json.dumps(evidence, ensure_ascii=False, sort_keys=True, indent=1).encode()


@transaction.atomic
def withdraw_signature(*, actor: Any, now: datetime, request: SignRequest) -> SignRequest:
    """Close a request that waits: its link leads nowhere any more. Raises ``SignatureOver``, ``PermissionDenied``."""
    require(actor, "contracts.write", request.client_id)
    row = _lock(request)
    if row.state != State.OPEN:
        raise SignatureOver
    _close(row, State.WITHDRAWN, actor=actor, now=now)
    return row


def _close(row: SignRequest, state: str, *, actor: Any, now: datetime) -> None:
    row.state = state
    row.save(update_fields=["state", "tries"])
    _tell(
        row, actor=actor, now=now, action=f"signature.{state}", changes={"state": [State.OPEN.value, state]}
    )


def _lock(request: SignRequest) -> SignRequest:
    rows = SignRequest.objects.select_for_update(of=("self",)).select_related(
        "client", "policy", "project__product"
    )
    return rows.get(pk=request.pk)


def _tell(row: SignRequest, *, actor: Any, now: datetime, action: str, changes: dict[str, Any]) -> None:
    record(actor=actor, now=now, action=action, obj=row, changes=changes)
    publish(SignatureChanged(row.pk, row.client_id, row.policy_id, row.project_id, row.state), now=now)


__all__ = ["WrongCode"]
