"""Ending a contract early, and the death of its need."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.queries import require
from clientela.modules.contracts.events import ObjectSold, PolicyChanged
from clientela.modules.contracts.models import InsuredObject, Policy, Project, Quote
from clientela.modules.contracts.operations.projects import OPEN_STATES, withdraw_project
from clientela.modules.contracts.operations.quotes import withdraw_quote


class PolicyNotInForce(Refusal):
    """The policy is cancelled already, or the day lies outside its term."""

    message = _("The day must lie within the term of a policy in force.")
    field = "on"


@transaction.atomic
def cancel_policy(*, actor: Any, now: datetime, policy: Policy, on: date, reason: str) -> Policy:
    """End a policy on a day of its term. Its open project and quotes are withdrawn: nothing is left to renew."""
    require(actor, "contracts.write", policy.client_id)
    row = Policy.objects.select_for_update().get(pk=policy.pk)
    if row.status == Policy.Status.CANCELLED or not row.start_date <= on <= row.end_date:
        raise PolicyNotInForce
    before = row.status
    row.status, row.cancelled_on, row.cancel_reason = Policy.Status.CANCELLED, on, reason.strip()[:120]
    row.updated_at = now
    row.save(update_fields=["status", "cancelled_on", "cancel_reason", "updated_at"])
    for project in Project.objects.filter(policy=row, state__in=OPEN_STATES):
        withdraw_project(actor=actor, now=now, project=project, reason=reason)
    for quote in Quote.objects.filter(policy=row, withdrawn_at__isnull=True):
        withdraw_quote(actor=actor, now=now, quote=quote)
    changes = {"status": [before, row.status], "cancelled_on": [None, on]}
    record(actor=actor, now=now, action="policy.cancelled", obj=row, changes=changes, reason=reason)
    publish(PolicyChanged(row.pk, row.client_id), now=now)
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
