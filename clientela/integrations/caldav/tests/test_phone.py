"""A real CalDAV program reads and writes the calendar."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from clientela.integrations.caldav.tests.conftest import NOW
from clientela.modules.calendar.models import Event
from clientela.modules.calendar.operations import move_event, plan_event, remove_event
from clientela.modules.calendar.ports import Draft, Guest
from clientela.modules.calendar.queries import occurrences_of

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
MOSCOW = ZoneInfo("Europe/Moscow")


def planned(person: Any, **fields: Any) -> Event:
    start = fields.pop("starts_at", NOW + timedelta(days=1))
    values = {
        "title": "Осмотр", "starts_at": start, "ends_at": start + timedelta(hours=1), "time_zone": "Europe/Moscow"
    }  # fmt: skip
    return plan_event(actor=person, now=NOW, draft=Draft(**values | fields))


def shown(person: Any) -> list[str]:
    return [one.event.title for one in occurrences_of(person, NOW, NOW + timedelta(days=9))]


def test_what_was_planned_here_is_on_the_phone(phone, anna, vera) -> None:
    planned(anna, place="Баумана, 44", rrule="FREQ=DAILY;COUNT=3", client_id=vera.pk, kind="visit")
    calendar = phone(anna)
    found = calendar.search(start=NOW, end=NOW + timedelta(days=2), event=True, expand=False)
    (part,) = list(found[0].icalendar_instance.walk("VEVENT"))
    assert (str(part["summary"]), str(part["location"]), part["rrule"]["COUNT"]) == (
        "Осмотр",
        "Баумана, 44",
        [3],
    )
    assert part["dtstart"].dt == (NOW + timedelta(days=1)).astimezone(MOSCOW)
    assert calendar.search(start=NOW + timedelta(days=40), end=NOW + timedelta(days=41), event=True) == []


def test_the_phone_plans_moves_and_takes_off(phone, anna, vera) -> None:
    calendar = phone(anna)
    start = (NOW + timedelta(days=1)).astimezone(MOSCOW)
    made = calendar.save_event(
        dtstart=start, dtend=start + timedelta(hours=1), summary="Встреча", uid="phone-1",
        rrule={"FREQ": "WEEKLY", "COUNT": 2}, alarm_trigger=timedelta(minutes=-15), alarm_action="DISPLAY",
    )  # fmt: skip
    row = Event.objects.get()
    assert (row.organiser, row.title, row.time_zone, row.rrule) == (
        anna, "Встреча", "Europe/Moscow", "FREQ=WEEKLY;COUNT=2"
    )  # fmt: skip
    Event.objects.update(client=vera)
    made.load()
    assert "TRIGGER:-PT15M" in made.data
    part = made.icalendar_component
    part["SUMMARY"] = "Встреча с Верой"
    made.save()
    row.refresh_from_db()
    assert (row.title, row.client, row.sequence) == ("Встреча с Верой", vera, 1)
    made.delete()
    assert (shown(anna), calendar.events()) == ([], [])


def test_a_moved_occurrence_comes_and_goes_both_ways(phone, anna) -> None:
    event = planned(anna, rrule="FREQ=DAILY;COUNT=3")
    second = event.starts_at + timedelta(days=1)
    move_event(
        actor=anna, now=NOW, event=event, starts_at=second + timedelta(hours=2), ends_at=second + timedelta(hours=3),
        all_day=False, only=second,
    )  # fmt: skip
    (found,) = phone(anna).events()
    whole, moved = found.icalendar_instance.walk("VEVENT")
    assert ("exdate" in whole, moved["recurrence-id"].dt) == (False, second.astimezone(MOSCOW))
    moved["SUMMARY"] = "Осмотр позже"
    found.save()
    assert shown(anna) == ["Осмотр", "Осмотр позже", "Осмотр"]
    instance = found.icalendar_instance
    instance.subcomponents.remove(moved)
    whole.add("exdate", second.astimezone(MOSCOW))
    found.save()
    assert shown(anna) == ["Осмотр", "Осмотр"]


def test_sync_tells_what_is_new_and_what_is_gone(phone, anna, lilia) -> None:
    first, second = planned(anna, title="Первое"), planned(anna, title="Второе")
    planned(lilia, title="Чужое")
    known = phone(anna).objects_by_sync_token(load_objects=True)
    assert {str(one.icalendar_component["summary"]) for one in known} == {"Первое", "Второе"}
    remove_event(actor=anna, now=NOW, event=first)
    move_event(
        actor=anna, now=NOW, event=second, starts_at=NOW + timedelta(days=2),
        ends_at=NOW + timedelta(days=2, hours=1), all_day=False,
    )  # fmt: skip
    planned(lilia, title="Приглашение", guests=(Guest(person_id=anna.pk),))
    changed, gone = known.sync()
    assert {str(one.icalendar_component["summary"]) for one in changed} == {"Второе", "Приглашение"}
    assert len(gone) == 1


def test_an_invitation_is_answered_from_the_phone(phone, anna, lilia) -> None:
    event = planned(lilia, title="Разбор", guests=(Guest(person_id=anna.pk),))
    (found,) = phone(anna).events()
    part = found.icalendar_component
    part["ATTENDEE"].params["PARTSTAT"] = "ACCEPTED"
    part["SUMMARY"] = "Моё название"
    found.save()
    event.refresh_from_db()
    assert (event.title, event.attendees.get().answer) == ("Разбор", "yes")
    found.delete()
    assert (event.attendees.get().answer, shown(lilia)) == ("no", ["Разбор"])


def test_the_feed_shows_the_own_calendar_until_the_address_is_renewed(client, anna, lilia) -> None:
    from clientela.modules.calendar.operations.settings import feed_token, renew_feed

    planned(anna, title="Моё")
    planned(lilia, title="Чужое")
    address = f"/calendar-feed/{feed_token(renew_feed(actor=anna, now=NOW))}.ics"
    answer = client.get(address)
    names = [str(part["summary"]) for part in Calendar.from_ical(answer.content).walk("VEVENT")]
    assert (names, answer.headers["Content-Type"]) == (["Моё"], "text/calendar; charset=utf-8")
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    renew_feed(actor=anna, now=NOW)
    assert client.get(address).status_code == 404
