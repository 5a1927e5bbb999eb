"""What the schedule editor shows, for other programs: a text on a client, a day's plan, results, differences."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import Problem
from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.renewals.models import ScheduleVersion, Step
from clientela.modules.renewals.rules import Reason
from clientela.workspace.schedules import diff, schemas
from clientela.workspace.schedules.queries.day_plan import GOES, day_plan, met_by
from clientela.workspace.schedules.queries.preview import named_term, preview, term_for
from clientela.workspace.schedules.queries.results import results_of, terms_behind
from clientela.workspace.schedules.queries.versions import Versions, steps_of, versions_of
from clientela.workspace.schedules.views.versions import COUNTED_AHEAD

router = Router(tags=["schedules"])
RELATED = ("policy", "client", "product", "bank", "lost_reason")


def _today() -> date:
    return local_today(settings.TIME_ZONE, timezone.now())


def _version(version_id: int, today: date) -> tuple[Versions, ScheduleVersion]:
    found = get_object_or_404(ScheduleVersion.objects.select_related("schedule"), pk=version_id)
    versions = versions_of(found.schedule, today)
    version = versions.get(found.number)
    if version is None:
        raise Http404
    return versions, version


def _step(step_id: int) -> Step:
    return get_object_or_404(Step.objects.select_related("version__schedule"), pk=step_id)


def _counted(day: date | None, today: date) -> date:
    """The day to count, tomorrow by default. Farther ahead the terms are not opened yet."""
    if day is not None and not today < day <= today + timedelta(days=COUNTED_AHEAD):
        raise Problem(422, "bad_day", _("Choose a day from tomorrow to fifteen days ahead."))
    return day or today + timedelta(days=1)


@router.post("/steps/{step_id}/preview", response=schemas.StepPreviewOut)
@requires(Permission.RENEWALS_READ)
def preview_step(request: HttpRequest, step_id: Id, body: schemas.StepPreviewIn) -> Any:
    """A text of the step on a real client, with its size and what the policy says. Stores and sends nothing."""
    step, today = _step(step_id), _today()
    if body.renewal_id:
        term = named_term(request.user, body.renewal_id)
        if term is None:
            raise Http404
    else:
        term = term_for(request.user, step, today=today, after=body.after or 0)
    suffix = "_en" if body.language == "en" else ""
    shown = preview(
        step,
        text=getattr(step, f"text{suffix}") if body.text is None else body.text,
        subject=getattr(step, f"subject{suffix}") if body.subject is None else body.subject,
        language=body.language, term=term, today=today, now=timezone.now(),
    )  # fmt: skip
    return schemas.StepPreviewOut.of(shown)


@router.get("/schedule-versions/{version_id}/plan", response=schemas.VersionPlanOut)
@requires(Permission.RENEWALS_READ)
def get_version_plan(request: HttpRequest, version_id: Id, day: date | None = None) -> Any:
    """What a version, also a draft, would send on a day, tomorrow by default: counted within the caller's scope.

    At most a minute old; a step that was changed is counted anew at once.
    """
    today = _today()
    version = _version(version_id, today)[1]
    plan = day_plan(request.user, steps_of(version), day=_counted(day, today), today=today)
    return schemas.VersionPlanOut.of(plan)


@router.get("/steps/{step_id}/planned-terms", response=Page[schemas.PlannedTermOut])
@requires(Permission.RENEWALS_READ)
def list_planned_terms(
    request: HttpRequest, step_id: Id, day: date | None = None, held: bool | None = None, reason: str = "",
    cursor: Cursor = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """The terms behind a figure of the plan: all that the step meets on a day, those that go, those held back.

    ``reason`` is the code of what holds them back.
    """
    today = _today()
    if reason and reason not in Reason.values:
        raise Problem(422, "bad_reason", _("There is no such reason."))
    met = met_by(request.user, _step(step_id), day=_counted(day, today), today=today)
    if held is not None:
        met = met.exclude(GOES) if held else met.filter(GOES)
    if reason:
        met = met.filter(Q(reason=reason))
    return page_of(met.select_related(*RELATED), order=("end_date", "id"), cursor=cursor, limit=limit)


@router.get("/steps/{step_id}/results", response=schemas.StepResultsOut)
@requires(Permission.RENEWALS_READ)
def get_step_results(request: HttpRequest, step_id: Id) -> Any:
    """What the step gave in the last thirty days within the caller's scope, whatever version planned it.

    At most ten minutes old.
    """
    return results_of(request.user, _step(step_id), today=_today())


@router.get("/steps/{step_id}/result-terms", response=Page[schemas.RenewalOut])
@requires(Permission.RENEWALS_READ)
def list_result_terms(
    request: HttpRequest, step_id: Id, what: schemas.Result = "sent", cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """The terms behind a figure of the results."""
    terms = terms_behind(request.user, _step(step_id), what, today=_today())
    return page_of(terms.select_related(*RELATED), order=("end_date", "id"), cursor=cursor, limit=limit)


@router.get("/schedule-versions/{version_id}/changes", response=schemas.VersionChangesOut)
@requires(Permission.RENEWALS_READ)
def get_version_changes(request: HttpRequest, version_id: Id, against: Id | None = None) -> Any:
    """In which steps, fields, conditions and words a version differs from another of its schedule.

    ``against`` is the other's id; without it a draft is compared with the version in force, that with the one before.
    """
    versions, version = _version(version_id, _today())
    base = versions.base_of(version)
    if against is not None:
        other = get_object_or_404(ScheduleVersion, pk=against, schedule=versions.schedule)
        base = versions.get(other.number)
    found = diff.differences(steps_of(base), steps_of(version)) if base else []
    return schemas.VersionChangesOut.of(version, base, found)
