"""Reporting a loss, settling it, and the dispute that stops renewal messages."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.money import ZERO, kopecks
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.claims.events import ClaimOpened, ClaimSettled, DisputeChanged
from clientela.modules.claims.models import Claim
from clientela.modules.clients.queries import require
from clientela.modules.contracts.models import Policy

NUMBER_PREFIX = "У"


class OutsideCover(Refusal):
    """The policy gave no cover on that day, or the day is yet to come."""

    message = _("The policy gave no cover on this day.")
    field = "occurred_on"


class ClaimExists(Refusal):
    """There is a claim with this number."""

    message = _("There is a claim with this number already.")
    field = "number"


class AlreadySettled(Refusal):
    """The claim was paid or refused before."""

    message = _("This claim is settled already.")


class AmountMissing(Refusal):
    """A claim is paid without a sum."""

    message = _("Say how much is paid.")
    field = "amount"


@transaction.atomic
def open_claim(
    *, actor: Any, now: datetime, policy: Policy, occurred_on: date, description: str = "",
    amount: Decimal = ZERO, number: str = "",
) -> Claim:  # fmt: skip
    """Write down a loss under ``policy``. Without ``number`` it gets one: ``У-26-000017``.

    Raises ``OutsideCover``, ``ClaimExists``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", policy.client_id)
    last = policy.cancelled_on or policy.end_date
    today = local_today(settings.TIME_ZONE, now)
    if not policy.start_date <= occurred_on <= last or occurred_on > today:
        raise OutsideCover
    if number and Claim.objects.filter(number=number).exists():
        raise ClaimExists
    claim = Claim.objects.create(
        number=number or uuid.uuid4().hex, policy=policy, client_id=policy.client_id, occurred_on=occurred_on,
        reported_at=now, amount=kopecks(amount), description=description.strip()[:255],
    )  # fmt: skip
    if not number:
        claim.number = f"{NUMBER_PREFIX}-{today:%y}-{claim.pk:06}"
        claim.save(update_fields=["number"])
    record(
        actor=actor, now=now, action="claim.opened", obj=claim, changes={"occurred_on": [None, occurred_on]}
    )
    publish(ClaimOpened(claim.pk, policy.pk, policy.client_id), now=now)
    return claim


@transaction.atomic
def settle_claim(*, actor: Any, now: datetime, claim: Claim, status: str, amount: Decimal = ZERO) -> Claim:
    """Pay a claim or refuse it; a refused one pays nothing.

    Raises ``AlreadySettled``, ``AmountMissing``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", claim.client_id)
    row = Claim.objects.select_for_update().get(pk=claim.pk)
    if row.status != Claim.Status.OPEN:
        raise AlreadySettled
    paid = kopecks(amount) if status == Claim.Status.PAID else ZERO
    if status == Claim.Status.PAID and paid <= 0:
        raise AmountMissing
    changes = {"status": [row.status, status], "amount": [row.amount, paid]}
    row.status, row.amount = status, paid
    row.save(update_fields=["status", "amount"])
    record(actor=actor, now=now, action="claim.settled", obj=row, changes=changes)
    publish(ClaimSettled(row.pk, row.policy_id, row.client_id, status), now=now)
    return row


@transaction.atomic
def open_dispute(*, actor: Any, now: datetime, claim: Claim, since: date | None = None) -> Claim:
    """The client disputes how the claim was settled. Saying it again changes nothing."""
    return _dispute(actor, now, claim, since or local_today(settings.TIME_ZONE, now))


@transaction.atomic
def close_dispute(*, actor: Any, now: datetime, claim: Claim) -> Claim:
    """The dispute is over. Saying it again changes nothing."""
    return _dispute(actor, now, claim, None)


def _dispute(actor: Any, now: datetime, claim: Claim, since: date | None) -> Claim:
    require(actor, "contracts.write", claim.client_id)
    row = Claim.objects.select_for_update().get(pk=claim.pk)
    if (row.disputed_since is None) == (since is None):
        return row
    before, row.disputed_since = row.disputed_since, since
    row.save(update_fields=["disputed_since"])
    action = "claim.dispute_opened" if since else "claim.dispute_closed"
    record(actor=actor, now=now, action=action, obj=row, changes={"disputed_since": [before, since]})
    publish(DisputeChanged(row.pk, row.policy_id, row.client_id), now=now)
    return row
