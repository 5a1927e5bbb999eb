"""The check as a job: in chunks, cut and finished once, stale when the version changes, needed before approval."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs import operations as jobs
from clientela.foundation.jobs.models import Job
from clientela.modules.accounts.models import User
from clientela.modules.rating.models import Table, TableVersion
from clientela.modules.rating.operations import checking, versions
from clientela.modules.rating.operations.regression import Case, Tally

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
LEASE = timedelta(minutes=1)
CAR = {
    "make": "Kia", "territory": "kazan", "year": 2026, "sum_insured": 1_000_000,
    "drivers": [{"age": 27, "experience": 3}],
}  # fmt: skip
ALL = [
    Case(f"Р-26-{pk}", "Kia" if pk % 2 else "LADA", CAR | {"make": "Kia" if pk % 2 else "LADA"}, pk)
    for pk in range(250, 0, -1)
]


class Killed(BaseException):
    """What a worker dies of."""


dies_at: list[int] = []
read: list[int] = []


def chunk(product: str, before: int | None, most: int) -> Sequence[Case]:
    if before in dies_at:
        dies_at.clear()
        raise Killed
    found = [case for case in ALL if before is None or case.pk < before][:most]
    read.extend(case.pk for case in found)
    return found


def run(job: jobs.Run) -> dict[str, Any]:
    return checking.work(job, now=lambda: NOW, cases=chunk, total=lambda product: len(ALL))


@pytest.fixture
def draft(tariffs: None, product_manager: User, monkeypatch: pytest.MonkeyPatch) -> TableVersion:
    """The base rates with one cell of Kia dearer."""
    monkeypatch.setitem(jobs._kinds, checking.KIND, f"{__name__}.run")
    read.clear()
    dies_at.clear()
    table = Table.objects.get(code="kasko.base")
    made = versions.make_draft(actor=product_manager, now=NOW, table=table)
    return versions.change_cell(
        actor=product_manager, now=NOW, version=made, row=4, column="a0", text="4.785"
    )


def propose(draft: TableVersion, actor: User) -> TableVersion:
    start = NOW.date() + timedelta(days=13)
    return versions.propose(actor=actor, now=NOW, version=draft, starts_on=start, reason="Запчасти")


def test_a_check_that_dies_is_finished_once(draft: TableVersion, product_manager: User) -> None:
    job = checking.begin(actor=product_manager, now=NOW, version=draft)
    assert checking.begin(actor=product_manager, now=NOW, version=draft) == job
    with pytest.raises(versions.NotChecked):
        propose(draft, product_manager)
    dies_at.append(51)
    with pytest.raises(Killed):
        jobs.run_next(worker="dead", now=NOW, lease=LEASE)
    job.refresh_from_db()
    draft.refresh_from_db()
    assert (job.done, job.total, job.state, "bars" in draft.regression) == (200, 250, "running", False)
    later = NOW + timedelta(days=400)
    assert jobs.run_next(worker="next", now=later, lease=LEASE)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 250)
    assert read == list(range(250, 0, -1))
    draft.refresh_from_db()
    found = {
        name: draft.regression[name] for name in ("same", "dearer", "failed", "least", "median", "largest")
    }
    assert found == {"same": 125, "dearer": 125, "failed": 0, "least": "0", "median": "0", "largest": "10.2"}
    assert Entry.objects.filter(action="tariff.checked").count() == 1
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, lease_until=NOW)
    assert jobs.run_next(worker="again", now=later, lease=LEASE)
    assert Entry.objects.filter(action="tariff.checked").count() == 1
    assert propose(draft, product_manager).state == "proposed"


def test_a_change_meanwhile_makes_the_check_worth_nothing(draft: TableVersion, product_manager: User) -> None:
    old = checking.begin(actor=product_manager, now=NOW, version=draft)
    versions.change_cell(actor=product_manager, now=NOW, version=draft, row=4, column="a0", text="4.80")
    assert jobs.run_next(worker="w", now=NOW, lease=LEASE)
    old.refresh_from_db()
    draft.refresh_from_db()
    assert (old.result, "bars" in draft.regression) == ({"changed": 1}, False)
    with pytest.raises(versions.NotChecked):
        propose(draft, product_manager)


def test_another_check_takes_the_place_of_the_one_that_waits(
    draft: TableVersion, product_manager: User, anna: User
) -> None:
    old = checking.begin(actor=product_manager, now=NOW, version=draft)
    versions.change_cell(actor=product_manager, now=NOW, version=draft, row=4, column="a0", text="4.80")
    fresh = checking.begin(actor=product_manager, now=NOW, version=draft)
    old.refresh_from_db()
    assert (old.state, fresh.state) == ("cancelled", "queued")
    with pytest.raises(PermissionDenied):
        checking.begin(actor=anna, now=NOW, version=draft)
    assert Job.objects.filter(kind=checking.KIND).count() == 2


def test_what_was_not_checked_is_not_approved_either(
    draft: TableVersion, product_manager: User, make_user: Any
) -> None:
    second = make_user(product_manager.role, "Лариса", "Ким", email="l.kim@prichal.example")
    checking.begin(actor=product_manager, now=NOW, version=draft)
    jobs.run_next(worker="w", now=NOW, lease=LEASE)
    proposed = propose(draft, product_manager)
    TableVersion.objects.filter(pk=proposed.pk).update(regression={"content": "0", "failed": 0})
    with pytest.raises(versions.NotChecked):
        versions.approve(actor=second, now=NOW, version=proposed)
    proposed.refresh_from_db()
    assert proposed.state == "proposed"


def test_a_tally_goes_through_json_and_finds_the_middle() -> None:
    tally = Tally({"tenths": {"-20": 1, "5": 2, "102": 1}, "counts": {"dearer": 3}})
    again = Tally(tally.to_json())
    assert again.to_json() == tally.to_json()
    told = again.result()
    assert (told["least"], told["median"], told["largest"], told["dearer"]) == ("-2", "0.5", "10.2", 3)
