from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.clients.events import ContactabilityChanged
from clientela.modules.contacts.handlers import on_contactability
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contacts.operations import (
    UnknownConsent,
    grant_consent,
    queue_message,
    withdraw_consent,
)


def in_force(client):
    rows = Consent.objects.filter(client=client, withdrawn_at__isnull=True)
    return sorted(rows.values_list("purpose", "channel"))


def test_a_consent_is_kept_as_its_own_document(vera, anna, now, events):
    consent = grant_consent(
        actor=anna, now=now, client=vera, purpose="advertising", channel="email", text_version="2026-09",
        source="portal",
    )  # fmt: skip

    assert (consent.granted_at, consent.withdrawn_at, consent.text_version, consent.source) == (
        now, None, "2026-09", "portal",
    )  # fmt: skip
    assert events("ConsentChanged") == [{"client_id": vera.pk}]
    entry = Entry.objects.get(action="consent.granted")
    assert (entry.actor, entry.object_id, list(entry.changes)) == (anna, vera.pk, ["advertising/email"])


def test_giving_it_again_changes_nothing(vera, anna, now, events):
    first = grant_consent(actor=anna, now=now, client=vera, purpose="advertising", channel="sms")
    again = grant_consent(
        actor=anna, now=now + timedelta(days=1), client=vera, purpose="advertising", channel="sms"
    )

    assert again == first
    assert again.granted_at == now
    assert len(events("ConsentChanged")) == 1


def test_a_consent_may_be_given_anew_after_it_was_withdrawn(vera, anna, now):
    withdraw_consent(actor=anna, now=now, client=vera, purpose="service", channel="sms", via="phone")
    grant_consent(actor=anna, now=now, client=vera, purpose="service", channel="sms")

    rows = Consent.objects.filter(client=vera, purpose="service", channel="sms").order_by("id")
    assert [(row.withdrawn_at, row.withdrawn_via) for row in rows] == [(now, "phone"), (None, "")]


@pytest.mark.parametrize(("purpose", "channel"), [("service", "fax"), ("spam", "sms"), ("service", "robot")])
def test_an_unknown_purpose_or_channel_is_refused(vera, anna, now, purpose, channel):
    before = in_force(vera)
    with pytest.raises(UnknownConsent):
        grant_consent(actor=anna, now=now, client=vera, purpose=purpose, channel=channel)
    with pytest.raises(UnknownConsent):
        withdraw_consent(actor=anna, now=now, client=vera, purpose=purpose, channel=channel)

    assert in_force(vera) == before


def test_a_stranger_and_a_reader_change_no_consent(vera, boris, auditor, now):
    before = in_force(vera)
    for actor in (boris, auditor):
        with pytest.raises(PermissionDenied):
            grant_consent(actor=actor, now=now, client=vera, purpose="advertising", channel="sms")
        with pytest.raises(PermissionDenied):
            withdraw_consent(actor=actor, now=now, client=vera, purpose="service", channel="sms")

    assert in_force(vera) == before
    assert not Entry.objects.filter(action__startswith="consent.").exists()
    assert not Event.objects.exists()


def test_a_withdrawal_stops_waiting_messages_of_its_purpose_and_channel_at_once(vera, now, events):
    grant_consent(actor=None, now=now, client=vera, purpose="advertising", channel="sms")
    stopped = queue_message(now=now, actor=None, client=vera, channel="sms", text="Полис заканчивается")
    others = [
        queue_message(now=now, actor=None, client=vera, channel="sms", text="Скидка", purpose="advertising"),
        queue_message(now=now, actor=None, client=vera, channel="email", text="Полис", subject="Полис"),
    ]
    sent = queue_message(now=now, actor=None, client=vera, channel="sms", text="Уже ушло")
    Message.objects.filter(pk=sent.pk).update(state=Message.State.SENT)

    ended = withdraw_consent(actor=None, now=now, client=vera, purpose="service", channel="sms", via="call")

    assert ended == 1
    stopped.refresh_from_db()
    assert (stopped.state, stopped.fault, stopped.detail) == ("dropped", "policy", "consent")
    assert stopped.verdict["decision"] == "drop"
    assert stopped.verdict["checks"] == [
        {"code": "consent", "passed": False, "detail": {"purpose": "service", "channel": "sms"}}
    ]
    assert [Message.objects.get(pk=other.pk).state for other in others] == ["queued", "queued"]
    assert Message.objects.get(pk=sent.pk).state == "sent"
    assert events("MessageStateChanged") == [
        {
            "message_id": stopped.pk, "client_id": vera.pk, "origin": "", "origin_id": None,
            "state": "dropped", "fault": "policy", "detail": "consent",
        }
    ]  # fmt: skip


def test_every_purpose_of_a_channel_may_be_withdrawn_together(vera, now):
    grant_consent(actor=None, now=now, client=vera, purpose="advertising", channel="sms")

    assert withdraw_consent(actor=None, now=now, client=vera, purpose=None, channel="sms") == 2
    assert in_force(vera) == [("service", "call"), ("service", "email")]
    assert withdraw_consent(actor=None, now=now, client=vera, purpose=None, channel="sms") == 0


def test_do_not_contact_drops_everything_that_waits(vera, boris_client, now):
    waiting = queue_message(now=now, actor=None, client=vera, channel="sms", text="Полис заканчивается")
    foreign = queue_message(now=now, actor=None, client=boris_client, channel="sms", text="Полис")
    on_contactability(ContactabilityChanged(vera.pk), now=now)
    assert Message.objects.get(pk=waiting.pk).state == "queued"

    vera.do_not_contact, vera.do_not_contact_reason = True, "по суду"
    vera.save()
    on_contactability(ContactabilityChanged(vera.pk), now=now)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.detail) == ("dropped", "do_not_contact")
    assert waiting.verdict["checks"][0]["detail"] == {"reason": "по суду"}
    assert Message.objects.get(pk=foreign.pk).state == "queued"
