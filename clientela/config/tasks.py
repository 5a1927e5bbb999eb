"""The regular jobs: thin functions that call one operation each."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from clientela.foundation.api.models import IdempotentAnswer
from clientela.foundation.audit.operations import seal as seal_journal
from clientela.foundation.dates import local_today
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run
from clientela.foundation.outbox.models import Delivery, Event
from clientela.modules.clients.operations import refresh_portfolio_facts
from clientela.modules.renewals.operations.norms import compute_norms
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.terms import open_terms, refresh

KEEP_EVENTS = timedelta(days=14)
KEEP_JOBS = timedelta(days=30)
KEEP_ANSWERS = timedelta(days=2)


def plan(run: Run) -> dict[str, Any]:
    """Plan the day ``ahead`` days from today (company time), unless a ``day`` is asked for by hand."""
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
    return {"opened": opened, "terms": refresh(now=now)}


def refresh_clients(run: Run) -> dict[str, Any]:
    """Refresh categories, completeness and portfolio facts of all clients."""
    refresh_portfolio_facts(now=timezone.now())
    return {}


def seal(run: Run) -> dict[str, Any]:
    """Seal the journal."""
    return {"entries": seal_journal(now=timezone.now())}


def tidy(run: Run) -> dict[str, Any]:
    """Remove delivered events, finished regular jobs and kept API answers that are old enough."""
    now = timezone.now()
    open_events = Delivery.objects.exclude(state=Delivery.State.DONE).values("event_id")
    events, _ = Event.objects.filter(at__lt=now - KEEP_EVENTS).exclude(id__in=open_events).delete()
    jobs, _ = Job.objects.filter(
        schedule_key__isnull=False, state=Job.State.DONE, created_at__lt=now - KEEP_JOBS
    ).delete()
    answers, _ = IdempotentAnswer.objects.filter(created_at__lt=now - KEEP_ANSWERS).delete()
    return {"events": events, "jobs": jobs, "answers": answers}
