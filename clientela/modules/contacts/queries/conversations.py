"""Conversations: whose clients they are, who may answer them, who may have written."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission, Role, permissions_of
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Conversation, PhoneClaim
from clientela.modules.contacts.queries.facts import KINDS
from clientela.modules.contacts.rules.routing import Owner
from clientela.modules.organisation.models import Absence

WRITERS = tuple(role for role in Role.values if Permission.CONTACTS_WRITE in permissions_of(role))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client belongs, and who holds the client."""

    agent_id: int | None
    branch_id: int
    centre_id: int | None
    branch: str
    centre: str
    time_zone: str
    owner: Owner


def places_of(client_ids: Collection[int], *, now: datetime) -> dict[int, Place]:
    """The place of each client, in two statements; a client that is gone is left out."""
    clients = list(
        Client.objects.filter(id__in=listed(client_ids)).select_related(
            "agent__user", "agent__team", "branch", "centre"
        )
    )
    users = {client.agent.user_id for client in clients if client.agent and client.agent.user_id}
    away = _away(users, now)
    return {client.pk: _place(client, away) for client in clients}


def _place(client: Client, away: dict[int, Absence]) -> Place:
    agent, owner = client.agent, Owner(None)
    if agent is not None and agent.user is not None and agent.user.is_active:
        absence = away.get(agent.user.pk)
        owner = Owner(
            agent.user.pk,
            agent.agreement_number,
            str(agent),
            absence.last_day if absence else None,
            absence.substitute_id if absence and absence.substitute.is_active else None,
        )
    return Place(
        client.agent_id, client.branch_id, client.centre_id, client.branch.name,
        client.centre.name if client.centre else "", client.branch.time_zone, owner,
    )  # fmt: skip


def _away(user_ids: Collection[int], now: datetime) -> dict[int, Absence]:
    """The absence of each person who is away today by the own clock."""
    if not user_ids:
        return {}
    about = now.date()
    rows = Absence.objects.filter(
        person__in=user_ids, first_day__lte=about + timedelta(days=1), last_day__gte=about - timedelta(days=1)
    ).select_related("person", "substitute")
    return {
        row.person_id: row
        for row in rows
        if row.first_day <= local_today(row.person.time_zone, now) <= row.last_day
    }


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
        if agent.user_id and (absence := _away({agent.user_id}, now).get(agent.user_id)):
            near |= Q(pk=absence.substitute_id)
    people = User.objects.filter(near, is_active=True, role__in=WRITERS)
    return people.order_by("last_name", "first_name", "id")


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
