"""The calendar's pages: what the grid shows, what the form keeps, and undo."""

import json
from datetime import timedelta

import pytest

from clientela.modules.calendar.models import Event
from clientela.modules.calendar.operations import plan_event
from clientela.modules.calendar.ports import Draft, Guest
from clientela.workspace.calendar.page import waiting

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
WEEK = "?start=2026-11-16T00:00:00Z&end=2026-11-23T00:00:00Z"


@pytest.fixture
def planned(now):
    """``planned(anna, title="…")``: tomorrow at 14:00 in Moscow."""

    def make(person, **fields):
        start = now.replace(hour=14, minute=0) + timedelta(days=1)
        values = {
            "title": "Осмотр", "starts_at": start, "ends_at": start + timedelta(hours=1), "time_zone": "Europe/Moscow"
        }  # fmt: skip
        return plan_event(actor=person, now=now, draft=Draft(**values | fields))

    return make


def typed(**fields):
    return {
        "title": "Встреча", "kind": "meeting", "day": "2026-11-20", "start": "10:00", "end": "11:30", "repeat": "",
    } | fields  # fmt: skip


def undo_of(response) -> str:
    return json.loads(response.headers["HX-Trigger"])["toast"]["undo_url"]


def test_the_grid_is_on_the_persons_clock(sign_in, planned, anna, boris, lilia, vera) -> None:
    """Fourteen in Moscow is fifteen in Ульяновск; a colleague's event is nobody else's."""
    planned(anna, guests=(Guest(person_id=boris.pk),), client_id=vera.pk)
    planned(lilia)
    (own,) = sign_in(anna).get(f"/calendar/events/{WEEK}").json()
    (invited,) = sign_in(boris).get(f"/calendar/events/{WEEK}").json()
    assert (own["start"], own["editable"]) == ("2026-11-19T14:00:00", True)
    assert (invited["start"], invited["editable"], invited["classNames"]) == (
        "2026-11-19T15:00:00", False, ["ev", "invite"]
    )  # fmt: skip
    assert "Орлова" not in json.dumps(invited, ensure_ascii=False)
    for junk in ("?start=x&end=y", "", "?start=2026-11-16&end=2028-11-16"):
        assert sign_in(anna).get(f"/calendar/events/{junk}").status_code == 400


def test_an_agents_last_days_stand_in_the_grid_to_read(sign_in, anna, vera_renewal) -> None:
    (cell,) = sign_in(anna).get("/calendar/events/?start=2026-11-30T00:00:00&end=2026-12-07T00:00:00").json()
    assert (cell["title"], cell["start"], cell["editable"]) == ("Орлова: ОСАГО", "2026-12-05", False)


def test_what_was_typed_stays_when_something_is_wrong(sign_in, anna, lilia) -> None:
    page = sign_in(anna)
    wrong = typed(end="10:00", place="Баумана, 44", people=[str(lilia.pk)], addresses=["v@mail.example"])
    answer = page.post("/calendar/new/", wrong, headers=HX)
    words = answer.content.decode()
    assert (answer.status_code, Event.objects.count()) == (422, 0)
    for kept in ("Баумана, 44", "Лилия Закирова", "v@mail.example", 'value="Встреча"'):
        assert kept in words
    assert page.post("/calendar/new/", wrong | {"end": "11:00"}, headers=HX).status_code == 204
    event = Event.objects.get()
    assert [row.email for row in event.attendees.order_by("id")] == [lilia.email, "v@mail.example"]


def test_a_meeting_is_planned_from_the_clients_card(sign_in, anna, vera, boris_client, vera_policy) -> None:
    page = sign_in(anna)
    form = page.get(f"/calendar/new/?client={vera.pk}", headers=HX).content.decode()
    assert f'name="client" value="{vera.pk}"' in form
    assert vera_policy.number in form
    about = f"policy:{vera_policy.pk}"
    page.post("/calendar/new/", typed(client=vera.pk, about=about), headers=HX)
    event = Event.objects.get()
    assert (event.client, event.about_kind, event.about_id) == (vera, "policy", vera_policy.pk)
    assert boris_client.last_name not in page.get(f"/calendar/new/?client={boris_client.pk}").content.decode()
    page.post("/calendar/new/", typed(client=boris_client.pk), headers=HX)
    assert not Event.objects.filter(client=boris_client).exists()


def test_a_move_and_a_removal_are_undone(sign_in, planned, anna, lilia) -> None:
    event, page = planned(anna), sign_in(anna)
    before = event.starts_at
    moved = page.post(
        f"/calendar/{event.pk}/move/", {"start": "2026-11-20T09:15:00", "end": "2026-11-20T10:15:00"}, headers=HX
    )  # fmt: skip
    event.refresh_from_db()
    assert f"{event.starts_at:%d %H:%M}" == "20 06:15"
    page.post(undo_of(moved), headers=HX)
    event.refresh_from_db()
    assert event.starts_at == before
    removed = page.post(f"/calendar/{event.pk}/removal/", headers=HX)
    assert page.get(f"/calendar/{event.pk}/").status_code == 404
    assert sign_in(lilia).post(undo_of(removed), headers=HX).status_code == 404
    page.post(undo_of(removed), headers=HX)
    assert page.get(f"/calendar/{event.pk}/").status_code == 200


def test_all_times_of_a_series_move_as_far_as_one_was_typed(sign_in, planned, anna) -> None:
    event, page = planned(anna, rrule="FREQ=DAILY;COUNT=3"), sign_in(anna)
    second = event.starts_at + timedelta(days=1)
    data = typed(
        day="2026-11-20", start="16:00", end="17:00", which="all", only=second.isoformat(), repeat="FREQ=DAILY",
        repeat_until="2026-11-21",
    )  # fmt: skip
    page.post(f"/calendar/{event.pk}/change/", data, headers=HX)
    cells = page.get(f"/calendar/events/{WEEK}").json()
    assert [cell["start"] for cell in cells] == [f"2026-11-{day}T16:00:00" for day in (19, 20, 21)]
    one = data | {
        "which": "one",
        "start": "18:00",
        "end": "19:00",
        "only": (second + timedelta(hours=2)).isoformat(),
    }
    page.post(f"/calendar/{event.pk}/change/", one, headers=HX)
    cells = page.get(f"/calendar/events/{WEEK}").json()
    assert [cell["start"][8:16] for cell in cells] == ["19T16:00", "20T18:00", "21T16:00"]


def test_an_invitation_says_what_it_clashes_with_and_is_answered(sign_in, planned, anna, lilia, now) -> None:
    event = planned(lilia, title="Разбор", guests=(Guest(person_id=anna.pk),))
    planned(anna, title="Волга-Транс")
    page = sign_in(anna)
    (asked,) = waiting(anna, now)
    assert asked.clash.event.title == "Волга-Транс"
    page.post(f"/calendar/{event.pk}/answer/", {"answer": "no"}, headers=HX)
    assert event.attendees.get().answer == "no"
    assert page.post(f"/calendar/{event.pk}/answer/", {"answer": "junk"}, headers=HX).status_code == 404


def test_the_password_of_a_program_is_shown_once(client, sign_in, anna, lilia) -> None:
    page = sign_in(anna)
    shown = page.post("/calendar/settings/passwords/", {"name": "Телефон"}).content.decode()
    row = anna.calendar_passwords.get()
    assert 'id="app-secret"' in shown
    assert "app-secret" not in page.get("/calendar/settings/").content.decode()
    assert sign_in(lilia).post(f"/calendar/settings/passwords/{row.pk}/removal/").status_code == 404
    page.post("/calendar/settings/feed/")
    assert 'id="feed-address"' in page.get("/calendar/settings/").content.decode()
