"""One timeline of a client: every source in one statement, newest first, paged by key."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from clientela.workspace.clients.queries.document import moment
from clientela.workspace.clients.queries.sources import Source, all_sources

PAGE = 30
FILTERS: dict[str, tuple[str, ...]] = {
    "talk": ("message", "signal", "call", "robot", "note", "complaint", "touch"),
    "contracts": ("policy", "cancelled", "quote", "project", "contract", "renewal", "signature", "delivery"),
    "payments": ("payment",),
    "claims": ("claim", "dispute"),
    "data": ("data",),
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened: its moment, its kind, the id of its row, and what the texts need."""

    at: datetime
    kind: str
    ref: int
    data: dict[str, Any]

    @property
    def cursor(self) -> str:
        text = json.dumps([self.at.isoformat(), self.kind, self.ref], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Place:
    """A place in the timeline, from a cursor."""

    at: datetime
    kind: str
    ref: int


@dataclass(frozen=True)
class Page:
    """Entries, newest first, and the cursor of the next page (empty at the end)."""

    entries: list[Entry]
    after: str = ""


def read_cursor(cursor: str) -> Place | None:
    """The place a cursor names; None for anything that is no cursor."""
    if not cursor or len(cursor) > 200:
        return None
    try:
        at, kind, ref = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = datetime.fromisoformat(at)
        return Place(place, str(kind), int(ref)) if place.tzinfo else None
    except (ValueError, TypeError):
        return None


def timeline(
    client_id: int,
    *,
    wanted: str = "",
    until: datetime | None = None,
    after: str = "",
    since: str = "",
    size: int = PAGE,
) -> Page:
    """A page of the timeline. The caller has made sure that the client may be seen.

    ``wanted`` is a key of FILTERS or empty for all; ``until`` freezes the timeline at a moment; ``after`` is
    the cursor of the page before; ``since`` gives instead everything not older than that cursor (up to 200).
    """
    kinds = FILTERS.get(wanted)
    sources = [source for source in all_sources() if kinds is None or source.kind in kinds]
    place, floor = read_cursor(after), read_cursor(since)
    limit = 200 if floor else size + 1
    sql, params = _union(sources, client_id, until, place, floor, limit)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = [_entry(*row) for row in cursor.fetchall()]
    if floor:
        return Page(found, after=since if len(found) < limit else "")
    more = len(found) > size
    entries = found[:size]
    return Page(entries, after=entries[-1].cursor if more else "")


def _union(
    sources: Sequence[Source], client_id: int, until: datetime | None, place: Place | None, floor: Place | None,
    limit: int,
) -> tuple[str, list[Any]]:  # fmt: skip
    parts: list[str] = []
    params: list[Any] = []
    for source in sources:
        conditions, values = _bounds(source, until, place, floor)
        where = " AND ".join([source.condition, *conditions])
        order = f"ORDER BY {source.at} DESC, {source.ref} DESC LIMIT {int(limit)}"
        inner = (
            f"SELECT {source.at} AS at, '{source.kind}' AS kind, {source.ref} AS ref, {source.json()} AS data "
            f"FROM {source.table} WHERE {where} {order}"
        )
        parts.append(f"SELECT * FROM ({inner}) s_{source.kind}")
        params += [client_id, *values]
    union = " UNION ALL ".join(parts)
    return (
        f"SELECT at, kind, ref, data FROM ({union}) e ORDER BY at DESC, kind, ref DESC LIMIT {int(limit)}",
        params,
    )


def _bounds(
    source: Source, until: datetime | None, place: Place | None, floor: Place | None
) -> tuple[list[str], list[Any]]:
    """Conditions on ``(at descending, kind, ref descending)`` for one source, whose kind is a constant."""
    conditions: list[str] = []
    values: list[Any] = []
    if until is not None:
        conditions.append(f"{source.at} <= %s")
        values.append(_moment(until))
    if place is not None:
        if source.kind == place.kind:
            conditions.append(f"({source.at} < %s OR ({source.at} = %s AND {source.ref} < %s))")
            values += [_moment(place.at), _moment(place.at), place.ref]
        else:
            conditions.append(f"{source.at} {'<=' if source.kind > place.kind else '<'} %s")
            values.append(_moment(place.at))
    if floor is not None:
        if source.kind == floor.kind:
            conditions.append(f"({source.at} > %s OR ({source.at} = %s AND {source.ref} >= %s))")
            values += [_moment(floor.at), _moment(floor.at), floor.ref]
        else:
            conditions.append(f"{source.at} {'>=' if source.kind < floor.kind else '>'} %s")
            values.append(_moment(floor.at))
    return conditions, values


def _moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _entry(at: Any, kind: str, ref: int, data: str) -> Entry:
    when = moment(at) if isinstance(at, str) else at
    return Entry(when.astimezone(UTC), kind, ref, json.loads(data, parse_float=Decimal))
