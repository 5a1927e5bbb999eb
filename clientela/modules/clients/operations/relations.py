"""Whom a client is tied to, what the family has besides our policies, what happens in its life."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish, publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.events import ClientChanged, LifeEventNoted
from clientela.modules.clients.models import Belonging, Client, LifeEvent, NotRelated, Relation
from clientela.modules.clients.operations.merge_log import RowLog
from clientela.modules.clients.operations.merging import MergePart
from clientela.modules.clients.queries import require
from clientela.modules.clients.rules import FAMILY, kept_as, same_tie

MOST = 100


class WrongRelation(Refusal):
    """These two cannot be tied so."""

    field = "kind"

    def __init__(self, message: Any, field: str = "kind") -> None:
        super().__init__(str(message))
        self.message, self.field = message, field


@transaction.atomic
def relate(
    *, actor: Any, now: datetime, client: Client, kind: str, other: Client | None = None, name: str = "",
    birth_date: date | None = None, birth_year: int | None = None, since: date | None = None, until: date | None = None,
    note: str = "", source: str = "",
) -> Relation:  # fmt: skip
    """Say that ``other``, or a person called ``name`` who is no client yet, is ``kind`` to ``client``.

    Nobody gets to see another card by it. Raises ``WrongRelation``, ``NotAllowed``.
    """
    require(actor, Permission.CLIENTS_WRITE, client.pk)
    name = name.strip()
    if (other is None) == (not name):
        raise WrongRelation(_("Name a client or a person who is none yet."), "other")
    if since and until and until < since:
        raise WrongRelation(_("It cannot end before it begins."), "until")
    if Relation.objects.filter(client=client).count() >= MOST:
        raise WrongRelation(_("A card has no more than a hundred relations."))
    values: dict[str, Any] = {
        "since": since,
        "until": until,
        "note": note.strip()[:200],
        "source": source[:60],
    }
    if other is None:
        if birth_date:
            birth_year = birth_date.year
        values |= {"name": name[:200], "birth_date": birth_date, "birth_year": birth_year}
        row = Relation.objects.create(client=client, kind=kind, created_at=now, created_by=actor, **values)
    else:
        require(actor, Permission.CLIENTS_READ, other.pk)
        _fit(client, kind, other)
        one, kept, two = kept_as(client.pk, kind, other.pk)
        row = Relation.objects.create(
            client_id=one, kind=kept, other_id=two, created_at=now, created_by=actor, **values
        )
    _note(row, "client.related", actor=actor, now=now, client=client, kind=kind, other=other)
    return row


def _fit(client: Client, kind: str, other: Client) -> None:
    """Two who wait for each other here cannot both write the same tie."""
    list(Client.objects.select_for_update().filter(pk__in=[client.pk, other.pk]).order_by("pk").values("pk"))
    if client.pk == other.pk:
        raise WrongRelation(_("Nobody is related to themselves."), "other")
    if kind in FAMILY and Client.Kind.COMPANY in (client.kind, other.kind):
        raise WrongRelation(_("A company has no family."))
    between = Relation.objects.filter(
        client__in=[client.pk, other.pk], other__in=[client.pk, other.pk]
    ).values_list("client", "kind", "other")
    known = {same_tie(*row) for row in between}
    if same_tie(client.pk, kind, other.pk) in known:
        raise WrongRelation(_("They are tied so already."))
    if kind in FAMILY and any(tie[1] in FAMILY for tie in known):
        raise WrongRelation(_("They are family to each other already, in another way: take that away first."))


@transaction.atomic
def unrelate(*, actor: Any, now: datetime, relation: Relation) -> None:
    """Take a tie away; either side may."""
    sides = [pk for pk in (relation.client_id, relation.other_id) if pk]
    seen = Client.objects.visible_to(actor).filter(pk__in=sides).first() if actor is not None else None
    client = seen or relation.client
    require(actor, Permission.CLIENTS_WRITE, client.pk)
    other = next((one for one in (relation.client, relation.other) if one and one.pk != client.pk), None)
    _note(relation, "client.unrelated", actor=actor, now=now, client=client, kind=relation.kind, other=other)
    relation.delete()


@transaction.atomic
def make_client(*, actor: Any, now: datetime, relation: Relation, other: Client) -> Relation:
    """A person known by name is this client now: the tie stays, between two cards."""
    require(actor, Permission.CLIENTS_WRITE, relation.client_id)
    if relation.other_id is not None:
        raise WrongRelation(_("This one is a client already."), "other")
    values = {name: getattr(relation, name) for name in ("kind", "since", "until", "note", "source")}
    client = relation.client
    relation.delete()
    return relate(actor=actor, now=now, client=client, other=other, **values)


def _note(
    row: Relation, action: str, *, actor: Any, now: datetime, client: Client, kind: str, other: Client | None
) -> None:
    """Each card's journal has it. Numbers of cards, not names: who reads the one may not see the other."""
    who = other.pk if other else row.name
    told: dict[str, list[Any]] = {"relation": [None, kind], "other_card" if other else "name": [None, who]}
    if action == "client.unrelated":
        told = {key: pair[::-1] for key, pair in told.items()}
    record(actor=actor, now=now, action=action, obj=client, changes=told, reason=row.note)
    publish_all([ClientChanged(pk) for pk in (client.pk, other.pk if other else None) if pk], now=now)


@transaction.atomic
def add_belonging(
    *, actor: Any, now: datetime, client: Client, kind: str, title: str, insured_until: date | None = None,
    note: str = "",
) -> Belonging:  # fmt: skip
    """A thing that we do not insure yet."""
    require(actor, Permission.CLIENTS_WRITE, client.pk)
    row = Belonging.objects.create(
        client=client, kind=kind, title=title.strip()[:200], insured_until=insured_until, note=note.strip()[:200],
        created_at=now, created_by=actor,
    )  # fmt: skip
    changes = {"belonging": [None, row.title]}
    record(actor=actor, now=now, action="client.belonging_added", obj=client, changes=changes)
    publish(ClientChanged(client.pk), now=now)
    return row


@transaction.atomic
def remove_belonging(*, actor: Any, now: datetime, belonging: Belonging) -> None:
    require(actor, Permission.CLIENTS_WRITE, belonging.client_id)
    client, changes = belonging.client, {"belonging": [belonging.title, None]}
    belonging.delete()
    record(actor=actor, now=now, action="client.belonging_removed", obj=client, changes=changes)
    publish(ClientChanged(client.pk), now=now)


@transaction.atomic
def note_life_event(
    *, actor: Any, now: datetime, client: Client, kind: str, on: date, remind_on: date | None = None, note: str = "",
    source: str = "",
) -> LifeEvent:  # fmt: skip
    """A wedding, a child, a car …; with ``remind_on`` it stands among that day's calls of the client's agent."""
    require(actor, Permission.CLIENTS_WRITE, client.pk)
    row = LifeEvent.objects.create(
        client=client, kind=kind, on=on, remind_on=remind_on, note=note.strip()[:200], source=source[:60],
        created_at=now, created_by=actor,
    )  # fmt: skip
    changes = {"life_event": [None, kind], "on": [None, on]}
    record(actor=actor, now=now, action="client.life_event", obj=client, changes=changes, reason=row.note)
    publish_all([ClientChanged(client.pk), LifeEventNoted(row.pk, client.pk, kind, on.isoformat())], now=now)
    return row


@transaction.atomic
def close_life_event(*, actor: Any, now: datetime, event: LifeEvent, result: str = "") -> LifeEvent:
    """It was spoken about: no reminder any more."""
    require(actor, Permission.CLIENTS_WRITE, event.client_id)
    row = LifeEvent.objects.select_for_update().get(pk=event.pk)
    if row.done_at is None:
        row.done_at, row.done_by, row.result = now, actor, result.strip()[:200]
        row.save(update_fields=["done_at", "done_by", "result"])
        changes = {"life_event": [None, row.kind]}
        record(actor=actor, now=now, action="client.life_event_done", obj=row.client, changes=changes, reason=row.result)  # fmt: skip
        publish(ClientChanged(row.client_id), now=now)
    return row


class Households(MergePart):
    """Ties of cards that become one: none to itself, none twice; each comes back when the cards part."""

    def merging(self, log: RowLog, *, kept: int, gone: int, now: datetime) -> None:
        both = (kept, gone)
        rows = [
            *Relation.objects.filter(client__in=both, other__isnull=False),
            *Relation.objects.filter(other__in=both).exclude(client__in=both),
        ]
        own = sorted(rows, key=lambda row: (gone in (row.client_id, row.other_id), row.pk))
        seen: dict[tuple[int, str, int], int] = {}
        for row in own:
            assert row.other_id is not None
            one, two = (kept if pk == gone else pk for pk in (row.client_id, row.other_id))
            tie = same_tie(one, row.kind, two)
            if one == two or tie in seen:
                log.remove(row, seen.get(tie))
            else:
                seen[tie] = row.pk
        self._not_related(log, kept=kept, gone=gone)

    def _not_related(self, log: RowLog, *, kept: int, gone: int) -> None:
        both = (kept, gone)
        seen: dict[frozenset[int], int] = {}
        for row in NotRelated.objects.filter(Q(client__in=both) | Q(other__in=both)).order_by("pk"):
            pair = frozenset(kept if pk == gone else pk for pk in (row.client_id, row.other_id))
            if len(pair) == 1 or pair in seen:
                log.remove(row, seen.get(pair))
            else:
                seen[pair] = row.pk
