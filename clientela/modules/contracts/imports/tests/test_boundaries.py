"""Wherever a file is cut into chunks, and wherever the work breaks off, the base ends up the same."""

import os
from datetime import UTC, datetime

import polars as pl
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from clientela.foundation.imports import operations
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.imports.operations import working
from clientela.foundation.imports.pipeline import Pipeline
from clientela.foundation.imports.store import open_store
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.modules.clients.models import Client
from clientela.modules.contracts.imports.tests.helpers import (
    HEADINGS,
    LEASE,
    base,
    bring_in,
    outcomes,
    take,
    work,
)
from clientela.modules.contracts.models import InsuredObject, Policy

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("CLIENTELA_EXAMPLES", "10"))
ANY_FILE = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
NOW = datetime(2026, 11, 18, 7, 42, tzinfo=UTC)

ROW = st.fixed_dictionaries({
    "id": st.sampled_from(["", "1", "2", "3"]),
    "name": st.sampled_from(["Орлова Вера Николаевна", "Зимин Глеб Петрович", "Зимин Глеб", "", "ООО «Ремтех»"]),
    "born": st.sampled_from(["", "12.04.1984", "01.02.1990"]),
    "phone": st.sampled_from(["", "+79170004108", "+79170004108, +79020007301", "+79020007301"]),
    "email": st.sampled_from(["", "vera@mail.example"]),
    "inn": st.sampled_from(["", "", "760307073214", "7827004526"]),
    "passport": st.sampled_from(["", "", "9208123441"]),
    "city": st.sampled_from(["", "Казань", "Самара"]),
    "thing": st.sampled_from(["", "Creta", "Дача"]),
    "plate": st.sampled_from(["", "", "Р418ТО116"]),
    "vin": st.sampled_from(["", "", "XWEH2812BJ0001234", "XWEH2812BJ0009999"]),
    "number": st.sampled_from(["", "N1", "N2"]),
    "start": st.sampled_from(["01.01.2024", "01.01.2025", "01.01.2026"]),
    "end": st.just("31.12.2026"),
    "premium": st.sampled_from(["100", "200", "x"]),
})  # fmt: skip
FILES = st.lists(ROW, min_size=1, max_size=12)
PLAIN = {"start": "01.01.2024", "end": "31.12.2026", "premium": "100"}
# The second row names a client whom only the third makes; what it gives must not go to another one the next time.
NAMELESS_FIRST = [
    PLAIN | {"name": "Орлова Вера Николаевна"},
    PLAIN | {"inn": "760307073214", "number": "N1", "thing": "Creta"},
    PLAIN | {"name": "Орлова Вера Николаевна", "inn": "760307073214"},
]


class _Undone(Exception):
    """Takes a try back."""


def merge(rows: list[dict[str, str]], chunk: int, existing: str) -> None:
    """The merge alone, without the job around it."""
    run = ImportRun.objects.create(
        target="portfolio", source="test", file_name="a", file_sha256="", file_size=0, rows=len(rows), created_at=NOW,
        options={"columns": list(HEADINGS)}, answers={"branch": "kazan", "product": "osago", "existing": existing},
        mapping={"definition": {"fields": {field: {"from": name} for name, field in HEADINGS.items()}}},
    )  # fmt: skip
    texts = {name: pl.Series([row.get(name, "") for row in rows], dtype=pl.String) for name in HEADINGS}
    run.folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"_row": range(2, 2 + len(rows)), **texts}).write_parquet(run.prepared)
    pipeline, store = Pipeline(run, now=NOW, size=chunk), open_store()
    pipeline.forget()
    touched: list[int] = []
    for _raw, piece in pipeline.chunks(0):
        with store.chunk():
            touched += pipeline.session.apply(piece.frame, piece.ready, store).touched.to_list()
    pipeline.target.settle(run, sorted(set(touched)), now=NOW, tick=lambda: None)


def outcome_of(rows: list[dict[str, str]], chunk: int, existing: str) -> object:
    """The base after a merge that is then taken back."""
    found = None
    try:
        with transaction.atomic():
            merge(rows, chunk, existing)
            found = base()
            raise _Undone
    except _Undone:
        return found


@pytest.mark.parametrize("existing", ["fill", "update", "keep"])
def test_chunks_do_not_matter(kazan, osago, existing):
    @ANY_FILE
    @given(rows=FILES, chunk=st.integers(1, 5))
    def check(rows: list[dict[str, str]], chunk: int) -> None:
        assert outcome_of(rows, 1000, existing) == outcome_of(rows, chunk, existing)

    check()


def test_repeating_any_file_makes_nothing_new(kazan, osago):
    @ANY_FILE
    @given(rows=FILES)
    @example(rows=NAMELESS_FIRST)
    def check(rows: list[dict[str, str]]) -> None:
        try:
            with transaction.atomic():
                merge(rows, 1000, "fill")
                before = Client.objects.count(), Policy.objects.count(), InsuredObject.objects.count()
                merge(rows, 1000, "fill")
                assert before == (
                    Client.objects.count(),
                    Policy.objects.count(),
                    InsuredObject.objects.count(),
                )
                raise _Undone
        except _Undone:
            pass

    check()


@pytest.fixture
def rows() -> list[dict[str, str]]:
    return [
        {"id": str(n // 2), "name": f"Клиент {n // 2}", "phone": f"+7917000{n:04}", "number": f"N{n // 3}",
         "start": f"01.01.{2020 + n % 3}", "end": f"31.12.{2020 + n % 3}", "premium": str(100 + n)}
        for n in range(23)
    ]  # fmt: skip


@pytest.mark.parametrize("broken_at", [1, 2, 3, 5, 6])
def test_resume_goes_on_from_the_chunk_that_broke(kazan, osago, rows, monkeypatch, broken_at):
    """The chunk in hand is taken back whole; its checkpoint with it."""
    try:
        with transaction.atomic():
            expected = bring_in(rows, chunk=4)
            whole, counts = base(), expected.counts
            raise _Undone
    except _Undone:
        pass
    run = take(rows)
    job = operations.request_run(actor=None, now=run.created_at, run=run, chunk=4)
    real, calls = working.Pipeline.keep_errors, []

    def breaking(self, problems, tally):
        calls.append(tally.offset)
        if len(calls) == broken_at:
            raise RuntimeError("power cut")
        real(self, problems, tally)

    monkeypatch.setattr(working.Pipeline, "keep_errors", breaking)
    assert run_next(worker="first", now=run.created_at, lease=LEASE, only=job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.done == 4 * (broken_at - 1)
    operations.resume_run(actor=None, now=run.created_at, run=operations_run(run))
    work(job)
    assert calls[broken_at - 1] == calls[broken_at]
    assert base() == whole
    run.refresh_from_db()
    assert run.counts == counts


def operations_run(run):
    """The run as a page would load it."""
    return type(run).objects.select_related("job").get(pk=run.pk)


def test_pause_stops_between_chunks(kazan, osago, rows, monkeypatch):
    run = take(rows)
    job = operations.request_run(actor=None, now=run.created_at, run=run, chunk=4)
    real = working.Pipeline.keep_errors

    def pausing(self, problems, tally):
        real(self, problems, tally)
        if tally.offset == 4:
            operations.pause_run(actor=None, now=run.created_at, run=operations_run(run))

    monkeypatch.setattr(working.Pipeline, "keep_errors", pausing)
    run_next(worker="first", now=run.created_at, lease=LEASE, only=job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.PAUSED, 8)
    operations.resume_run(actor=None, now=run.created_at, run=operations_run(run))
    work(job)
    run.refresh_from_db()
    assert (run.state, outcomes(run.counts)) == ("done", {"created": 23})
