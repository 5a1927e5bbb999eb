"""A proposed relative is put aside, and taken back when that was wrong."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.events import ClientChanged
from clientela.modules.clients.models import Client, NotRelated
from clientela.modules.clients.queries import require


@transaction.atomic
def put_aside(*, actor: Any, now: datetime, client: Client, other: Client, aside: bool = True) -> None:
    """These two are no relatives: neither card proposes the other again, until ``aside`` False takes it back.

    Said twice it changes nothing. Raises ``NotAllowed``.
    """
    require(actor, Permission.CLIENTS_WRITE, client.pk)
    require(actor, Permission.CLIENTS_READ, other.pk)
    both = [client.pk, other.pk]
    # Two who wait for each other here cannot both say it.
    list(Client.objects.select_for_update().filter(pk__in=both).order_by("pk").values("pk"))
    known = NotRelated.objects.filter(Q(client=client, other=other) | Q(client=other, other=client))
    if client.pk == other.pk or known.exists() == aside:
        return
    if aside:
        NotRelated.objects.create(client=client, other=other, said_at=now, said_by=actor)
    else:
        known.delete()
    action = "client.relative_put_aside" if aside else "client.relative_taken_back"
    record(actor=actor, now=now, action=action, obj=client, changes={"other_card": [None, other.pk]})
    publish_all([ClientChanged(pk) for pk in both], now=now)
