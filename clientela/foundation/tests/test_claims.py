"""Claiming takes what was asked for and no more, whatever the planner believes of the table."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clientela.foundation.claims import claim
from clientela.foundation.jobs.models import Job

pytestmark = pytest.mark.django_db


def job(title: str) -> Job:
    now = timezone.now()
    return Job.objects.create(kind="tests.claims", title=title, created_at=now, not_before=now)


def take(limit: int) -> list[int]:
    ready = Job.objects.filter(kind="tests.claims", state=Job.State.QUEUED).order_by("not_before", "id")
    return claim(
        ready,
        to_state=Job.State.RUNNING,
        worker="w",
        now=timezone.now(),
        lease=timedelta(minutes=1),
        limit=limit,
    )


def test_no_more_than_the_limit_when_the_planner_last_saw_one_row() -> None:
    first = job("1")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_job")
    ids = [first.pk, *(job(str(number)).pk for number in range(2, 6))]

    assert [take(2) for _ in range(4)] == [ids[:2], ids[2:4], ids[4:], []]
