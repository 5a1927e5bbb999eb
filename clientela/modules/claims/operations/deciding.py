"""Working on a claim: taken, papers asked for, paid or refused."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.money import ZERO, kopecks
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.claims.events import ClaimMoved, ClaimSettled
from clientela.modules.claims.models import Claim
from clientela.modules.claims.operations.telling import step
from clientela.modules.clients.queries import require

Status = Claim.Status


class AlreadySettled(Refusal):
    """The claim was paid or refused before."""

    message = _("This claim is settled already.")


class AmountMissing(Refusal):
    """A claim is paid without a sum."""

    message = _("Say how much is paid.")
    field = "amount"


class ReasonMissing(Refusal):
    """A claim is refused without a reason."""

    message = _("Write why: the client reads it.")
    field = "reason"


class WantedMissing(Refusal):
    """Nothing is named that the client should send."""

    message = _("Write which papers you need: the client reads it.")
    field = "wanted"


def _lock(actor: Any, claim: Claim, permission: str = Permission.CLAIMS_SETTLE) -> Claim:
    require(actor, permission, claim.client_id)
    row = Claim.objects.select_for_update(of=("self",)).select_related("client", "assignee").get(pk=claim.pk)
    if not row.is_undecided:
        raise AlreadySettled
    return row


def _move(row: Claim, status: str, *, actor: Any, now: datetime, action: str, note: str = "", tell: bool = True) -> None:  # fmt: skip
    before, row.status = row.status, status
    row.save()
    step(row, actor=actor, now=now, note=note, tell=tell)
    record(actor=actor, now=now, action=action, obj=row, changes={"status": [before, status]}, reason=note)
    publish(ClaimMoved(row.pk, row.policy_id, row.client_id, status), now=now)


@transaction.atomic
def take_claim(*, actor: Any, now: datetime, claim: Claim) -> Claim:
    """The claim is this person's from now on; saying it again changes nothing. Raises ``AlreadySettled``."""
    row = _lock(actor, claim)
    if row.assignee_id == actor.pk and row.status != Status.REPORTED:
        return row
    row.assignee = actor
    status = Status.WORK if row.status == Status.REPORTED else row.status
    _move(row, status, actor=actor, now=now, action="claim.taken", tell=status == Status.WORK)
    return row


@transaction.atomic
def ask_papers(*, actor: Any, now: datetime, claim: Claim, wanted: str) -> Claim:
    """Ask the client for papers; the same words twice are asked once. Raises ``WantedMissing``, ``AlreadySettled``."""
    row, wanted = _lock(actor, claim), wanted.strip()[:500]
    if not wanted:
        raise WantedMissing
    if row.status == Status.WAITING and row.wanted == wanted:
        return row
    row.wanted, row.assignee = wanted, row.assignee or actor
    _move(row, Status.WAITING, actor=actor, now=now, action="claim.papers_asked", note=wanted)
    return row


@transaction.atomic
def papers_came(*, actor: Any, now: datetime, claim: Claim) -> Claim:
    """The client sent what was asked for, or a colleague has it: the work goes on. Saying it again changes nothing."""
    row = _lock(actor, claim)
    if row.status != Status.WAITING:
        return row
    row.wanted = ""
    _move(row, Status.WORK, actor=actor, now=now, action="claim.papers_came", tell=False)
    return row


@transaction.atomic
def settle_claim(
    *, actor: Any, now: datetime, claim: Claim, status: str, amount: Decimal = ZERO, reason: str = ""
) -> Claim:
    """Pay a claim or refuse it with a reason; a refused one pays nothing.

    Raises ``AlreadySettled``, ``AmountMissing``, ``ReasonMissing``, ``PermissionDenied``.
    """
    row = _lock(actor, claim)
    paid = kopecks(amount) if status == Status.PAID else ZERO
    if status == Status.PAID and paid <= 0:
        raise AmountMissing
    if status != Status.PAID and not reason.strip():
        raise ReasonMissing
    changes = {"status": [row.status, status], "amount": [row.amount, paid]}
    row.status, row.amount, row.settled_at, row.wanted = status, paid, now, ""
    row.reason = reason.strip()[:500] if status == Status.REFUSED else ""
    row.assignee = row.assignee or actor
    row.save()
    step(row, actor=actor, now=now, note=row.reason)
    record(actor=actor, now=now, action="claim.settled", obj=row, changes=changes, reason=row.reason)
    publish(ClaimSettled(row.pk, row.policy_id, row.client_id, status), now=now)
    return row
