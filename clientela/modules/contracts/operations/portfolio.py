"""Facts of the portfolio kept on the client's card: policies and premium in force, next end, categories.

Set-based: a few statements for any number of clients. The limits are those of ``clients.rules``; a test
holds the statement and the rules together.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from clientela.foundation.dates import local_moment, local_today
from clientela.modules.clients import rules

BATCH = 20_000

_REFRESH = """
UPDATE clients_client SET
    policies_in_force = f.in_force,
    premium_in_force = f.premium_in_force,
    next_end_date = f.next_end,
    client_since = f.since,
    loyalty = f.loyalty,
    temperature = f.temperature,
    profitability = f.profitability
FROM (
    SELECT g.*,
        CASE WHEN g.loyalty <> 'prospect' THEN ''
             WHEN g.last_incoming >= %(hot)s THEN 'hot'
             WHEN g.last_end IS NOT NULL OR g.last_incoming >= %(warm)s THEN 'warm'
             ELSE 'cold' END AS temperature
    FROM (
        SELECT p.id, p.in_force, p.premium_in_force, p.next_end, p.since, p.last_end,
            CASE WHEN p.in_force = 0 AND (p.last_end IS NULL OR p.last_end < %(gone)s) THEN 'prospect'
                 WHEN p.in_force = 0 THEN 'occasional'
                 WHEN p.first_start <= %(loyal_alone)s
                      OR (p.first_start <= %(loyal)s AND p.in_force >= %(loyal_policies)s) THEN 'loyal'
                 WHEN p.first_start <= %(regular)s OR p.in_force >= %(regular_policies)s THEN 'regular'
                 ELSE 'occasional' END AS loyalty,
            CASE WHEN p.premium <= 0 THEN ''
                 WHEN p.loss_paid > p.premium * %(loss_limit)s THEN 'unprofitable'
                 ELSE 'profitable' END AS profitability,
            CASE WHEN p.in_force = 0 AND (p.last_end IS NULL OR p.last_end < %(gone)s) THEN
                 (SELECT MAX(m.created_at) FROM contacts_message m
                  WHERE m.client_id = p.id AND m.direction = 'in' AND m.created_at >= %(warm)s) END AS last_incoming
        FROM (
            SELECT k.id,
                COUNT(CASE WHEN {force} THEN 1 END) AS in_force,
                COALESCE(SUM(CASE WHEN {force} THEN p.premium END), 0) AS premium_in_force,
                MIN(CASE WHEN {force} THEN p.end_date END) AS next_end,
                MIN(p.start_date) AS first_start,
                CASE WHEN k.client_since <= COALESCE(MIN(p.start_date), k.client_since) THEN k.client_since
                     ELSE MIN(p.start_date) END AS since,
                MAX(COALESCE(p.cancelled_on, p.end_date)) AS last_end,
                COALESCE(SUM(p.premium), 0) AS premium,
                COALESCE(SUM(p.loss_paid), 0) AS loss_paid
            FROM clients_client k LEFT JOIN contracts_policy p ON p.client_id = k.id
            WHERE {chosen}
            GROUP BY k.id
        ) p
    ) g
) f
WHERE f.id = clients_client.id AND (
    clients_client.policies_in_force <> f.in_force
    OR clients_client.premium_in_force <> {premium}
    OR clients_client.next_end_date IS DISTINCT FROM f.next_end
    OR clients_client.client_since IS DISTINCT FROM f.since
    OR clients_client.loyalty <> f.loyalty
    OR clients_client.temperature <> f.temperature
    OR clients_client.profitability <> f.profitability
)
"""
_IN_FORCE = "p.status = 'issued' AND p.start_date <= %(today)s AND p.end_date >= %(today)s"


def _limits(today: date) -> dict[str, Any]:
    moment = connection.ops.adapt_datetimefield_value
    days = {
        "today": today,
        "gone": today - timedelta(days=rules.GONE_AFTER_DAYS),
        "loyal_alone": rules.boundary(today, rules.LOYAL_ALONE_YEARS),
        "loyal": rules.boundary(today, rules.LOYAL_YEARS),
        "regular": rules.boundary(today, rules.REGULAR_YEARS),
    }
    limit = rules.LOSS_RATIO_LIMIT
    midnight = local_moment(today, time.min, settings.TIME_ZONE)
    return {name: connection.ops.adapt_datefield_value(day) for name, day in days.items()} | {
        "hot": moment(midnight - timedelta(days=rules.HOT_DAYS)),
        "warm": moment(midnight - timedelta(days=rules.WARM_DAYS)),
        "loyal_policies": rules.LOYAL_POLICIES,
        "regular_policies": rules.REGULAR_POLICIES,
        "loss_limit": limit if connection.vendor == "postgresql" else float(limit),
    }


def _chunks(client_ids: Iterable[int] | None, between: tuple[int, int] | None) -> Iterator[str]:
    if between is not None:
        yield f"k.id BETWEEN {int(between[0])} AND {int(between[1])}"
        return
    if client_ids is None:
        yield "TRUE"
        return
    ids = sorted({int(pk) for pk in client_ids})
    for start in range(0, len(ids), BATCH):
        yield f"k.id IN ({', '.join(map(str, ids[start : start + BATCH]))})"


@transaction.atomic
def refresh_portfolio_facts(
    *, now: datetime, client_ids: Iterable[int] | None = None, between: tuple[int, int] | None = None
) -> int:
    """Bring the portfolio facts of these clients, between these ids, or of all, up to ``now``; returns how many changed.

    Only rows that differ are written, so repeating it is cheap. Run it for all once a day: cover begins and
    ends without an event.
    """
    limits = _limits(local_today(settings.TIME_ZONE, now))
    numeric = "f.premium_in_force" if connection.vendor == "postgresql" else "ROUND(f.premium_in_force, 2)"
    written = 0
    for chosen in _chunks(client_ids, between):
        statement = _REFRESH.format(force=_IN_FORCE, chosen=chosen, premium=numeric)
        if connection.vendor == "sqlite":
            statement = statement.replace("IS DISTINCT FROM", "IS NOT")
            statement = statement.replace("= f.premium_in_force,", "= ROUND(f.premium_in_force, 2),")
        with connection.cursor() as cursor:
            cursor.execute(statement, limits)
            written += cursor.rowcount
    return written


def refresh_client_facts(*, now: datetime, client_id: int) -> bool:
    """The same for one client; True when something changed."""
    return refresh_portfolio_facts(now=now, client_ids=[client_id]) == 1
