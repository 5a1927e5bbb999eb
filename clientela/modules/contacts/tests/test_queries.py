from datetime import timedelta

from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import deliver, queue_message, withdraw_consent
from clientela.modules.contacts.queries import client_messages, consent_journal, outbox_depth
from clientela.modules.contacts.tests.network import Network


def test_messages_of_a_client_newest_first_and_page_by_page(
    vera, boris_client, anna, boris, now, django_assert_num_queries
):
    made = [
        queue_message(now=now + timedelta(minutes=n), actor=None, client=vera, channel="sms", text=f"{n}")
        for n in range(3)
    ]
    queue_message(now=now, actor=None, client=boris_client, channel="sms", text="чужое")
    anna.refresh_from_db()
    client_messages(anna, vera.pk)  # the scope is read once for each person
    with django_assert_num_queries(1):
        rows = client_messages(anna, vera.pk, limit=2)

    assert [row.id for row in rows] == [made[2].pk, made[1].pk]
    assert [row.id for row in client_messages(anna, vera.pk, before=rows[-1].created_at)] == [made[0].pk]
    assert (rows[0].text, rows[0].state, rows[0].channel) == ("2", "queued", "sms")
    assert client_messages(boris, vera.pk) == []
    assert client_messages(anna, boris_client.pk) == []


def test_the_depth_of_the_outbox(vera, boris_client, now, django_assert_num_queries):
    queue_message(now=now, actor=None, client=vera, channel="email", text="1", subject="1")
    deliver("email", Network("email"), worker="w1", now=now)
    due = queue_message(now=now - timedelta(minutes=5), actor=None, client=vera, channel="sms", text="2")
    queue_message(
        now=now, actor=None, client=boris_client, channel="sms", text="3", not_before=now + timedelta(hours=1)
    )
    for state in ("sending", "uncertain", "failed"):
        Message.objects.create(
            direction="out", channel="sms", client=vera, text="x", state=state, not_before=now, created_at=now,
            lease_until=None if state == "failed" else now,
        )  # fmt: skip
    with django_assert_num_queries(25):
        sms, email, vk, *_messengers = outbox_depth(now=now)

    assert (sms.channel, sms.due, sms.later, sms.sending, sms.uncertain, sms.failed) == ("sms", 1, 1, 1, 1, 1)
    assert sms.oldest_due == due.not_before
    assert (email.due, email.failed, vk.due, vk.oldest_due) == (0, 0, 0, None)


def test_the_consent_journal_keeps_what_ended(vera, now):
    withdraw_consent(actor=None, now=now, client=vera, purpose="service", channel="sms", via="call")

    rows = consent_journal(vera.pk)
    assert sorted((row.channel, row.withdrawn_via) for row in rows) == [
        ("call", ""),
        ("email", ""),
        ("sms", "call"),
    ]
