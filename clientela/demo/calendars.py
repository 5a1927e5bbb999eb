"""A week in the calendars of the demo's people, around the day the demo is made."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from clientela.demo.signins import sign_ins
from clientela.foundation.dates import local_moment, local_today
from clientela.foundation.names import name_key
from clientela.modules.accounts.models import User
from clientela.modules.calendar.models import Attendee, Change, Event
from clientela.modules.calendar.operations.reminding import keep_for
from clientela.modules.calendar.queries.shown import span_of
from clientela.modules.calendar.rules import first_after, last_end
from clientela.modules.clients.models import Client

ANNA = "a.sokolova@prichal.example"
LILIA, PAVEL = "l.zakirova@prichal.example", "p.gromov@prichal.example"


class Plan(NamedTuple):
    """One event: day of the week from Monday, start and minutes, its words; ``client`` is a client's name."""

    day: int
    at: time
    minutes: int
    title: str
    kind: str = "other"
    place: str = ""
    client: str = ""
    guests: tuple[tuple[str, str], ...] = ()
    rule: str = ""


OF_ANNA = (
    Plan(0, time(9, 30), 30, "План недели", "meeting", rule="FREQ=WEEKLY"),
    Plan(0, time(11), 30, "Тихонова Марина", "call", client="Тихонова Марина Юрьевна"),
    Plan(0, time(14), 60, "Осмотр Haval Jolion", "visit", "Дорохов С. Г., Победы, 78"),
    Plan(0, time(17), 60, "Обзвон: норма ОСАГО", "call", "6 клиентов"),
    Plan(1, time(10), 30, "Миронов Алексей", "call", client="Миронов Алексей Борисович"),
    Plan(1, time(12), 60, "Обучение: тариф 13", "meeting", "запись в книге продаж"),
    Plan(1, time(15, 30), 60, "Проекты: Миронов, Орлова", "other", "без встреч"),
    Plan(2, time(11), 30, "Орлова Вера", "call", client="Орлова Вера Николаевна"),
    Plan(2, time(12, 30), 60, "Осмотр Geely Atlas", "visit", "Баумана, 44", "Кузьмин Андрей Павлович"),
    Plan(2, time(15), 45, "Подготовка: Волга-Транс", "other", guests=((PAVEL, "yes"),)),
    Plan(3, time(9, 30), 60, "Без встреч: проекты", "other", "5 расчётов"),
    Plan(3, time(12), 45, "Офис: Кравцова Дарья", "meeting", "Казань-Центр", "Кравцова Дарья Андреевна"),
    Plan(3, time(14), 90, "Волга-Транс: парк", "meeting", "Тэцевская, 12", guests=((PAVEL, "maybe"),)),
    Plan(4, time(10), 30, "Тихонова: оплата", "call", client="Тихонова Марина Юрьевна"),
    Plan(4, time(13), 60, "Автосалон № 4", "visit", "Юлия, партнёр"),
    Plan(4, time(17), 30, "Итоги недели", "other", rule="FREQ=WEEKLY"),
    Plan(5, time(11), 60, "Осмотр дома: Егоров К. Л.", "visit", "СНТ «Заря», 41"),
)
TO_ANNA = {
    LILIA: (
        Plan(3, time(14, 30), 60, "Осмотр дачи вместе", "visit", "Лаишево", guests=((ANNA, "waiting"),)),
    ),
    PAVEL: (
        Plan(3, time(17), 60, "Разбор разговоров", "meeting", guests=((ANNA, "waiting"), (LILIA, "yes"))),
        Plan(4, time(15), 60, "Тариф 13: вопросы", "meeting", guests=((ANNA, "waiting"), (LILIA, "maybe"))),
    ),
}
OF_OTHERS = (
    Plan(0, time(9), 45, "Планёрка", "meeting", rule="FREQ=WEEKLY;BYDAY=MO,WE"),
    Plan(1, time(11), 60, "Отчёт по возобновлению", "other", "без встреч"),
    Plan(3, time(15), 60, "Встреча с руководителями", "meeting", "Переговорная 2"),
    Plan(4, time(16), 60, "Итоги недели", "other"),
)


def write(now: datetime) -> int:
    """Calendars of the people who can sign in; returns how many events there are."""
    emails = {email for *_words, email in sign_ins()} | {ANNA, LILIA, PAVEL}
    people = {user.email: user for user in User.objects.filter(email__in=emails)}
    plans: dict[str, tuple[Plan, ...]] = dict.fromkeys(people, OF_OTHERS)
    plans[ANNA] = OF_ANNA
    for email, more in TO_ANNA.items():
        plans[email] = plans.get(email, ()) + more
    clients = {
        name: pk
        for name in {plan.client for plan in OF_ANNA if plan.client}
        if (pk := _client(name)) is not None
    }
    made: list[tuple[Event, Plan]] = []
    for owner, own in sorted(plans.items()):
        if owner in people:
            made += [(_event(people[owner], plan, clients, now), plan) for plan in own]
    Event.objects.bulk_create(event for event, _plan in made)
    Attendee.objects.bulk_create(
        Attendee(
            event=event, person=people[email], email=email, name=str(people[email]), answer=answer,
            answered_at=None if answer == "waiting" else now,
        )
        for event, plan in made for email, answer in plan.guests if email in people
    )  # fmt: skip
    Change.objects.bulk_create(
        Change(person_id=person, resource=event.resource)
        for event, plan in made
        for person in [
            event.organiser_id,
            *(people[email].pk for email, _a in plan.guests if email in people),
        ]
    )
    keep_for([user.pk for user in people.values()], now=now)
    return len(made)


def _client(name: str) -> int | None:
    rows = Client.objects.filter(name_key=name_key(name), agent__user__email=ANNA)
    return rows.order_by("id").values_list("id", flat=True).first()


def _event(person: User, plan: Plan, clients: dict[str, int], now: datetime) -> Event:
    today = local_today(person.time_zone, now)
    start = local_moment(_monday(today) + timedelta(days=plan.day), plan.at, person.time_zone)
    uid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{person.email} {plan.title} {start.isoformat()}"))
    values: dict[str, Any] = {
        "starts_at": start, "ends_at": start + timedelta(minutes=plan.minutes), "time_zone": person.time_zone,
        "rrule": plan.rule, "created_at": now, "updated_at": now, "timed_at": now.astimezone(UTC),
    }  # fmt: skip
    event = Event(
        organiser=person, uid=uid, resource=uid, kind=plan.kind, title=plan.title, place=plan.place,
        client_id=clients.get(plan.client), **values,
    )  # fmt: skip
    event.until_at, event.next_at = last_end(span_of(event)), first_after(span_of(event), now)
    return event


def _monday(day: date) -> date:
    """Of the week that a day belongs to; at the weekend people look at the next one."""
    return (
        day - timedelta(days=day.weekday()) if day.weekday() < 5 else day + timedelta(days=7 - day.weekday())
    )
