"""What messages do to conversations: opened, routed and answered in the transaction of the message."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from clientela.foundation.bulk import insert_missing, listed, update_rows
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.contacts.events import ConversationChanged
from clientela.modules.contacts.models import Conversation, Message
from clientela.modules.contacts.operations.work import need_of
from clientela.modules.contacts.queries.conversations import WORK
from clientela.modules.contacts.rules import is_stop
from clientela.modules.routing.operations import answered, give, offer, release
from clientela.modules.routing.queries import Place, place_of_branch, places_of, working_hours
from clientela.modules.routing.rules import Reason, Why, answer_by

SHOWN = 200
_CHUNK = 1000
_FORGOTTEN, _BACK = timedelta(days=14), timedelta(days=60)
State = Conversation.State


def note_incoming(
    messages: Sequence[Message],
    possible: dict[int, int],
    *,
    now: datetime,
    homes: Mapping[int, Place] | None = None,
) -> None:
    """Open, reopen and route the conversations of clients' messages that want an answer.

    ``possible`` names for a message without a client one of those who share its address, ``homes`` where a stranger
    is served who writes in public. The caller holds a transaction.
    """
    homes = homes or {}
    of_client: defaultdict[int, list[Message]] = defaultdict(list)
    shared: defaultdict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in messages:
        if message.client_id is not None:
            of_client[message.client_id].append(message)
        elif message.pk in possible or message.pk in homes:
            shared[message.channel, message.address].append(message)
    places = places_of({*of_client, *possible.values()}, now=now)
    changes, events = {}, []
    talks = _talks(of_client, places, now)
    asked = {
        client_id: _asked(talk, of_client[client_id], places[client_id]) for client_id, talk in talks.items()
    }
    routed = _routed(talks, asked, places, now)
    for client_id, talk in talks.items():
        values = asked[client_id] | routed[client_id]
        changes[talk.pk] = values
        events.append(changed(talk, values["assignee"]))
    for (channel, address), some in shared.items():
        home = homes.get(some[0].pk)
        place = home or places[possible[some[0].pk]]
        talk = _shared_talk(channel, address, place, now)
        reason = Reason(Why.SHARED_ADDRESS, {}).to_json()
        values = _asked(talk, some, place) | {"assignee": talk.assignee_id, "reasons": [reason]}
        if home is not None:
            Conversation.objects.filter(pk=talk.pk).update(name=max(some, key=_order).sender or talk.name)
            values |= _routed({0: talk}, {0: values}, {0: home}, now)[0]
        changes[talk.pk] = values
        events.append(changed(talk, values["assignee"]))
    update_rows(Conversation, changes)
    publish_all(events, now=now)


def _routed(
    talks: dict[int, Conversation], asked: dict[int, dict[str, Any]], places: dict[int, Place], now: datetime
) -> dict[int, dict[str, Any]]:
    """Whose each conversation becomes. Who answers an open one already keeps it."""
    needs = [
        need_of(
            talk, places[client_id], channel=asked[client_id]["channel"], due_at=asked[client_id]["answer_by"],
            holder_id=talk.assignee_id if talk.state == State.OPEN else None,
        )
        for client_id, talk in talks.items()
    ]  # fmt: skip
    return {
        client_id: {
            "assignee": placed.user_id,
            "reasons": talks[client_id].reasons if placed.stays else placed.reasons,
        }
        for client_id, placed in zip(talks, offer(needs, now=now), strict=True)
    }


def _talks(of_client: Collection[int], places: dict[int, Place], now: datetime) -> dict[int, Conversation]:
    """The locked conversation of each client, made where there was none."""
    known = locked(of_client)
    missing = [client_id for client_id in of_client if client_id not in known and client_id in places]
    if missing:
        insert_missing(
            Conversation, [_blank(client_id, places[client_id], "", "", now) for client_id in missing]
        )
        known |= locked(missing)
    return known


def locked(client_ids: Collection[int]) -> dict[int, Conversation]:
    """The conversations of these clients, by client, held to the end of the transaction."""
    rows = Conversation.objects.select_for_update(no_key=True).filter(client_id__in=listed(client_ids))
    return {row.client_id: row for row in rows.order_by("id") if row.client_id}


def _shared_talk(channel: str, address: str, place: Place, now: datetime) -> Conversation:
    insert_missing(Conversation, [_blank(None, place, channel, address, now)])
    rows = Conversation.objects.select_for_update(no_key=True)
    return rows.get(client=None, channel=channel, address=address)


def _blank(client_id: int | None, place: Place, channel: str, address: str, now: datetime) -> dict[str, Any]:
    return {
        "client": client_id, "agent": place.agent_id, "branch": place.branch_id, "centre": place.centre_id,
        "channel": channel, "address": address, "state": State.DONE, "reasons": [], "last_at": now, "last_text": "",
        "last_is_ours": False, "created_at": now,
    }  # fmt: skip


def _asked(talk: Conversation, messages: list[Message], place: Place) -> dict[str, Any]:
    """What messages of the client make of a conversation."""
    first, last = min(messages, key=_order), max(messages, key=_order)
    zone = ZoneInfo(place.time_zone)
    waiting = min(filter(None, [talk.waiting_since, first.created_at]))
    due = answer_by(waiting, zone=zone, hours=working_hours(), within=settings.ANSWER_WITHIN)
    values: dict[str, Any] = {
        "state": State.OPEN, "waiting_since": waiting, "answer_by": due, "done_at": None, "last_in_at": max(filter(None, [talk.last_in_at, last.created_at])),
        "channel": last.channel, "address": last.address,
    }  # fmt: skip
    newer = not talk.last_text or last.created_at >= talk.last_at
    values["last_at"] = last.created_at if newer else talk.last_at
    values["last_text"] = _shown(last) if newer else talk.last_text
    values["last_is_ours"] = False if newer else talk.last_is_ours
    return values


def _order(message: Message) -> tuple[datetime, int]:
    return message.created_at, message.pk


def _shown(message: Message) -> str:
    """One line for lists."""
    return " ".join(f"{message.subject} {message.text}".split())[:SHOWN]


def changed(talk: Conversation, assignee_id: int | None) -> ConversationChanged:
    """The event for whoever had the conversation and for ``assignee_id``, who has it now or had it before."""
    people = sorted({who for who in (talk.assignee_id, assignee_id) if who is not None})
    return ConversationChanged(talk.pk, talk.client_id, people)


def note_written(message: Message, *, actor: Any, now: datetime) -> None:
    """A person wrote to the client: nobody waits any more. Who writes to a client of nobody's holds the talk."""
    if message.client_id is None:
        talk = Conversation.objects.select_for_update(no_key=True).get(
            client=None, channel=message.channel, address=message.address
        )
        place = place_of_branch(talk.branch)
    else:
        place = places_of([message.client_id], now=now)[message.client_id]
        talk = _talks([message.client_id], {message.client_id: place}, now)[message.client_id]
    is_fresh = not talk.last_text
    before = talk.assignee_id
    talk.last_at, talk.last_text, talk.last_is_ours = message.created_at, _shown(message), True
    talk.waiting_since = talk.answer_by = None
    if is_fresh:
        talk.state, talk.channel, talk.address = State.OPEN, message.channel, message.address
    if talk.assignee_id is None:
        need = need_of(talk, place)
        placed = give(need, to=actor.pk, by=actor.pk, reason=Reason(Why.TAKEN), now=now)
        talk.assignee_id, talk.reasons = placed.user_id, placed.reasons
    answered(WORK, [talk.pk], now=now)
    talk.save()
    publish_all([changed(talk, before)], now=now)


def wait_again(message: Message, *, now: datetime) -> None:
    """The answer that a person wrote did not reach the client: the client's last message waits once more."""
    client_id = message.client_id or 0
    talk = Conversation.objects.select_for_update().filter(client_id=client_id).first()
    if talk is None or talk.waiting_since is not None or talk.last_at > message.created_at:
        return
    asked = message.in_reply_to.created_at if message.in_reply_to else now
    place = places_of([client_id], now=now)[client_id]
    talk.state, talk.done_at, talk.waiting_since = State.OPEN, None, asked
    talk.answer_by = answer_by(
        now, zone=ZoneInfo(place.time_zone), hours=working_hours(), within=settings.ANSWER_WITHIN
    )
    before = talk.assignee_id
    need = need_of(talk, place, due_at=talk.answer_by, holder_id=talk.assignee_id)
    (placed,) = offer([need], now=now)
    if not placed.stays:
        talk.assignee_id, talk.reasons = placed.user_id, placed.reasons
    talk.save(update_fields=["state", "done_at", "waiting_since", "answer_by", "assignee", "reasons"])
    publish_all([changed(talk, before)], now=now)


def recount(talk: Conversation, *, now: datetime, since: datetime | None = None) -> list[Message]:
    """Read a locked conversation again from its messages, some of which came or went with another card.

    Returns the client's messages that nobody has answered, of those that waited or came after ``since``: the caller
    lets them wait (``note_incoming``).
    """
    said = Message.objects.filter(client=talk.client_id).order_by("-created_at", "-pk")
    by_person = Q(author__isnull=False) | Q(in_reply_to__isnull=False)
    ours = said.outgoing().filter(by_person).exclude(state=Message.State.DROPPED).first()
    heard = said.filter(direction=Message.Direction.IN).first()
    last = max((one for one in (ours, heard) if one is not None), key=_order, default=None)
    if last is not None:
        talk.last_at, talk.last_text, talk.last_is_ours = last.created_at, _shown(last), last is ours
    if heard is not None:
        talk.channel, talk.address, talk.last_in_at = heard.channel, heard.address, heard.created_at
    begun = min(filter(None, [talk.waiting_since, since]), default=None)
    talk.waiting_since = talk.answer_by = None
    talk.save()
    if begun is None:
        return []
    after = ours.created_at if ours is not None else begun
    asked = said.filter(direction=Message.Direction.IN, created_at__gte=max(begun, after))
    waiting = [one for one in asked if ours is None or _order(one) > _order(ours)]
    if not waiting:
        answered(WORK, [talk.pk], now=now)
    return waiting


def gather(*, now: datetime) -> int:
    """Make the conversations of clients who wrote in the last two months and have none; returns how many.

    A client whose last message is younger than two weeks and unanswered waits; the others' conversations are done.
    """
    asked = Message.objects.filter(
        direction=Message.Direction.IN, client__isnull=False, created_at__gte=now - _BACK
    )
    asked = asked.filter(client__conversation=None)
    last: dict[int, Message] = {}
    for message in asked.order_by("created_at", "id").iterator():
        if message.client_id is not None and not is_stop(message.text):
            last[message.client_id] = message
    made = 0
    clients = iter(sorted(last))
    while some := list(islice(clients, _CHUNK)):
        with transaction.atomic():
            made += _gather([last[client_id] for client_id in some], now=now)
    return made


def _gather(messages: Sequence[Message], *, now: datetime) -> int:
    by_person = Q(author__isnull=False) | Q(in_reply_to__isnull=False)
    ours = Message.objects.outgoing().filter(by_person, client_id__in=[m.client_id for m in messages])
    answered: dict[int, Message] = {}
    for message in ours.exclude(state=Message.State.DROPPED).order_by("created_at", "id"):
        answered[message.client_id or 0] = message
    note_incoming(messages, {}, now=now)
    talks = locked([message.client_id or 0 for message in messages])
    closed = []
    for message in messages:
        ours_last = answered.get(message.client_id or 0)
        is_answered = ours_last is not None and ours_last.created_at >= message.created_at
        if not is_answered and message.created_at >= now - _FORGOTTEN:
            continue
        talk = talks[message.client_id or 0]
        talk.state, talk.done_at, talk.waiting_since, talk.answer_by = State.DONE, now, None, None
        if ours_last is not None and is_answered:
            talk.last_at, talk.last_text, talk.last_is_ours = ours_last.created_at, _shown(ours_last), True
        talk.save()
        closed.append(talk.pk)
    release(WORK, closed, now=now)
    return len(messages)
