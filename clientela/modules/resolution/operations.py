"""Finding pairs over the whole base, and deciding about one."""

import json
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from clientela.foundation.audit.operations import record
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument, Merge
from clientela.modules.clients.operations.merging import CannotMerge, merge_clients, separate_clients
from clientela.modules.clients.queries import require
from clientela.modules.resolution.models import LinkModel, Pair
from clientela.modules.resolution.rules import traits

# Below the lower threshold a pair is not kept; from the upper one on it is proposed as certain.
REVIEW, CERTAIN = 0.5, 0.99
# A smaller base has too few pairs to learn from: the shipped weights are used there.
ENOUGH_TO_LEARN = 20_000
SHIPPED = Path(__file__).parent / "shipped.json"
SLICE = 20_000
KIND = "resolution.find"
# What must speak for and against: weights of another sign were learnt from strangers, in a base without duplicates.
STRONGEST = {"last", "first", "birth", "phones", "documents"}
State = Pair.State


class AlreadyDecided(CannotMerge):
    """Somebody decided about this pair meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has decided about these cards already."))


def begin_search(*, actor: Any, now: datetime) -> Job:
    """Queue a run over the whole base; one that waits or runs is returned. Raises PermissionDenied."""
    ensure(actor, Permission.JOBS_WRITE)
    one_at_a_time(KIND)
    known = Job.objects.filter(kind=KIND, state__in=(Job.State.QUEUED, Job.State.RUNNING)).first()
    if known is not None:
        return known
    job = enqueue(kind=KIND, title=gettext_noop("Look for people with several cards"), now=now, actor=actor)
    assert job is not None
    return job


def find_pairs(run: Run, *, now: datetime) -> dict[str, Any]:
    """Compare the whole base and keep the pairs worth a look; what people decided stays as it is.

    Nothing is written before all is compared, and the writing may be repeated: a run taken over after a crash starts
    anew and ends with the same pairs, each once. Steps of the comparison are long and tell nothing: the lease is kept.
    """
    with (
        run.kept(),
        tempfile.TemporaryDirectory(prefix="resolution-", dir=settings.RESOLUTION_FOLDER or None) as name,
    ):
        folder = Path(name)
        cards = _export(run, folder)
        if not cards:
            Pair.objects.open().delete()
            return {"cards": 0, "pairs": 0}
        kept = LinkModel.objects.filter(is_active=True).first()
        learn = cards >= ENOUGH_TO_LEARN and (kept is None or bool(run.args.get("learn")))
        known = None if learn else kept or _shipped(now)
        linking = _linking(folder, _for_base(known, cards) if known else None)
        try:
            if known is None:
                learnt = _learnt(linking, run)
                if learnt is not None and is_sound(learnt):
                    known = _keep_model(learnt, cards=cards, now=now)
                else:
                    linking.close()
                    known = kept or _shipped(now)
                    (folder / "linking.duckdb").unlink()
                    linking = _linking(folder, _for_base(known, cards))
            return {"cards": cards, "model": known.pk, **_write(run, linking, known)}
        finally:
            linking.close()


def _linking(folder: Path, model: dict[str, Any] | None) -> Any:
    from clientela.modules.resolution.linking import Linking

    return Linking(
        str(folder / "*.parquet"), folder=folder, memory=settings.RESOLUTION_MEMORY, threads=settings.RESOLUTION_THREADS,
        model=model,
    )  # fmt: skip


def _learnt(linking: Any, run: Run) -> dict[str, Any] | None:
    """What the base teaches; nothing where too few pairs agree for the estimate to settle."""
    try:
        model: dict[str, Any] = linking.train(run.progress)
    except ValueError:
        return None
    return model


def is_sound(parameters: dict[str, Any]) -> bool:
    """Whether learnt weights may be used: sameness speaks for one person, difference against it, in every main field.

    A base without duplicates teaches from strangers who share a birth date: there another last name speaks *for* them.
    """
    for comparison in parameters["comparisons"]:
        if comparison["output_column_name"] not in STRONGEST:
            continue
        levels = [one for one in comparison["comparison_levels"] if not one.get("is_null_level")]
        weights = {
            one["label_for_charts"]: (one.get("m_probability"), one.get("u_probability")) for one in levels
        }
        if any(None in weights[name] for name in ("same", "other")):
            return False
        if weights["same"][0] <= weights["same"][1] or weights["other"][0] >= weights["other"][1]:
            return False
    return True


def _for_base(model: LinkModel, cards: int) -> dict[str, Any]:
    """The weights for a base of another size: the larger it is, the rarer two cards drawn from it are one person."""
    prior = model.parameters["probability_two_random_records_match"] * model.cards / cards
    return {**model.parameters, "probability_two_random_records_match": min(prior, 0.01)}


def _export(run: Run, folder: Path) -> int:
    """The people of the base as Parquet files, a slice of card numbers at a time.

    What is only asked to be equal (telephones, addresses, numbers of documents) leaves the base as a hash under a key
    that this run alone knows.
    """
    import polars as pl

    texts = pl.List(pl.String)
    schema: dict[str, Any] = {
        "unique_id": pl.Int64, "last": pl.String, "first": pl.String, "middle": pl.String, "birth": pl.String,
        "phones": texts, "emails": texts, "documents": texts, "address": pl.String,
    }  # fmt: skip
    last = Client.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    cards, key = 0, secrets.token_bytes(32)
    for start in range(0, last + 1, SLICE):
        run.check()
        rows = [_hidden(row, key) for row in _rows(start, start + SLICE)]
        if rows:
            pl.DataFrame(rows, schema=schema).write_parquet(folder / f"{start:012}.parquet")
        cards += len(rows)
        run.progress(done=min(start + SLICE, last), total=last)
    return cards


def _hidden(row: dict[str, Any], key: bytes) -> dict[str, Any]:
    def hashed(text: str) -> str:
        return blake2b(text.encode(), key=key, digest_size=16).hexdigest()

    lists = {name: [hashed(one) for one in row[name]] for name in ("phones", "emails", "documents")}
    return {**row, **lists, "address": hashed(row["address"]) if row["address"] else None}


def _rows(start: int, end: int) -> list[dict[str, Any]]:
    points: dict[str, dict[int, list[str]]] = {kind: defaultdict(list) for kind in ("phone", "email")}
    found = ContactPoint.objects.filter(client__gte=start, client__lt=end, kind__in=points)
    for card, kind, value in found.order_by().values_list("client_id", "kind", "value"):
        points[kind][card].append(value)
    papers: dict[int, list[str]] = defaultdict(list)
    numbers = IdentityDocument.objects.filter(client__gte=start, client__lt=end)
    # Equality is all that is asked of a number: its index says it without the number itself.
    for card, index in numbers.values_list("client_id", "number_index"):
        papers[card].append(index)
    streets: dict[int, str] = {}
    places = Address.objects.filter(client__gte=start, client__lt=end).exclude(street="")
    for card, city, street in places.order_by("is_primary", "pk").values_list("client_id", "city", "street"):
        streets[card] = f"{city} {street}"
    people = Client.objects.filter(pk__gte=start, pk__lt=end, kind=Client.Kind.PERSON)
    fields = ("pk", "last_name", "first_name", "middle_name", "birth_date")
    return [
        traits(
            card=card, last=last, first=first, middle=middle, birth=birth, phones=points["phone"].get(card, ()),
            emails=points["email"].get(card, ()), documents=papers.get(card, ()), address=streets.get(card, ""),
        )
        for card, last, first, middle, birth in people.values_list(*fields)
    ]  # fmt: skip


def _shipped(now: datetime) -> LinkModel:
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return _keep_model(data["parameters"], cards=data["cards"], now=now)


@transaction.atomic
def _keep_model(parameters: dict[str, Any], *, cards: int, now: datetime) -> LinkModel:
    LinkModel.objects.filter(is_active=True).update(is_active=False)
    levels = [
        {
            "field": comparison["output_column_name"],
            "level": level["label_for_charts"],
            "m": level.get("m_probability"),
            "u": level.get("u_probability"),
        }
        for comparison in parameters["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]
    report = {"levels": levels, "prior": parameters["probability_two_random_records_match"]}
    return LinkModel.objects.create(
        parameters=parameters, report=report, cards=cards, made_at=now, is_active=True
    )


def _write(run: Run, linking: Any, model: LinkModel) -> dict[str, int]:
    job = run.job.pk
    counts = {"pairs": 0, "certain": 0}
    batch: list[Pair] = []

    def flush() -> None:
        run.check()
        with transaction.atomic():
            # A decided pair keeps its state: only what the machine says of it is written anew.
            Pair.objects.bulk_create(
                batch,
                update_conflicts=True,
                unique_fields=["low_card", "high_card"],
                update_fields=["certain", "probability", "weight", "terms", "model", "seen_by_job"],
            )
            run.progress(parts=counts)
        batch.clear()

    for found in linking.pairs(REVIEW):
        certain = found.probability >= CERTAIN
        counts["pairs"] += 1
        counts["certain"] += certain
        batch.append(
            Pair(
                low_card=found.low, high_card=found.high, probability=found.probability, weight=found.weight,
                terms=found.terms, certain=certain, model=model, seen_by_job=job,
            )
        )  # fmt: skip
        if len(batch) >= 1000:
            flush()
    flush()
    # What this run did not find any more is no question any more; what a person decided is remembered.
    Pair.objects.open().exclude(seen_by_job=job).delete()
    return counts


def _held(actor: Any, pair: Pair) -> Pair:
    """The pair while it is open, until the transaction ends. Raises ``AlreadyDecided``, PermissionDenied."""
    row = Pair.objects.select_for_update().get(pk=pair.pk)
    if row.state != State.OPEN:
        raise AlreadyDecided
    for card in (row.low_card, row.high_card):
        require(actor, Permission.CLIENTS_MERGE, card)
    return row


@transaction.atomic
def accept(
    *, actor: Any, now: datetime, pair: Pair, kept: int, note: str = "", take: Collection[str] | None = None,
    versions: tuple[int, int] | None = None,
) -> Merge:  # fmt: skip
    """The two cards become one, the card ``kept`` stays; ``take`` and ``versions`` as of ``merge_clients``.

    Raises ``CannotMerge``, ``OutdatedVersion``, ``NotAllowed``.
    """
    row = _held(actor, pair)
    if kept not in (row.low_card, row.high_card):
        raise CannotMerge(_("Choose one of the two cards to stay."))
    gone = row.high_card if kept == row.low_card else row.low_card
    cards = Client.objects.in_bulk([kept, gone])
    if len(cards) < 2:
        raise AlreadyDecided
    merge = merge_clients(
        actor=actor, now=now, kept=cards[kept], gone=cards[gone], note=note, take=take, versions=versions
    )
    _decide(row, State.MERGED, actor, now, merge)
    return merge


@transaction.atomic
def tell_apart(*, actor: Any, now: datetime, pair: Pair) -> None:
    """These are two people, and no later run asks again."""
    row = _held(actor, pair)
    _decide(row, State.DIFFERENT, actor, now)
    for card in Client.objects.filter(pk__in=[row.low_card, row.high_card]):
        changes = {"card": [None, row.high_card if card.pk == row.low_card else row.low_card]}
        record(actor=actor, now=now, action="client.told_apart", obj=card, changes=changes)


@transaction.atomic
def take_back(*, actor: Any, now: datetime, pair: Pair) -> None:
    """The pair is open again; cards that it made one are two again. Raises ``CannotSeparate``, ``NotAllowed``."""
    row = Pair.objects.select_for_update().get(pk=pair.pk)
    if row.state == State.OPEN:
        raise AlreadyDecided
    if row.merge is not None:
        if row.merge.separated_at is None:
            separate_clients(actor=actor, now=now, merge=row.merge)
        _decide(row, State.OPEN, None, None)
        return
    for number in (row.low_card, row.high_card):
        require(actor, Permission.CLIENTS_MERGE, number)
    _decide(row, State.OPEN, None, None)
    for card in Client.objects.filter(pk__in=[row.low_card, row.high_card]):
        changes = {"card": [row.high_card if card.pk == row.low_card else row.low_card, None]}
        record(actor=actor, now=now, action="client.told_apart", obj=card, changes=changes)


def _decide(row: Pair, state: str, actor: Any, now: datetime | None, merge: Merge | None = None) -> None:
    row.state, row.decided_by, row.decided_at, row.merge = state, actor, now, merge
    row.save(update_fields=["state", "decided_by", "decided_at", "merge"])
