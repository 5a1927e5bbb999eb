"""Conversations as work: what routing is asked about them, and what it did by itself."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from clientela.foundation.bulk import listed, update_rows
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.contacts.events import ConversationChanged
from clientela.modules.contacts.models import Conversation
from clientela.modules.contacts.queries.conversations import WORK
from clientela.modules.routing.operations import Need
from clientela.modules.routing.operations.work import reasons_of
from clientela.modules.routing.queries import Place, work_on

# Who writes here sits and waits for the answer.
LIVE_CHANNELS = {"webchat"}


def need_of(
    talk: Conversation,
    place: Place,
    *,
    channel: str = "",
    due_at: datetime | None = None,
    holder_id: int | None = None,
    asks: bool = True,
) -> Need:
    """What a conversation wants; ``asks`` is false while nobody waits for an answer."""
    channel = channel or talk.channel
    media = "chat" if channel in LIVE_CHANNELS else "letter"
    asked = (("channel", channel), ("language", place.language))
    skills = frozenset(f"{kind}:{code}" for kind, code in asked if code in settings.WORK_SKILLS[kind])
    return Need(WORK, talk.pk, media, place, skills, due_at=due_at, holder_id=holder_id, asks=asks)


def follow_work(talk_ids: Collection[int], *, now: datetime) -> None:
    """Routing moved these conversations: take over who has them now, however often it is told."""
    rows = Conversation.objects.select_for_update(no_key=True).filter(pk__in=listed(talk_ids))
    talks = list(rows.order_by("id"))
    work = work_on(WORK, [talk.pk for talk in talks])
    changes, events = {}, []
    for talk in talks:
        item = work.get(talk.pk)
        if item is None or item.assignee_id == talk.assignee_id:
            continue
        changes[talk.pk] = {"assignee": item.assignee_id, "reasons": reasons_of(item), "seen_at": None}
        people = sorted({who for who in (talk.assignee_id, item.assignee_id) if who is not None})
        events.append(ConversationChanged(talk.pk, talk.client_id, people))
    update_rows(Conversation, changes)
    publish_all(events, now=now)
