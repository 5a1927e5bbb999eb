"""Reactions to events of lower modules."""

from datetime import datetime

from clientela.modules.clients.events import ContactabilityChanged
from clientela.modules.clients.models import Client
from clientela.modules.contacts.events import MessageStateChanged
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import drop_queued
from clientela.modules.contacts.operations.asking import wait_again
from clientela.modules.contacts.operations.conversations import follow_owners
from clientela.modules.contacts.operations.work import follow_work
from clientela.modules.contacts.queries.conversations import WORK
from clientela.modules.contacts.rules import Check, Code
from clientela.modules.routing.events import WorkMoved


def on_contactability(event: ContactabilityChanged, *, now: datetime) -> None:
    """The conversation follows the client's owner; what waits for a client who asked not to be contacted is dropped.

    Every other change needs nothing here: each message is judged again, with fresh facts, when it is sent.
    """
    follow_owners([event.client_id], now=now)
    client = Client.objects.filter(pk=event.client_id, do_not_contact=True).first()
    if client is not None:
        check = Check(Code.DO_NOT_CONTACT, False, {"reason": client.do_not_contact_reason})
        drop_queued(now=now, client_id=client.pk, check=check)


def on_message_state(event: MessageStateChanged, *, now: datetime) -> None:
    """A client whose answer did not arrive waits again."""
    if event.state not in (Message.State.FAILED, Message.State.DROPPED) or event.client_id is None:
        return
    written = Message.objects.filter(pk=event.message_id, author__isnull=False).select_related("in_reply_to")
    for message in written:
        wait_again(message, now=now)


def on_work_moved(event: WorkMoved, *, now: datetime) -> None:
    """Routing gave conversations to other people."""
    if event.kind == WORK:
        follow_work(event.ref_ids, now=now)
