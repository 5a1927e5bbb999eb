"""Undoing a hand-over within a day: what nobody changed since goes back as it was, the rest is named."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import Run, ask, enqueue
from clientela.foundation.outbox.operations import publish
from clientela.modules.billing.models import Payment
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations.handover import Was, hand_back_clients
from clientela.modules.contacts.operations.conversations import follow_owners
from clientela.modules.contracts.models import Policy, Project, Quote
from clientela.modules.contracts.operations.handover import Sold, hand_back_policies
from clientela.modules.organisation.events import PortfolioTransferred
from clientela.modules.organisation.models import Agent, HandOverPart
from clientela.modules.organisation.queries import portfolios_moved_by
from clientela.modules.renewals.operations.terms import refresh
from clientela.workspace.admin.transfer import BACK, KIND, AlreadyRunning, NotYourBranch, under_way

WITHIN = timedelta(days=1)
NAMED = 100
# What the journal of a client holds besides changes.
NO_CHANGE = Q(actor=None) | Q(action__startswith="client.read") | Q(action__startswith="client.handed_")


class TooLate(ValidationError):
    """A day has passed, or it was undone already."""


@dataclass(frozen=True)
class Undoable:
    """The latest hand-over of a portfolio that can be undone, how much it moved, and until when."""

    job: Job
    clients: int
    until: datetime


@dataclass(frozen=True)
class Undone:
    """The latest undo: how many went back and how many stayed; ``kept`` are those whom the person may see."""

    job: Job
    clients: int
    stayed: int
    kept: list[Client]


def undoable(agent: Agent, *, actor: Any, now: datetime) -> Undoable | None:
    """The hand-over of this agent's portfolio that ``actor`` may undo now."""
    parts = HandOverPart.objects.filter(job__kind=KIND, job__args__agent=agent.pk, at__gt=now - WITHIN)
    last = parts.select_related("job").order_by("-job_id", "-id").first()
    if last is None or last.job.is_open or not _may(actor, last.job):
        return None
    return Undoable(last.job, int(last.job.checkpoint.get("done", 0)), last.at + WITHIN)


def undone(agent: Agent, *, actor: Any, now: datetime) -> Undone | None:
    """What the undo of the last day brought back to this agent."""
    done = Job.objects.filter(
        kind=BACK, args__to=agent.pk, state=Job.State.DONE, finished_at__gt=now - WITHIN
    )
    job = done.order_by("-id").first()
    if job is None:
        return None
    kept = Client.objects.visible_to(actor).filter(id__in=job.result["kept_ids"]).order_by("name_key", "id")
    return Undone(job, job.result["clients"], job.result["kept"], list(kept[:NAMED]))


def find(job_id: int, *, actor: Any) -> Job:
    """A hand-over between two agents whose portfolios ``actor`` moves. Raises Http404."""
    job = get_object_or_404(Job, kind=KIND, pk=job_id)
    if not _may(actor, job):
        raise Http404
    return job


def _may(actor: Any, job: Job) -> bool:
    both = {job.args["agent"], job.args["to"]}
    return portfolios_moved_by(actor).filter(pk__in=both).count() == len(both)


@transaction.atomic
def request_undo(*, actor: Any, now: datetime, job: Job) -> Job:
    """Queue the way back of the hand-over ``job``; one that has not begun is cancelled and returned itself.

    Raises NotYourBranch, AlreadyRunning, TooLate.
    """
    if not _may(actor, job):
        raise NotYourBranch("portfolio")
    ask_to_cancel = job.state in (Job.State.QUEUED, Job.State.PAUSED)
    if ask_to_cancel:
        ask(job, "cancel")
        job.refresh_from_db()
    agent, to = (Agent.objects.get(pk=job.args[name]) for name in ("agent", "to"))
    parts = HandOverPart.objects.filter(job=job, at__gt=now - WITHIN)
    moved = parts.exists()
    if ask_to_cancel and job.state == Job.State.CANCELLED and not moved:
        record(
            actor=actor, now=now, action="agent.transfer_undone", obj=agent, changes={"job": [job.pk, None]}
        )
        return job
    if under_way(agent) or under_way(to):
        raise AlreadyRunning(_("A hand-over is running now: wait until it ends, then undo it."))
    if not moved:
        raise TooLate(_("This can be undone for a day, once."))
    back = enqueue(
        kind=BACK,
        title=_("Undo of a hand-over: %(agent)s → %(to)s") % {"agent": to, "to": agent},
        now=now,
        args={"job": job.pk, "agent": to.pk, "to": agent.pk},
        actor=actor,
        total=job.checkpoint.get("done", 0),
    )
    assert back is not None
    record(
        actor=actor,
        now=now,
        action="agent.transfer_undone",
        obj=agent,
        changes={"clients_of": [str(to), str(agent)], "job": [job.pk, back.pk]},
    )
    return back


def run_undo(run: Run) -> dict[str, Any]:
    """The job: part by part, each in one transaction with the checkpoint; a part that was looked at is forgotten."""
    holder, owner = Agent.objects.get(pk=run.args["agent"]), Agent.objects.get(pk=run.args["to"])
    actor = run.job.created_by
    told: dict[str, Any] = {"clients": 0, "policies": 0, "kept": 0, "kept_ids": []} | run.checkpoint
    for part in HandOverPart.objects.filter(job=run.args["job"]).order_by("id"):
        run.check()
        now = timezone.now()
        with transaction.atomic():
            was = [Was(*row) for row in part.clients]
            busy = _worked_on([one.id for one in was], since=part.at)
            back = hand_back_clients(
                [one for one in was if one.id not in busy], actor=actor, now=now, holder=holder
            )
            sold = [Sold(*row) for row in part.policies]
            follow_owners(back, now=now)
            policies = hand_back_policies([one for one in sold if one.client_id in back], holder=holder)
            refresh(now=now, policy_ids=policies)
            kept = [one.id for one in was if one.id not in back]
            told = {
                "clients": told["clients"] + len(back),
                "policies": told["policies"] + len(policies),
                "kept": told["kept"] + len(kept),
                "kept_ids": (told["kept_ids"] + kept)[:NAMED],
            }
            part.delete()
            counts = {name: told[name] for name in ("clients", "policies", "kept")}
            run.progress(done=told["clients"] + told["kept"], parts=counts, checkpoint=told)
    now = timezone.now()
    with transaction.atomic():
        event = PortfolioTransferred(from_agent_id=holder.pk, to_agent_id=owner.pk, clients=told["clients"])
        publish(event, now=now)
        record(
            actor=actor,
            now=now,
            action="agent.transferred",
            obj=holder,
            object_name=f"{holder} → {owner}",
            changes={name: [None, told[name]] for name in ("clients", "policies", "kept")},
        )
    return told


def _worked_on(client_ids: Collection[int], *, since: datetime) -> set[int]:
    """Those among the clients whose card somebody changed since, or with a policy, quote, project or payment."""
    entries = Entry.objects.filter(object_type="clients.client", object_id__in=client_ids, at__gte=since)
    of_policies = {"policy__client_id__in": client_ids}
    found = [
        entries.exclude(NO_CHANGE).values_list("object_id"),
        Policy.objects.filter(client_id__in=client_ids, created_at__gte=since).values_list("client_id"),
        Quote.objects.filter(created_at__gte=since, **of_policies).values_list("policy__client_id"),
        Project.objects.filter(updated_at__gte=since, client_id__in=client_ids).values_list("client_id"),
        Payment.objects.filter(client_id__in=client_ids, created_at__gte=since).values_list("client_id"),
    ]
    parts = [rows.order_by() for rows in found]
    return {pk for (pk,) in parts[0].union(*parts[1:]) if pk is not None}
