"""A macro in a conversation: its words go to the client, its note is kept, its acts are done, all or none."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.operations import add_note
from clientela.modules.contacts.models import Conversation, Macro, Message, Template
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contacts.operations.conversations import assign, finish
from clientela.modules.contacts.operations.macros import count_use
from clientela.modules.contacts.rules import TextError, render
from clientela.workspace.inbox import queries
from clientela.workspace.inbox.answers import values_for
from clientela.workspace.today import letters

Act = Macro.Act


class CannotSay(Refusal):
    """The words cannot be written to this client by this channel."""

    message = _("This text cannot be filled for this client and channel.")


class NotAllowedToGo(Refusal):
    """The communication policy refuses the message; nothing else was done either."""

    def __init__(self, message: Message) -> None:
        super().__init__(letters.refused(message))
        self.message = letters.refused(message)


@transaction.atomic
def run_macro(*, actor: Any, now: datetime, talk: Conversation, macro: Macro) -> Message | None:
    """Do it; returns the message that goes. Raises `CannotSay`, `NotAllowedToGo`, and what its acts raise."""
    client = talk.client
    if client is None or not macro.is_active:
        raise CannotSay
    message = _send(actor, now, talk, macro) if macro.code else None
    if macro.note:
        add_note(actor=actor, now=now, client=client, text=macro.note)
    if Act.TAKE in macro.acts:
        assign(actor=actor, now=now, conversation=talk, person=actor)
    if Act.QUEUE in macro.acts:
        assign(actor=actor, now=now, conversation=talk, person=None)
    if Act.DONE in macro.acts:
        finish(actor=actor, now=now, conversation=talk)
    count_use(Macro.objects.filter(pk=macro.pk), now=now)
    record(actor=actor, now=now, action="macro.run", obj=client, changes={"macro": [None, macro.name]})
    return message


def _send(actor: Any, now: datetime, talk: Conversation, macro: Macro) -> Message:
    client = talk.client
    assert client is not None
    rows = Template.objects.filter(code=macro.code, channel=talk.channel, state=Template.State.APPROVED)
    by_language = {row.language: row for row in rows}
    template = by_language.get(client.language) or by_language.get("ru")
    if template is None:
        raise CannotSay
    values = values_for(client, template.language, today=local_today(settings.TIME_ZONE, now))
    try:
        text, subject = render(template.body, values), render(template.subject, values)
    except TextError as error:
        raise CannotSay from error
    asked = queries.last_asked(talk)
    same = asked is not None and asked.channel == talk.channel
    message = queue_message(
        now=now, actor=actor, client=client, channel=talk.channel, text=text, subject=subject,
        purpose=template.purpose, origin="inbox.macro", in_reply_to=asked,
        contact_point=asked.contact_point if asked and same else None,
    )  # fmt: skip
    if message.state == Message.State.DROPPED:
        raise NotAllowedToGo(message)
    count_use(Template.objects.filter(pk=template.pk), now=now)
    return message
