"""The client disputes how a claim was settled: renewal messages wait."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.access import Permission
from clientela.modules.claims.events import DisputeChanged
from clientela.modules.claims.models import Claim
from clientela.modules.clients.queries import require


@transaction.atomic
def open_dispute(*, actor: Any, now: datetime, claim: Claim, since: date | None = None) -> Claim:
    """The client disputes how the claim was settled. Saying it again changes nothing."""
    return _dispute(actor, now, claim, since or local_today(settings.TIME_ZONE, now))


@transaction.atomic
def close_dispute(*, actor: Any, now: datetime, claim: Claim) -> Claim:
    """The dispute is over. Saying it again changes nothing."""
    return _dispute(actor, now, claim, None)


def _dispute(actor: Any, now: datetime, claim: Claim, since: date | None) -> Claim:
    require(actor, Permission.CLAIMS_WRITE, claim.client_id)
    row = Claim.objects.select_for_update().get(pk=claim.pk)
    if (row.disputed_since is None) == (since is None):
        return row
    before, row.disputed_since = row.disputed_since, since
    row.save(update_fields=["disputed_since"])
    action = "claim.dispute_opened" if since else "claim.dispute_closed"
    record(actor=actor, now=now, action=action, obj=row, changes={"disputed_since": [before, since]})
    publish(DisputeChanged(row.pk, row.policy_id, row.client_id), now=now)
    return row
