"""Conversations: opened by clients' messages, routed, answered, handed on, done.

Everything here happens in the transaction of the message that causes it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import insert_missing, listed, update_rows
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.contacts.events import ConversationChanged
from clientela.modules.contacts.models import Conversation, Message
from clientela.modules.contacts.queries.conversations import (
    Place,
    answerers,
    places_of,
    possible_senders,
)
from clientela.modules.contacts.rules import is_stop
from clientela.modules.contacts.rules.hours import Hours
from clientela.modules.contacts.rules.routing import Reason, Why, answer_by, route

SHOWN = 200
_CHUNK = 1000
_FORGOTTEN = timedelta(days=14)
State = Conversation.State


class CannotAnswer(Refusal):
    """The person does not see the client or does not write to clients."""

    message = _("This person cannot answer this client: choose somebody else.")
    field = "person"


class NotTheirAddress(Refusal):
    """The client does not have the address that wrote."""

    message = _("This client does not have the address that wrote.")
    field = "client"


def working_hours() -> Hours:
    """When conversations are answered; days of rest have none."""
    begin, end = settings.WORKING_HOURS
    return Hours(begin, end, begin, begin)


# -- what messages do


def note_incoming(messages: Sequence[Message], possible: dict[int, int], *, now: datetime) -> None:
    """Open, reopen and route the conversations of clients' messages that want an answer.

    ``possible`` names for a message without a client one of those who share its address. The caller holds a
    transaction.
    """
    of_client: defaultdict[int, list[Message]] = defaultdict(list)
    shared: defaultdict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in messages:
        if message.client_id is not None:
            of_client[message.client_id].append(message)
        elif message.pk in possible:
            shared[message.channel, message.address].append(message)
    places = places_of({*of_client, *possible.values()}, now=now)
    changes, events = {}, []
    for client_id, talk in _talks(of_client, places, now).items():
        values = _asked(talk, of_client[client_id], places[client_id])
        changes[talk.pk] = values
        events.append(_changed(talk, values["assignee"]))
    for (channel, address), some in shared.items():
        place = places[possible[some[0].pk]]
        talk = _shared_talk(channel, address, place, now)
        reason = Reason(Why.SHARED_ADDRESS, {}).to_json()
        changes[talk.pk] = _asked(talk, some, place) | {"assignee": talk.assignee_id, "reasons": [reason]}
        events.append(_changed(talk, talk.assignee_id))
    update_rows(Conversation, changes)
    publish_all(events, now=now)


def _talks(of_client: Collection[int], places: dict[int, Place], now: datetime) -> dict[int, Conversation]:
    """The locked conversation of each client, made where there was none."""
    known = _locked(of_client)
    missing = [client_id for client_id in of_client if client_id not in known and client_id in places]
    if missing:
        insert_missing(
            Conversation, [_blank(client_id, places[client_id], "", "", now) for client_id in missing]
        )
        known |= _locked(missing)
    return known


def _locked(client_ids: Collection[int]) -> dict[int, Conversation]:
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
    holder = talk.assignee_id if talk.state == State.OPEN else None
    way = route(place.owner, centre=place.centre, branch=place.branch, holder_id=holder)
    reasons = talk.reasons if way.reason.why == Why.STAYS else [way.reason.to_json()]
    values: dict[str, Any] = {
        "state": State.OPEN, "assignee": way.user_id, "reasons": reasons, "waiting_since": waiting, "answer_by": due,
        "done_at": None, "last_in_at": max(filter(None, [talk.last_in_at, last.created_at])),
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


def _changed(talk: Conversation, assignee_id: int | None) -> ConversationChanged:
    people = sorted({who for who in (talk.assignee_id, assignee_id) if who is not None})
    return ConversationChanged(talk.pk, talk.client_id, people)


def note_written(message: Message, *, actor: Any, now: datetime) -> None:
    """A person wrote to the client: nobody waits any more. Who writes to a client of nobody's holds the talk."""
    if message.client_id is None:
        return
    places = places_of([message.client_id], now=now)
    talk = _talks([message.client_id], places, now)[message.client_id]
    is_fresh = not talk.last_text
    before = talk.assignee_id
    talk.last_at, talk.last_text, talk.last_is_ours = message.created_at, _shown(message), True
    talk.waiting_since = talk.answer_by = None
    if is_fresh:
        talk.state, talk.channel, talk.address = State.OPEN, message.channel, message.address
    if talk.assignee_id is None:
        talk.assignee_id, talk.reasons = actor.pk, [Reason(Why.TAKEN, {}).to_json()]
    talk.save()
    publish_all([_changed(talk, before)], now=now)


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
    talk.save(update_fields=["state", "done_at", "waiting_since", "answer_by"])
    publish_all([_changed(talk, talk.assignee_id)], now=now)


# -- what people do


def _taken(actor: Any, conversation: Conversation) -> Conversation:
    ensure(actor, Permission.CONTACTS_WRITE)
    talk = (
        Conversation.objects.readable_by(actor)
        .select_for_update(of=("self",))
        .filter(pk=conversation.pk)
        .first()
    )
    if talk is None:
        raise NotAllowed("scope")
    return talk


@transaction.atomic
def finish(*, actor: Any, now: datetime, conversation: Conversation) -> bool:
    """Nothing is left to answer. False when it was done already."""
    talk = _taken(actor, conversation)
    if talk.state == State.DONE:
        return False
    talk.state, talk.done_at, talk.waiting_since, talk.answer_by = State.DONE, now, None, None
    talk.save(update_fields=["state", "done_at", "waiting_since", "answer_by"])
    _record(actor, now, "conversation.done", talk, {"state": [State.OPEN, State.DONE]})
    publish_all([_changed(talk, talk.assignee_id)], now=now)
    return True


@transaction.atomic
def reopen(*, actor: Any, now: datetime, conversation: Conversation) -> bool:
    """There is something left to do after all; the client's message waits again if nobody answered it."""
    talk = _taken(actor, conversation)
    if talk.state == State.OPEN:
        return False
    talk.state, talk.done_at = State.OPEN, None
    if not talk.last_is_ours:
        talk.waiting_since = talk.last_in_at
    talk.save(update_fields=["state", "done_at", "waiting_since"])
    _record(actor, now, "conversation.reopened", talk, {"state": [State.DONE, State.OPEN]})
    publish_all([_changed(talk, talk.assignee_id)], now=now)
    return True


@transaction.atomic
def assign(*, actor: Any, now: datetime, conversation: Conversation, person: User | None) -> bool:
    """Give the conversation to ``person``, or back to the queue. Raises ``CannotAnswer``."""
    talk = _taken(actor, conversation)
    before = talk.assignee_id
    if person is not None and not answerers(talk, now=now).filter(pk=person.pk).exists():
        raise CannotAnswer
    if before == (person.pk if person else None):
        return False
    talk.assignee, talk.seen_at = person, None
    if person is None:
        place = Reason(Why.QUEUE_OF_CENTRE, {"name": talk.centre.name}) if talk.centre else None
        reason = place or Reason(Why.QUEUE_OF_BRANCH, {"name": talk.branch.name})
    elif person.pk == actor.pk:
        reason = Reason(Why.TAKEN, {})
    else:
        reason = Reason(Why.GIVEN, {"name": str(actor), "at": now.isoformat()})
    talk.reasons = [reason.to_json()]
    talk.save(update_fields=["assignee", "reasons", "seen_at"])
    names = {user.pk: str(user) for user in User.objects.filter(pk=before)} if before else {}
    changes = {"assignee": [names.get(before or 0, ""), str(person or "")]}
    _record(actor, now, "conversation.assigned", talk, changes)
    publish_all([_changed(talk, before)], now=now)
    return True


def look(*, actor: Any, now: datetime, conversation: Conversation) -> None:
    """The assignee has seen everything so far."""
    if conversation.assignee_id == actor.pk and conversation.is_new:
        Conversation.objects.filter(pk=conversation.pk, assignee=actor).update(seen_at=now)


@transaction.atomic
def settle_sender(*, actor: Any, now: datetime, conversation: Conversation, client: Client) -> Conversation:
    """Say which of the clients who share the address wrote; returns that client's conversation."""
    talk = _taken(actor, conversation)
    if talk.client_id is not None:
        return talk
    if not Client.objects.visible_to(actor).filter(pk=client.pk).exists():
        raise NotAllowed("scope")
    if not possible_senders(talk).filter(pk=client.pk).exists():
        raise NotTheirAddress
    messages = list(
        Message.objects.filter(
            client=None, channel=talk.channel, address=talk.address, direction=Message.Direction.IN
        ).order_by("created_at", "id")
    )
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(client=client)
    for message in messages:
        message.client = client
    _record(actor, now, "conversation.sender_named", talk, {"client": [talk.address, client.name]})
    talk.delete()
    note_incoming(messages, {}, now=now)
    return Conversation.objects.get(client=client)


def _record(actor: Any, now: datetime, action: str, talk: Conversation, changes: dict[str, Any]) -> None:
    record(actor=actor, now=now, action=action, obj=talk.client or talk, changes=changes)


# -- what other modules do


def follow_owners(client_ids: Iterable[int], *, now: datetime) -> None:
    """Clients got another agent, branch or centre: their conversations go with them, open ones to the new owner."""
    talks = _locked(list(client_ids))
    places = places_of(talks, now=now) if talks else {}
    changes, events = {}, []
    for client_id, talk in talks.items():
        place = places[client_id]
        owner = (place.agent_id, place.branch_id, place.centre_id)
        if owner == (talk.agent_id, talk.branch_id, talk.centre_id):
            continue
        assignee, reasons = talk.assignee_id, talk.reasons
        if talk.state == State.OPEN:
            way = route(place.owner, centre=place.centre, branch=place.branch)
            assignee, reasons = way.user_id, [way.reason.to_json()]
        changes[talk.pk] = {
            "agent": owner[0], "branch": owner[1], "centre": owner[2], "assignee": assignee, "reasons": reasons,
        }  # fmt: skip
        events.append(_changed(talk, assignee))
    update_rows(Conversation, changes)
    publish_all(events, now=now)


# -- conversations from before there were any


def gather(*, now: datetime, since: datetime) -> int:
    """Make the conversations of clients who wrote after ``since`` and have none; returns how many.

    A client whose last message is younger than two weeks and unanswered waits; the others' conversations are done.
    """
    asked = Message.objects.filter(
        direction=Message.Direction.IN, client__isnull=False, created_at__gte=since
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
    talks = _locked([message.client_id or 0 for message in messages])
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
    return len(messages)
