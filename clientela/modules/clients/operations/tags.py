"""Tags, and the journal of who read a full card."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish, publish_all
from clientela.modules.clients.events import ClientChanged
from clientela.modules.clients.models import Client, Tag
from clientela.modules.clients.queries import require

LONGEST = 40


def _tags(names: Iterable[str]) -> list[Tag]:
    wanted = dict.fromkeys(" ".join(name.split())[:LONGEST] for name in names)
    wanted.pop("", None)
    known = {tag.name: tag for tag in Tag.objects.filter(name__in=list(wanted))}
    return [known.get(name) or Tag.objects.get_or_create(name=name)[0] for name in wanted]


@transaction.atomic
def set_tags(*, actor: Any, now: datetime, client: Client, names: Iterable[str]) -> list[Tag]:
    """Give the client exactly these tags."""
    require(actor, "clients.write", client.pk)
    before = sorted(client.tags.values_list("name", flat=True))
    tags = _tags(names)
    after = sorted(tag.name for tag in tags)
    if before == after:
        return tags
    client.tags.set(tags)
    changes = {"tags": [", ".join(before), ", ".join(after)]}
    record(actor=actor, now=now, action="client.tagged", obj=client, changes=changes)
    publish(ClientChanged(client.pk), now=now)
    return tags


@transaction.atomic
def add_tag_to_all(*, actor: Any, now: datetime, client_ids: Iterable[int], name: str) -> list[int]:
    """Put one tag on many clients in a few statements; returns the ids that did not have it.

    Clients outside the person's scope are left alone. One journal entry stands for the whole act.
    """
    require(actor, "clients.write")
    tags = _tags([name])
    if not tags:
        return []
    tag, through = tags[0], Client.tags.through
    visible = Client.objects.visible_to(actor).filter(pk__in=list(client_ids))
    fresh = list(visible.exclude(tags=tag).order_by("pk").values_list("pk", flat=True))
    through.objects.bulk_create(
        [through(client_id=pk, tag_id=tag.pk) for pk in fresh], ignore_conflicts=True, batch_size=1000
    )
    if fresh:
        changes = {"tag": [None, tag.name], "clients": [None, len(fresh)]}
        record(actor=actor, now=now, action="client.tagged_many", obj=tag, changes=changes)
        publish_all([ClientChanged(pk) for pk in fresh], now=now)
    return fresh


@transaction.atomic
def remove_tag_from_all(*, actor: Any, now: datetime, client_ids: Iterable[int], name: str) -> int:
    """Take one tag off many visible clients; returns how many had it."""
    require(actor, "clients.write")
    visible = Client.objects.visible_to(actor).filter(pk__in=list(client_ids), tags__name=name)
    ids = list(visible.values_list("pk", flat=True))
    Client.tags.through.objects.filter(client_id__in=ids, tag__name=name).delete()
    if ids:
        changes = {"tag": [name, None], "clients": [len(ids), None]}
        tag = Tag.objects.get(name=name)
        record(actor=actor, now=now, action="client.untagged_many", obj=tag, changes=changes)
        publish_all([ClientChanged(pk) for pk in ids], now=now)
    return len(ids)


def record_read(
    *, actor: Any, now: datetime, client: Client, address: str | None = None, part: str = ""
) -> None:
    """Journal that this person opened the full card, or had a hidden ``part`` (a document) shown."""
    action = f"client.read_{part}" if part else "client.read"
    record(actor=actor, now=now, action=action, obj=client, address=address)
