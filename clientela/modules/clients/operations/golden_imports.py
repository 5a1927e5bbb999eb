"""Where values come from that a file brought to known cards: from the import's own record, set by set."""

from collections.abc import Iterator
from typing import Any

from clientela.foundation.imports.models import Change, ImportRun
from clientela.modules.clients import golden
from clientela.modules.clients.models import Client, FieldValue
from clientela.modules.clients.operations.golden import key_of, text_of

BATCH = 2000
State = FieldValue.State
_UPDATED = ["state", "source", "source_name", "last_seen"]


def note_import(run: ImportRun) -> int:
    """Say of every value that this run put on a known card that it is from there, and keep what it replaced.

    Repeating it changes nothing more. A few statements for each two thousand cards, so that it may be called for the runs
    of years gone by as well; returns how many cards were looked at.
    """
    seen = 0
    for changes in _batches(run):
        cards = Client.objects.select_related("import_run").in_bulk([one.object_id for one in changes])
        lost: list[FieldValue] = []
        brought: list[FieldValue] = []
        for one in changes:
            card = cards.get(one.object_id)
            if card is not None:
                _compare(run, card, one, lost, brought)
        taken = {(row.client_id, row.field) for row in brought}
        standing = FieldValue.objects.filter(client__in=cards, state=State.CURRENT).values_list(
            "pk", "client", "field"
        )
        FieldValue.objects.filter(pk__in=[pk for pk, *key in standing if tuple(key) in taken]).update(
            state=State.OTHER
        )
        FieldValue.objects.bulk_create(lost, ignore_conflicts=True)
        FieldValue.objects.bulk_create(
            brought,
            update_conflicts=True,
            update_fields=_UPDATED,
            unique_fields=["client", "field", "value_key"],
        )
        seen += len(changes)
    return seen


def _batches(run: ImportRun) -> Iterator[list[Change]]:
    rows = Change.objects.filter(run=run, table=Client._meta.db_table, kind=Change.Kind.CHANGED).order_by(
        "pk"
    )
    last = 0
    while found := list(rows.filter(pk__gt=last)[:BATCH]):
        yield found
        last = found[-1].pk


def _compare(
    run: ImportRun, card: Client, one: Change, lost: list[FieldValue], brought: list[FieldValue]
) -> None:
    was: dict[str, Any] = one.before
    at = run.finished_at or run.started_at or run.created_at
    origin = ("import", card.import_run.source) if card.import_run else ("unknown", "")
    for group, names in golden.COLUMNS.items():
        if not was.keys() & set(names):
            continue
        after = text_of(card, group)
        before = after | {name: str(was[name] or "") for name in names if name in was}
        if before == after:
            continue
        if any(before.values()):
            lost.append(_row(card, group, before, State.OTHER, origin, card.created_at))
        brought.append(_row(card, group, after, State.CURRENT, ("import", run.source), at))


def _row(
    card: Client, group: str, value: dict[str, str], state: str, source: tuple[str, str], at: Any
) -> FieldValue:
    return FieldValue(
        client_id=card.pk, field=group, value=value, value_key=key_of(value), state=state, source=source[0],
        source_name=source[1][:120], first_seen=at, last_seen=at,
    )  # fmt: skip
