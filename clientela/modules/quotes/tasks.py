"""What the worker does for calculations."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from clientela.foundation.dates import local_today
from clientela.foundation.jobs.operations import Run
from clientela.modules.quotes.operations.closing import run_out
from clientela.modules.quotes.operations.renewal_prices import journal, run_prices

AHEAD = timedelta(days=60)


def prices(run: Run) -> dict[str, Any]:
    """Price the next term of everything that expires in the window of the job, or in the next sixty days."""
    now = timezone.now()
    today = local_today(settings.TIME_ZONE, now)
    if "since" not in run.args:
        run.args |= {"since": today.isoformat(), "until": (today + AHEAD).isoformat()}
    parts = run_prices(run, now=now)
    journal(actor=run.job.created_by, now=now, parts=parts)
    return parts


def expire(run: Run) -> dict[str, Any]:
    """Close the offers whose last day has passed."""
    closed = 0
    while found := run_out(now=timezone.now()):
        closed += found
        run.check()
        run.progress(done=closed)
    return {"closed": closed}
