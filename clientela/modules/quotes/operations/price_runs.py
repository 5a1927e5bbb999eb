"""Asking for the prices of next terms: a window of days, one run at a time."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from clientela.foundation.claims import one_at_a_time
from clientela.foundation.dates import local_today
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.quotes.operations.renewal_prices import expiring

KIND = "quotes.prices"
LONGEST = timedelta(days=92)
RUNNING = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)


class BadWindow(Refusal):
    """The days are in the past, in the wrong order or too many."""

    message = _("Choose days from today on, the first before the last, three months at the most.")
    field = "until"


class PricesUnderWay(Refusal):
    """Prices are being counted; two runs would only wait for each other."""

    message = _("Prices are being counted already. Wait until that run has ended.")


@transaction.atomic
def begin_prices(*, actor: Any, now: datetime, since: date, until: date) -> Job:
    """Queue the pricing of all terms that end in the window and have no next one.

    Projects that a person changed keep their price. Raises ``BadWindow``, ``PricesUnderWay``, PermissionDenied.
    """
    ensure(actor, Permission.SCHEDULES_WRITE)
    today = local_today(settings.TIME_ZONE, now)
    if not today <= since <= until <= since + LONGEST or until > today + timedelta(days=366):
        raise BadWindow
    one_at_a_time(KIND)
    if Job.objects.filter(kind=KIND, state__in=RUNNING).exists():
        raise PricesUnderWay
    job = enqueue(
        kind=KIND, title=gettext_noop("Price the next terms"), now=now, actor=actor,
        args={"since": since.isoformat(), "until": until.isoformat(), "ask": True}, total=expiring(since, until).count(),
    )  # fmt: skip
    assert job is not None
    return job
