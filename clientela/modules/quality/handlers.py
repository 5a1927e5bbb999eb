"""Occasions to ask a client, and answers that come as messages."""

from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from clientela.modules.claims.events import ClaimSettled
from clientela.modules.claims.models import Claim
from clientela.modules.contacts.events import ConversationChanged, MessageReceived
from clientela.modules.contacts.models import Conversation, Message
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.models import Policy
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.operations import TooLate, note_occasion, record_answer
from clientela.modules.quality.operations.asking import ORIGIN, robot_told
from clientela.modules.quality.rules import Metric, score_in
from clientela.modules.robot.events import RobotCallEnded

Occasion = Survey.Occasion
_FRESH = timedelta(days=7)


def on_policy_issued(event: PolicyIssued, *, now: datetime) -> None:
    """A policy was bought. One that began long ago was only written down now: nobody is asked."""
    policy = Policy.objects.filter(pk=event.policy_id).select_related("product", "client").first()
    if policy is None or policy.start_date < (now - _FRESH).date():
        return
    with translation.override(policy.client.language):
        values = {"product": policy.product.message_name, "number": policy.number}
        about = _("policy %(product)s %(number)s") % values
    note_occasion(
        now=now,
        kind=Occasion.PURCHASE,
        occasion=f"policy:{policy.pk}",
        client_id=event.client_id,
        about=about,
    )


def on_conversation(event: ConversationChanged, *, now: datetime) -> None:
    """A conversation is done. A client who wrote and got no answer is not asked how it was."""
    talk = Conversation.objects.filter(pk=event.conversation_id, state=Conversation.State.DONE).first()
    if talk is None or talk.client_id is None or talk.done_at is None or talk.last_in_at is None:
        return
    answers = Message.objects.outgoing().filter(client_id=talk.client_id, author__isnull=False)
    first = talk.last_in_at - timedelta(days=1)
    if not answers.filter(created_at__gte=first).exists():
        return
    occasion = f"conversation:{talk.pk}:{talk.done_at:%Y%m%d%H%M%S}"
    note_occasion(now=now, kind=Occasion.SERVICE, occasion=occasion, client_id=talk.client_id)


def on_claim_settled(event: ClaimSettled, *, now: datetime) -> None:
    """A claim was decided, whichever way."""
    claim = Claim.objects.filter(pk=event.claim_id).first()
    if claim is None:  # an import that brought it was taken back
        return
    note_occasion(
        now=now,
        kind=Occasion.CLAIM,
        occasion=f"claim:{claim.pk}",
        client_id=event.client_id,
        about=claim.number,
    )


def on_message(event: MessageReceived, *, now: datetime) -> None:
    """A reply to our question that is nothing but a number of the scale."""
    message = Message.objects.select_related("in_reply_to").filter(pk=event.message_id).first()
    asked = message.in_reply_to if message is not None else None
    if message is None or asked is None or asked.origin != ORIGIN:
        return
    request = SurveyRequest.objects.select_related("survey").filter(pk=asked.origin_id or 0).first()
    if request is None or request.client_id != message.client_id:
        return
    score = score_in(message.text, Metric(request.survey.metric))
    if score is None:
        return
    try:
        record_answer(actor=None, now=now, request=request, score=score, via=SurveyRequest.Via.REPLY)
    except TooLate:
        return


def on_robot_call(event: RobotCallEnded, *, now: datetime) -> None:
    """The robot asked, or will not try any more."""
    if event.origin == ORIGIN:
        robot_told(event, now=now)
