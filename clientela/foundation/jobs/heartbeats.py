"""Which workers live. A worker that ended leaves its row; a day later the others take it away."""

from datetime import datetime, timedelta

from django.conf import settings

from clientela.foundation.jobs.models import Heartbeat

KEPT = timedelta(days=1)


def beat(worker: str, *, now: datetime) -> None:
    """Say that ``worker`` lives at ``now``."""
    Heartbeat.objects.update_or_create(worker=worker, defaults={"at": now})
    Heartbeat.objects.filter(at__lt=now - KEPT).delete()


def last_beat() -> datetime | None:
    """When a worker was heard last; None when none was in a day."""
    return Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()


def is_silent(now: datetime) -> bool:
    """No worker was heard for so long that all of them must be dead."""
    at = last_beat()
    return at is None or now - at > settings.WORKER_SILENT_AFTER
