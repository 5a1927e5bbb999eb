"""Invitations through real mail servers: what people outside get, and what their answers change."""

import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

import pytest
from django.utils import timezone
from icalendar import Calendar
from icalendar import Event as Part

from clientela.foundation.outbox.operations import deliver
from clientela.integrations.imap.cursor import TableCursor
from clientela.integrations.imap.reader import ImapSettings, MailboxReader
from clientela.integrations.smtp.transport import SmtpSettings, SmtpTransport
from clientela.modules.calendar.models import Attendee, Event, Letter
from clientela.modules.calendar.operations import change_event, move_event, plan_event, remove_event
from clientela.modules.calendar.operations.letters import PAUSE, deliver_letters
from clientela.modules.calendar.ports import Draft, Guest
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Conversation, Message
from clientela.modules.contacts.operations.receiving import StoringInbox
from tests.contract.networks import IDENTITY, wait_until
from tests.servers.mail import PASSWORD, MailServers

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
VERA, OFFICE = "vera@client.test", "office@broker.test"
LEASE = timedelta(seconds=60)


@pytest.fixture
def send(mail_servers: MailServers) -> Iterator[Any]:
    """``send()``: the worker takes letters that waited long enough for an undo."""
    settings = SmtpSettings(host="127.0.0.1", port=mail_servers.smtp_port, sender=f"Причал <{OFFICE}>")
    transport = SmtpTransport(settings, IDENTITY)
    yield lambda: deliver_letters(transport, worker="w", now=timezone.now() + PAUSE, lease=LEASE)
    transport.close()


@pytest.fixture
def read(mail_servers: MailServers) -> Iterator[Any]:
    """``read(mail)``: the mail goes to our mailbox, is read and handled."""
    settings = ImapSettings(
        host="127.0.0.1", port=mail_servers.imap_port, user=OFFICE, password=PASSWORD, security="", history=False,
        poll_interval=0.2,
    )  # fmt: skip
    reader = MailboxReader(settings, IDENTITY, TableCursor("imap:invitations"))
    reader.start(StoringInbox("email"))
    wait_until(lambda: _place() is not None)

    def take(mail: EmailMessage) -> Message:
        before = Message.objects.count()
        mail_servers.post(mail)
        wait_until(lambda: Message.objects.count() > before)
        deliver(worker="w", now=timezone.now() + timedelta(seconds=5), lease=LEASE)
        return Message.objects.latest("id")

    yield take
    reader.close()


def _place() -> str | None:
    return TableCursor("imap:invitations").get()


def planned(anna: Any, now: Any, **fields: Any) -> Event:
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    draft = Draft(
        title=f"Осмотр {time.monotonic_ns()}", starts_at=start, ends_at=start + timedelta(hours=1),
        time_zone="Europe/Moscow", place="Баумана, 44", guests=(Guest(email=VERA, name="Вера"),), **fields,
    )  # fmt: skip
    return plan_event(actor=anna, now=now, draft=draft)


def invited(mail_servers: MailServers, letter: Letter) -> Part:
    """The calendar part of the mail that came to Вера."""
    mail = mail_servers.wait_for_mail(VERA, letter.subject)
    assert mail.obj.get_content_type() == "multipart/alternative"
    (part,) = [one for one in mail.obj.walk() if one.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    assert str(calendar["method"]) == part.get_param("method")
    (found,) = calendar.walk("VEVENT")
    return found


def reply(event: Event, partstat: str, *, sequence: int = 0, sender: str = VERA, **more: Any) -> EmailMessage:
    """What a mail program answers when its button is pressed (RFC 5546, 3.2.3)."""
    part = Part()
    part.add("uid", event.uid)
    part.add("dtstamp", more.get("at") or timezone.now())
    part.add("sequence", sequence)
    part.add("attendee", f"mailto:{VERA}", parameters={"PARTSTAT": partstat})
    if more.get("only"):
        part.add("recurrence-id", more["only"])
    calendar = Calendar()
    calendar.add("method", "REPLY")
    calendar.add_component(part)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, OFFICE, f"{partstat}: {event.title}"
    mail["Message-ID"] = more.get("message_id") or make_msgid(domain="client.test")
    mail.set_content("Вера ответила")
    mail.add_alternative(calendar.to_ical().decode(), subtype="calendar", params={"method": "REPLY"})
    return mail


def answer(event: Event) -> str:
    return Attendee.objects.get(event=event).answer


def test_people_outside_are_invited_moved_and_told_of_the_end(mail_servers, send, anna) -> None:
    now = timezone.now()
    event = planned(anna, now)
    assert send() == 1
    first = invited(mail_servers, Letter.objects.latest("id"))
    assert (first["uid"], int(first["sequence"]), str(first["location"])) == (event.uid, 0, "Баумана, 44")
    assert (str(first["organizer"]), str(first["attendee"])) == (
        "mailto:calendar@prichal.example", f"mailto:{VERA}"
    )  # fmt: skip
    later = event.starts_at + timedelta(hours=3)
    move_event(
        actor=anna, now=now, event=event, starts_at=later, ends_at=later + timedelta(hours=1), all_day=False
    )  # fmt: skip
    send()
    moved = invited(mail_servers, Letter.objects.latest("id"))
    assert (int(moved["sequence"]), moved["dtstart"].dt) == (1, later)
    remove_event(actor=anna, now=now, event=event)
    send()
    last = invited(mail_servers, Letter.objects.latest("id"))
    assert (int(last["sequence"]), str(last["status"])) == (2, "CANCELLED")
    assert set(Letter.objects.values_list("state", flat=True)) == {"sent"}


def test_answers_come_back_once_and_in_their_order(mail_servers, send, read, anna) -> None:
    now = timezone.now()
    event = planned(anna, now)
    send()
    yes = reply(event, "ACCEPTED", at=now + timedelta(seconds=1))
    read(yes)
    assert answer(event) == "yes"
    read(reply(event, "DECLINED", at=now + timedelta(seconds=2)))
    assert answer(event) == "no"
    # The same answer again, an earlier one that was long on its way, and one that somebody else wrote.
    read(reply(event, "ACCEPTED", at=now + timedelta(seconds=1)))
    read(reply(event, "ACCEPTED", sender="client@client.test"))
    assert answer(event) == "no"
    # Nobody becomes a client or waits for an answer by pressing a button.
    assert (Client.objects.count(), Conversation.objects.count()) == (0, 0)


def test_an_answer_to_one_time_of_a_series(mail_servers, send, read, anna, sign_in) -> None:
    """It is kept for that time alone; a time the series does not have is nothing."""
    now = timezone.now()
    event = planned(anna, now, rrule="FREQ=WEEKLY")
    read(reply(event, "ACCEPTED", at=now + timedelta(seconds=1)))
    second = event.starts_at + timedelta(days=7)
    read(reply(event, "DECLINED", at=now + timedelta(seconds=2), only=second))
    read(reply(event, "TENTATIVE", at=now + timedelta(seconds=3), only=second + timedelta(hours=1)))
    guest = Attendee.objects.get(event=event)
    assert (guest.answer, guest.answer_to(event.starts_at), guest.answer_to(second)) == ("yes", "yes", "no")
    assert len(guest.apart) == 1
    drawer = sign_in(anna).get(f"/calendar/{event.pk}/", {"only": second.isoformat()}).content.decode()
    assert "Не приду" in drawer


def test_an_answer_to_the_old_time_is_old_news(mail_servers, send, read, anna) -> None:
    from dataclasses import replace

    from clientela.modules.calendar.operations.events import draft_of

    now = timezone.now()
    event = planned(anna, now)
    later = event.starts_at + timedelta(hours=3)
    event = move_event(
        actor=anna, now=now, event=event, starts_at=later, ends_at=later + timedelta(hours=1), all_day=False
    )  # fmt: skip
    read(reply(event, "ACCEPTED", sequence=0))
    assert answer(event) == "waiting"
    change_event(actor=anna, now=now, event=event, draft=replace(draft_of(event), place="Офис"))
    read(reply(event, "ACCEPTED", sequence=1))
    assert answer(event) == "yes"
