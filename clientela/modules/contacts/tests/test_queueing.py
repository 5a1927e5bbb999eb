from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import CommunicationPolicy, Message
from clientela.modules.contacts.operations import Draft, queue_message, queue_messages
from clientela.modules.contacts.rules import Verdict

TEXT = "Вера Николаевна, Ваш полис ОСАГО № ХХХ 0412773905 заканчивается 05.12.26. Тел. +79172000101"


def draft(client, number=None, **fields):
    values = {
        "client_id": client.pk,
        "channel": "sms",
        "text": TEXT,
        "origin": "tests.touch",
        "origin_id": number,
    }
    return Draft(**values | fields)


def test_a_message_is_stored_with_its_verdict(vera, anna, now):
    message = queue_message(now=now, actor=anna, client=vera, channel="sms", text=TEXT)

    assert (message.state, message.address, message.parts, message.not_before) == (
        "queued", "+79170004108", 2, now,
    )  # fmt: skip
    assert (message.direction, message.author, message.purpose) == ("out", anna, "service")
    assert len(message.token) == 22
    assert Verdict.from_json(message.verdict).decision == "send"
    entry = Entry.objects.get(action="message.queued")
    assert (entry.actor, entry.object_id, entry.changes) == (
        anna, vera.pk, {"channel": [None, "sms"], "state": [None, "queued"]},
    )  # fmt: skip


def test_at_night_it_waits_until_the_morning(vera, now):
    message = queue_message(now=now.replace(hour=22), actor=None, client=vera, channel="sms", text=TEXT)

    assert (message.state, message.detail) == ("queued", "quiet_hours")
    assert message.not_before == now.replace(day=19, hour=9, minute=0)
    assert message.verdict["decision"] == "wait"


def test_what_may_not_go_is_stored_as_dropped_and_told(vera, now, events):
    message = queue_message(
        now=now, actor=None, client=vera, channel="vk", text=TEXT, origin="tests", origin_id=7
    )

    assert (message.state, message.fault, message.detail, message.address) == (
        "dropped", "policy", "contact_point", "",
    )  # fmt: skip
    assert events("MessageStateChanged") == [
        {
            "message_id": message.pk, "client_id": vera.pk, "origin": "tests", "origin_id": 7,
            "state": "dropped", "fault": "policy", "detail": "contact_point",
        }
    ]  # fmt: skip


def test_an_agents_client_gets_no_link_to_direct_sales(vera, now, settings):
    settings.PUBLIC_URL = "https://go.prichal.example"
    CommunicationPolicy.objects.create(
        weekday_from=time(9), weekday_to=time(21), weekend_from=time(10), weekend_to=time(19),
        caps={}, nda_patterns=[r"наш\w* офис"], created_at=now,
    )  # fmt: skip
    texts = ["Купите на prichal.ru", "Ждём в нашем офисе", "Оплата: https://go.prichal.example/pay/k3J9/"]
    found = [
        queue_message(now=now, actor=None, client=vera, channel="sms", text=text).detail for text in texts
    ]
    vera.agent = None
    vera.save()

    assert found == ["agent_nda", "agent_nda", ""]
    assert queue_message(now=now, actor=None, client=vera, channel="sms", text=texts[0]).state == "queued"


def test_the_best_address_is_taken(vera, now):
    def add(value, **fields):
        return ContactPoint.objects.create(client=vera, kind="phone", value=value, created_at=now, **fields)

    add("+78432000000", is_primary=True)  # a fixed line takes no SMS
    second = add("+79170000002")
    message = queue_message(now=now, actor=None, client=vera, channel="sms", text=TEXT)
    assert message.address == "+79170004108"

    ContactPoint.objects.filter(value="+79170004108").update(bad_since=now)
    message = queue_message(now=now, actor=None, client=vera, channel="sms", text=TEXT)
    assert message.contact_point == second

    asked = ContactPoint.objects.get(value="+79170004108")
    message = queue_message(now=now, actor=None, client=vera, channel="sms", text=TEXT, contact_point=asked)
    assert (message.state, message.detail) == ("dropped", "contact_point")


def test_an_address_of_another_client_is_none(vera, boris_client, now):
    foreign = boris_client.contact_points.get(kind="phone")
    message = queue_message(now=now, actor=None, client=vera, channel="sms", text=TEXT, contact_point=foreign)

    assert (message.state, message.address) == ("dropped", "")


def test_a_stranger_and_a_reader_write_nothing(vera, boris, auditor, now):
    for actor in (boris, auditor):
        with pytest.raises(PermissionDenied):
            queue_message(now=now, actor=actor, client=vera, channel="sms", text=TEXT)

    assert not Message.objects.exists()
    assert not Entry.objects.exists()


def test_one_foreign_client_in_a_list_refuses_the_whole_list(vera, boris_client, anna, now):
    with pytest.raises(PermissionDenied):
        queue_messages([draft(vera, 1), draft(boris_client, 2)], now=now, actor=anna)

    assert not Message.objects.exists()


def test_asking_again_inserts_nothing(vera, boris_client, now):
    drafts = [draft(vera, 1), draft(boris_client, 2), draft(vera, 3, channel="vk")]
    first = queue_messages(drafts, now=now)
    events = Event.objects.count()
    again = queue_messages([*drafts, draft(vera, 4)], now=now + timedelta(hours=1))

    assert [one.is_new for one in first] == [True, True, True]
    assert [one.state for one in first] == ["queued", "queued", "dropped"]
    assert [one.is_new for one in again] == [False, False, False, True]
    assert [one.message_id for one in again[:3]] == [one.message_id for one in first]
    assert Message.objects.count() == 4
    assert Event.objects.count() == events


def test_the_same_origin_twice_in_one_list_is_one_message(vera, now):
    answers = queue_messages([draft(vera, 1), draft(vera, 1), draft(vera), draft(vera)], now=now)

    assert [one.is_new for one in answers] == [True, False, True, True]
    assert answers[0].message_id == answers[1].message_id
    assert Message.objects.count() == 3


def test_the_same_number_of_another_origin_is_another_message(vera, now):
    queue_messages([draft(vera, 1), draft(vera, 1, origin="tests.other")], now=now)

    assert Message.objects.count() == 2


def test_an_unknown_client_stores_nothing(vera, now):
    with pytest.raises(Client.DoesNotExist):
        queue_messages([draft(vera, 1), Draft(client_id=987654, channel="sms", text=TEXT)], now=now)

    assert not Message.objects.exists()


def test_messages_of_one_list_share_the_caps(vera, now):
    queued = queue_messages([draft(vera, number) for number in range(4)], now=now)

    assert [(one.state, one.reason) for one in queued] == [
        ("queued", ""), ("queued", ""), ("queued", ""), ("queued", "frequency"),
    ]  # fmt: skip
    assert queued[3].not_before == now.replace(day=19, hour=9, minute=0)


def test_a_later_time_is_kept_and_judged_by_its_own_hour(vera, now):
    evening, night = now.replace(hour=20), now.replace(hour=22)
    queued = queue_messages([draft(vera, 1, not_before=evening), draft(vera, 2, not_before=night)], now=now)

    assert [one.not_before for one in queued] == [evening, now.replace(day=19, hour=9, minute=0)]


def test_an_answer_to_the_client_goes_at_night(vera, now):
    night = now.replace(hour=23)
    theirs = Message.objects.create(
        direction="in", channel="sms", client=vera, address="+79170004108", text="Когда?", state="received",
        not_before=night, created_at=night - timedelta(minutes=2),
    )  # fmt: skip
    message = queue_message(
        now=night, actor=None, client=vera, channel="sms", text="Завтра", in_reply_to=theirs
    )

    assert (message.state, message.not_before, message.in_reply_to) == ("queued", night, theirs)


def test_hundreds_take_as_many_statements_as_ten(make_client, anna, now):
    clients = [make_client(anna.agent, "Тестов", "Иван", phone=f"+7917{number:07}") for number in range(300)]

    def statements(some):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            queue_messages([draft(client, client.pk) for client in some], now=now)
        # SQLite takes at most 999 values in an INSERT, so its inserts come in several statements.
        return [
            one["sql"].split()[0] + one["sql"].split()[1]
            for one in captured.captured_queries
            if not one["sql"].startswith(("INSERT", "SAVEPOINT", "RELEASE"))
        ]

    ten, hundreds = statements(clients[:10]), statements(clients[10:])
    assert len(ten) == len(hundreds) == 6
    assert Message.objects.filter(state="queued").count() == 300
