"""Keeping a calculated price for the next term."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.book.operations.training import ensure_may_sell
from clientela.modules.clients.queries import require
from clientela.modules.contracts.events import QuoteChanged
from clientela.modules.contracts.models import Policy, Quote
from clientela.modules.contracts.operations.projects import (
    AlreadyRenewed,
    ProjectClosed,
    clean_premium,
    lock_renewable,
)


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
    """Keep a price for the term after ``policy``. Raises ``InvalidPremium``, ``AlreadyRenewed``, ``NotAdmitted``."""
    require(actor, "contracts.write", policy.client_id)
    values = {"note": note.strip()[:255], "valid_until": valid_until, "created_by": actor}
    price, row = clean_premium(premium), lock_renewable(policy)
    ensure_may_sell(actor, row.product, now)
    return _make(row, price, values, actor=actor, now=now)


@transaction.atomic
def quote_of_calculation(
    *,
    now: datetime,
    policy: Policy,
    number: str,
    premium: Decimal | None,
    valid_until: date | None,
    author: Any,
) -> Quote | None:
    """Keep the one price that the client was told in calculation ``number``; none takes it back.

    Said again it changes nothing. A term that has its next one, or none to come, gets no price.
    """
    try:
        row = lock_renewable(policy)
    except (AlreadyRenewed, ProjectClosed):
        return None
    told = Quote.objects.filter(policy=row, calculation_number=number, withdrawn_at__isnull=True)
    for quote in told:
        if quote.premium == premium and quote.valid_until == valid_until:
            return quote
        withdraw_quote(actor=None, now=now, quote=quote)
    if premium is None:
        return None
    values = {
        "note": number, "calculation_number": number, "valid_until": valid_until, "created_by": author,
    }  # fmt: skip
    return _make(row, premium, values, actor=author, now=now)


def _make(row: Policy, premium: Decimal, values: dict[str, Any], *, actor: Any, now: datetime) -> Quote:
    quote = Quote.objects.create(policy=row, premium=premium, created_at=now, **values)
    record(
        actor=actor,
        now=now,
        action="quote.made",
        obj=row,
        changes={"premium": [None, premium]},
        reason=quote.note,
    )
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
