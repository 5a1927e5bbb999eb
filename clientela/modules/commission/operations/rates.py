"""Setting rates: a new one follows the old, never over it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from clientela.foundation.audit.operations import record
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.jobs.operations import enqueue
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.rules import Permission
from clientela.modules.commission import rules
from clientela.modules.commission.models import Rate
from clientela.modules.commission.queries import percent_words
from clientela.modules.organisation.models import Agent
from clientela.modules.products.models import Line, Product

JOB = "commission.accrue"
JOB_TITLE = gettext_noop("Count the agents' commission")


class WrongRate(Refusal):
    """A rate that cannot be; ``field`` says where."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(field)
        self.field, self.message = field, message


class RateOverlaps(Refusal):
    """Another rate for the same holds on some of these days; ``other`` is it."""

    field = "valid_from"

    def __init__(self, other: Rate) -> None:
        super().__init__(other.pk)
        self.other = other
        values = {
            "percent": percent_words(other.percent), "first": f"{other.valid_from:%d.%m.%Y}",
            "last": f"{other.valid_until:%d.%m.%Y}" if other.valid_until else "…",
        }  # fmt: skip
        self.message = _("A rate of %(percent)s %% holds for the same from %(first)s to %(last)s.") % values


class RateInUse(Refusal):
    """Something was earned by the rate: it is ended, not removed."""

    message = _("Commission was counted by this rate: end it, it cannot be removed.")
    field = "valid_until"


@transaction.atomic
def set_rate(
    *, actor: Any, now: datetime, line: str, percent: Decimal, valid_from: date, valid_until: date | None = None,
    agent: Agent | None = None, product: Product | None = None, term: str = "", channel: str = "", reason: str = "",
) -> Rate:  # fmt: skip
    """Set a rate from a day on; the one that held for the same without an end is ended the day before.

    What has been counted stays; entries without a rate are counted by a job. Raises ``WrongRate``, ``RateOverlaps``,
    ``PermissionDenied``.
    """
    ensure(actor, Permission.COMMISSION_RATES)
    _check(line, percent, valid_from, valid_until, product, term, channel)
    key = ":".join(
        str(part or "") for part in (agent and agent.pk, line, product and product.pk, term, channel)
    )
    one_at_a_time(f"commission.rate:{key}")
    before = Rate.objects.filter(key=key, valid_until__isnull=True, valid_from__lt=valid_from).first()
    if before is not None:
        _end(before, valid_from - timedelta(days=1), actor=actor, now=now)
    for other in Rate.objects.filter(key=key).order_by("valid_from"):
        if rules.overlap(valid_from, valid_until, other.valid_from, other.valid_until):
            raise RateOverlaps(other)
    percent = percent.quantize(Decimal("0.001"))
    rate = Rate.objects.create(
        agent=agent, line=line, product=product, term=term, channel=channel, percent=percent, valid_from=valid_from,
        valid_until=valid_until, reason=reason.strip()[:120], key=key, created_by=actor, created_at=now,
    )  # fmt: skip
    changes = {
        "percent": [None, percent],
        "valid_from": [None, valid_from],
        "valid_until": [None, valid_until],
    }
    record(actor=actor, now=now, action="commission.rate_set", obj=rate, changes=changes, reason=rate.reason)
    if actor is not None:
        enqueue(kind=JOB, title=JOB_TITLE, now=now, actor=actor)
    return rate


def _check(
    line: str, percent: Decimal, valid_from: date, valid_until: date | None, product: Product | None, term: str,
    channel: str,
) -> None:  # fmt: skip
    if line not in Line.values:
        raise WrongRate("line", _("Choose a line of business."))
    if product is not None and product.line != line:
        raise WrongRate("product", _("This product is of another line of business."))
    if term not in ("", *Rate.Term.values):
        raise WrongRate("term", _("New contracts, renewals, both, or rent."))
    if channel not in ("", *Rate.Channel.values):
        raise WrongRate("channel", _("Choose one of the channels."))
    if not percent.is_finite() or not 0 <= percent <= 100 or percent != round(percent, 3):
        raise WrongRate("percent", _("From 0 to 100 percent, three digits after the point at the most."))
    if valid_until is not None and valid_until < valid_from:
        raise WrongRate("valid_until", _("The last day is before the first."))


@transaction.atomic
def end_rate(*, actor: Any, now: datetime, rate: Rate, valid_until: date) -> Rate:
    """Let a rate end with a day. Raises ``WrongRate``, ``RateInUse`` where later premiums were counted by it."""
    ensure(actor, Permission.COMMISSION_RATES)
    row = Rate.objects.select_for_update().get(pk=rate.pk)
    if valid_until < row.valid_from:
        raise WrongRate("valid_until", _("The last day is before the first."))
    if row.valid_until is not None and valid_until > row.valid_until:
        raise WrongRate("valid_until", _("A rate that has an end is not made longer: set a new one."))
    if row.entries.filter(earned_on__gt=valid_until).exists():
        raise WrongRate("valid_until", _("Commission was counted by this rate after that day."))
    _end(row, valid_until, actor=actor, now=now)
    return row


def _end(row: Rate, day: date, *, actor: Any, now: datetime) -> None:
    before, row.valid_until = row.valid_until, day
    row.save(update_fields=["valid_until"])
    record(
        actor=actor, now=now, action="commission.rate_ended", obj=row, changes={"valid_until": [before, day]}
    )


@transaction.atomic
def remove_rate(*, actor: Any, now: datetime, rate: Rate) -> None:
    """Take away a rate that nothing was counted by. Raises ``RateInUse``."""
    ensure(actor, Permission.COMMISSION_RATES)
    row = Rate.objects.select_for_update().get(pk=rate.pk)
    if row.entries.exists():
        raise RateInUse
    record(
        actor=actor, now=now, action="commission.rate_removed", obj=row,
        changes={"percent": [row.percent, None], "valid_from": [row.valid_from, None]},
    )  # fmt: skip
    row.delete()
