"""What people decide about a pair, and taking it back."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.models import Client, Merge
from clientela.modules.clients.operations.merging import CannotMerge, merge_clients, separate_clients
from clientela.modules.clients.queries import require
from clientela.modules.resolution.models import Pair

State = Pair.State


class AlreadyDecided(CannotMerge):
    """Somebody decided about this pair meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has decided about these cards already."))


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
        # Of three cards several pairs were made one by this merge: none of them holds any more.
        for pair in Pair.objects.select_for_update().filter(merge=row.merge):
            _decide(pair, State.OPEN, None, None)
        return
    for number in (row.low_card, row.high_card):
        require(actor, Permission.CLIENTS_MERGE, number)
    _decide(row, State.OPEN, None, None)
    for card in Client.objects.filter(pk__in=[row.low_card, row.high_card]):
        changes = {"card": [row.high_card if card.pk == row.low_card else row.low_card, None]}
        record(actor=actor, now=now, action="client.told_apart", obj=card, changes=changes)


def _decide(row: Pair, state: str, actor: Any, now: datetime | None, merge: Merge | None = None) -> None:
    row.state, row.decided_by, row.decided_at, row.merge = state, actor, now, merge
    row.left_to_people = row.left_to_people or state == State.OPEN
    row.save(update_fields=["state", "decided_by", "decided_at", "merge", "left_to_people"])
