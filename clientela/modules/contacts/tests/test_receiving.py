from datetime import timedelta

import pytest

from clientela.modules.contacts.models import Consent, Message, MessageFile, Signal
from clientela.modules.contacts.operations import StoringInbox, deliver, queue_message
from clientela.modules.contacts.ports import Attachment, IncomingMessage
from clientela.modules.contacts.tests.network import Network

PHONE = "+79170004108"


@pytest.fixture
def later(now):
    return now + timedelta(hours=1)


@pytest.fixture
def receive(db, later):
    """``receive("Спасибо")``: a client's SMS; returns the stored row."""

    def one(text="Спасибо", channel="sms", external_id="in-1", **fields):
        values = {"from_address": PHONE, "to_address": "PRICHAL", "at": later}
        message = IncomingMessage(channel=channel, external_id=external_id, text=text, **values | fields)
        StoringInbox(channel, clock=lambda: later).incoming([message])
        return Message.objects.get(channel=channel, external_id=external_id)

    return one


@pytest.fixture
def sent(vera, now):
    def make(client=vera, channel="sms", text="Полис заканчивается", at=now, **fields):
        message = queue_message(now=at, actor=None, client=client, channel=channel, text=text, **fields)
        deliver(channel, Network(channel), worker="w1", now=at)
        message.refresh_from_db()
        assert message.state == "sent"
        return message

    return make


def test_an_answer_finds_its_client_and_the_message_it_answers(vera, sent, receive, later, events):
    ours = sent(origin="tests.touch", origin_id=7)
    theirs = receive("Хочу продлить")

    assert (theirs.direction, theirs.state, theirs.client, theirs.in_reply_to) == (
        "in",
        "received",
        vera,
        ours,
    )
    assert (theirs.text, theirs.address, theirs.created_at) == ("Хочу продлить", PHONE, later)
    ours.refresh_from_db()
    assert ours.replied_at == later
    assert events("MessageReceived") == [
        {"message_id": theirs.pk, "client_id": vera.pk, "channel": "sms", "in_reply_to_id": ours.pk}
    ]
    assert events("ClientSignalled") == [
        {
            "message_id": ours.pk,
            "client_id": vera.pk,
            "origin": "tests.touch",
            "origin_id": 7,
            "kind": "reply",
        }
    ]
    assert list(Signal.objects.values_list("message", "kind", "at")) == [(ours.pk, "reply", later)]


def test_the_same_message_again_is_stored_once(vera, sent, receive, events):
    sent()
    receive()
    receive()

    assert Message.objects.filter(direction="in").count() == 1
    assert len(events("MessageReceived")) == 1


def test_the_same_id_of_another_channel_is_another_message(vera, receive):
    receive()
    receive(channel="email", from_address="Vera.Orlova@mail.example")

    assert list(Message.objects.order_by("id").values_list("channel", "client")) == [
        ("sms", vera.pk), ("email", vera.pk),
    ]  # fmt: skip


def test_a_stranger_belongs_to_nobody(receive, events):
    theirs = receive(from_address="+79995550000")

    assert (theirs.client, theirs.in_reply_to) == (None, None)
    assert events("MessageReceived")[0]["client_id"] is None
    assert events("ClientSignalled") == []


def test_a_shared_phone_belongs_to_the_one_we_wrote_to_last(vera, boris_client, sent, receive, now):
    boris_client.contact_points.create(kind="phone", value=PHONE, created_at=now)
    unknown = receive(external_id="in-0")
    shared = boris_client.contact_points.get(value=PHONE)
    sent(client=vera)
    ours = sent(client=boris_client, contact_point=shared, at=now + timedelta(minutes=1))
    theirs = receive(external_id="in-2")

    assert unknown.client is None
    assert (theirs.client, theirs.in_reply_to) == (boris_client, ours)


def test_after_thirty_days_it_is_no_answer_any_more(vera, sent, receive, now):
    sent(at=now - timedelta(days=31))
    theirs = receive()

    assert (theirs.client, theirs.in_reply_to) == (vera, None)
    assert not Signal.objects.exists()


def test_a_message_that_never_went_is_not_answered(vera, now, receive):
    queue_message(now=now, actor=None, client=vera, channel="sms", text="Полис")
    theirs = receive()

    assert theirs.in_reply_to is None


def test_a_mail_answers_the_message_its_headers_name_and_no_other(vera, sent, receive):
    first = sent(channel="email", subject="Полис")
    sent(channel="email", subject="Ещё раз")
    mail = {"channel": "email", "from_address": "vera.orlova@mail.example"}
    named = receive(external_id="<a@mail>", in_reply_to_message_id=first.pk, **mail)
    unnamed = receive(external_id="<b@mail>", **mail)
    foreign = receive(external_id="<c@mail>", in_reply_to_message_id=987654, **mail)

    assert [message.in_reply_to for message in (named, unnamed, foreign)] == [first, None, None]


def test_an_answer_from_another_mailbox_belongs_to_the_client_we_wrote_to(vera, sent, receive):
    ours = sent(channel="email", subject="Полис")
    theirs = receive(channel="email", from_address="work@other.example", in_reply_to_message_id=ours.pk)

    assert (theirs.client, theirs.in_reply_to, theirs.address) == (vera, ours, "work@other.example")


def test_an_automatic_answer_is_kept_but_is_no_signal(vera, sent, receive, events):
    ours = sent(channel="email", subject="Полис")
    theirs = receive(
        "Я в отпуске", channel="email", from_address="vera.orlova@mail.example",
        in_reply_to_message_id=ours.pk, automatic=True,
    )  # fmt: skip

    assert theirs.in_reply_to == ours
    assert not Signal.objects.exists()
    assert events("ClientSignalled") == []
    assert len(events("MessageReceived")) == 1


def test_html_is_cleaned_and_files_are_kept(vera, receive, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    theirs = receive(
        channel="email", from_address="vera.orlova@mail.example",
        html='<p onclick="x()">Фото</p><script>alert(1)</script><img src="http://t.example/p.gif" onerror="x">',
        attachments=(Attachment("авто.jpg", "image/jpeg", b"\xff\xd8\xff"),),
    )  # fmt: skip

    assert theirs.html == '<p>Фото</p><img src="http://t.example/p.gif">'
    row = MessageFile.objects.get()
    assert (row.message, row.name, row.content_type, row.size) == (theirs, "авто.jpg", "image/jpeg", 3)
    with row.file.open() as stored:
        assert stored.read() == b"\xff\xd8\xff"


def test_a_stop_word_ends_every_consent_for_the_channel(vera, sent, receive, now, events):
    ours = sent()
    waiting = queue_message(now=now, actor=None, client=vera, channel="sms", text="Ещё одно")
    receive("СТОП")

    in_force = Consent.objects.filter(client=vera, withdrawn_at__isnull=True).values_list(
        "channel", flat=True
    )
    assert sorted(in_force) == ["call", "email"]
    assert Consent.objects.get(client=vera, channel="sms").withdrawn_via == "stop word"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.detail) == ("dropped", "consent")
    assert [event["kind"] for event in events("ClientSignalled")] == ["reply", "unsubscribe"]
    assert list(ours.signals.order_by("id").values_list("kind", flat=True)) == ["reply", "unsubscribe"]


def test_a_stop_word_from_a_shared_phone_stops_everybody_there(vera, boris_client, receive, now):
    boris_client.contact_points.create(kind="phone", value=PHONE, created_at=now)
    receive("стоп")

    left = Consent.objects.filter(channel="sms", withdrawn_at__isnull=True)
    assert not left.exists()
    assert Consent.objects.filter(channel="email", withdrawn_at__isnull=True).count() == 2


def test_unsubscribe_in_the_subject_of_a_mail_stops_mails(vera, receive):
    receive("", channel="email", from_address="vera.orlova@mail.example", subject="Unsubscribe")

    assert Consent.objects.get(client=vera, channel="email").withdrawn_at is not None
    assert Consent.objects.get(client=vera, channel="sms").withdrawn_at is None


def test_an_automatic_stop_stops_nothing(vera, receive):
    receive("STOP", automatic=True)

    assert Consent.objects.filter(client=vera, withdrawn_at__isnull=False).count() == 0
