"""Who may be given work now, and what waits: statements written once, that look only at what comes into question."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.db import connection

from clientela.foundation.dates import local_today
from clientela.modules.accounts.rules import Role
from clientela.modules.routing.desks import free_desks
from clientela.modules.routing.queries import COMPANY, SEEN_WITHIN, SERVING
from clientela.modules.routing.rules import Person, is_shared

_COMPANY_ROLES = sorted(f"'{role.value}'" for role in Role if SERVING.get(role) == COMPANY)


def free_people(
    *,
    now: datetime,
    queues: Collection[str],
    owners: Collection[int] = (),
    skills: Collection[str] = (),
    weight: int = 1,
    first: int = 0,
) -> list[Person]:
    """Who may be given work now: of these queues with all these ``skills``, and these owners.

    Free is who has declared to be available, is seen, is not absent on the company's date, and has room for ``weight``.
    ``first``: only so many, the owners and who comes first by the rule.
    """
    desks = [key for key in queues if is_shared(key)]
    sharing = free_desks(now=now, queues=desks, weight=weight) if desks else []
    places = sorted(key for key in queues if key != COMPANY and key not in desks)
    kinds = tuple(key.partition(":")[0] for key in places) + ((COMPANY,) if COMPANY in queues else ())
    if not kinds and not owners:
        return sharing
    values: list[Any] = [int(key.partition(":")[2]) for key in places]
    today = local_today(settings.TIME_ZONE, now).isoformat()
    values += [_list(owners), orjson.dumps(sorted(skills)).decode(), _list(owners)]
    values += [connection.ops.adapt_datetimefield_value(now - SEEN_WITHIN), weight]
    values += [*([_list(owners)] if first else []), today, today]
    with connection.cursor() as cursor:
        cursor.execute(_statement(kinds, first, connection.vendor), values)
        return sharing + _people(cursor.fetchall())


def _list(numbers: Collection[int]) -> str:
    document = orjson.dumps(list(numbers)).decode()
    return f"{{{document[1:-1]}}}" if connection.vendor == "postgresql" else document


_WHO = {
    "centre": "SELECT user_id FROM organisation_placement WHERE centre_id = %s",
    "branch": "SELECT user_id FROM organisation_placement WHERE branch_id = %s",
    COMPANY: f"SELECT id AS user_id FROM accounts_user WHERE role IN ({', '.join(_COMPANY_ROLES)})",
    "owners": "SELECT id AS user_id FROM accounts_user WHERE id IN {these}",
}


@cache
def _statement(kinds: tuple[str, ...], first: int, vendor: str) -> str:
    """Those who come into question are found through the index of places, then the rest is asked of each."""
    if vendor == "postgresql":
        these, able = "(SELECT unnest(%s::bigint[]))", "s.skills @> %s::jsonb"
    else:
        these = "(SELECT value FROM json_each(%s))"
        able = "NOT EXISTS (SELECT 1 FROM json_each(%s) w WHERE w.value NOT IN (SELECT value FROM json_each(s.skills)))"
    who = " UNION ".join(_WHO[kind] for kind in (*kinds, "owners")).format(these=these)
    # As an array the planner goes through the index of people; as a join it read all of them.
    among = f"= ANY(ARRAY({who}))" if vendor == "postgresql" else f"IN ({who})"
    order = f"ORDER BY s.user_id IN {these} DESC, s.load * 1.0 / s.capacity, s.idle_since LIMIT {first}"
    return f"""
        WITH near AS (
          SELECT s.* FROM routing_station s
          WHERE s.user_id {among} AND (s.serves AND {able} OR s.user_id IN {these})
            AND s.state = 'available' AND s.seen_at >= %s AND s.load + %s <= s.capacity
          {order if first else ""}
        )
        SELECT s.user_id, u.role, p.centre_id, p.branch_id, s.serves, s.capacity, s.load, s.idle_since, s.skills
        FROM near s JOIN accounts_user u ON u.id = s.user_id
          LEFT JOIN organisation_placement p ON p.user_id = s.user_id
        WHERE u.is_active AND NOT EXISTS (SELECT 1 FROM organisation_absence a
          WHERE a.person_id = s.user_id AND a.first_day <= %s AND a.last_day >= %s)"""


def _people(rows: Iterable[tuple[Any, ...]]) -> list[Person]:
    people = []
    known: dict[str, frozenset[str]] = {}
    for user, role, centre, branch, serves, capacity, load, idle, skills in rows:
        kind = SERVING.get(role, "") if serves else ""
        number = centre if kind == "centre" else branch
        queue = kind if kind == COMPANY else f"{kind}:{number}" if kind and number else ""
        if skills not in known:
            known[skills] = frozenset(orjson.loads(skills))
        people.append(Person(user, queue, capacity, load, _moment(idle), known[skills]))
    return people


def _moment(value: Any) -> Any:
    """A moment as the driver of SQLite gives it: in UTC without saying so."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


# id, kind, ref_id, media, due_at, and as JSON the skills it asks for and who let it pass.
Waiting = tuple[int, str, int, str, datetime | None, str, str]


def waiting_queues() -> set[str]:
    """Queues in which something waits: from one to the next through the index, however much waits in each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE found(queue) AS (
              SELECT MIN(queue) FROM routing_workitem WHERE state = 'waiting'
              UNION ALL
              SELECT (SELECT MIN(w.queue) FROM routing_workitem w WHERE w.state = 'waiting' AND w.queue > found.queue)
              FROM found WHERE found.queue IS NOT NULL
            )
            SELECT queue FROM found WHERE queue IS NOT NULL"""
        )
        return {row[0] for row in cursor.fetchall()}


def waiting_work(queue: str, offset: int, limit: int) -> list[Waiting]:
    """What waits in ``queue`` longest, by priority; held to the end of the transaction, what others hold left out."""
    lock = "FOR NO KEY UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id, kind, ref_id, media, due_at, skills, passed FROM routing_workitem
            WHERE state = 'waiting' AND queue = %s
            ORDER BY priority DESC, queued_at, id LIMIT %s OFFSET %s {lock}""",
            [queue, limit, offset],
        )
        rows: list[Waiting] = cursor.fetchall()
    if connection.vendor == "postgresql":
        return rows
    return [(*row[:4], _moment(row[4]), *row[5:]) for row in rows]
