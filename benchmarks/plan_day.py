"""Planning one day: seconds, touches a second, and the ratio to a bare hand-written INSERT … SELECT.

``CLIENTELA_DATABASE_URL=… python -m benchmarks.plan_day --clients 1000000``
"""

import argparse
import time
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from benchmarks import base
from clientela.modules.renewals.models import PlanDay, Renewal, Touch
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.terms import open_terms

TODAY = date(2026, 11, 18)


def bare(day: date) -> tuple[int, float]:
    """The same rows by one statement written by hand for this very schedule; undone afterwards."""
    pg = connection.vendor == "postgresql"
    days_left = "(r.end_date - %s::date)" if pg else "CAST(julianday(r.end_date) - julianday(%s) AS integer)"
    reach = "(r.reach & s.bit)"
    steps = """
      SELECT 1 AS n, 'kasko' AS line, 45 AS day, 45 AS last, 'sms' AS channel, 1 AS bit, 0 AS centre UNION ALL
      SELECT 2, 'kasko', 5, 5, 'sms', 1, -1 UNION ALL SELECT 3, 'osago', 30, 30, 'sms', 1, -2 UNION ALL
      SELECT 4, 'osago', 5, 5, 'sms', 1, -1 UNION ALL SELECT 5, 'property', 30, 30, 'sms', 1, 0 UNION ALL
      SELECT 6, 'mortgage', 30, 30, 'sms', 1, -3 UNION ALL SELECT 7, 'mortgage', 45, 45, 'sms', 1, -4 UNION ALL
      SELECT 8, 'mortgage', 5, 5, 'sms', 1, 0 UNION ALL
      SELECT 9 + c.k, l.line, c.day, c.last, c.channel, c.bit, 1 FROM
        (SELECT 0 AS k, 30 AS day, 30 AS last, 'email' AS channel, 2 AS bit UNION ALL SELECT 1, 30, 30, 'vk', 4 UNION ALL
         SELECT 2, 30, 30, 'sms', 1 UNION ALL SELECT 3, 29, 17, 'robot', 8 UNION ALL SELECT 4, 17, 17, 'email', 2 UNION ALL
         SELECT 5, 17, 1, 'operator', 8 UNION ALL SELECT 6, 5, 5, 'sms', 1) c,
        (SELECT 'kasko' AS line UNION ALL SELECT 'osago') l"""
    sql = f"""
      INSERT INTO renewals_touch (renewal_id, step_key, term_end, day, channel, due_on, due_at, state, reason,
        reason_detail, verdict, created_at, claimed_by)
      SELECT r.id, 'bare' || s.n, r.end_date, s.day, s.channel, {"%s::date" if pg else "%s"}, {"%s::timestamptz" if pg else "%s"},
        CASE WHEN r.paid_at IS NOT NULL OR r.in_dispute OR r.do_not_contact OR {reach} = 0 THEN 'dropped' ELSE 'planned' END,
        CASE WHEN r.paid_at IS NOT NULL THEN 'paid' WHEN r.in_dispute THEN 'in_dispute'
          WHEN r.do_not_contact THEN 'do_not_contact' WHEN {reach} = 0 THEN 'no_channel' ELSE '' END,
        '', '{{}}', {"%s::timestamptz" if pg else "%s"}, ''
      FROM ({steps}) s
      JOIN renewals_renewal r ON r.line = s.line AND {days_left} = s.day
        AND r.end_date BETWEEN %s AND %s
        AND CASE s.centre WHEN 1 THEN r.centre_id IS NOT NULL WHEN -1 THEN r.centre_id IS NULL
          WHEN -2 THEN r.centre_id IS NULL AND r.renewal_year = 1 WHEN -3 THEN r.bank_id IS NULL
          WHEN -4 THEN r.bank_id IS NOT NULL ELSE r.id > 0 END
      WHERE r.id > 0
      ON CONFLICT DO NOTHING"""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with transaction.atomic():
        point = transaction.savepoint()
        with connection.cursor() as cursor:
            began = time.perf_counter()
            cursor.execute(sql, [day, now, now, day, day + timedelta(days=1), day + timedelta(days=45)])
            rows = cursor.rowcount
            if pg:  # what a commit would check
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            seconds = time.perf_counter() - began
        transaction.savepoint_rollback(point)
    return rows, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=10_000)
    options = parser.parse_args()
    base.ready(options.clients, TODAY)
    Touch.objects.all().delete()
    PlanDay.objects.all().delete()
    began = time.perf_counter()
    opened = open_terms(day=TODAY, now=timezone.now())
    if opened:
        print(f"expiring terms found: {opened:,} in {time.perf_counter() - began:.2f} s (60 days at once)")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE renewals_renewal")
    plan_day(day=TODAY, now=timezone.now())  # the first day takes in everybody who is inside a period
    day = TODAY + timedelta(days=1)
    runs = sorted(bare(day)[::-1] for _ in range(3))
    reference, bare_rows = runs[1]
    began = time.perf_counter()
    planned = plan_day(day=day, now=timezone.now()).planned
    spent = time.perf_counter() - began
    before = Touch.objects.count()
    began = time.perf_counter()
    plan_day(day=day, now=timezone.now())
    again = time.perf_counter() - began
    print(
        f"{connection.vendor}, {options.clients:,} clients, {Renewal.objects.count():,} open terms: one day "
        f"{spent:.3f} s, {planned:,} touches, {planned / spent:,.0f}/s; repeat {again:.3f} s, "
        f"{Touch.objects.count() - before} new"
    )
    print(
        f"bare INSERT … SELECT {reference:.3f} s, {bare_rows:,} rows, {bare_rows / reference:,.0f}/s; "
        f"ratio of time {spent / reference:.2f}, a touch {(spent / max(planned, 1)) / (reference / max(bare_rows, 1)):.2f}"
    )


if __name__ == "__main__":
    main()
