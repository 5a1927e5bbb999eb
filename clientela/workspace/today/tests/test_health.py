"""How the system is, for administrators and auditors."""

from datetime import timedelta

from clientela.foundation.jobs.models import Job
from clientela.foundation.outbox.models import Delivery, Event
from clientela.modules.renewals.operations.planning import plan_day
from clientela.workspace.today.tests.conftest import TODAY
from clientela.workspace.today.tests.helpers import plain


def test_an_administrator_sees_how_the_system_is(sign_in, administrator, auditor, now, day):
    Job.objects.create(
        kind="renewals.plan",
        title="Plan the day",
        state="failed",
        error="disk full",
        created_at=now,
        not_before=now,
    )
    Delivery.objects.all().delete()  # what the day itself set off
    event = Event.objects.create(name="renewals.DayPlanned", payload={}, at=now - timedelta(minutes=30))
    Delivery.objects.create(event=event, handler="a.b", state="failed", error="boom", next_attempt_at=now)
    Delivery.objects.create(event=event, handler="c.d", state="pending", next_attempt_at=now)

    for person in (administrator, auditor):
        shown = plain(sign_in(person).get("/"))
        assert "Сорвались задания, 7 дней 1" in shown
        assert "Не доставлены события 1" in shown
        assert "События в пути 1" in shown
        assert "похоже, обработчик не работает" in shown
        assert "disk full" in shown
        assert "boom" in shown
        assert "Валиев" not in shown


def test_a_planned_day_is_told(sign_in, administrator, now, db):
    plan_day(day=TODAY, now=now)

    assert "Запланировано сегодня 0" in plain(sign_in(administrator).get("/"))
