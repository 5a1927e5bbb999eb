"""Finding pairs over the whole base."""

import secrets
import tempfile
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from clientela.foundation.bulk import listed
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.clients.models import Client
from clientela.modules.resolution.companies import COMPANIES
from clientela.modules.resolution.models import BaseShape, CardKeys, DueCard, LinkModel, Pair
from clientela.modules.resolution.operations.joining import queue_joining
from clientela.modules.resolution.operations.keys import keep_keys
from clientela.modules.resolution.operations.reading import rows_between
from clientela.modules.resolution.operations.weights import (
    active_model,
    for_base,
    keep_expected,
    keep_model,
    shipped,
)
from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.subjects import Subject, is_sound

# Below the lower threshold a pair is not kept; from the upper one on it is proposed as certain.
REVIEW, CERTAIN = 0.5, 0.99
# A smaller base has too few pairs to learn from: the shipped weights are used there.
ENOUGH_TO_LEARN = 20_000
SLICE = 20_000
KIND = "resolution.find"
OPEN = (Job.State.QUEUED, Job.State.RUNNING)
TITLE = gettext_noop("Look for clients with several cards")


def begin_search(*, actor: Any, now: datetime) -> Job:
    """Queue a run over the whole base; one that waits or runs is returned. Raises PermissionDenied."""
    ensure(actor, Permission.JOBS_WRITE)
    one_at_a_time(KIND)
    known = Job.objects.filter(kind=KIND, state__in=OPEN).first()
    if known is not None:
        return known
    job = enqueue(kind=KIND, title=TITLE, now=now, actor=actor)
    assert job is not None
    return job


def queue_search(now: datetime) -> bool:
    """Whether a run over the whole base is on its way; one is queued, but no more than one an hour by this way."""
    if Job.objects.filter(kind=KIND, state__in=OPEN).exists():
        return True
    key = f"{KIND}:due@{now:%Y-%m-%dT%H}"
    return enqueue(kind=KIND, title=TITLE, now=now, schedule_key=key) is not None


def find_pairs(run: Run, *, now: datetime) -> dict[str, Any]:
    """Compare the whole base and keep the pairs worth a look; what people decided stays as it is.

    People are compared with people and companies with companies. Nothing is written before all of a kind is compared, and
    the writing may be repeated: a run taken over after a crash starts anew and ends with the same pairs, each once. Steps
    of the comparison are long and tell nothing: the lease is kept.
    """
    with (
        run.kept(),
        tempfile.TemporaryDirectory(prefix="resolution-", dir=settings.RESOLUTION_FOLDER or None) as name,
    ):
        seen, result = _Seen(), {"cards": 0, "pairs": 0, "certain": 0}
        for subject in (PEOPLE, COMPANIES):
            folder = Path(name) / subject.kind
            folder.mkdir()
            for key, value in _find(run, folder, subject, now).items():
                result[key] += value
        with transaction.atomic():
            # What this run did not find any more is no question any more; what a person decided is remembered.
            Pair.objects.open().exclude(seen_by_job=run.job.pk).filter(pk__lte=seen.pair).delete()
            DueCard.objects.filter(pk__in=listed(seen.due)).delete()
        queue_joining(now)
        return result


def _find(run: Run, folder: Path, subject: Subject, now: datetime) -> dict[str, int]:
    cards = _export(run, folder, subject)
    if not cards:
        return {}
    kept = active_model(subject)
    learn = cards >= ENOUGH_TO_LEARN and (kept is None or bool(run.args.get("learn")))
    known = None if learn else kept or shipped(subject, now)
    linking = _linking(folder, subject, for_base(known, cards) if known else None)
    try:
        if known is None:
            learnt = _learnt(linking, run)
            if learnt is not None and is_sound(subject, learnt):
                known = keep_model(subject, learnt, cards=cards, now=now)
            else:
                linking.close()
                known = kept or shipped(subject, now)
                (folder / "linking.duckdb").unlink()
                linking = _linking(folder, subject, for_base(known, cards))
        counts = _write(run, linking, known)
        keep_expected(known, linking.expected(), at=(REVIEW, CERTAIN))
        if subject is PEOPLE:
            _keep_shape(linking, known, cards, now)
    finally:
        linking.close()
    return {"cards": cards, **counts}


class _Seen:
    """What was there when a run began: what came since, its end leaves alone."""

    def __init__(self) -> None:
        self.due = list(DueCard.objects.values_list("pk", flat=True))
        self.pair = Pair.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _linking(folder: Path, subject: Subject, model: dict[str, Any] | None) -> Any:
    from clientela.modules.resolution.linking import Linking

    return Linking(
        str(folder / "*.parquet"), folder=folder, memory=settings.RESOLUTION_MEMORY, threads=settings.RESOLUTION_THREADS,
        model=model, subject=subject,
    )  # fmt: skip


def _learnt(linking: Any, run: Run) -> dict[str, Any] | None:
    """What the base teaches; nothing where too few pairs agree for the estimate to settle."""
    try:
        model: dict[str, Any] = linking.train(run.progress)
    except ValueError:
        return None
    return model


def _export(run: Run, folder: Path, subject: Subject) -> int:
    """The cards of a kind as Parquet files, a slice of card numbers at a time.

    What is only asked to be equal (telephones, addresses, numbers) leaves the base as a hash under a key that this run
    alone knows.
    """
    import polars as pl

    from clientela.modules.resolution.near import KeyMaker, frame_schema

    last = Client.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    cards, key, maker, schema = 0, secrets.token_bytes(32), KeyMaker(), frame_schema(subject)

    def hashed(text: str) -> str:
        return blake2b(text.encode(), key=key, digest_size=16).hexdigest()

    for start in range(0, last + 1, SLICE):
        run.check()
        rows = rows_between(start, start + SLICE, subject.kind)
        if subject is PEOPLE:
            _mend_keys(start, rows, maker)
        if rows:
            hidden = [subject.hidden(row, hashed) for row in rows]
            pl.DataFrame(hidden, schema=schema).write_parquet(folder / f"{start:012}.parquet")
        cards += len(rows)
        run.progress(done=min(start + SLICE, last), total=last)
    maker.close()
    return cards


def _mend_keys(start: int, rows: list[dict[str, Any]], maker: Any) -> None:
    """By what single cards are found is as the cards say: missing keys are written, those of gone cards removed."""
    keys = keep_keys(rows, maker) if rows else {}
    kept = CardKeys.objects.filter(card__gte=start, card__lt=start + SLICE).values_list("pk", flat=True)
    CardKeys.objects.filter(pk__in=listed(set(kept) - keys.keys())).delete()


def _write(run: Run, linking: Any, model: LinkModel) -> dict[str, int]:
    counts = {"pairs": 0, "certain": 0}
    batch: list[Any] = []

    def flush() -> None:
        run.check()
        with transaction.atomic():
            keep_pairs(batch, model=model, job=run.job.pk)
            run.progress(parts=counts)
        batch.clear()

    for found in linking.pairs(REVIEW):
        counts["pairs"] += 1
        counts["certain"] += found.probability >= CERTAIN
        batch.append(found)
        if len(batch) >= 1000:
            flush()
    flush()
    return counts


def keep_pairs(found: Iterable[Any], *, model: LinkModel, job: int) -> None:
    """Write what the machine says of pairs, each once; a decided pair keeps its state."""
    Pair.objects.bulk_create(
        [
            Pair(
                low_card=one.low, high_card=one.high, probability=one.probability, weight=one.weight,
                terms=one.terms, certain=one.probability >= CERTAIN, model=model, seen_by_job=job,
            )
            for one in found
        ],
        update_conflicts=True,
        unique_fields=["low_card", "high_card"],
        update_fields=["certain", "probability", "weight", "terms", "model", "seen_by_job"],
    )  # fmt: skip


def _keep_shape(linking: Any, model: LinkModel, cards: int, now: datetime) -> None:
    from clientela.modules.resolution.near import frequencies

    shares = frequencies(linking.db, model.parameters)
    BaseShape.objects.update_or_create(
        pk=1, defaults={"model": model, "cards": cards, "frequencies": shares, "made_at": now}
    )
