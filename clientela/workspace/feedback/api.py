"""Feedback for other programs: answers, figures, call backs and the surveys themselves."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router

from clientela.foundation.api.pagination import Cursor, Limit, Page, bad_cursor
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.quality import operations
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.workspace.feedback import queries, schemas
from clientela.workspace.renewals.keyset import reads

READ, WRITE = requires(Permission.CLIENTS_READ), requires(Permission.FEEDBACK_WRITE)
EDIT = requires(Permission.SURVEYS_WRITE)
router = Router(tags=["feedback"])
map_problem(operations.NotOnScale, 422)
map_problem(operations.InvalidSurvey, 422)
map_problem(operations.NothingToSettle, 409)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _found(request: HttpRequest, request_id: int) -> SurveyRequest:
    found = queries.find(request.user, request_id)
    if found is None:
        raise Http404
    return found


@router.get("/feedback", response=Page[schemas.FeedbackOut])
@READ
def list_feedback(
    request: HttpRequest,
    conditions: Query[schemas.FeedbackConditions],
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Answers by the conditions of the screen, the newest first; those to be called back by their deadline."""
    wanted = conditions.wanted()
    if cursor and not reads(cursor, queries.order_of(wanted)):
        raise bad_cursor()
    page = queries.page(request.user, wanted, now=timezone.now(), after=cursor, size=limit)
    return {"items": page.rows, "next": page.after or None}


@router.get("/feedback/figures", response=list[schemas.SurveyFiguresOut])
@READ
def feedback_figures(request: HttpRequest, conditions: Query[schemas.FeedbackConditions]) -> Any:
    """The figure of each survey over the period."""
    rows = queries.figures(request.user, conditions.wanted(), timezone.now())
    return [schemas.SurveyFiguresOut.of(row) for row in rows]


@router.post("/feedback/{request_id}/answer", response=schemas.FeedbackOut)
@WRITE
def answer_feedback(request: HttpRequest, request_id: int, body: schemas.ScoreIn) -> Any:
    """Writes down what a client answers in a call; a later answer takes the place of an earlier one."""
    found = _found(request, request_id)
    return operations.record_answer(**_who(request), request=found, **body.dict())


@router.post("/feedback/{request_id}/call-back", response=schemas.FeedbackOut)
@WRITE
def settle_feedback(request: HttpRequest, request_id: int, body: schemas.CallBackNoteIn) -> Any:
    """The client was called back; the note says what was agreed."""
    return operations.settle(**_who(request), request=_found(request, request_id), note=body.note)


@router.delete("/feedback/{request_id}/call-back", response=schemas.FeedbackOut)
@WRITE
def unsettle_feedback(request: HttpRequest, request_id: int) -> Any:
    """The client is to be called back after all."""
    return operations.unsettle(**_who(request), request=_found(request, request_id))


@router.get("/surveys", response=list[schemas.SurveyOut])
@EDIT
def list_surveys(request: HttpRequest) -> Any:
    return Survey.objects.all()


@router.put("/surveys/{survey_id}", response=schemas.SurveyOut)
@EDIT
def change_survey(request: HttpRequest, survey_id: int, body: schemas.SurveyIn) -> Any:
    """What was asked already stays as it was."""
    survey = get_object_or_404(Survey, pk=survey_id)
    return operations.edit_survey(**_who(request), survey=survey, **body.dict())
