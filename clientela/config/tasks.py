"""Regular jobs that belong to no module."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clientela.foundation.api.models import IdempotentAnswer
from clientela.foundation.audit.operations import seal as seal_journal
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run
from clientela.foundation.outbox.models import Delivery, Event
from clientela.foundation.push.operations import tidy as forget_alerts
from clientela.foundation.webhooks.models import Delivery as WebhookDelivery
from clientela.modules.accounts.operations import purge_photos as purge_photos_of_staff
from clientela.modules.clients.operations import purge_photos
from clientela.modules.contacts.operations.files import forget_drafts
from clientela.modules.organisation.models import HandOverPart
from clientela.workspace.exports.jobs import forget_files

KEEP_EVENTS = timedelta(days=14)
KEEP_JOBS = timedelta(days=30)
KEEP_WEBHOOKS = timedelta(days=30)
KEEP_ANSWERS = timedelta(days=2)


def seal(run: Run) -> dict[str, Any]:
    """Seal the journal."""
    return {"entries": seal_journal(now=timezone.now())}


def tidy(run: Run) -> dict[str, Any]:
    """Remove what is old enough: delivered events, finished regular jobs, API answers, webhooks, alerts, whose clients were, files."""
    now = timezone.now()
    open_events = Delivery.objects.exclude(state=Delivery.State.DONE).values("event_id")
    events, _ = Event.objects.filter(at__lt=now - KEEP_EVENTS).exclude(id__in=open_events).delete()
    jobs, _ = Job.objects.filter(
        schedule_key__isnull=False, state=Job.State.DONE, created_at__lt=now - KEEP_JOBS
    ).delete()
    answers, _ = IdempotentAnswer.objects.filter(created_at__lt=now - KEEP_ANSWERS).delete()
    webhooks, _ = WebhookDelivery.objects.filter(created_at__lt=now - KEEP_WEBHOOKS).delete()
    HandOverPart.objects.filter(at__lt=now - KEEP_ANSWERS).delete()
    forget_alerts(now=now)
    purge_photos(now=now)
    purge_photos_of_staff(now=now)
    files = forget_files(now=now) + forget_drafts(now=now)
    return {"events": events, "jobs": jobs, "answers": answers, "webhooks": webhooks, "files": files}
