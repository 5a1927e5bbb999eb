"""What is done with conversations: finished, opened again, handed on, taken along when clients change hands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import listed, update_rows
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.contacts.models import PUBLIC, Conversation, Message
from clientela.modules.contacts.operations.asking import changed, locked, note_incoming
from clientela.modules.contacts.operations.work import need_of
from clientela.modules.contacts.queries.conversations import WORK, answerers, possible_senders
from clientela.modules.routing.operations import accept, give, offer, release
from clientela.modules.routing.queries import Place, place_of_branch, places_of
from clientela.modules.routing.rules import Reason, Why

State = Conversation.State


class CannotAnswer(Refusal):
    """The person does not see the client or does not write to clients."""

    message = _("This person cannot answer this client: choose somebody else.")
    field = "person"


class NotTheirAddress(Refusal):
    """The client does not have the address that wrote."""

    message = _("This client does not have the address that wrote.")
    field = "client"


def locked_for(actor: Any, conversation: Conversation) -> Conversation:
    """The conversation, held to the end of the transaction, if the actor may write in it. Raises ``NotAllowed``."""
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
    talk = locked_for(actor, conversation)
    if talk.state == State.DONE:
        return False
    talk.state, talk.done_at, talk.waiting_since, talk.answer_by = State.DONE, now, None, None
    talk.save(update_fields=["state", "done_at", "waiting_since", "answer_by"])
    release(WORK, [talk.pk], now=now)
    _record(actor, now, "conversation.done", talk, {"state": [State.OPEN, State.DONE]})
    publish_all([changed(talk, talk.assignee_id)], now=now)
    return True


@transaction.atomic
def reopen(*, actor: Any, now: datetime, conversation: Conversation) -> bool:
    """There is something left to do after all; the client's message waits again if nobody answered it."""
    talk = locked_for(actor, conversation)
    if talk.state == State.OPEN:
        return False
    talk.state, talk.done_at = State.OPEN, None
    if not talk.last_is_ours:
        talk.waiting_since = talk.last_in_at
    before = talk.assignee_id
    if talk.waiting_since is not None and (talk.client_id is not None or talk.channel in PUBLIC):
        (placed,) = offer([need_of(talk, _place(talk, now), holder_id=before)], now=now)
        if not placed.stays:
            talk.assignee_id, talk.reasons = placed.user_id, placed.reasons
    talk.save(update_fields=["state", "done_at", "waiting_since", "assignee", "reasons"])
    _record(actor, now, "conversation.reopened", talk, {"state": [State.DONE, State.OPEN]})
    publish_all([changed(talk, before)], now=now)
    return True


def _place(talk: Conversation, now: datetime) -> Place:
    """Where the client belongs; the place of who wrote from a shared address is the branch."""
    known = places_of([talk.client_id], now=now) if talk.client_id else {}
    return known.get(talk.client_id or 0) or place_of_branch(talk.branch)


@transaction.atomic
def assign(*, actor: Any, now: datetime, conversation: Conversation, person: User | None) -> bool:
    """Give the conversation to ``person``, or back to the queue. Raises ``CannotAnswer``."""
    talk = locked_for(actor, conversation)
    before = talk.assignee_id
    if person is not None and not answerers(talk, now=now).filter(pk=person.pk).exists():
        raise CannotAnswer
    if before == (person.pk if person else None):
        return False
    talk.assignee, talk.seen_at = person, None
    reason = None
    if person is not None:
        given = Reason(Why.GIVEN, {"name": str(actor), "at": now.isoformat()})
        reason = Reason(Why.TAKEN) if person.pk == actor.pk else given
    asks = talk.waiting_since is not None or (person is None and talk.state == State.OPEN)
    need = need_of(talk, _place(talk, now), due_at=talk.answer_by, asks=asks)
    placed = give(need, to=person.pk if person else None, by=actor.pk, reason=reason, now=now)
    talk.reasons = placed.reasons
    talk.save(update_fields=["assignee", "reasons", "seen_at"])
    names = {user.pk: str(user) for user in User.objects.filter(pk=before)} if before else {}
    changes = {"assignee": [names.get(before or 0, ""), str(person or "")]}
    _record(actor, now, "conversation.assigned", talk, changes)
    publish_all([changed(talk, before)], now=now)
    return True


def look(*, actor: Any, now: datetime, conversation: Conversation) -> None:
    """The assignee has seen everything so far."""
    if conversation.assignee_id == actor.pk and conversation.is_new:
        Conversation.objects.filter(pk=conversation.pk, assignee=actor).update(seen_at=now)
        accept(WORK, conversation.pk, user_id=actor.pk, now=now)


@transaction.atomic
def settle_sender(*, actor: Any, now: datetime, conversation: Conversation, client: Client) -> Conversation:
    """Say which of the clients who share the address wrote; returns that client's conversation."""
    talk = locked_for(actor, conversation)
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
    _give_up(talk, client.pk, now=now)
    note_incoming(messages, {}, now=now)
    return Conversation.objects.get(client=client)


def _give_up(talk: Conversation, client_id: int, *, now: datetime) -> None:
    """Everything said in it is a client's now."""
    talk.hand_overs.update(
        client=client_id, conversation=Conversation.objects.filter(client=client_id).first()
    )
    release(WORK, [talk.pk], now=now)
    talk.delete()


def adopt(channel: str, owners: Mapping[str, Sequence[int]], *, now: datetime) -> None:
    """Strangers who wrote in public and have a card by now: what they wrote goes to it, and waits there if it waited.

    ``owners`` are the clients of each address; several are nobody. The caller holds a transaction.
    """
    known = {address: clients[0] for address, clients in owners.items() if len(clients) == 1}
    rows = Conversation.objects.select_for_update(of=("self",)).filter(
        client=None, channel=channel, address__in=listed(known)
    )
    for talk in rows.order_by("id"):
        client_id = known[talk.address]
        said = Message.objects.filter(client=None, channel=channel, address=talk.address)
        messages = list(said.filter(direction=Message.Direction.IN).order_by("created_at", "id"))
        said.update(client=client_id)
        for message in messages:
            message.client_id = client_id
        since = talk.waiting_since
        publish_all([changed(talk, None)], now=now)
        _give_up(talk, client_id, now=now)
        note_incoming([one for one in messages if since and one.created_at >= since], {}, now=now)


def _record(actor: Any, now: datetime, action: str, talk: Conversation, changes: dict[str, Any]) -> None:
    record(actor=actor, now=now, action=action, obj=talk.client or talk, changes=changes)


def follow_owners(client_ids: Iterable[int], *, now: datetime) -> None:
    """Clients got another agent, branch or centre: their conversations go with them, open ones to the new owner."""
    talks = locked(list(client_ids))
    places = places_of(talks, now=now) if talks else {}
    moved = {
        client_id: talk
        for client_id, talk in talks.items()
        if _owner(places[client_id]) != (talk.agent_id, talk.branch_id, talk.centre_id)
    }
    needs = {
        client_id: need_of(
            talk, places[client_id], due_at=talk.answer_by, asks=talk.waiting_since is not None
        )
        for client_id, talk in moved.items()
        if talk.state == State.OPEN
    }
    placed = dict(zip(needs, offer(list(needs.values()), now=now), strict=True))
    changes, events = {}, []
    for client_id, talk in moved.items():
        agent, branch, centre = _owner(places[client_id])
        way = placed.get(client_id)
        assignee, reasons = (way.user_id, way.reasons) if way else (talk.assignee_id, talk.reasons)
        changes[talk.pk] = {
            "agent": agent, "branch": branch, "centre": centre, "assignee": assignee, "reasons": reasons,
        }  # fmt: skip
        events.append(changed(talk, assignee))
    update_rows(Conversation, changes)
    publish_all(events, now=now)


def _owner(place: Place) -> tuple[int | None, int, int | None]:
    return place.agent_id, place.branch_id, place.centre_id
