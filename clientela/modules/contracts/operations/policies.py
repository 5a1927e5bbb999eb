"""Ending a contract early, and the death of its need."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.queries import require
from clientela.modules.contracts.events import ObjectSold
from clientela.modules.contracts.models import InsuredObject, Policy, PolicyVersion, Project, Quote
from clientela.modules.contracts.operations.projects import OPEN_STATES, withdraw_project
from clientela.modules.contracts.operations.quotes import withdraw_quote
from clientela.modules.contracts.operations.versions import add_version, lock_policy
from clientela.modules.contracts.queries import refund_of


class PolicyNotInForce(Refusal):
    """The policy is cancelled already, or the day lies outside its term."""

    message = _("The day must lie within the term of a policy in force.")
    field = "on"


@transaction.atomic
def cancel_policy(
    *, actor: Any, now: datetime, policy: Policy, on: date, reason: str, seen: int | None = None
) -> Policy:
    """End a policy with a day of its term as the last one of cover, or before it began with the day before its first.

    What comes back to the client by the product's rule is the version's ``difference``. The open project and the
    quotes of the next term are withdrawn: nothing is left to renew. Raises ``PolicyNotInForce``, ``ChangedMeanwhile``.
    """
    require(actor, "contracts.write", policy.client_id)
    row, last = lock_policy(policy, seen=seen)
    today = local_today(row.client.time_zone, now)
    first = row.start_date - timedelta(days=1) if today < row.start_date else row.start_date
    if row.status == Policy.Status.CANCELLED or not first <= on <= row.end_date:
        raise PolicyNotInForce
    back = refund_of(row, on=on, now=now, last=last)
    before = row.status
    row.status, row.cancelled_on, row.cancel_reason = Policy.Status.CANCELLED, on, reason.strip()[:120]
    row.updated_at = now
    row.save(update_fields=["status", "cancelled_on", "cancel_reason", "updated_at"])
    for project in Project.objects.filter(policy=row, state__in=OPEN_STATES):
        withdraw_project(actor=actor, now=now, project=project, reason=reason)
    for quote in Quote.objects.filter(policy=row, withdrawn_at__isnull=True):
        withdraw_quote(actor=actor, now=now, quote=quote)
    counted = {"way": back.way, "unused": back.unused, "days": back.days, "kept": str(back.kept),
               "losses": str(back.losses)}  # fmt: skip
    add_version(
        row, last, PolicyVersion.Kind.CANCELLATION, actor=actor, now=now, valid_from=on, reason=row.cancel_reason,
        charged=last.charged - back.amount, difference=-back.amount, counted=counted,
    )  # fmt: skip
    changes = {"status": [before, row.status], "cancelled_on": [None, on], "refund": [None, back.amount]}
    record(actor=actor, now=now, action="policy.cancelled", obj=row, changes=changes, reason=reason)
    return row


@transaction.atomic
def mark_object_sold(
    *, actor: Any, now: datetime, insured_object: InsuredObject, sold_on: date
) -> InsuredObject:
    """The insured thing was sold. Saying it again changes nothing."""
    require(actor, "contracts.write", insured_object.client_id)
    row = InsuredObject.objects.select_for_update().get(pk=insured_object.pk)
    if row.sold_on == sold_on:
        return row
    before, row.sold_on = row.sold_on, sold_on
    row.save(update_fields=["sold_on"])
    changes = {"sold_on": [before, sold_on]}
    record(actor=actor, now=now, action="object.sold", obj=row, changes=changes)
    publish(ObjectSold(row.pk, row.client_id), now=now)
    return row
