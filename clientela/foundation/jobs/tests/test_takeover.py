"""A job whose worker died is taken over; one that kills its workers without getting further is given up."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clientela.foundation.jobs import operations
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import MAX_ATTEMPTS, Run, enqueue, run_next

LEASE = timedelta(seconds=60)
pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The end of a process: nothing of the job's runner is done after it."""


def fall_at_once(run: Run) -> None:
    raise Killed


def fall_further_on(run: Run) -> None:
    done = run.job.done + 1
    run.progress(done=done, checkpoint={"done": done})
    if done < 3 * MAX_ATTEMPTS:
        raise Killed


@pytest.fixture
def lives(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Callable[[str], Job]:
    """The job of this function, taken over whenever its worker has fallen."""

    def live(function: str) -> Job:
        monkeypatch.setitem(operations._kinds, "test", f"{__name__}.{function}")
        job = enqueue(kind="test", title="Test", now=now)
        assert job is not None
        for turn in range(4 * MAX_ATTEMPTS):
            try:
                run_next(worker=f"w{turn}", now=now, lease=LEASE)
            except Killed:
                Job.objects.filter(pk=job.pk).update(lease_until=now - timedelta(seconds=1))
                continue
            break
        job.refresh_from_db()
        return job

    return live


def test_a_job_that_only_kills_its_workers_is_given_up(lives: Callable[[str], Job]) -> None:
    job = lives("fall_at_once")

    assert (job.state, job.attempts) == (Job.State.FAILED, MAX_ATTEMPTS + 1)
    assert "got no further" in job.error


def test_a_job_that_gets_further_may_lose_any_number_of_workers(lives: Callable[[str], Job]) -> None:
    job = lives("fall_further_on")

    assert (job.state, job.done, job.error) == (Job.State.DONE, 3 * MAX_ATTEMPTS, "")
