"""Conversations: whose clients they are, who may answer them, who may have written."""

from datetime import datetime

from django.db.models import Q, QuerySet

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission, Role, permissions_of
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import PUBLIC, Conversation, Message, PhoneClaim
from clientela.modules.contacts.queries.facts import KINDS
from clientela.modules.routing.queries import absences_of

# What routing calls a conversation.
WORK = "conversation"
WRITERS = tuple(role for role in Role.values if Permission.CONTACTS_WRITE in permissions_of(role))


def answerers(conversation: Conversation, *, now: datetime) -> "QuerySet[User]":
    """People who may be given this conversation: those who write to clients and see this one."""
    agent = conversation.agent
    near = Q(role=Role.BRANCH_HEAD, placement__branch=conversation.branch_id)
    near |= Q(role__in=[Role.RENEWALS_MANAGER, Role.ADMINISTRATOR])
    if conversation.centre_id:
        near |= Q(role=Role.CENTRE_OPERATOR, placement__centre=conversation.centre_id)
    if agent is not None:
        near |= Q(role=Role.AGENT, agent=agent.pk)
        if agent.team_id:
            near |= Q(role=Role.TEAM_LEAD, placement__team=agent.team_id)
        if agent.user_id and (absence := absences_of({agent.user_id}, now).get(agent.user_id)):
            near |= Q(pk=absence.substitute_id)
    people = User.objects.filter(near, is_active=True, role__in=WRITERS)
    return people.order_by("last_name", "first_name", "id")


def messages_of(talk: Conversation) -> "QuerySet[Message]":
    """All messages of a conversation."""
    if talk.client_id is None:
        return Message.objects.filter(client=None, channel=talk.channel, address=talk.address)
    return Message.objects.filter(client_id=talk.client_id)


def talk_of(message: Message) -> Conversation | None:
    """The conversation that a message belongs to."""
    if message.client_id is not None:
        return Conversation.objects.filter(client=message.client_id).first()
    rows = Conversation.objects.filter(client=None, channel=message.channel, address=message.address)
    return rows.first()


def last_public(talk: Conversation) -> Message | None:
    """What the client or a stranger wrote last where everybody reads it, and what stands there still."""
    rows = messages_of(talk).filter(direction=Message.Direction.IN, channel__in=PUBLIC)
    standing = rows.filter(publication__withdrawn_at=None).select_related("publication")
    return standing.order_by("-created_at", "-id").first()


def possible_senders(conversation: Conversation) -> "QuerySet[Client]":
    """Clients who share the address of a conversation that belongs to nobody yet."""
    points = ContactPoint.objects.filter(value=conversation.address, kind=KINDS[conversation.channel])
    return Client.objects.filter(pk__in=points.values("client")).order_by("id")


def open_claim(conversation: Conversation) -> PhoneClaim | None:
    """The phone that the writer names and nobody has looked into yet."""
    if conversation.client_id is None:
        return None
    return PhoneClaim.objects.filter(client=conversation.client_id, settled_at=None).order_by("id").first()


def claimants(claim: PhoneClaim) -> "QuerySet[Client]":
    """Clients who have the phone that was named."""
    points = ContactPoint.objects.filter(value=claim.phone, kind=ContactPoint.Kind.PHONE)
    return Client.objects.filter(pk__in=points.values("client")).order_by("id")
