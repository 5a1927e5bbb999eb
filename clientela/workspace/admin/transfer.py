"""Handing a portfolio over: all clients of one agent, their running terms and what is planned for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.foundation.outbox.operations import publish
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations.handover import hand_over_clients
from clientela.modules.contacts.operations.conversations import follow_owners
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations.handover import hand_over_policies
from clientela.modules.organisation.events import PortfolioTransferred
from clientela.modules.organisation.models import Agent, HandOverPart
from clientela.modules.organisation.queries import portfolios_moved_by
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.terms import refresh

KIND = "organisation.transfer"
BACK = "organisation.transfer_back"
CHUNK = 500
LATE_DAYS = 92


class NotYourBranch(PermissionDenied):
    """Portfolios are handed over by an administrator, or within a branch by its head."""


class WrongReceiver(ValidationError):
    """The portfolio cannot go to this agent."""


class AlreadyRunning(ValidationError):
    """This agent's portfolio is being handed over now."""


@dataclass(frozen=True)
class Preview:
    """What a hand-over would move."""

    clients: int
    policies: int
    renewals: int


def preview(agent: Agent) -> Preview:
    """Clients of ``agent``, their running policies and their open expiring terms."""
    today = local_today(settings.TIME_ZONE, timezone.now())
    open_states = (Renewal.State.NOTHING, Renewal.State.PROJECT, Renewal.State.QUOTED)
    return Preview(
        clients=Client.objects.filter(agent=agent).count(),
        policies=Policy.objects.filter(client__agent=agent, end_date__gte=today)
        .exclude(status=Policy.Status.CANCELLED)
        .count(),
        renewals=Renewal.objects.filter(client__agent=agent, state__in=open_states).count(),
    )


def under_way(agent: Agent) -> Job | None:
    """The hand-over of this portfolio, or its undo, that has not ended yet."""
    open_states = [Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED]
    its = (
        Q(kind=KIND, args__agent=agent.pk)
        | Q(kind=BACK, args__agent=agent.pk)
        | Q(kind=BACK, args__to=agent.pk)
    )
    return Job.objects.filter(its, state__in=open_states).first()


@transaction.atomic
def request_transfer(*, actor: Any, now: datetime, agent: Agent, to: Agent, reason: str = "") -> Job:
    """Queue the hand-over of all clients of ``agent``, by an administrator or within a branch by its head.

    Raises NotYourBranch, WrongReceiver, AlreadyRunning.
    """
    movable = portfolios_moved_by(actor)
    if not movable.filter(pk=agent.pk).exists():
        raise NotYourBranch("portfolio")
    if to.pk == agent.pk:
        raise WrongReceiver({"to": _("Choose another agent.")})
    if not to.is_active:
        raise WrongReceiver({"to": _("This agent no longer works.")})
    if not movable.filter(pk=to.pk).exists():
        raise WrongReceiver({"to": _("This agent is of another branch.")})
    if under_way(agent) is not None:
        raise AlreadyRunning(gettext_lazy("This portfolio is being handed over now: see the jobs."))
    job = enqueue(
        kind=KIND,
        title=_("Hand-over: %(agent)s → %(to)s") % {"agent": agent, "to": to},
        now=now,
        args={"agent": agent.pk, "to": to.pk, "reason": reason},
        actor=actor,
        total=Client.objects.filter(agent=agent).count(),
    )
    assert job is not None
    record(
        actor=actor,
        now=now,
        action="agent.transfer",
        obj=agent,
        changes={"clients_of": [str(agent), str(to)], "job": [None, job.pk]},
        reason=reason,
    )
    return job


def run_transfer(run: Run) -> dict[str, Any]:
    """The job: chunks of clients, each with its policies and terms in one transaction with the checkpoint."""
    agent, to = Agent.objects.get(pk=run.args["agent"]), Agent.objects.get(pk=run.args["to"])
    actor = run.job.created_by
    done: int = run.checkpoint.get("done", 0)
    last: int = run.checkpoint.get("last", 0)
    policies: int = run.checkpoint.get("policies", 0)
    while True:
        ids = list(
            Client.objects.filter(agent=agent, id__gt=last)
            .order_by("id")
            .values_list("id", flat=True)[:CHUNK]
        )
        if not ids:
            break
        run.check()
        now = timezone.now()
        today = local_today(settings.TIME_ZONE, now)
        with transaction.atomic():
            was = hand_over_clients(ids, actor=actor, now=now, to=to, reason=run.args.get("reason", ""))
            sold = hand_over_policies(
                ids, to=to, today=today, expired_since=today - timedelta(days=LATE_DAYS)
            )
            follow_owners(ids, now=now)
            HandOverPart.objects.create(job=run.job, clients=was, policies=sold, at=now)
            refresh(now=now, policy_ids=[one.id for one in sold])
            done, policies, last = done + len(was), policies + len(sold), ids[-1]
            run.progress(
                done=done,
                parts={"clients": done, "policies": policies},
                checkpoint={"done": done, "last": last, "policies": policies},
            )
    now = timezone.now()
    with transaction.atomic():
        publish(PortfolioTransferred(from_agent_id=agent.pk, to_agent_id=to.pk, clients=done), now=now)
        counts = {"clients": [None, done], "policies": [None, policies]}
        record(
            actor=actor,
            now=now,
            action="agent.transferred",
            obj=agent,
            object_name=f"{agent} → {to}",
            changes=counts,
        )
    return {"clients": done, "policies": policies}
