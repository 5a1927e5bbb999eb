"""What the module does when others tell it something."""

from datetime import datetime

from clientela.modules.calls.events import CallEnded
from clientela.modules.contacts.events import MessageReceived
from clientela.modules.requests.operations.making import from_mail, from_missed
from clientela.modules.requests.operations.sharing import WORK, follow_work, note_late
from clientela.modules.routing.events import WorkEscalated, WorkMoved


def on_work_moved(event: WorkMoved, *, now: datetime) -> None:
    """Routing gave requests to other people."""
    if event.kind == WORK:
        follow_work(event.ref_ids, now=now)


def on_work_escalated(event: WorkEscalated, *, now: datetime) -> None:
    """Nobody answered a request in time."""
    if event.kind == WORK:
        note_late(event.ref_id, event.user_id, now=now)


def on_message(event: MessageReceived, *, now: datetime) -> None:
    """A mail may be a request: some mailboxes are for them."""
    if event.channel == "email" and event.in_reply_to_id is None:
        from_mail(event.message_id, now=now)


def on_call_ended(event: CallEnded, *, now: datetime) -> None:
    """Nobody answered a stranger on a number for sales."""
    if event.direction == "in":
        from_missed(event.call_id, now=now)
