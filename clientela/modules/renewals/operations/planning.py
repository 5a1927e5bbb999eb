"""Planning a day: one set-based pass, safe to repeat and to run twice at once."""

import time
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from clientela.foundation.claims import one_at_a_time
from clientela.foundation.outbox.operations import publish
from clientela.modules.renewals.events import DayPlanned
from clientela.modules.renewals.models import PlanDay, Renewal
from clientela.modules.renewals.operations.terms import HORIZON_DAYS, open_terms
from clientela.modules.renewals.queries.planning import Slice, slices, steps_in_force
from clientela.modules.renewals.queries.splits import CATCH_UP_DAYS


def plan_day(*, day: date, now: datetime) -> PlanDay:
    """Find the expiring terms and plan the touches of ``day`` and of days missed before it.

    A touch is unique for a term, a step and an end date: whoever plans again, or at the same time, adds nothing.
    What holds a step back is stored with the touch, so that a person can read why nothing went.
    """
    began = time.perf_counter()
    with transaction.atomic():
        one_at_a_time("renewals.plan")
        before = PlanDay.objects.order_by("-day").first()
        opened = open_terms(day=day, now=now, first=_first_unsearched(before))
        newest = Renewal.objects.order_by("-id").values_list("id", flat=True).first() or 0
        first, seen = _first_unplanned(day), before.newest_term if before else 0
        steps = steps_in_force(day)
        planned = sum(
            _insert(part, day=day, now=now) for part in slices(steps, first=first, last=day, newer_than=seen)
        )
        record, _ = PlanDay.objects.get_or_create(day=day, defaults={"at": now})
        PlanDay.objects.filter(id=record.pk).update(
            opened=F("opened") + opened,
            planned=F("planned") + planned,
            runs=F("runs") + 1,
            newest_term=newest,
            seconds=round(time.perf_counter() - began, 3),
            at=now,
        )
        if opened or planned:
            publish(DayPlanned(day=day.isoformat(), planned=planned), now=now)
    record.refresh_from_db()
    return record


def _first_unsearched(before: PlanDay | None) -> date | None:
    """The first end date that no plan has searched for expiring terms yet.

    Policies that appear later with an earlier end are opened by the handlers of imports and issues.
    """
    return before.day + timedelta(days=HORIZON_DAYS + 1) if before else None


def _first_unplanned(day: date) -> date:
    """The day after the last planned one, not more than 30 days back; ``day`` itself on a fresh base."""
    last = PlanDay.objects.filter(day__lt=day).order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return day
    return min(day, max(last + timedelta(days=1), day - timedelta(days=CATCH_UP_DAYS)))


def _insert(part: Slice, *, day: date, now: datetime) -> int:
    inner = part.terms.values("id", "end_date", "moment", "reason")
    sql, params = inner.query.sql_with_params()
    stamp = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO renewals_touch (
              renewal_id, step_key, step_id, term_end, day, channel, due_on, due_at, state, reason,
              reason_detail, verdict, created_at, claimed_by)
            SELECT q.id, %s, %s, q.end_date, %s, %s, {_day()}, q.moment,
              CASE WHEN q.reason = '' THEN 'planned' ELSE 'dropped' END, q.reason, '', '{{}}', {_stamp()}, ''
            FROM ({sql}) q
            WHERE true
            ON CONFLICT (renewal_id, step_key, term_end) DO NOTHING
            """,
            [part.spec.key, part.step.pk, part.step.day, part.step.channel, day, stamp, *params],
        )
        return cursor.rowcount


def _day() -> str:
    return "%s::date" if connection.vendor == "postgresql" else "%s"


def _stamp() -> str:
    return "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
