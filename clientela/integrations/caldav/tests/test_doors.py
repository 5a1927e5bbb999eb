"""Who gets in, and what junk is answered."""

import pytest
from django.utils import timezone

from clientela.integrations.caldav.tests.test_phone import planned
from clientela.modules.calendar.models import AppPassword, Event
from clientela.modules.calendar.operations.settings import revoke_password
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
MINE = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20261201T100000Z\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"


def folder(person) -> str:
    return f"/caldav/people/{person.pk}/events/"


def test_only_a_password_of_a_program_opens(client, dav, anna) -> None:
    from base64 import b64encode

    for words in (
        f"{anna.email}:{PASSWORD}",
        f"{anna.email}:",
        "no colon",
        f"other@prichal.example:{PASSWORD}",
    ):
        key = b64encode(words.encode()).decode()
        answer = client.generic("PROPFIND", "/caldav/", headers={"Authorization": f"Basic {key}"})
        assert (answer.status_code, answer.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    assert client.generic("PROPFIND", "/caldav/", headers={"Authorization": "Basic %%%"}).status_code == 401
    assert dav(anna, "PROPFIND", "/caldav/").status_code == 207
    revoke_password(actor=anna, now=timezone.now(), password=AppPassword.objects.get())
    assert dav(anna, "PROPFIND", "/caldav/").status_code == 401
    assert PASSWORD not in AppPassword.objects.get().digest


def test_another_persons_folder_is_not_there(dav, anna, lilia) -> None:
    event = planned(lilia)
    for method in ("PROPFIND", "REPORT", "GET", "PUT", "DELETE"):
        assert dav(anna, method, f"{folder(lilia)}{event.resource}.ics").status_code == 404
        assert dav(anna, method, folder(lilia)).status_code == 404
    assert dav(anna, "GET", f"{folder(anna)}{event.resource}.ics").status_code == 404
    assert Event.objects.get().deleted_at is None


def test_a_program_does_not_write_over_what_it_has_not_read(dav, anna) -> None:
    address, body = f"{folder(anna)}a.ics", MINE.format(uid="a", more="SUMMARY:Раз\r\n")
    assert dav(anna, "PUT", address, body, **{"If-None-Match": "*"}).status_code == 201
    assert dav(anna, "PUT", address, body, **{"If-None-Match": "*"}).status_code == 412
    assert dav(anna, "PUT", address, body, **{"If-Match": '"0-0"'}).status_code == 412
    assert dav(anna, "DELETE", address, **{"If-Match": '"0-0"'}).status_code == 412
    tag = dav(anna, "GET", address).headers["ETag"]
    assert dav(anna, "PUT", address, body, **{"If-Match": tag}).status_code == 204
    assert dav(anna, "PUT", f"{folder(anna)}b.ics", body).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        "", "junk", "BEGIN:VCALENDAR\r\nEND:VCALENDAR", MINE.format(uid="x", more="RRULE:FREQ=SECONDLY\r\n"),
        MINE.format(uid="x", more="DTEND:20991201T100000Z\r\n"), MINE.format(uid="", more=""),
        MINE.format(uid="x", more="ATTENDEE:nobody\r\n"), MINE.format(uid="x", more="DTSTART:20261301T100000Z\r\n"),
        MINE.format(uid="x", more="RRULE:FREQ=DAILY\r\n").replace("VEVENT", "VTODO"),
        MINE.format(uid="x", more="RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"), "\0" * 50, "é" * 600_000,
        MINE.format(uid="x", more="RDATE:20261203T100000Z\r\n"), MINE.format(uid="x", more="SEQUENCE:x\r\n"),
    ],
)  # fmt: skip
def test_junk_is_refused_and_not_kept(dav, anna, body) -> None:
    answer = dav(anna, "PUT", f"{folder(anna)}x.ics", body.encode())
    assert (400 <= answer.status_code < 500, Event.objects.count()) == (True, 0)


@pytest.mark.parametrize(
    "body",
    ["<", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<a xmlns='DAV:'><b", "\x00",
     "<sync-collection xmlns='DAV:'><sync-token>junk</sync-token></sync-collection>",
     "<c:calendar-query xmlns:c='urn:ietf:params:xml:ns:caldav'><c:time-range start='x'/></c:calendar-query>"],
)  # fmt: skip
def test_questions_that_are_none(dav, anna, body) -> None:
    assert 400 <= dav(anna, "REPORT", folder(anna), body.encode()).status_code < 500


def test_names_that_are_none(dav, anna, client) -> None:
    for name in ("x" * 300, "%F0%9F%92%A9", "..%2f..%2fetc", "a%00b"):
        assert 400 <= dav(anna, "GET", f"{folder(anna)}{name}.ics").status_code < 500
    for token in ("1", "x", "1-" + "0" * 40, "9" * 40, "-"):
        assert client.get(f"/calendar-feed/{token}.ics").status_code == 404
    assert client.get("/.well-known/caldav").headers["Location"] == "/caldav/"
    assert client.options("/caldav/").headers["DAV"] == "1, 3, calendar-access"
    assert dav(anna, "MKCALENDAR", folder(anna)).status_code == 405
    assert dav(anna, "PROPPATCH", folder(anna), "<propertyupdate xmlns='DAV:'/>").status_code == 207
