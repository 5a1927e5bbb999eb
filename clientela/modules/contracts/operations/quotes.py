"""Keeping a calculated price for the next term."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.queries import require
from clientela.modules.contracts.events import QuoteChanged
from clientela.modules.contracts.models import Policy, Quote
from clientela.modules.contracts.operations.projects import clean_premium, lock_renewable


class QuoteWithdrawn(Refusal):
    """The quote was withdrawn already."""

    message = _("The quote was withdrawn meanwhile.")


@transaction.atomic
def make_quote(
    *,
    actor: Any,
    now: datetime,
    policy: Policy,
    premium: Decimal,
    note: str = "",
    valid_until: date | None = None,
) -> Quote:
    """Keep a price for the term after ``policy``. Raises ``InvalidPremium``, ``AlreadyRenewed``."""
    require(actor, "contracts.write", policy.client_id)
    price = clean_premium(premium)
    row = lock_renewable(policy)
    quote = Quote.objects.create(
        policy=row,
        premium=price,
        note=note.strip()[:255],
        valid_until=valid_until,
        created_by=actor,
        created_at=now,
    )
    changes = {"premium": [None, price]}
    record(actor=actor, now=now, action="quote.made", obj=row, changes=changes, reason=quote.note)
    publish(QuoteChanged(quote.pk, row.pk, row.client_id), now=now)
    return quote


@transaction.atomic
def withdraw_quote(*, actor: Any, now: datetime, quote: Quote) -> Quote:
    """The price no longer stands. ``QuoteWithdrawn`` when that was said before."""
    policy = quote.policy
    require(actor, "contracts.write", policy.client_id)
    if not Quote.objects.filter(pk=quote.pk, withdrawn_at__isnull=True).update(withdrawn_at=now):
        raise QuoteWithdrawn
    quote.withdrawn_at = now
    changes = {"premium": [quote.premium, None]}
    record(actor=actor, now=now, action="quote.withdrawn", obj=policy, changes=changes)
    publish(QuoteChanged(quote.pk, policy.pk, policy.client_id), now=now)
    return quote
