"""Closing the statement of a month."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import add_months, local_today
from clientela.foundation.money import ZERO
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.rules import Permission
from clientela.modules.commission import rules
from clientela.modules.commission.models import Entry, Statement, paid_agents
from clientela.modules.commission.queries import sums_of
from clientela.modules.organisation.models import Agent


class AlreadyClosed(Refusal):
    """The statement of this month was closed."""

    message = _("This statement is closed already.")


class NotYet(Refusal):
    """The month lies ahead."""

    message = _("A statement is closed when its month has begun.")
    field = "month"


class NothingToClose(Refusal):
    """No entry with a rate stands in the month."""

    message = _("Nothing was earned in this month: there is nothing to close.")
    field = "month"


class EarlierOpen(Refusal):
    """An earlier month is still open; ``month`` says which."""

    field = "month"

    def __init__(self, month: date) -> None:
        super().__init__(month)
        self.month = month
        self.message = _("Close the statement of %(month)s first.") % {"month": f"{month:%m.%Y}"}


@transaction.atomic
def close_statement(*, actor: Any, now: datetime, agent: Agent, month: date) -> Statement:
    """Fix what stands in the agent's statement of ``month`` (its first day) under a number.

    What comes for the month later stands in the next open one, as do entries that still have no rate. Raises
    ``AlreadyClosed``, ``NotYet``, ``NothingToClose``, ``EarlierOpen``, ``PermissionDenied``.
    """
    ensure(actor, Permission.COMMISSION_CLOSE)
    if actor is not None and not paid_agents(actor).filter(pk=agent.pk).exists():
        raise PermissionDenied(Permission.COMMISSION_CLOSE)
    if month > local_today(settings.TIME_ZONE, now):
        raise NotYet
    row = Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    if Statement.objects.filter(agent=row, month=month).exists():
        raise AlreadyClosed
    entries = Entry.objects.filter(agent=row, statement__isnull=True)
    earlier = entries.filter(month__lt=month, percent__isnull=False).order_by("month").first()
    if earlier is not None:
        raise EarlierOpen(earlier.month)
    of_month = entries.filter(month=month, percent__isnull=False)
    sums = sums_of(of_month)
    if not sums.count:
        raise NothingToClose
    statement = Statement.objects.create(
        agent=row, month=month, number=_number(row, month),
        agreement_number=row.agreement_number, legal_status=row.legal_status, count=sums.count, premium=sums.premium,
        accrued=sums.accrued, taken_back=sums.taken_back, tax=rules.tax_of(sums.due, row.legal_status),
        closed_by=actor, closed_at=now,
    )  # fmt: skip
    of_month.update(statement=statement)
    _carry(row, month)
    record(
        actor=actor, now=now, action="commission.closed", obj=statement,
        changes={"due": [None, sums.due or ZERO], "month": [None, f"{month:%Y-%m}"]},
    )  # fmt: skip
    return statement


def _number(agent: Agent, month: date) -> str:
    """The agreement and the month; with the agent's own key where two agents have one agreement."""
    number = f"{agent.agreement_number or agent.code}/{month:%m-%Y}"
    taken = Statement.objects.filter(number=number).exists()
    return f"{agent.code[:40]}/{agent.pk}/{month:%m-%Y}"[:60] if taken else number


def _carry(agent: Agent, month: date) -> None:
    """What has no rate yet goes to the next open month."""
    closed = set(Statement.objects.filter(agent=agent).values_list("month", flat=True))
    late = Entry.objects.unrated().filter(agent=agent, month__lte=month)
    late.update(month=rules.open_month(add_months(month, 1), closed))
