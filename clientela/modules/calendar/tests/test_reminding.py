"""Reminders: when, of what, and once."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from clientela.foundation.outbox.models import Event as Published
from clientela.foundation.push.models import Alert
from clientela.modules.calendar.models import Letter, Reminder, Rule
from clientela.modules.calendar.operations import answer_invitation, move_event, remove_event
from clientela.modules.calendar.operations.reminding import send_reminders, take_notices
from clientela.modules.calendar.operations.settings import BadReminder, add_rule
from clientela.modules.calendar.ports import Guest

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Any:
    """``run(at)``: what is reminded of at that moment, by person."""

    def look(at: datetime) -> list[str]:
        before = set(Reminder.objects.values_list("id", flat=True))
        send_reminders(now=at)
        fresh = Reminder.objects.exclude(id__in=before).order_by("id").select_related("person")
        return [f"{row.person.first_name}: {row.text}" for row in fresh]

    return look


def test_an_hour_before_and_two_before_a_visit(plan, run, anna, now) -> None:
    """The event stands at 14:00; a rule for visits takes the place of the general one."""
    call = plan(anna, title="Созвон", kind="call", place="Zoom")
    plan(anna, title="Выезд", kind="visit")
    start = call.starts_at
    assert run(start - timedelta(minutes=121)) == []
    assert run(start - timedelta(minutes=120)) == ["Анна: Скоро: 14:00 Выезд"]
    assert run(start - timedelta(minutes=60)) == ["Анна: Скоро: 14:00 Созвон"]
    assert run(start - timedelta(minutes=30)) == []
    alerts = Alert.objects.filter(user=anna, topic="reminder").order_by("id")
    assert [(row.title, row.body, row.url) for row in alerts] == [
        ("Скоро: 14:00 Выезд", "", "/calendar/"), ("Скоро: 14:00 Созвон", "Zoom", "/calendar/"),
    ]  # fmt: skip


def test_every_occurrence_is_reminded_of(plan, run, anna) -> None:
    event = plan(anna, title="Планёрка", rrule="FREQ=DAILY")
    for day in range(3):
        at = event.starts_at + timedelta(days=day)
        assert run(at - timedelta(minutes=59)) == ["Анна: Скоро: 14:00 Планёрка"]
        assert run(at + timedelta(minutes=1)) == []


def test_who_will_come_is_reminded_and_a_new_time_anew(plan, run, anna, lilia, boris, now) -> None:
    """Борис lives an hour ahead; who said no is left in peace."""
    event = plan(anna, guests=(Guest(person_id=lilia.pk), Guest(person_id=boris.pk)))
    answer_invitation(actor=lilia, now=now, event=event, answer="no")
    start = event.starts_at
    assert sorted(run(start - timedelta(minutes=50))) == [
        "Анна: Скоро: 14:00 Осмотр машины", "Борис: Скоро: 15:00 Осмотр машины",
    ]  # fmt: skip
    later = start + timedelta(hours=4)
    move_event(actor=anna, now=start - timedelta(minutes=40), event=event, starts_at=later,
               ends_at=later + timedelta(hours=1), all_day=False)  # fmt: skip
    assert sorted(run(later - timedelta(minutes=60))) == [
        "Анна: Скоро: 18:00 Осмотр машины", "Борис: Скоро: 19:00 Осмотр машины", "Лилия: Скоро: 18:00 Осмотр машины",
    ]  # fmt: skip
    remove_event(actor=anna, now=later - timedelta(minutes=55), event=event)
    assert run(later - timedelta(minutes=50)) == []


def test_what_is_planned_at_the_last_moment_is_not_reminded_of_at_once(plan, run, anna, now) -> None:
    event = plan(anna, starts_at=now + timedelta(minutes=38))
    assert run(now + timedelta(minutes=19)) == []
    assert run(event.starts_at) == []


def test_the_day_and_the_week_begin_on_the_persons_clock(plan, run, anna, boris, now) -> None:
    """Monday the 23rd: at 7:45 in Moscow it is 8:45 in Ульяновск."""
    monday = now.replace(hour=9, minute=0) + timedelta(days=5)
    for person in (anna, boris):
        plan(person, title="Планёрка", starts_at=monday.replace(hour=12))
        plan(person, title="Итоги", starts_at=monday.replace(hour=12) + timedelta(days=4))
    assert run(monday - timedelta(days=2)) == []
    assert run(monday.replace(hour=7, minute=45)) == ["Борис: Сегодня: 1 событие. 13:00 Планёрка"]
    assert sorted(run(monday)) == [
        "Анна: На этой неделе: 2 события. 23.11 12:00 Планёрка",
        "Анна: Сегодня: 1 событие. 12:00 Планёрка",
        "Борис: На этой неделе: 2 события. 23.11 13:00 Планёрка",
    ]
    assert run(monday + timedelta(minutes=5)) == []
    letter = Letter.objects.get(address=anna.email)
    assert letter.text == "23.11 12:00 Планёрка\n27.11 12:00 Итоги"
    assert (letter.kind, letter.content) == ("REMINDER", "")


def test_nobody_is_reminded_of_an_empty_day_or_long_after(plan, run, anna, now) -> None:
    plan(anna)
    assert run(now.replace(hour=9)) == []  # Wednesday is empty
    thursday = now + timedelta(days=1)
    assert run(thursday.replace(hour=10, minute=50)) == []
    assert run(thursday.replace(hour=10, minute=44)) == ["Анна: Сегодня: 1 событие. 14:00 Осмотр машины"]


def test_own_rules(plan, run, anna, now) -> None:
    Rule.objects.all().delete()
    plan(anna)
    anna.reminder_rules.update(on=False)
    add_rule(actor=anna, now=now, when="before", minutes=15, by_email=True, by_page=False)
    start = plan(anna, title="Второе").starts_at
    assert run(start - timedelta(minutes=60)) == []
    assert len(run(start - timedelta(minutes=15))) == 2
    assert Letter.objects.filter(address=anna.email).count() == 2
    assert take_notices(anna, now=start) == []
    for values in ({"when": "before", "minutes": 1441}, {"when": "before"}, {"when": "day"}):
        with pytest.raises(BadReminder):
            add_rule(actor=anna, now=now, **values)
    assert add_rule(actor=anna, now=now, when="day", at=time(7)).minutes == 0


def test_the_page_shows_a_reminder_once(plan, run, anna) -> None:
    event = plan(anna, kind="call")
    anna.reminder_rules.update(by_push=False)
    run(event.starts_at - timedelta(minutes=60))
    shown = event.starts_at - timedelta(minutes=59)
    assert Published.objects.get(name="calendar.ReminderDue").topics == f"reminders:{anna.pk}"
    assert take_notices(anna, now=shown) == ["Скоро: 14:00 Осмотр машины"]
    assert take_notices(anna, now=shown) == []
