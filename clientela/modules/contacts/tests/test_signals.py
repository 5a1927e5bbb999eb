from datetime import timedelta

import pytest

from clientela.modules.contacts.models import Consent, Message, Signal
from clientela.modules.contacts.operations import (
    UnknownToken,
    deliver,
    grant_consent,
    queue_message,
    register_signal,
)
from clientela.modules.contacts.tests.network import Network


@pytest.fixture
def mail(vera, now):
    message = queue_message(
        now=now, actor=None, client=vera, channel="email", text="Полис", subject="Полис", origin="tests.touch",
        origin_id=7,
    )  # fmt: skip
    deliver("email", Network("email"), worker="w1", now=now)
    message.refresh_from_db()
    return message


def signal(message, kind, now, **fields):
    register_signal(token=message.link_token, kind=kind, now=now, **fields)
    message.refresh_from_db()


def test_opening_is_a_reading(mail, now, events):
    signal(mail, "open", now)

    assert (mail.state, mail.opened_at, mail.clicked_at) == ("read", now, None)
    assert events("ClientSignalled") == [
        {
            "message_id": mail.pk, "client_id": mail.client_id, "origin": "tests.touch", "origin_id": 7,
            "kind": "open",
        }
    ]  # fmt: skip
    assert [event["state"] for event in events("MessageStateChanged")] == ["sent", "read"]


def test_the_first_time_stays_and_every_time_is_kept(mail, now, events):
    signal(mail, "open", now)
    signal(mail, "open", now + timedelta(hours=1))
    signal(mail, "click", now + timedelta(hours=2), detail="https://a.example/")
    signal(mail, "click", now + timedelta(hours=3), detail="https://a.example/")

    assert (mail.opened_at, mail.clicked_at) == (now, now + timedelta(hours=2))
    assert Signal.objects.count() == 4
    assert [event["state"] for event in events("MessageStateChanged")] == ["sent", "read"]


def test_a_click_without_a_picture_is_a_reading_too(mail, now):
    signal(mail, "click", now, detail="https://a.example/")

    assert (mail.state, mail.opened_at, mail.clicked_at) == ("read", now, now)


def test_a_repeat_within_a_minute_is_the_same_signal(mail, now, events):
    for seconds in (0, 1, 59, 61):
        signal(mail, "open", now + timedelta(seconds=seconds))

    assert Signal.objects.count() == 2
    assert len(events("ClientSignalled")) == 2


def test_signals_of_one_message_have_an_end(mail, now):
    for minutes in range(0, 500, 2):
        register_signal(token=mail.link_token, kind="open", now=now + timedelta(minutes=minutes))

    assert Signal.objects.count() == 200


def test_opening_ends_the_doubt_about_a_message(mail, now):
    Message.objects.filter(pk=mail.pk).update(
        state="uncertain", lease_until=now, claimed_by="w1", sent_at=None
    )
    signal(mail, "open", now)

    assert (mail.state, mail.lease_until, mail.claimed_by, mail.sent_at) == ("read", None, "", now)


def test_unsubscribing_withdraws_the_consent_the_message_went_under(mail, vera, now, events):
    grant_consent(actor=None, now=now, client=vera, purpose="advertising", channel="email")
    signal(mail, "unsubscribe", now)

    row = Consent.objects.get(client=vera, channel="email", purpose="service")
    assert (row.withdrawn_at, row.withdrawn_via) == (now, "unsubscribe link")
    assert Consent.objects.get(client=vera, channel="email", purpose="advertising").withdrawn_at is None
    assert events("ClientSignalled")[-1]["kind"] == "unsubscribe"


def test_unsubscribing_again_after_a_new_consent_works_at_once(mail, vera, now):
    signal(mail, "unsubscribe", now)
    grant_consent(actor=None, now=now, client=vera, purpose="service", channel="email")
    signal(mail, "unsubscribe", now + timedelta(seconds=5))

    assert not Consent.objects.filter(
        client=vera, channel="email", purpose="service", withdrawn_at__isnull=True
    ).exists()


def test_an_unknown_token_leaves_nothing(mail, now):
    wrong = [
        "",
        "-",
        "nobody-knows-this",
        mail.token,
        f"{mail.pk}-",
        f"{mail.pk}-x",
        f"{mail.pk + 1}-{mail.token}",
    ]
    for token in [*wrong, "9" * 30 + "-x", "٣-x"]:
        with pytest.raises(UnknownToken):
            register_signal(token=token, kind="open", now=now)

    assert not Signal.objects.exists()


def test_a_clients_own_message_has_no_token(vera, now):
    theirs = Message.objects.create(
        direction="in", channel="sms", client=vera, text="a", token="tok", state="received", not_before=now,
        created_at=now,
    )  # fmt: skip
    with pytest.raises(UnknownToken):
        register_signal(token=theirs.link_token, kind="open", now=now)
