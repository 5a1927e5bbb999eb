"""A step that cannot tell how far it is keeps its job."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, enqueue


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mine", [True, False])
def test_the_lease_of_ones_own_job_is_renewed(mine: bool) -> None:
    begun = timezone.now()
    job = enqueue(kind="resolution.find", title="Test", now=begun)
    assert job is not None
    Job.objects.update(state=Job.State.RUNNING, claimed_by="w" if mine else "another", lease_until=begun)
    with Run(job, worker="w", lease=timedelta(milliseconds=60)).kept():
        for _time in range(200 if mine else 20):
            time.sleep(0.01)
            if Job.objects.get().lease_until != begun:
                break
    assert (Job.objects.get().lease_until > begun) == mine
