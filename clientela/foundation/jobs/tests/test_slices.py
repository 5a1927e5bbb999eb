"""Work over all rows goes slice by slice and is taken up where a worker fell."""

from datetime import datetime, timedelta

import pytest

from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record
from clientela.foundation.jobs import operations
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, by_ids, enqueue, run_next

LEASE = timedelta(seconds=60)
pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The end of a process."""


FALL = 2  # rows that were seen when the worker falls
seen: list[int] = []
falls: list[int] = []


def count(run: Run) -> dict[str, int]:
    return {"found": by_ids(run, Entry, look, size=2)}


def look(first: int, last: int) -> int:
    rows = list(Entry.objects.filter(pk__range=(first, last)).order_by("pk").values_list("pk", flat=True))
    if FALL in falls and len(seen) >= FALL:
        falls.remove(FALL)
        raise Killed
    seen.extend(rows)
    return len(rows)


def test_a_worker_that_falls_costs_one_slice(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    seen.clear()
    falls.append(FALL)
    for number in range(5):
        record(actor=None, now=now, action="test", obj=None, object_name=str(number))
    ids = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    monkeypatch.setitem(operations._kinds, "test", f"{__name__}.count")
    job = enqueue(kind="test", title="Test", now=now)
    assert job is not None
    with pytest.raises(Killed):
        run_next(worker="a", now=now, lease=LEASE)
    Job.objects.filter(pk=job.pk).update(lease_until=now - timedelta(seconds=1))
    run_next(worker="b", now=now, lease=LEASE)
    job.refresh_from_db()
    assert (seen, falls) == (ids, [])
    assert (job.state, job.result) == (Job.State.DONE, {"found": 5})
    assert (job.done, job.total) == (ids[-1], ids[-1])
