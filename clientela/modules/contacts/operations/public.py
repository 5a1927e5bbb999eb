"""What is written where everybody reads it: answered there, and deleted by its author."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.contacts.models import PUBLIC, Conversation, Message, Publication, Purpose
from clientela.modules.contacts.operations.asking import changed, note_written
from clientela.modules.contacts.operations.conversations import locked_for
from clientela.modules.contacts.queries.conversations import talk_of
from clientela.modules.contacts.queries.facts import Ask, assess_all
from clientela.modules.contacts.rules import Verdict, describe


class NothingPublic(Refusal):
    """Nobody wrote in public here."""

    message = _("There is nothing public to answer in this conversation.")
    field = "channel"


class NotForEverybody(Refusal):
    """The words may not be read by everybody; nothing is stored."""

    field = "text"

    def __init__(self, verdict: Verdict) -> None:
        self.message = str(describe(next(check for check in verdict.checks if not check.passed)))
        super().__init__(self.message)


@transaction.atomic
def answer_in_public(
    *, actor: Any, now: datetime, conversation: Conversation, text: str, answers: Message
) -> Message:
    """Answer what was written in public, there. Raises ``NothingPublic``, ``NotForEverybody``, ``NotAllowed``."""
    talk = locked_for(actor, conversation)
    if answers.channel not in PUBLIC or talk_of(answers) != talk:
        raise NothingPublic
    ask = Ask(talk.client_id, answers.channel, Purpose.SERVICE, text=text, address=answers.address)
    (judged,) = assess_all([ask], now=now)
    if judged.verdict.decision != "send":
        raise NotForEverybody(judged.verdict)
    message = Message.objects.create(
        direction=Message.Direction.OUT, channel=answers.channel, client=talk.client, address=answers.address,
        text=text, state=Message.State.QUEUED, origin="inbox.reply", author=actor, in_reply_to=answers,
        token=secrets.token_urlsafe(16), verdict=judged.verdict.to_json(), not_before=now, created_at=now,
    )  # fmt: skip
    changes = {"channel": [None, message.channel], "state": [None, message.state]}
    record(actor=actor, now=now, action="message.queued", obj=talk.client or talk, changes=changes)
    note_written(message, actor=actor, now=now)
    return message


@transaction.atomic
def withdraw_publications(channel: str, external_ids: Sequence[str], *, now: datetime) -> int:
    """Mark what its authors have deleted, once; returns how many."""
    rows = Publication.objects.filter(message__channel=channel, message__external_id__in=external_ids)
    found = list(rows.filter(withdrawn_at=None).select_related("message"))
    Publication.objects.filter(pk__in=[row.pk for row in found]).update(withdrawn_at=now)
    talks = [talk for row in found if (talk := talk_of(row.message)) is not None]
    publish_all([changed(talk, talk.assignee_id) for talk in talks], now=now)
    return len(found)
