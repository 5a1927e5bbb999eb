"""From an occasion to a question: once, not too often, only where the policy lets it."""

from datetime import timedelta

import pytest

from clientela.modules.claims.events import ClaimSettled
from clientela.modules.claims.operations import open_claim
from clientela.modules.contacts.events import ConversationChanged
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contacts.operations.conversations import finish, reopen
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.quality.handlers import on_claim_settled, on_conversation, on_policy_issued
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.operations import ask_due, note_occasion
from tests.cast import VERAS_PHONE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ask(now, after=timedelta(0)):
    ask_due(now=now + after)
    return SurveyRequest.objects.select_related("survey", "message").order_by("-id").first()


def test_a_purchase_is_asked_about_two_days_later_once(surveys, vera_policy, now):
    vera_policy.start_date = now.date()
    vera_policy.save()
    for _ in range(2):
        on_policy_issued(PolicyIssued(vera_policy.pk, vera_policy.client_id, None), now=now)
    assert ask(now, 47 * HOUR).state == "waiting"
    row = ask(now, 48 * HOUR)
    assert (row.state, row.survey.code, row.asked_at) == ("asked", "purchase", now + 48 * HOUR)
    message = Message.objects.get()
    assert (message.channel, message.origin, message.origin_id) == ("email", "quality.request", row.pk)
    assert message.text.startswith("Вера Николаевна, спасибо за полис ОСАГО ХХХ 0412773905. Один вопрос")
    assert f"/f/{row.token}/" in message.text
    assert message.verdict["decision"] == "send"
    ask(now, 49 * HOUR)
    assert Message.objects.count() == 1


def test_a_policy_that_began_long_ago_was_only_written_down(surveys, vera_policy, now):
    on_policy_issued(PolicyIssued(vera_policy.pk, vera_policy.client_id, None), now=now)
    assert not SurveyRequest.objects.exists()


def test_the_first_channel_that_reaches_the_client(surveys, vera, now):
    Consent.objects.filter(client=vera, channel="email").update(withdrawn_at=now)
    note_occasion(now=now, kind="purchase", occasion="policy:7", client_id=vera.pk)
    assert ask(now, 48 * HOUR).message.channel == "sms"


def test_nobody_is_asked_who_may_not_be_written_to(surveys, vera, now):
    Consent.objects.filter(client=vera).update(withdrawn_at=now)
    note_occasion(now=now, kind="purchase", occasion="policy:7", client_id=vera.pk)
    row = ask(now, 48 * HOUR)
    assert (row.state, row.reason, row.asked_at) == ("dropped", "unreachable", None)
    assert not Message.objects.exists()


def test_who_was_asked_lately_is_left_in_peace(surveys, vera, now):
    note_occasion(now=now, kind="purchase", occasion="policy:7", client_id=vera.pk)
    ask(now, 48 * HOUR)
    note_occasion(
        now=now + 29 * DAY, kind="claim", occasion="claim:3", client_id=vera.pk, about="У-26-000003"
    )
    assert (ask(now, 32 * DAY - HOUR).reason, ask(now, 32 * DAY - HOUR).survey.code) == ("", "claim")
    assert ask(now, 32 * DAY).state == "asked"  # 30 days after the first
    note_occasion(now=now + 40 * DAY, kind="claim", occasion="claim:4", client_id=vera.pk)
    assert (ask(now, 44 * DAY).state, ask(now, 44 * DAY).reason) == ("dropped", "lately")


def test_two_occasions_of_one_moment_ask_once(surveys, vera, now):
    for number in (7, 8):
        note_occasion(now=now, kind="purchase", occasion=f"policy:{number}", client_id=vera.pk)
    ask(now, 48 * HOUR)
    assert sorted(SurveyRequest.objects.values_list("state", "reason")) == [
        ("asked", ""),
        ("dropped", "lately"),
    ]


@pytest.mark.parametrize(("change", "reason"), [({"is_active": False}, "off"), ({}, "late")])
def test_what_is_not_worth_asking(surveys, vera, now, change, reason):
    note_occasion(now=now, kind="purchase", occasion="policy:7", client_id=vera.pk)
    Survey.objects.filter(code="purchase").update(**change)
    row = ask(now, 48 * HOUR + (timedelta(0) if change else 8 * DAY))
    assert (row.state, row.reason) == ("dropped", reason)


def test_a_conversation_is_asked_about_when_it_stays_done(surveys, vera, anna, write_in, now):
    write_in("Сколько стоит?", sender=VERAS_PHONE)
    talk = vera.conversation
    on_conversation(ConversationChanged(talk.pk, vera.pk, []), now=now)
    assert not SurveyRequest.objects.exists()
    finish(actor=anna, now=now, conversation=talk)
    on_conversation(ConversationChanged(talk.pk, vera.pk, []), now=now)
    assert not SurveyRequest.objects.exists(), "nobody answered: there is nothing to praise"

    queue_message(now=now, actor=anna, client=vera, channel="sms", text="7 268 рублей")
    finish(actor=anna, now=now, conversation=talk)
    on_conversation(ConversationChanged(talk.pk, vera.pk, []), now=now)
    reopen(actor=anna, now=now + HOUR, conversation=talk)
    row = ask(now, 5 * HOUR)
    assert (row.state, row.reason) == ("dropped", "reopened")

    finish(actor=anna, now=now + DAY, conversation=talk)
    on_conversation(ConversationChanged(talk.pk, vera.pk, []), now=now + DAY)
    assert ask(now, DAY + 4 * HOUR).state == "asked"


def test_a_settled_claim_is_asked_about_and_one_that_is_gone_is_not(surveys, vera_policy, anna, now):
    claim = open_claim(actor=anna, now=now, policy=vera_policy, occurred_on=now.date())
    for claim_id in (claim.pk, claim.pk + 1):
        on_claim_settled(ClaimSettled(claim_id, vera_policy.pk, vera_policy.client_id, "refused"), now=now)
    assert list(SurveyRequest.objects.values_list("occasion", "about")) == [
        (f"claim:{claim.pk}", claim.number)
    ]
