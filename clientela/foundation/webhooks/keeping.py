"""Events kept for the addresses that want them."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from clientela.foundation.bulk import insert_rows
from clientela.foundation.webhooks.models import Delivery, Endpoint


def keep(rows: list[tuple[int, str, dict[str, Any]]], *, now: datetime) -> None:
    """Write a delivery of each event ``(id, name, payload)`` for each address that wants it.

    The outbox calls it in the transaction of the events: a delivery exists if and only if its event does.
    """
    wanted = [(pk, set(events)) for pk, events in Endpoint.objects.filter(off="").values_list("pk", "events")]
    insert_rows(
        Delivery,
        [
            fresh(endpoint_id, name, payload, now) | {"source_id": event_id}
            for event_id, name, payload in rows
            for endpoint_id, events in wanted
            if name in events
        ],
    )


def fresh(endpoint_id: int, name: str, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The row of a delivery that is still to go."""
    at = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "endpoint": endpoint_id,
        "source_id": None,
        "message_id": f"msg_{uuid.uuid4().hex}",
        "event": name,
        "body": json.dumps(
            {"type": name, "timestamp": at, "data": payload}, ensure_ascii=False, separators=(",", ":")
        ),
        "state": Delivery.State.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
        "claimed_by": "",
        "fault": "",
        "answer": "",
    }
