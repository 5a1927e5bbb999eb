from datetime import timedelta

import pytest

from clientela.modules.contacts.models import EarlyReceipt, Message, ProviderId, Signal
from clientela.modules.contacts.operations import StoringInbox, deliver, queue_message
from clientela.modules.contacts.operations.receipts import forget_early, settle_early
from clientela.modules.contacts.ports import Receipt, SendResult
from clientela.modules.contacts.tests.network import Network, receipt

SHORT = "Полис заканчивается 05.12.26"
LONG = SHORT * 4


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def later(now):
    return now + timedelta(minutes=1)


@pytest.fixture
def inbox(later):
    return StoringInbox("sms", clock=lambda: later)


@pytest.fixture
def sent(vera, now):
    """``sent(text)``: a message the network has accepted."""

    def make(text=SHORT, client=vera, channel="sms", **fields):
        message = queue_message(
            now=now, actor=None, client=client, channel=channel, text=text, subject="Полис", **fields
        )
        deliver(channel, Network(channel), worker="w1", now=now)
        message.refresh_from_db()
        assert message.state == "sent"
        return message

    return make


@pytest.fixture
def cut_off(vera, now):
    """``cut_off(text)``: a message whose worker died while it was being sent."""

    def make(text=SHORT, client=vera, worker="dead"):
        message = queue_message(now=now, actor=None, client=client, channel="sms", text=text)
        network = Network()

        def die(batch):
            raise Killed

        network.before = die
        with pytest.raises(Killed):
            deliver("sms", network, worker=worker, now=now)
        message.refresh_from_db()
        assert message.state == "sending"
        return message

    return make


def state_of(message):
    message.refresh_from_db()
    return message.state


def test_a_delivered_message(sent, inbox, later, events):
    message = sent()
    inbox.receipts([receipt(message, later)])

    assert state_of(message) == "delivered"
    assert message.delivered_at == later
    assert message.provider_ids.get().delivered_at == later
    assert [event["state"] for event in events("MessageStateChanged")] == ["sent", "delivered"]


def test_the_same_receipt_again_changes_nothing(sent, inbox, later, events):
    message = sent()
    for minutes in (0, 5):
        inbox.receipts([receipt(message, later + timedelta(minutes=minutes))] * 2)

    message.refresh_from_db()
    assert message.delivered_at == later
    assert message.provider_ids.get().delivered_at == later
    assert len(events("MessageStateChanged")) == 2


def test_a_long_message_is_delivered_with_its_last_part(sent, inbox, later):
    message = sent(LONG)
    assert message.parts == 2

    inbox.receipts([receipt(message, later, part=2)])
    assert state_of(message) == "sent"
    inbox.receipts([receipt(message, later, part=1)])
    assert state_of(message) == "delivered"


@pytest.mark.parametrize("outcome", ["undelivered", "expired", "rejected"])
def test_one_lost_part_fails_the_message(sent, inbox, later, events, outcome):
    message = sent(LONG)
    inbox.receipts(
        [receipt(message, later, part=1), receipt(message, later, outcome, part=2, detail="err:069")]
    )

    assert state_of(message) == "failed"
    assert (message.fault, message.detail) == (outcome, "err:069")
    assert events("MessageStateChanged")[-1]["fault"] == outcome


def test_a_failure_does_not_take_back_a_delivery_but_a_delivery_mends_a_failure(sent, inbox, later):
    delivered = sent()
    inbox.receipts([receipt(delivered, later)])
    inbox.receipts([receipt(delivered, later, "expired")])
    failed = sent(SHORT + "!")
    inbox.receipts([receipt(failed, later, "undelivered")])
    inbox.receipts([receipt(failed, later)])

    assert (state_of(delivered), state_of(failed)) == ("delivered", "delivered")
    assert failed.fault == ""


def test_accepted_says_nothing_new_about_a_sent_message(sent, inbox, later, events):
    message = sent()
    inbox.receipts([receipt(message, later, "accepted")])

    assert state_of(message) == "sent"
    assert len(events("MessageStateChanged")) == 1


def test_a_bounce_after_delivery_fails_a_mail_and_marks_the_address(sent, later, vera):
    message = sent(channel="email")
    inbox = StoringInbox("email", clock=lambda: later)
    inbox.receipts([receipt(message, later)])
    inbox.receipts([receipt(message, later, "undelivered", detail="5.1.1 no such user")])

    assert state_of(message) == "failed"
    assert message.fault == "address"
    point = vera.contact_points.get(kind="email")
    assert (point.bad_since, point.bad_reason) == (later, "5.1.1 no such user")


def test_a_full_mailbox_is_no_bad_address(sent, later, vera):
    message = sent(channel="email")
    StoringInbox("email", clock=lambda: later).receipts(
        [receipt(message, later, "undelivered", detail="5.2.2 mailbox full")]
    )

    assert (state_of(message), message.fault) == ("failed", "undelivered")
    assert vera.contact_points.get(kind="email").bad_since is None


def test_reading_covers_earlier_messages_where_the_network_says_so(vera, now, later, events):
    vera.contact_points.create(kind="vk", value="1001", created_at=now)
    vera.consents.create(purpose="service", channel="vk", granted_at=now)
    first, second, third = (
        queue_message(now=now, actor=None, client=vera, channel="vk", text=text) for text in ("1", "2", "3")
    )
    deliver("vk", Network("vk"), worker="w1", now=now)
    StoringInbox("vk", clock=lambda: later).receipts(
        [receipt(second, later, "read", read_up_to=True, to_address="1001")]
    )

    assert [state_of(message) for message in (first, second, third)] == ["read", "read", "sent"]
    assert (first.opened_at, third.opened_at) == (later, None)
    assert Signal.objects.filter(kind="open").count() == 2
    assert [event["kind"] for event in events("ClientSignalled")] == ["open", "open"]


# -- receipts that come before their message is known


def test_a_receipt_during_the_sending_is_not_lost(vera, now, later, inbox, events):
    """Two messages to one phone on the wire: nothing but the network's id tells them apart."""
    one, two = (
        queue_message(now=now, actor=None, client=vera, channel="sms", text=text) for text in ("1", "2")
    )
    network = Network()
    network.before = lambda batch: inbox.receipts([receipt(two, later)])
    deliver("sms", network, worker="w1", now=now)

    assert (state_of(one), state_of(two), EarlyReceipt.objects.count()) == ("sent", "sent", 1)
    assert settle_early("sms", now=later) == 1
    assert (state_of(one), state_of(two), EarlyReceipt.objects.count()) == ("sent", "delivered", 0)


def test_a_receipt_during_the_sending_of_the_only_message_to_an_address_counts_at_once(
    vera, now, later, inbox, events
):
    message = queue_message(now=now, actor=None, client=vera, channel="sms", text=SHORT)
    network = Network()

    def early(batch):
        inbox.receipts([receipt(message, later)])
        assert state_of(message) == "delivered"

    network.before = early
    deliver("sms", network, worker="w1", now=now)

    assert state_of(message) == "delivered"
    assert (message.sent_at, message.delivered_at) == (later, later)
    assert list(message.provider_ids.values_list("value", "delivered_at")) == [(f"net-{message.pk}-1", later)]
    assert [event["state"] for event in events("MessageStateChanged")] == ["delivered"]


def test_a_receipt_of_a_stranger_is_kept_three_days(db, inbox, now, later):
    stranger = Receipt("sms", "delivered", later, provider_id="other-7", to_address="+79990000000")
    inbox.receipts([stranger])

    assert EarlyReceipt.objects.get().value == "other-7"
    assert settle_early("sms", now=later) == 0
    assert forget_early(now=later + timedelta(days=3)) == 0
    assert forget_early(now=later + timedelta(days=3, seconds=1)) == 1


# -- receipts that end the doubt after a crash


def test_our_own_id_resolves_a_message_cut_off_by_a_crash(cut_off, inbox, later):
    message = cut_off()
    inbox.receipts([receipt(message, later, provider_id=None, message_id=message.pk)])

    assert (state_of(message), message.claimed_by, message.lease_until) == ("delivered", "", None)


def test_the_low_half_of_our_id_resolves_it_among_several(cut_off, inbox, later):
    one = cut_off("1")
    two = cut_off("2")
    inbox.receipts([receipt(two, later, provider_id="net-x", message_id_low16=two.pk % 65536)])

    assert (state_of(one), state_of(two)) == ("sending", "delivered")
    assert list(ProviderId.objects.values_list("message_id", "value")) == [(two.pk, "net-x")]


def test_the_address_resolves_the_only_one(cut_off, inbox, later, settings):
    message = cut_off(LONG)
    inbox.receipts([receipt(message, later, "accepted", provider_id="net-1")])
    assert state_of(message) == "sending"  # one part of two
    inbox.receipts([receipt(message, later, provider_id="net-2")])
    assert (state_of(message), message.provider_ids.count()) == ("sent", 2)
    inbox.receipts([receipt(message, later, provider_id="net-1")])
    assert state_of(message) == "delivered"

    network = Network()
    deliver("sms", network, worker="w2", now=later + settings.CLAIM_LEASE + settings.UNCERTAIN_WINDOW)
    assert network.got == []


def test_an_old_receipt_resolves_nothing(cut_off, inbox, now):
    message = cut_off()
    inbox.receipts([receipt(message, now - timedelta(hours=2), provider_id="net-old")])

    assert state_of(message) == "sending"


def test_several_in_doubt_at_one_address_take_receipts_in_order(cut_off, inbox, now, later, settings):
    one, two, three = cut_off("1"), cut_off("2"), cut_off("3")
    inbox.receipts([receipt(one, later, provider_id="net-a"), receipt(one, later, provider_id="net-b")])
    assert EarlyReceipt.objects.count() == 2

    network = Network()
    doubtful = now + settings.CLAIM_LEASE + timedelta(seconds=1)
    deliver("sms", network, worker="w2", now=doubtful)  # finds them uncertain
    deliver("sms", network, worker="w2", now=doubtful)  # gives them the receipts
    assert [state_of(message) for message in (one, two, three)] == ["delivered", "delivered", "uncertain"]

    deliver("sms", network, worker="w2", now=doubtful + settings.UNCERTAIN_WINDOW + timedelta(seconds=1))
    assert [wire.id for wire in network.got] == [three.pk]


def test_a_receipt_that_comes_after_the_waiting_stops_the_repetition(cut_off, inbox, now, later, settings):
    message = cut_off()
    network = Network()
    doubtful = now + settings.CLAIM_LEASE + timedelta(seconds=1)
    deliver("sms", network, worker="w2", now=doubtful)
    over = doubtful + settings.UNCERTAIN_WINDOW + timedelta(seconds=1)
    from clientela.modules.contacts.operations.outcomes import recover

    recover("sms", now=over)
    assert (state_of(message), message.fault) == ("queued", "uncertain")
    inbox.receipts([receipt(message, over, provider_id="net-late")])

    assert state_of(message) == "delivered"
    assert deliver("sms", network, worker="w2", now=over) == 0
    assert network.got == []


def test_a_failure_told_by_a_receipt_ends_the_doubt_too(cut_off, inbox, later):
    message = cut_off()
    inbox.receipts([receipt(message, later, "undelivered", provider_id="net-x")])

    assert (state_of(message), message.fault) == ("failed", "undelivered")


def test_receipts_of_a_hundred_messages_take_a_fixed_number_of_statements(
    make_client, anna, now, later, inbox, django_assert_max_num_queries
):
    from clientela.modules.contacts.operations import Draft, queue_messages

    clients = [make_client(anna.agent, "Тестов", "Иван", phone=f"+7917000{n:04}") for n in range(100)]
    queue_messages([Draft(client_id=client.pk, channel="sms", text=SHORT) for client in clients], now=now)
    network = Network(answer=lambda m: SendResult(m.id, "accepted", (f"net-{m.id}-1",)))
    deliver("sms", network, worker="w1", now=now)
    messages = list(Message.objects.all())

    with django_assert_max_num_queries(14):
        inbox.receipts([receipt(message, later) for message in messages])
    assert Message.objects.filter(state="delivered").count() == 100
