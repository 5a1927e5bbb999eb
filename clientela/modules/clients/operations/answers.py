"""What a client told about themselves: the newest answer counts, the older ones are history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.modules.clients.events import ClientChanged
from clientela.modules.clients.models import Client, ProfileAnswer
from clientela.modules.clients.queries import newest_answers, require


@dataclass(frozen=True, slots=True)
class Said:
    """An answer to a question; ``value`` is clean already."""

    key: str
    label: str
    label_en: str
    kind: str
    value: str
    unit: str = ""


@transaction.atomic
def keep_answers(
    *, actor: Any, now: datetime, client: Client, answers: Sequence[Said], source: str = ""
) -> list[ProfileAnswer]:
    """Keep what is new; the same answer once more changes nothing. Raises PermissionDenied."""
    require(actor, "clients.write", client.pk)
    known = {one.key: one for one in newest_answers(client.pk)}
    fresh = [one for one in answers if one.key not in known or known[one.key].value != one.value]
    rows = ProfileAnswer.objects.bulk_create(
        [
            ProfileAnswer(
                client=client, key=one.key, label=one.label[:120], label_en=one.label_en[:120], kind=one.kind,
                value=one.value[:200], unit=one.unit[:20], source=source[:120], answered_at=now, answered_by=actor,
            )
            for one in fresh
        ]
    )  # fmt: skip
    if rows:
        changes = {row.label: [known[row.key].value if row.key in known else None, row.value] for row in rows}
        record(actor=actor, now=now, action="client.answered", obj=client, changes=changes, reason=source)
        publish(ClientChanged(client.pk), now=now)
    return rows
