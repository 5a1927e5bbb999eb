"""Claiming work: one conditional UPDATE takes a batch, a lease gives it back if the worker dies.

The same three columns are used by every queue of the product: ``state``, ``claimed_by``, ``lease_until``.
"""

import os
import socket
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models


def worker_name() -> str:
    """Unique to this process; shown in the job monitor."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"


class Claimable(models.Model):
    """Columns that let a row be taken by one worker at a time."""

    claimed_by = models.CharField(max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


def claim(
    ready: "models.QuerySet[Any]", *, to_state: str, worker: str, now: datetime, lease: timedelta, limit: int
) -> list[int]:
    """Take up to ``limit`` rows of ``ready`` for ``worker`` and return their ids in order.

    ``ready`` must be filtered and ordered by the caller. Two workers never get the same row: PostgreSQL skips
    locked rows, SQLite has one writer at a time, and the outer condition is evaluated again under the lock.
    """
    table = connection.ops.quote_name(ready.model._meta.db_table)
    chosen, params = ready.values("pk")[:limit].query.sql_with_params()
    picked = f"IN ({chosen})"
    if connection.vendor == "postgresql":
        # As a joined query it may run once for each row, and each run skips what the runs before it took.
        picked = f"= ANY(ARRAY({chosen} FOR NO KEY UPDATE SKIP LOCKED))"
    statement = (
        f"UPDATE {table} SET state = %s, claimed_by = %s, lease_until = %s WHERE id {picked} RETURNING id"
    )
    until = connection.ops.adapt_datetimefield_value(now + lease)
    with connection.cursor() as cursor:
        cursor.execute(statement, [to_state, worker, until, *params])
        return sorted(row[0] for row in cursor.fetchall())


def one_at_a_time(name: str) -> None:
    """Wait until no other transaction holds ``name``; held to the end of the current transaction.

    SQLite has one writer at a time already.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a name is held inside a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def first_at(name: str) -> bool:
    """Take ``name`` to the end of the current transaction, without waiting; False when another one holds it."""
    if connection.vendor != "postgresql":  # one writer at a time already
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
