"""Forgetting a person: asked by one colleague, confirmed by another, done at once, and never undone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.deletion import Collector
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record, redact
from clientela.foundation.bulk import listed
from clientela.foundation.imports.models import Change, RowError
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.clients import erased
from clientela.modules.clients.events import ClientChanged
from clientela.modules.clients.models import Client, Merge, Tombstone
from clientela.modules.clients.queries import require
from clientela.modules.contracts.models import Participant, Policy, PolicyVersion, Project
from clientela.modules.group.models import Waiting
from clientela.modules.privacy.models import Erasure
from clientela.modules.privacy.queries import in_the_way, rows_of
from clientela.modules.privacy.rules import CARD, WRITTEN_IN, without_person
from clientela.modules.resolution.models import Pair

State = Erasure.State


class CannotErase(Refusal):
    """Something still runs with this person, or the request is not open."""

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


@transaction.atomic
def ask_erasure(*, actor: Any, now: datetime, client: Client, reason: str) -> Erasure:
    """A request that somebody else has to confirm. Raises ``CannotErase``, ``NotAllowed``."""
    require(actor, Permission.PRIVACY_WRITE, client.pk)
    _nothing_runs(client, now)
    try:
        with transaction.atomic():
            row = Erasure.objects.create(client_card=client.pk, reason=reason, asked_by=actor, asked_at=now)
    except IntegrityError:
        raise CannotErase(_("It has been asked for already.")) from None
    record(
        actor=actor,
        now=now,
        action="client.erasure_asked",
        obj=client,
        object_name=str(client.pk),
        reason=reason,
    )
    return row


@transaction.atomic
def refuse_erasure(*, actor: Any, now: datetime, erasure: Erasure) -> Erasure:
    """The person stays. Raises ``CannotErase``, ``NotAllowed``."""
    row = _held(actor, erasure)
    _decide(row, State.REFUSED, actor, now)
    record(
        actor=actor, now=now, action="client.erasure_refused", object_type="clients.client",
        object_id=row.client_card, object_name=str(row.client_card),
    )  # fmt: skip
    return row


@transaction.atomic
def confirm_erasure(*, actor: Any, now: datetime, erasure: Erasure) -> Erasure:
    """Forget the person now. Whoever asked may not confirm. Raises ``CannotErase``, ``NotAllowed``."""
    row = _held(actor, erasure)
    if actor is None or row.asked_by_id == actor.pk:
        raise CannotErase(_("Another person has to confirm it."))
    client = Client.objects.select_for_update().filter(pk=row.client_card).first()
    if client is None:
        raise CannotErase(_("The card was merged into another one meanwhile."))
    _nothing_runs(client, now)
    entries = list(Entry.objects.filter(_entries_of(client)).values_list("pk", flat=True))
    row.counts = _forget(client, now)
    _decide(row, State.DONE, actor, now)
    redact(
        Entry.objects.filter(pk__in=listed(entries)), actor=actor, now=now, action="client.erased", object_type="clients.client", object_id=client.pk,
        object_name=str(client.pk), reason=row.reason,
    )  # fmt: skip
    Client.objects.filter(pk=client.pk).update(
        **CARD, inn_index="", erased_at=now, updated_at=now, version=F("version") + 1
    )
    publish(ClientChanged(client.pk), now=now)
    return row


def _nothing_runs(client: Client, now: datetime) -> None:
    reasons = in_the_way(client, now=now)
    if reasons:
        raise CannotErase(" ".join(reasons))


def _held(actor: Any, erasure: Erasure) -> Erasure:
    require(actor, Permission.PRIVACY_WRITE, erasure.client_card)
    row = Erasure.objects.select_for_update().get(pk=erasure.pk)
    if row.state != State.ASKED:
        raise CannotErase(_("It was decided already."))
    return row


def _decide(row: Erasure, state: str, actor: Any, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, actor, now
    row.save(update_fields=["state", "decided_by", "decided_at", "counts"])


def _forget(client: Client, now: datetime) -> dict[str, list[int]]:
    stones = [Tombstone(digest=one, client_card=client.pk, at=now) for one in erased.digests_of(client)]
    Tombstone.objects.bulk_create(stones, ignore_conflicts=True)
    _forget_in_documents(client)
    _forget_in_logs(client)
    Waiting.objects.filter(candidates__client=client).delete()  # a report that may be about the person
    counts: dict[str, list[int]] = {}
    for path, _model, rows, fate in rows_of(client.pk):
        if fate.deletes:
            number = remove(rows)
        else:
            number = rows.update(**fate.empties) if fate.empties else 0
        if number:
            counts[path] = [number, 0] if fate.deletes else [0, number]
    return counts


def remove(rows: "models.QuerySet[Any]") -> int:
    """Delete rows with what hangs on them, and their files when the transaction is over."""
    found = list(rows)
    if not found:
        return 0
    collector = Collector(using=rows.db)
    collector.collect(found)
    names = [name for model, some in collector.data.items() for name in _files(model, some)]
    names += [name for some in collector.fast_deletes for name in _files(some.model, some)]
    collector.delete()
    drop_files(names)
    return len(found)


def drop_files(names: Iterable[str | None]) -> None:
    """Delete files from the storage when the transaction is over."""
    kept = [name for name in names if name]

    def go() -> None:
        for name in kept:
            default_storage.delete(name)

    transaction.on_commit(go)


def _files(model: Any, rows: Iterable[Any]) -> list[str]:
    fields = [one.name for one in model._meta.concrete_fields if isinstance(one, models.FileField)]
    return [
        getattr(row, name).name for row in (rows if fields else ()) for name in fields if getattr(row, name)
    ]


def _forget_in_documents(client: Client) -> None:
    """People stand in versions of contracts as documents: those of the client's own and of others who name them."""
    own = Policy.objects.filter(client=client).values("pk")
    named = Participant.objects.filter(client=client).values("policy")
    policies = Q(policy__in=own) | Q(policy__in=named)
    for model, rows in (
        (PolicyVersion, PolicyVersion.objects.filter(policies)),
        (Project, Project.objects.filter(policies | Q(client=client))),
    ):
        columns = WRITTEN_IN[model._meta.label]
        for row in rows:
            values = {name: without_person(getattr(row, name), client.pk, client.name) for name in columns}
            changed = [name for name in columns if values[name] != getattr(row, name)]
            for name in changed:
                setattr(row, name, values[name])
            if changed:
                row.save(update_fields=changed)


def _forget_in_logs(client: Client) -> None:
    """Merges, pairs and imports keep what cards said; tables of theirs name a card by its number."""
    card = client.pk
    Pair.objects.filter(Q(low_card=card) | Q(high_card=card)).delete()
    Merge.objects.filter(Q(kept_card=card) | Q(gone_card=card)).delete()
    own = {Client._meta.db_table: [card]}
    for _path, model, rows, fate in rows_of(card):
        if not fate.deletes and fate.empties:
            own[model._meta.db_table] = list(rows.values_list("pk", flat=True))
    for table, ids in own.items():
        Change.objects.filter(table=table, object_id__in=ids).delete()
    if _has_no_namesake(client):
        RowError.objects.filter(subject=client.name).update(subject="", value="", fixed="")


def _has_no_namesake(client: Client) -> bool:
    """Whether what names the person is about nobody else: other people's records stay as they are."""
    others = Client.objects.filter(name_key=client.name_key).exclude(pk=client.pk)
    return bool(client.name) and not others.exists()


def _entries_of(client: Client) -> Q:
    """What the journal says of the card and of its rows."""
    wanted = Q(object_type="clients.client", object_id=client.pk)
    if _has_no_namesake(client):
        wanted |= Q(object_name=client.name)
    for _path, model, rows, _fate in rows_of(client.pk):
        ids = list(rows.values_list("pk", flat=True))
        if ids:
            wanted |= Q(object_type=model._meta.label_lower, object_id__in=ids)
    return wanted & ~Q(action="client.erased")
