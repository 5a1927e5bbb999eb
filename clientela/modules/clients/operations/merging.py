"""Two cards of one client become one, and two again when that was wrong (CB-6, CB-7)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.events import (
    ClientChanged,
    ClientsMerged,
    ClientsSeparated,
    ContactabilityChanged,
)
from clientela.modules.clients.models import Client, ContactPoint, HoldingLink, Merge
from clientela.modules.clients.operations.cards import OutdatedVersion, refresh_completeness
from clientela.modules.clients.operations.golden import choices, keep_both
from clientela.modules.clients.operations.merge_log import RowLog, relations_to, twins
from clientela.modules.clients.queries import require
from clientela.modules.clients.rules import GROUPS, survivor

# Rows that say the same twice: the survivor's is kept, the other is put away and comes back when the cards part.
SAME_TWICE = {
    "clients.ContactPoint", "clients.IdentityDocument", "clients.Photo", "clients.HoldingLink", "clients.Client_tags",
    "clients.FieldValue",
}  # fmt: skip


class MergePart:
    """What a module above has to do when cards become one, in the same transaction."""

    same_twice: Collection[str] = ()

    def merging(self, log: RowLog, *, kept: int, gone: int, now: datetime) -> None:
        """Before any row moves."""

    def merged(self, log: RowLog, *, kept: int, gone: int, now: datetime) -> None:
        """When every row is the survivor's."""

    def separated(self, log: RowLog, *, kept: int, gone: int, since: datetime, now: datetime) -> None:
        """When the rows are back; what came after ``since`` is still the survivor's."""


_parts: list[MergePart] = []


def take_part(part: MergePart) -> None:
    """Called once when the apps are ready (config/subscriptions)."""
    if part not in _parts:
        _parts.append(part)


class CannotMerge(Refusal):
    """These two cards cannot become one."""

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


class CannotSeparate(CannotMerge):
    """The cards cannot be parted, or not yet."""


@transaction.atomic
def merge_clients(
    *, actor: Any, now: datetime, kept: Client, gone: Client, versions: tuple[int, int] | None = None,
    take: Collection[str] | None = None, note: str = "",
) -> Merge:  # fmt: skip
    """Everything of ``gone`` becomes ``kept``'s, whose number stays.

    ``take`` names the groups of fields (``rules.GROUPS``) whose value is taken from ``gone``; without it the rules of
    the golden record choose. A field that ``kept`` has empty is filled anyway, and what loses stays as an alternative. ``versions`` are those of the two cards as the person saw them.
    Raises ``CannotMerge``, ``OutdatedVersion``, ``NotAllowed``.
    """
    for client in (kept, gone):
        require(actor, Permission.CLIENTS_MERGE, client.pk)
    if kept.pk == gone.pk:
        raise CannotMerge(_("Choose another card: this is the same one."))
    rows = {
        row.pk: row
        for row in Client.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    }
    if len(rows) < 2:
        raise OutdatedVersion
    kept, gone = rows[kept.pk], rows[gone.pk]
    if versions is not None and (kept.version, gone.version) != versions:
        raise OutdatedVersion
    if kept.kind != gone.kind:
        raise CannotMerge(_("A person and a company cannot be one client."))
    if HoldingLink.objects.filter(company__in=rows, parent__in=rows).exists():
        raise CannotMerge(_("One company belongs to the other: part them in the holding first."))
    if take is None:
        take = {name for name, (other, _why) in choices(kept, gone).items() if other}
    log = RowLog()
    try:
        with transaction.atomic():
            _join(log, kept, gone, take, now)
    except IntegrityError:
        raise CannotMerge(
            _("One of the cards is busy now, in a call for example. Try again in a minute.")
        ) from None
    merge = Merge.objects.create(
        kept_card=kept.pk, gone_card=gone.pk, gone_name=gone.name, steps=log.steps, made_at=now, made_by=actor, note=note
    )  # fmt: skip
    changes = {"card": [gone.pk, kept.pk], "name": [gone.name, kept.name]}
    record(actor=actor, now=now, action="client.merged", obj=kept, changes=changes, reason=note)
    publish_all(
        [ClientsMerged(merge.pk, kept.pk, gone.pk), ClientChanged(kept.pk), ContactabilityChanged(kept.pk)],
        now=now,
    )
    return merge


def _join(log: RowLog, kept: Client, gone: Client, take: Collection[str], now: datetime) -> None:
    for part in _parts:
        part.merging(log, kept=kept.pk, gone=gone.pk, now=now)
    _one_main_contact(log, kept, gone, take)
    keep_both(log, kept, gone, take)
    same_twice = SAME_TWICE.union(*(part.same_twice for part in _parts))
    for relation in relations_to(Client):
        for row, twin in list(twins(relation, kept=kept.pk, gone=gone.pk)):
            if row._meta.label not in same_twice:
                raise IntegrityError(row._meta.label)
            log.remove(row, twin, of=(kept.pk, gone.pk))
        log.move(
            relation.related_model._base_manager.filter(**{relation.field.name: gone.pk}),
            relation.field.name,
            kept.pk,
        )
    values = survivor(_fields(kept), _fields(gone), take)
    log.alter(kept, **values)
    log.remove(gone)
    Client.objects.filter(pk=kept.pk).update(version=F("version") + 1, updated_at=now)
    for part in _parts:
        part.merged(log, kept=kept.pk, gone=gone.pk, now=now)
    refresh_completeness([kept.pk])


def _fields(client: Client) -> dict[str, Any]:
    return {name: getattr(client, name) for group in GROUPS.values() for name in group}


def _one_main_contact(log: RowLog, kept: Client, gone: Client, take: Collection[str]) -> None:
    """Of two main phones, or e-mail addresses, one stays the main one: the survivor's, or the other's if taken."""
    first: dict[int, dict[str, ContactPoint]] = {kept.pk: {}, gone.pk: {}}
    for point in ContactPoint.objects.filter(client__in=first):
        first[point.client_id].setdefault(point.kind, point)
    for kind in first[kept.pk].keys() & first[gone.pk].keys():
        if first[kept.pk][kind].value == first[gone.pk][kind].value:
            continue
        stays, yields = (gone, kept) if kind in take else (kept, gone)
        log.alter(first[stays.pk][kind], is_primary=True)
        log.alter(first[yields.pk][kind], is_primary=False)


@transaction.atomic
def separate_clients(*, actor: Any, now: datetime, merge: Merge) -> Client:
    """Two cards again, each with what it had; returns the card that comes back.

    What came after the merge stays with the survivor but for what was said from or to an address that is the other's
    alone. Raises ``CannotSeparate``, ``NotAllowed``.
    """
    require(actor, Permission.CLIENTS_MERGE, merge.kept_card)
    kept = Client.objects.select_for_update().filter(pk=merge.kept_card).first()
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    if merge.separated_at is not None:
        raise CannotSeparate(_("These cards have been separated already."))
    if kept is None:
        raise CannotSeparate(_("The card was merged into another one meanwhile: separate that one first."))
    later = Merge.objects.filter(kept_card=kept.pk, pk__gt=merge.pk, separated_at=None)
    if later.exists():
        raise CannotSeparate(_("Another card was merged into this one later: separate that one first."))
    log = RowLog(merge.steps)
    log.undo()
    for part in _parts:
        part.separated(log, kept=kept.pk, gone=merge.gone_card, since=merge.made_at, now=now)
    both = [kept.pk, merge.gone_card]
    Client.objects.filter(pk__in=both).update(version=F("version") + 1, updated_at=now)
    refresh_completeness(both)
    Merge.objects.filter(pk=merge.pk).update(separated_at=now, separated_by=actor)
    back = Client.objects.get(pk=merge.gone_card)
    changes = {"card": [kept.pk, back.pk], "name": [kept.name, back.name]}
    for card in (kept, back):
        record(actor=actor, now=now, action="client.separated", obj=card, changes=changes)
    events = [ClientsSeparated(merge.pk, kept.pk, back.pk)]
    publish_all(
        [*events, *(event(pk) for pk in both for event in (ClientChanged, ContactabilityChanged))], now=now
    )
    return back
