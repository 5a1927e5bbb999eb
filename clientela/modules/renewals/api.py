"""A term and its plan, schedules and norms for other programs. The list of terms is in ``workspace/renewals/api``."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import Problem, map_problem
from clientela.foundation.dates import local_today
from clientela.foundation.jobs.operations import enqueue
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contacts.models import Channel
from clientela.modules.organisation.models import Agent
from clientela.modules.organisation.queries import scope_of
from clientela.modules.renewals import schemas
from clientela.modules.renewals.models import (
    Experiment,
    LossReason,
    PlanDay,
    Renewal,
    Schedule,
    ScheduleVersion,
    Step,
    Touch,
)
from clientela.modules.renewals.operations import experiments, offers, schedules, work
from clientela.modules.renewals.queries.experiments import results_of, terms_behind
from clientela.modules.renewals.queries.norms import norms_of
from clientela.modules.renewals.queries.plan_view import plan_of
from clientela.modules.renewals.queries.planning import forecast, steps_in_force
from clientela.modules.renewals.rules import BadCondition

router = Router(tags=["renewals"])
for refused in (
    work.HoldInPast, schedules.BadStep, schedules.BadStart, offers.BadChannel, BadCondition, experiments.BadExperiment,
):  # fmt: skip
    map_problem(refused, 422)
for conflict in (
    work.AlreadyPaid, work.TouchNotOpen, schedules.VersionInForce, offers.NoProject, experiments.ExperimentEnded,
):  # fmt: skip
    map_problem(conflict, 409)

PLAN_AHEAD = timedelta(days=60)
RELATED = ("policy", "client", "product", "bank", "lost_reason")


def _today() -> date:
    return local_today(settings.TIME_ZONE, timezone.now())


def _terms(request: HttpRequest) -> Any:
    return Renewal.objects.visible_to(request.user).select_related(*RELATED)


def _one_of(value: str, known: list[str], field: str) -> str:
    if value not in known:
        raise Problem(422, f"bad_{field}", str(_("Choose one of the known values.")))
    return value


@router.get("/renewals/{renewal_id}", response=schemas.RenewalOut)
@requires(Permission.RENEWALS_READ)
def get_renewal(request: HttpRequest, renewal_id: Id) -> Any:
    return get_object_or_404(_terms(request), pk=renewal_id)


@router.get("/renewals/{renewal_id}/plan", response=list[schemas.PlanEntryOut])
@requires(Permission.RENEWALS_READ)
def get_plan(request: HttpRequest, renewal_id: Id) -> Any:
    """Touches that went, that will go, and that will not, with the reason."""
    return plan_of(get_object_or_404(_terms(request), pk=renewal_id), today=_today())


@router.post("/renewals/{renewal_id}/hold", response=schemas.RenewalOut)
@requires(Permission.RENEWALS_WRITE)
def hold(request: HttpRequest, renewal_id: Id, body: schemas.HoldIn) -> Any:
    term = get_object_or_404(_terms(request), pk=renewal_id)
    return work.hold_plan(
        actor=request.user, now=timezone.now(), renewal=term, until=body.until, reason=body.reason
    )


@router.delete("/renewals/{renewal_id}/hold", response=schemas.RenewalOut)
@requires(Permission.RENEWALS_WRITE)
def release(request: HttpRequest, renewal_id: Id) -> Any:
    term = get_object_or_404(_terms(request), pk=renewal_id)
    return work.release_plan(actor=request.user, now=timezone.now(), renewal=term)


@router.post("/renewals/{renewal_id}/loss", response=schemas.RenewalOut)
@requires(Permission.RENEWALS_WRITE)
def lose(request: HttpRequest, renewal_id: Id, body: schemas.LossIn) -> Any:
    term = get_object_or_404(_terms(request), pk=renewal_id)
    reason = LossReason.objects.filter(code=body.reason, is_active=True).first()
    if reason is None:
        raise Problem(422, "bad_reason", str(_("There is no such reason.")))
    return work.mark_lost(actor=request.user, now=timezone.now(), renewal=term, reason=reason, note=body.note)


@router.delete("/renewals/{renewal_id}/loss", response=schemas.RenewalOut)
@requires(Permission.RENEWALS_WRITE)
def reopen(request: HttpRequest, renewal_id: Id) -> Any:
    term = get_object_or_404(_terms(request), pk=renewal_id)
    return work.reopen(actor=request.user, now=timezone.now(), renewal=term)


@router.post("/renewals/{renewal_id}/offer", response={201: schemas.OfferOut})
@requires(Permission.CONTRACTS_WRITE)
def offer(request: HttpRequest, renewal_id: Id, body: schemas.OfferIn) -> Any:
    """Send the open project to the client; the answer tells what the communication policy said."""
    term = get_object_or_404(_terms(request), pk=renewal_id)
    message = offers.send_offer(actor=request.user, now=timezone.now(), renewal=term, channel=body.channel)
    return Status(201, {"message_id": message.pk, "state": message.state, "verdict": message.verdict})


@router.get("/renewals/{renewal_id}/touches", response=list[schemas.TouchOut])
@requires(Permission.RENEWALS_READ)
def list_touches(request: HttpRequest, renewal_id: Id) -> Any:
    return get_object_or_404(_terms(request), pk=renewal_id).touches.order_by("-day", "id")


@router.get("/touches", response=Page[schemas.TouchOut])
@requires(Permission.RENEWALS_READ)
def list_touches_of_day(
    request: HttpRequest,
    day: date,
    channel: str = "",
    state: str = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Touches due on a day over all clients in sight, by their hour: calls to make, messages that go or failed."""
    rows = Touch.objects.filter(scope_of(request.user).q("renewal__"), due_on=day)
    if channel:
        rows = rows.filter(channel=_one_of(channel, Channel.values, "channel"))
    if state:
        rows = rows.filter(state=_one_of(state, Touch.State.values, "state"))
    return page_of(rows, order=("due_at", "id"), cursor=cursor, limit=limit)


@router.post("/touches/{touch_id}/completion", response=schemas.TouchOut)
@requires(Permission.RENEWALS_WRITE)
def complete(request: HttpRequest, touch_id: Id, body: schemas.CompletionIn) -> Any:
    touch = get_object_or_404(
        Touch.objects.filter(renewal__in=Renewal.objects.visible_to(request.user)), pk=touch_id
    )
    return work.complete_touch(
        actor=request.user, now=timezone.now(), touch=touch, outcome=body.outcome, note=body.note
    )


@router.get("/loss-reasons", response=list[schemas.LossReasonOut])
@requires(Permission.RENEWALS_READ)
def list_loss_reasons(request: HttpRequest) -> Any:
    return LossReason.objects.filter(is_active=True)


@router.get("/agents/{agent_id}/norms", response=list[schemas.NormResultOut])
@requires(Permission.RENEWALS_READ)
def list_norms(request: HttpRequest, agent_id: Id) -> Any:
    """The agent's renewal norm by line, numerator and denominator."""
    scope = scope_of(request.user)
    agents = Agent.objects.all()
    if not scope.everything:
        seen = {"branch_id": scope.branch_id} if scope.branch_id else {"id__in": scope.agent_ids}
        agents = agents.filter(**({"centre_id": scope.centre_id} if scope.centre_id else seen))
    return norms_of(get_object_or_404(agents, pk=agent_id))


@router.get("/plan-days", response=Page[schemas.PlanDayOut])
@requires(Permission.RENEWALS_READ)
def list_plan_days(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    return page_of(PlanDay.objects.all(), order=("day",), cursor=cursor, limit=limit)


@router.post("/plan-days", response={202: schemas.PlanJobOut})
@requires(Permission.SCHEDULES_WRITE)
def plan(request: HttpRequest, body: schemas.PlanIn) -> Any:
    """Plan a day by hand: it runs as a job; what is planned already stays."""
    if not _today() <= body.day <= _today() + PLAN_AHEAD:
        raise Problem(422, "bad_day", str(_("Choose a day from today to sixty days ahead.")))
    job = enqueue(
        kind="renewals.plan", title="Plan a day's touches", now=timezone.now(), actor=request.user,
        args={"on": body.day.isoformat()},
    )  # fmt: skip
    return Status(202, {"job_id": job.pk if job else 0})


@router.get("/schedules", response=list[schemas.ScheduleOut])
@requires(Permission.RENEWALS_READ)
def list_schedules(request: HttpRequest) -> Any:
    return Schedule.objects.prefetch_related("versions")


@router.post("/schedules", response={201: schemas.VersionFullOut})
@requires(Permission.SCHEDULES_WRITE)
def create_schedule(request: HttpRequest, body: schemas.ScheduleIn) -> Any:
    """A schedule with an empty first draft, which is the answer."""
    if Schedule.objects.filter(code=body.code).exists():
        raise Problem(409, "code_taken", str(_("Another schedule has this code.")))
    made = schedules.create_schedule(actor=request.user, now=timezone.now(), **body.dict())
    return Status(201, made)


@router.get("/schedule-versions/{version_id}", response=schemas.VersionFullOut)
@requires(Permission.RENEWALS_READ)
def get_version(request: HttpRequest, version_id: Id) -> Any:
    return get_object_or_404(ScheduleVersion, pk=version_id)


@router.post("/schedule-drafts", response={201: schemas.VersionFullOut})
@requires(Permission.SCHEDULES_WRITE)
def make_draft(request: HttpRequest, body: schemas.DraftIn) -> Any:
    """A draft copied from a version; the schedule's existing draft is given back if there is one."""
    version = get_object_or_404(ScheduleVersion, pk=body.from_version)
    return Status(201, schedules.make_draft(actor=request.user, now=timezone.now(), version=version))


@router.post("/schedule-versions/{version_id}/steps", response={201: schemas.StepOut})
@requires(Permission.SCHEDULES_WRITE)
def add_step(request: HttpRequest, version_id: Id, body: schemas.StepIn) -> Any:
    version = get_object_or_404(ScheduleVersion, pk=version_id)
    step = schedules.save_step(actor=request.user, now=timezone.now(), version=version, **body.dict())
    return Status(201, step)


@router.put("/steps/{step_id}", response=schemas.StepOut)
@requires(Permission.SCHEDULES_WRITE)
def change_step(request: HttpRequest, step_id: Id, body: schemas.StepIn) -> Any:
    step = get_object_or_404(Step.objects.select_related("version"), pk=step_id)
    return schedules.save_step(
        actor=request.user, now=timezone.now(), version=step.version, step=step, **body.dict()
    )


@router.delete("/steps/{step_id}", response={204: None})
@requires(Permission.SCHEDULES_WRITE)
def delete_step(request: HttpRequest, step_id: Id) -> Any:
    step = get_object_or_404(Step.objects.select_related("version__schedule"), pk=step_id)
    schedules.delete_step(actor=request.user, now=timezone.now(), step=step)
    return Status(204, None)


@router.post("/schedule-versions/{version_id}/activation", response=schemas.VersionOut)
@requires(Permission.SCHEDULES_WRITE)
def activate(request: HttpRequest, version_id: Id, body: schemas.ActivationIn) -> Any:
    version = get_object_or_404(ScheduleVersion, pk=version_id)
    return schedules.activate(
        actor=request.user, now=timezone.now(), version=version, active_from=body.active_from
    )


@router.post("/schedule-versions/{version_id}/retirement", response=schemas.VersionOut)
@requires(Permission.SCHEDULES_WRITE)
def retire(request: HttpRequest, version_id: Id) -> Any:
    """Take a version out before its day; the one before it stays in force."""
    version = get_object_or_404(ScheduleVersion, pk=version_id)
    return schedules.retire(actor=request.user, now=timezone.localtime(), version=version)


@router.get("/schedules/{schedule_id}/experiments", response=Page[schemas.ExperimentOut])
@requires(Permission.RENEWALS_READ)
def list_experiments(request: HttpRequest, schedule_id: Id, cursor: Cursor = "", limit: Limit = 50) -> Any:
    schedule = get_object_or_404(Schedule, pk=schedule_id)
    return page_of(schedule.experiments.all(), order=("id",), cursor=cursor, limit=limit)


@router.post("/schedules/{schedule_id}/experiments", response={201: schemas.ExperimentOut})
@requires(Permission.SCHEDULES_WRITE)
def start_experiment(request: HttpRequest, schedule_id: Id, body: schemas.ExperimentIn) -> Any:
    """Set a version against the one in force; its steps are not changed from then on."""
    versions = ScheduleVersion.objects.filter(schedule_id=schedule_id)
    version = get_object_or_404(versions, pk=body.version_id)
    made = experiments.start_experiment(
        actor=request.user, now=timezone.now(), version=version, first_day=body.first_day, last_day=body.last_day,
        share=body.share,
    )  # fmt: skip
    return Status(201, made)


@router.get("/experiments/{experiment_id}", response=schemas.ExperimentOut)
@requires(Permission.RENEWALS_READ)
def get_experiment(request: HttpRequest, experiment_id: Id) -> Any:
    return get_object_or_404(Experiment, pk=experiment_id)


@router.get("/experiments/{experiment_id}/results", response=schemas.ExperimentResultOut)
@requires(Permission.RENEWALS_READ)
def get_experiment_results(request: HttpRequest, experiment_id: Id) -> Any:
    """Counts and rates of both sides with 95 % intervals, within the caller's scope; at most ten minutes old."""
    return results_of(request.user, get_object_or_404(Experiment, pk=experiment_id), today=_today())


@router.get("/experiments/{experiment_id}/terms", response=Page[schemas.RenewalOut])
@requires(Permission.RENEWALS_READ)
def list_experiment_terms(
    request: HttpRequest, experiment_id: Id, side: schemas.Side, what: schemas.Figure = "terms", cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:  # fmt: skip
    """The terms behind a figure of one side, within the caller's scope."""
    experiment = get_object_or_404(Experiment, pk=experiment_id)
    terms = terms_behind(request.user, experiment, side, what, today=_today())
    return page_of(terms.select_related(*RELATED), order=("end_date", "id"), cursor=cursor, limit=limit)


@router.post("/experiments/{experiment_id}/end", response=schemas.ExperimentOut)
@requires(Permission.SCHEDULES_WRITE)
def end_experiment(request: HttpRequest, experiment_id: Id, body: schemas.ExperimentEndIn) -> Any:
    """Choose the version that everybody goes by from a day, also to stop the experiment early."""
    return experiments.end_experiment(
        actor=request.user, now=timezone.now(), experiment=get_object_or_404(Experiment, pk=experiment_id),
        **body.dict(),
    )  # fmt: skip


@router.get("/forecast", response=list[schemas.ForecastOut])
@requires(Permission.SCHEDULES_WRITE)
def get_forecast(request: HttpRequest, day: date, version_id: Id | None = None) -> Any:
    """A day's plan counted on the real portfolio: by the schedules in force, or by one version instead of its own."""
    if not _today() <= day <= _today() + PLAN_AHEAD:
        raise Problem(422, "bad_day", str(_("Choose a day from today to sixty days ahead.")))
    steps = steps_in_force(day)
    if version_id is not None:
        version = get_object_or_404(ScheduleVersion, pk=version_id)
        steps = list(version.steps.select_related("version__schedule"))
    return [
        {
            "step_id": row.step.pk, "key": row.step.key, "name": row.step.name, "channel": row.step.channel,
            "going": row.going, "held": row.held,
        }
        for row in forecast(steps, day=day)
    ]  # fmt: skip
