from datetime import timedelta

import pytest
from django.core.files.base import ContentFile

from clientela.foundation.outbox.models import Event
from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.models import Consent, Message, MessageFile, ProviderId
from clientela.modules.contacts.operations import Draft, deliver, queue_message, queue_messages
from clientela.modules.contacts.operations.outcomes import MAX_ATTEMPTS
from clientela.modules.contacts.ports import Attachment, SendResult, TransportDown
from clientela.modules.contacts.rules import Verdict
from clientela.modules.contacts.tests.network import Network

TEXT = "Вера Николаевна, Ваш полис ОСАГО № ХХХ 0412773905 заканчивается 05.12.26. Тел. +79172000101"


@pytest.fixture
def queued(vera, now):
    return queue_message(
        now=now, actor=None, client=vera, channel="sms", text=TEXT, origin="tests.touch", origin_id=7
    )


def send(network, now, worker="w1", **options):
    return deliver("sms", network, worker=worker, now=now, **options)


def test_a_due_message_goes_out_once(queued, now, events):
    network = Network()

    assert send(network, now) == 1
    assert send(network, now) == 0
    (wire,) = network.got
    assert (wire.id, wire.channel, wire.to, wire.text) == (queued.pk, "sms", "+79170004108", TEXT)
    queued.refresh_from_db()
    assert (queued.state, queued.sent_at, queued.claimed_by, queued.lease_until) == ("sent", now, "", None)
    assert sorted(queued.provider_ids.values_list("value", flat=True)) == [
        f"net-{queued.pk}-1", f"net-{queued.pk}-2",
    ]  # fmt: skip
    assert events("MessageStateChanged") == [
        {
            "message_id": queued.pk, "client_id": queued.client_id, "origin": "tests.touch", "origin_id": 7,
            "state": "sent", "fault": "", "detail": "",
        }
    ]  # fmt: skip


def test_the_verdict_of_the_moment_of_sending_is_kept(queued, now):
    later = now + timedelta(hours=2)
    send(Network(), later)

    queued.refresh_from_db()
    assert Verdict.from_json(queued.verdict).at == later


def test_messages_of_other_channels_and_later_ones_stay(vera, queued, now):
    mail = queue_message(now=now, actor=None, client=vera, channel="email", text=TEXT, subject="Полис")
    Message.objects.filter(pk=queued.pk).update(not_before=now + timedelta(minutes=1))

    assert send(Network(), now) == 0
    assert Message.objects.get(pk=mail.pk).state == "queued"


def test_a_batch_has_its_size(make_client, anna, now):
    clients = [make_client(anna.agent, "Тестов", "Иван", phone=f"+7917000{n:04}") for n in range(5)]
    queue_messages([Draft(client_id=client.pk, channel="sms", text=TEXT) for client in clients], now=now)
    network = Network()

    assert [send(network, now, batch=2) for _ in range(4)] == [2, 2, 1, 0]
    assert [wire.id for wire in network.got] == sorted(Message.objects.values_list("id", flat=True))


# -- judged again


def test_a_consent_that_ended_meanwhile_stops_it(queued, vera, now, events):
    Consent.objects.filter(client=vera, channel="sms").update(withdrawn_at=now)
    network = Network()

    assert send(network, now) == 1
    assert network.got == []
    queued.refresh_from_db()
    assert (queued.state, queued.fault, queued.detail) == ("dropped", "policy", "consent")
    assert (queued.claimed_by, queued.lease_until) == ("", None)
    assert [event["state"] for event in events("MessageStateChanged")] == ["dropped"]


def test_a_message_that_comes_due_at_night_waits_for_the_morning(queued, now):
    network = Network()
    send(network, now.replace(hour=22))

    assert network.got == []
    queued.refresh_from_db()
    morning = now.replace(day=19, hour=9, minute=0)
    assert (queued.state, queued.detail, queued.not_before) == ("queued", "quiet_hours", morning)
    assert queued.claimed_by == ""
    assert send(network, morning) == 1
    assert len(network.got) == 1


def test_a_guard_of_the_origin_has_the_last_word(vera, now, guard, events):
    asked = []

    def has_project(ids):
        asked.append(sorted(ids))
        return {2: "has_project"}

    guard("tests.touch", has_project)
    drafts = [
        Draft(client_id=vera.pk, channel="sms", text=TEXT, origin="tests.touch", origin_id=number)
        for number in (1, 2)
    ]
    first, second = queue_messages(drafts, now=now)
    network = Network()
    send(network, now)

    assert asked == [[1, 2]]
    assert [wire.id for wire in network.got] == [first.message_id]
    stopped = Message.objects.get(pk=second.message_id)
    assert (stopped.state, stopped.fault, stopped.detail) == ("dropped", "guard", "has_project")
    assert [(e["origin_id"], e["state"], e["fault"], e["detail"]) for e in events("MessageStateChanged")] == [
        (2, "dropped", "guard", "has_project"), (1, "sent", "", ""),
    ]  # fmt: skip


def test_caps_hold_over_all_channels_at_the_moment_of_sending(vera, now):
    for number in range(3):
        queue_message(now=now, actor=None, client=vera, channel="email", text=TEXT, subject=f"Полис {number}")
    late = queue_message(
        now=now - timedelta(days=1), actor=None, client=vera, channel="sms", text=TEXT, not_before=now
    )
    deliver("email", Network("email"), worker="w1", now=now)
    network = Network()
    send(network, now)

    assert network.got == []
    late.refresh_from_db()
    assert (late.state, late.detail, late.not_before) == (
        "queued", "frequency", now.replace(day=19, hour=9, minute=0),
    )  # fmt: skip


def test_a_corrected_phone_gets_the_message(queued, vera, now):
    vera.contact_points.get(kind="phone").delete()
    point = ContactPoint.objects.create(client=vera, kind="phone", value="+79170000777", created_at=now)
    network = Network()
    network.before = lambda batch: None
    send(network, now)

    assert [wire.to for wire in network.got] == ["+79170000777"]
    queued.refresh_from_db()
    assert (queued.contact_point, queued.address) == (point, "+79170000777")


# -- what the network answers


def answering(**fields):
    return Network(answer=lambda message: SendResult(message.id, **fields))


def test_a_refused_address_fails_the_message_and_marks_the_contact(queued, vera, now, events):
    send(answering(outcome="rejected", fault="address", detail="unknown subscriber"), now)

    queued.refresh_from_db()
    assert (queued.state, queued.fault, queued.detail) == ("failed", "address", "unknown subscriber")
    point = vera.contact_points.get(kind="phone")
    assert (point.bad_since, point.bad_reason) == (now, "unknown subscriber")
    assert Event.objects.filter(name="clients.ContactabilityChanged").count() == 1
    assert [(event["state"], event["fault"]) for event in events("MessageStateChanged")] == [
        ("failed", "address")
    ]


def test_a_throttled_message_waits_a_little_and_is_no_failure(queued, now):
    send(answering(outcome="retry", fault="throttled"), now)

    queued.refresh_from_db()
    assert (queued.state, queued.attempts, queued.fault) == ("queued", 0, "throttled")
    assert timedelta(seconds=2) <= queued.not_before - now <= timedelta(seconds=6)


def test_trouble_of_the_network_is_tried_again_with_growing_pauses(queued, now, events):
    network = answering(outcome="retry", fault="server", detail="0x08")
    pauses = []
    moment = now
    for _ in range(MAX_ATTEMPTS):
        Message.objects.filter(pk=queued.pk).update(not_before=moment)
        send(network, moment)
        queued.refresh_from_db()
        pauses.append((queued.not_before - moment).total_seconds())

    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 0]
    assert (queued.state, queued.fault, queued.detail, queued.attempts) == ("failed", "server", "0x08", 8)
    assert [event["state"] for event in events("MessageStateChanged")] == ["failed"]


def test_a_network_that_is_down_gets_nothing_and_keeps_everything(queued, now):
    network = Network()

    def down(batch):
        raise TransportDown("no link")

    network.before = down
    with pytest.raises(TransportDown):
        send(network, now)

    queued.refresh_from_db()
    assert (queued.state, queued.claimed_by, queued.attempts, queued.not_before) == ("queued", "", 0, now)


def test_a_mail_that_cannot_be_composed_fails_alone(vera, now):
    good, broken = (
        queue_message(now=now, actor=None, client=vera, channel="email", text=TEXT, subject=subject)
        for subject in ("Полис", "Счёт")
    )
    MessageFile.objects.create(
        message=broken, file="messages/gone.pdf", name="Счёт.pdf", content_type="application/pdf", size=1
    )
    network = Network("email")
    deliver("email", network, worker="w1", now=now)

    assert [wire.id for wire in network.got] == [good.pk]
    assert Message.objects.get(pk=good.pk).state == "sent"
    broken.refresh_from_db()
    assert (broken.state, broken.fault) == ("failed", "content")
    assert broken.detail.startswith("FileNotFoundError")


def test_files_go_with_a_mail(vera, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    message = queue_message(now=now, actor=None, client=vera, channel="email", text=TEXT, subject="Счёт")
    MessageFile.objects.create(
        message=message, file=ContentFile(b"%PDF", name="a.pdf"), name="Счёт.pdf",
        content_type="application/pdf", size=4,
    )  # fmt: skip
    network = Network("email")
    deliver("email", network, worker="w1", now=now)

    assert network.got[0].attachments == (Attachment("Счёт.pdf", "application/pdf", b"%PDF"),)


# -- nothing lost, nothing twice


def test_a_message_of_a_dead_worker_waits_for_a_receipt_and_only_then_goes_again(queued, now, settings):
    class Killed(BaseException):
        pass

    network = Network()

    def die(batch):
        raise Killed

    network.before = die
    with pytest.raises(Killed):
        send(network, now, worker="dead")
    queued.refresh_from_db()
    assert (queued.state, queued.claimed_by) == ("sending", "dead")

    network.before = lambda batch: None
    assert send(network, now + settings.CLAIM_LEASE - timedelta(seconds=1)) == 0
    doubtful = now + settings.CLAIM_LEASE + timedelta(seconds=1)
    assert send(network, doubtful) == 0
    queued.refresh_from_db()
    assert (queued.state, queued.lease_until) == ("uncertain", doubtful + settings.UNCERTAIN_WINDOW)
    assert send(network, doubtful + settings.UNCERTAIN_WINDOW - timedelta(seconds=1)) == 0
    assert network.got == []

    assert send(network, doubtful + settings.UNCERTAIN_WINDOW + timedelta(seconds=1)) == 1
    assert len(network.got) == 1
    queued.refresh_from_db()
    assert (queued.state, queued.attempts) == ("sent", 1)


def test_an_answer_that_comes_after_the_lease_counts(queued, now, settings):
    network = Network()
    late = now + settings.CLAIM_LEASE + timedelta(seconds=5)
    network.before = lambda batch: deliver("sms", Network(), worker="other", now=late)
    send(network, now, worker="slow")

    queued.refresh_from_db()
    assert (queued.state, len(network.got)) == ("sent", 1)
    assert ProviderId.objects.count() == 2


def test_an_uncertain_answer_waits_for_a_receipt(queued, now, settings):
    send(answering(outcome="uncertain", provider_ids=("net-a",), detail="no answer"), now)

    queued.refresh_from_db()
    assert (queued.state, queued.fault, queued.lease_until) == (
        "uncertain", "uncertain", now + settings.UNCERTAIN_WINDOW,
    )  # fmt: skip
    assert list(queued.provider_ids.values_list("value", flat=True)) == ["net-a"]


def test_a_transport_that_breaks_leaves_doubt_not_a_repetition(queued, now):
    network = Network()

    def break_down(batch):
        raise RuntimeError("bug")

    network.before = break_down
    assert send(network, now) == 1

    queued.refresh_from_db()
    assert (queued.state, queued.detail) == ("uncertain", "the transport failed")


def test_a_message_in_doubt_whose_every_part_is_known_is_sent(queued, now, settings):
    both = ("net-a", "net-b")
    send(answering(outcome="uncertain", provider_ids=both), now)
    network = Network()
    send(network, now + settings.UNCERTAIN_WINDOW + timedelta(seconds=1))

    queued.refresh_from_db()
    assert (queued.state, network.got) == ("sent", [])


def test_a_message_torn_between_its_parts_goes_again_whole(queued, now, settings):
    send(answering(outcome="uncertain", provider_ids=("net-a",)), now)
    network = Network()
    send(network, now + settings.UNCERTAIN_WINDOW + timedelta(seconds=1))

    assert [wire.text for wire in network.got] == [TEXT]
    assert sorted(ProviderId.objects.values_list("value", flat=True)) == [
        f"net-{queued.pk}-1", f"net-{queued.pk}-2",
    ]  # fmt: skip


def test_what_stays_in_doubt_every_time_fails_at_last(queued, now, settings):
    Message.objects.filter(pk=queued.pk).update(attempts=MAX_ATTEMPTS - 1)
    send(answering(outcome="uncertain"), now)
    send(Network(), now + settings.UNCERTAIN_WINDOW + timedelta(seconds=1))

    queued.refresh_from_db()
    assert (queued.state, queued.fault) == ("failed", "uncertain")
