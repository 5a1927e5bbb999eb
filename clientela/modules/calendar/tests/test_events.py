"""Who plans, who sees, who changes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.calendar import links
from clientela.modules.calendar.models import Attendee, Event, Letter
from clientela.modules.calendar.operations import (
    BadTime,
    Foreign,
    UnknownRule,
    answer_invitation,
    change_event,
    leave_out,
    move_event,
    remove_event,
    restore_event,
)
from clientela.modules.calendar.operations.events import draft_of
from clientela.modules.calendar.ports import Guest
from clientela.modules.calendar.queries import invitations, occurrences_of, overlapping
from clientela.modules.clients.models import Client

pytestmark = pytest.mark.django_db


def shown(person, now, days=30) -> list[str]:
    return [
        f"{one.starts_at:%d %H:%M} {one.event.title}"
        for one in occurrences_of(person, now - timedelta(days=1), now + timedelta(days=days))
    ]


def test_only_who_planned_it_and_who_is_invited_see_an_event(plan, anna, lilia, administrator, now) -> None:
    plan(anna, title="Моё")
    plan(anna, title="Наше", guests=(Guest(person_id=lilia.pk),))
    assert shown(anna, now) == ["19 11:00 Моё", "19 11:00 Наше"]
    assert shown(lilia, now) == ["19 11:00 Наше"]
    assert shown(administrator, now) == []


def test_the_journal_tells_the_day_and_not_what_was_planned(plan, anna) -> None:
    plan(anna, title="Врач")
    entry = Entry.objects.get(action="event.planned")
    assert (entry.object_name, "Врач" in str(entry.changes)) == ("2026-11-19", False)


def test_an_event_is_tied_to_records_in_reach_only(plan, anna, vera, boris_client, monkeypatch) -> None:
    monkeypatch.setattr(links, "_links", {"friend": links.Link("", lambda user: _own_clients(user))})
    assert plan(anna, client_id=vera.pk).client == vera
    tied = plan(anna, about_kind="friend", about_id=vera.pk)
    assert (tied.client_id, tied.about_id) == (vera.pk, vera.pk)
    for fields in (
        {"client_id": boris_client.pk},
        {"about_kind": "friend", "about_id": boris_client.pk},
        {"about_kind": "claim", "about_id": 1},
    ):
        with pytest.raises(Foreign):
            plan(anna, **fields)
    assert Event.objects.count() == 2


def _own_clients(user):
    from django.db.models import F

    return Client.objects.visible_to(user).annotate(client_id=F("id"))


def test_times_and_repetitions_out_of_reason_are_refused(plan, draft, anna, now) -> None:
    start = draft().starts_at
    for fields in ({"ends_at": start}, {"ends_at": start + timedelta(days=61)}):
        with pytest.raises(BadTime):
            plan(anna, **fields)
    for rule in ("FREQ=MINUTELY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"):
        with pytest.raises(UnknownRule):
            plan(anna, rrule=rule)
    with pytest.raises(UnknownRule):
        plan(anna, time_zone="Mars/Base")
    assert not Event.objects.exists()


def test_who_is_invited_answers_and_changes_nothing(plan, draft, anna, lilia, now) -> None:
    event = plan(anna, guests=(Guest(email="L.Zakirova@prichal.example"), Guest(person_id=anna.pk)))
    assert [row.person for row in event.attendees.all()] == [lilia]
    (asked,) = invitations(lilia, now)
    assert overlapping(lilia, asked) is None
    own = plan(lilia, title="Своё")
    assert overlapping(lilia, asked).event == own
    for act in (
        lambda: move_event(actor=lilia, now=now, event=event, starts_at=now, ends_at=now + timedelta(hours=1), all_day=False),
        lambda: remove_event(actor=lilia, now=now, event=event),
        lambda: change_event(actor=lilia, now=now, event=event, draft=draft(title="Другое")),
    ):  # fmt: skip
        with pytest.raises(PermissionDenied):
            act()
    event.refresh_from_db()
    assert (event.title, event.version) == ("Осмотр машины", 1)
    answer_invitation(actor=lilia, now=now, event=event, answer="yes")
    assert (invitations(lilia, now), event.attendees.get().answer) == ([], "yes")
    with pytest.raises(Attendee.DoesNotExist):
        answer_invitation(actor=anna, now=now, event=event, answer="yes")


def test_one_occurrence_is_moved_left_out_and_brought_back(plan, anna, now) -> None:
    event = plan(anna, title="Планёрка", rrule="FREQ=DAILY;COUNT=4")
    second = event.starts_at + timedelta(days=1)
    move_event(
        actor=anna, now=now, event=event, starts_at=second + timedelta(hours=2), ends_at=second + timedelta(hours=3),
        all_day=False, only=second,
    )  # fmt: skip
    third = event.starts_at + timedelta(days=2)
    leave_out(actor=anna, now=now, event=event, only=third)
    assert shown(anna, now) == ["19 11:00 Планёрка", "20 13:00 Планёрка", "22 11:00 Планёрка"]
    restore_event(actor=anna, now=now, event=event, only=third)
    remove_event(actor=anna, now=now, event=event.moved.get())
    assert shown(anna, now) == ["19 11:00 Планёрка", "21 11:00 Планёрка", "22 11:00 Планёрка"]
    remove_event(actor=anna, now=now, event=event)
    assert shown(anna, now) == []
    restore_event(actor=anna, now=now, event=event)
    assert len(shown(anna, now)) == 3


def test_another_time_asks_everybody_again_and_another_place_does_not(plan, anna, lilia, now) -> None:
    from dataclasses import replace

    event = plan(anna, guests=(Guest(person_id=lilia.pk),))
    answer_invitation(actor=lilia, now=now, event=event, answer="yes")
    event.refresh_from_db()
    change_event(actor=anna, now=now, event=event, draft=replace(draft_of(event), place="Офис"))
    assert event.attendees.get().answer == "yes"
    later = event.starts_at + timedelta(hours=3)
    move_event(
        actor=anna, now=now, event=event, starts_at=later, ends_at=later + timedelta(hours=1), all_day=False
    )
    assert event.attendees.get().answer == "waiting"


def test_letters_wait_for_an_undo_and_the_newest_one_goes(plan, anna, now) -> None:
    event = plan(anna, guests=(Guest(email="vera.orlova@mail.example", name="Вера"),))
    later = event.starts_at + timedelta(hours=3)
    move_event(
        actor=anna, now=now, event=event, starts_at=later, ends_at=later + timedelta(hours=1), all_day=False
    )
    remove_event(actor=anna, now=now, event=event)
    letters = list(Letter.objects.order_by("id").values_list("kind", "state"))
    assert letters == [("REQUEST", "dropped"), ("REQUEST", "dropped"), ("CANCEL", "queued")]
    assert Letter.objects.latest("id").not_before > now
