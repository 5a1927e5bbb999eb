"""Jobs of the renewals module: thin functions that call one operation each."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from clientela.foundation.dates import local_today
from clientela.foundation.jobs.operations import Run, by_ids
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.norms import compute_norms
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.terms import open_terms, refresh

SLICE = 2_000  # terms: some tenths of a second


def plan(run: Run) -> dict[str, Any]:
    """Plan the day ``ahead`` days from today (company time), unless a day is asked for by hand with ``on``."""
    now = timezone.now()
    asked = run.args.get("on")
    today = local_today(settings.TIME_ZONE, now)
    day = date.fromisoformat(asked) if asked else today + timedelta(days=run.args.get("ahead", 0))
    done = plan_day(day=day, now=now)
    return {"day": day.isoformat(), "opened": done.opened, "planned": done.planned, "seconds": done.seconds}


def norms(run: Run) -> dict[str, Any]:
    """Compute every agent's norm."""
    now = timezone.now()
    return {"results": compute_norms(day=local_today(settings.TIME_ZONE, now), now=now)}


def refresh_terms(run: Run) -> dict[str, Any]:
    """Read the facts of every expiring term again: the nightly safety net under the handlers."""
    now = timezone.now()
    opened = open_terms(day=local_today(settings.TIME_ZONE, now), now=now)
    terms = by_ids(run, Renewal, lambda first, last: refresh(now=now, between=(first, last)), size=SLICE)
    return {"opened": opened, "terms": terms}
