"""How the system is: jobs, deliveries of events, messages on their way."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from clientela.foundation.jobs.models import Job
from clientela.foundation.outbox.models import Delivery
from clientela.modules.contacts.models import Message
from clientela.modules.renewals.models import PlanDay

DAYS = 7
MOST = 8
# A worker that is alive takes a delivery within seconds; a message waits at most for the morning.
LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Health:
    """Counts of what failed and of what waits; ``oldest`` is the event that waits longest."""

    failed_jobs: int
    running_jobs: int
    queued_jobs: int
    failed_deliveries: int
    depth: int
    oldest: datetime | None
    queued_messages: int
    late_messages: int
    uncertain_messages: int
    planned: PlanDay | None
    jobs: list[Job]
    deliveries: list[Delivery]

    def is_stuck(self, now: datetime) -> bool:
        """Whether nobody seems to deliver events."""
        return self.oldest is not None and now - self.oldest > LATE


def health(*, today: date, now: datetime) -> Health:
    """Seven statements whatever the size of the base; each stays within an index or a small table."""
    State, Waits = Job.State, Delivery.State
    jobs = Job.objects.aggregate(
        failed=Count("id", filter=Q(state=State.FAILED, created_at__gte=now - timedelta(days=DAYS))),
        running=Count("id", filter=Q(state=State.RUNNING)),
        queued=Count("id", filter=Q(state=State.QUEUED, not_before__lte=now)),
    )
    open_ones = Delivery.objects.filter(state__in=[Waits.PENDING, Waits.RUNNING]).aggregate(
        depth=Count("id"), oldest=Min("event__at")
    )
    failed = Delivery.objects.filter(state=Waits.FAILED)
    queued = Message.objects.filter(state=Message.State.QUEUED)
    waiting: dict[str, Any] = queued.aggregate(
        all=Count("id"), late=Count("id", filter=Q(not_before__lt=now - LATE))
    )
    return Health(
        failed_jobs=jobs["failed"],
        running_jobs=jobs["running"],
        queued_jobs=jobs["queued"],
        failed_deliveries=failed.count(),
        depth=open_ones["depth"],
        oldest=open_ones["oldest"],
        queued_messages=waiting["all"],
        late_messages=waiting["late"],
        uncertain_messages=Message.objects.filter(
            state=Message.State.UNCERTAIN, lease_until__isnull=False
        ).count(),
        planned=PlanDay.objects.filter(day=today).first(),
        jobs=list(
            Job.objects.filter(state=State.FAILED, created_at__gte=now - timedelta(days=DAYS)).order_by(
                "-created_at"
            )[:MOST]
        ),
        deliveries=list(failed.select_related("event").order_by("-id")[:MOST]),
    )
