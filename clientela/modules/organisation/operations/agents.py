"""Agents' cards: the agreement, and the contacts that clients see."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.phones import normalize
from clientela.foundation.regions import BY_CODE
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.rules import Permission
from clientela.modules.organisation.events import AgentContactsChanged
from clientela.modules.organisation.models import Agent
from clientela.modules.organisation.operations.absences import end_impossible
from clientela.modules.organisation.operations.saving import add, change

CONTACTS = ("last_name", "first_name", "middle_name", "phone", "email")


class NotYourCard(PermissionDenied):
    """Contacts are kept by the agent or by who manages the organisation."""


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    if values.get("phone"):
        phone = normalize(values["phone"])
        if phone is None:
            raise ValidationError({"phone": _("This is no phone number. Write it like +7 917 000-41-08.")})
        values["phone"] = phone
    if unknown := [code for code in values.get("territories", []) if code not in BY_CODE]:
        raise ValidationError({"territories": _("No such region: %(code)s.") % {"code": unknown[0]}})
    team, branch = values.get("team"), values.get("branch")
    if team is not None and branch is not None and team.branch_id != branch.pk:
        raise ValidationError({"team": _("This team is of another branch.")})
    return values


@transaction.atomic
def create_agent(*, actor: Any, now: datetime, **values: Any) -> Agent:
    """A new agent's card under an agreement."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    return add(Agent(**_clean(values)), actor=actor, now=now, action="agent.created")


@transaction.atomic
def change_agent(*, actor: Any, now: datetime, agent: Agent, **values: Any) -> Agent:
    """Change the agreement, the place or the contacts of an agent; a substitution ends with a move to another branch."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    place = {"branch": agent.branch, "team": agent.team}
    _clean(place | values)
    changes = change(agent, _clean(values), actor=actor, now=now, action="agent.changed")
    _tell(agent, changes, now=now)
    if agent.user is not None and changes.keys() & {"branch", "is_active", "user"}:
        end_impossible(actor=actor, now=now, person=agent.user)
    return agent


@transaction.atomic
def change_contacts(*, actor: Any, now: datetime, agent: Agent, **values: Any) -> Agent:
    """What clients see: name, phone, e-mail. By the agent, or by who manages the organisation."""
    _ensure_own(actor, agent)
    if unknown := set(values) - set(CONTACTS):
        raise TypeError(f"not contacts: {sorted(unknown)}")
    changes = change(agent, _clean(values), actor=actor, now=now, action="agent.contacts")
    Agent.objects.filter(pk=agent.pk).update(contacts_confirmed_at=now)
    agent.contacts_confirmed_at = now
    _tell(agent, changes, now=now)
    return agent


@transaction.atomic
def confirm_contacts(*, actor: Any, now: datetime, agent: Agent) -> Agent:
    """Say that the contacts are still right."""
    _ensure_own(actor, agent)
    changes = {"contacts_confirmed_at": [agent.contacts_confirmed_at, now]}
    agent.contacts_confirmed_at = now
    agent.save(update_fields=["contacts_confirmed_at"])
    record(actor=actor, now=now, action="agent.confirmed", obj=agent, changes=changes)
    return agent


def _ensure_own(actor: Any, agent: Agent) -> None:
    own = actor is not None and actor.is_active and agent.user_id == actor.pk
    if not own and actor is not None and not actor.can(Permission.ORGANISATION_WRITE):
        raise NotYourCard("contacts")


def _tell(agent: Agent, changes: dict[str, Any], *, now: datetime) -> None:
    if set(changes) & set(CONTACTS):
        publish(AgentContactsChanged(agent_id=agent.pk), now=now)
