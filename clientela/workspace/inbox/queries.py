"""What the inbox reads: lists of conversations, and all that was said in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from clientela.foundation.fields import prefix_range
from clientela.foundation.names import name_key
from clientela.modules.accounts.access import Permission
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import Note
from clientela.modules.contacts.models import Conversation, HandOver, Message
from clientela.modules.contacts.queries.conversations import WORK, messages_of
from clientela.modules.routing.models import WorkItem
from clientela.modules.routing.queries import work_on
from clientela.workspace.inbox.filters import BOXES, InboxFilter
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 40
MOST = 99
THREAD = 40
ORDERS = {
    "new": (Key("last_at", datetime, descending=True), Key("id", descending=True)),
    "due": (Key("answer_by", datetime), Key("id")),
}
State = Conversation.State


def boxed(user: Any, box: str) -> "QuerySet[Conversation]":
    """Visible conversations of a box: mine, the colleagues', nobody's, or done ones; of all boxes for none."""
    rows = Conversation.objects.visible_to(user)
    if not box:
        return rows
    if box == "done":
        return rows.filter(state=State.DONE)
    rows = rows.filter(state=State.OPEN)
    if box == "mine":
        return rows.filter(assignee=user)
    if box == "free":
        return rows.filter(assignee=None)
    return rows.filter(assignee__isnull=False).exclude(assignee=user)


def listed(user: Any, wanted: InboxFilter) -> "QuerySet[Conversation]":
    """Conversations of the box by every condition."""
    rows = boxed(user, wanted.box)
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.complaint:
        rows = rows.filter(Exists(HandOver.objects.filter(conversation=OuterRef("pk"), undone_at=None)))
    if wanted.waiting or wanted.order == "due":
        rows = rows.filter(answer_by__isnull=False)
    if wanted.name and (key := name_key(wanted.name)):
        rows = rows.filter(**prefix_range("client__name_key", key))
    return rows


def page(user: Any, wanted: InboxFilter, *, after: str = "", size: int = PAGE) -> KeyPage[Conversation]:
    """A page of the list in its order."""
    shown = Conversation.objects.readable_by(user).select_related("client", "assignee")
    return page_of(listed(user, wanted), ORDERS[wanted.order], shown=shown, after=after, size=size)


def counts(user: Any) -> dict[str, int]:
    """How many conversations are open in each box; ``MOST`` + 1 stands for more. Done ones are not counted."""
    return {box: boxed(user, box).order_by().values("pk")[: MOST + 1].count() for box in BOXES[:-1]}


def waiting_for(user: Any) -> int:
    """How many clients wait for this person's answer; ``MOST`` + 1 stands for more."""
    if not user.can(Permission.CONTACTS_WRITE):
        return 0
    rows = boxed(user, "mine").filter(waiting_since__isnull=False).order_by()
    return rows.values("pk")[: MOST + 1].count()


def find(user: Any, conversation_id: int) -> Conversation | None:
    """A visible conversation with everybody its page names."""
    rows = Conversation.objects.readable_by(user).select_related(
        "client__agent", "assignee", "branch", "centre"
    )
    return rows.filter(pk=conversation_id).first()


@dataclass(frozen=True)
class Said:
    """One thing said, by the client, to the client, among colleagues (``note``), or on the telephone."""

    at: datetime
    message: Message | None = None
    note: Note | None = None
    call: Call | None = None


@dataclass(frozen=True)
class Thread:
    """What was said, oldest first; ``before`` is the moment from which older things are asked for, if any are left."""

    said: Sequence[Said]
    before: str = ""


def thread(talk: Conversation, *, before: datetime | None = None, size: int = THREAD) -> Thread:
    """The newest messages before a moment with the notes and calls of that time, in four statements."""
    end = before or timezone.now() + timedelta(days=1)
    messages = list(
        messages_of(talk)
        .filter(created_at__lt=end)
        .select_related("author", "publication")
        .prefetch_related("files")
        .annotate(has_html=ExpressionWrapper(~Q(html=""), output_field=BooleanField()))
        .defer("html")
        .order_by("-created_at", "-id")[: size + 1]
    )
    more, messages = len(messages) > size, messages[:size]
    start = messages[-1].created_at if messages and more else None
    said = [Said(message.created_at, message=message) for message in messages]
    if talk.client_id is not None:
        notes = Note.objects.filter(client_id=talk.client_id, deleted_at=None, created_at__lt=end)
        since = Q(created_at__gte=start) if start else Q()
        newest = notes.filter(since).select_related("author").order_by("-created_at", "-id")[:size]
        said += [Said(note.created_at, note=note) for note in newest]
        held = Q(started_at__gte=start) if start else Q()
        calls = Call.objects.filter(
            held, client_id=talk.client_id, started_at__lt=end, state=Call.State.ENDED
        )
        rung = calls.select_related("person").order_by("-started_at", "-id")[:size]
        said += [Said(call.started_at, call=call) for call in rung]
    return Thread(sorted(said, key=lambda one: one.at), start.isoformat() if start else "")


def work_of(talk: Conversation) -> tuple[WorkItem | None, dict[int, str]]:
    """What routing decided about a conversation, and the names of the people it went to."""
    work = work_on(WORK, [talk.pk]).get(talk.pk)
    people = {one["to"] for one in work.decisions if one["to"]} if work else set()
    return work, {person.pk: str(person) for person in User.objects.filter(pk__in=people)} if people else {}


def complaint_of(talk: Conversation) -> HandOver | None:
    """The last complaint that was handed over from a conversation and not taken back."""
    rows = talk.hand_overs.filter(undone_at=None).select_related("by")
    return rows.order_by("-at", "-id").first()


def last_asked(talk: Conversation) -> Message | None:
    """The client's latest message, which an answer answers."""
    rows = messages_of(talk).filter(direction=Message.Direction.IN).select_related("contact_point")
    return rows.order_by("-created_at", "-id").first()


def still_asked(talk: Conversation, seen: int | None, last: Message | None) -> bool:
    """Whether the message that somebody answers is still of this conversation: cards may have parted meanwhile."""
    if seen is None or (last is not None and last.pk == seen):
        return True
    return messages_of(talk).filter(pk=seen).exists()
