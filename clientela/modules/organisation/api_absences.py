"""Absences: who is away, and who works instead."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.modules.accounts.access import caller, signed_in
from clientela.modules.organisation import operations, schemas
from clientela.modules.organisation.models import Absence
from clientela.modules.organisation.queries import absence_planned_by, absences_visible_to, substitutes_for

router = Router(tags=["absences"])


def _absence(request: HttpRequest, absence_id: int) -> Absence:
    return get_object_or_404(absences_visible_to(caller(request)), pk=absence_id)


@router.get("/absences", response=Page[schemas.AbsenceOut])
@signed_in
def list_absences(
    request: HttpRequest,
    person_id: Id | None = None,
    since: date | None = None,
    until: date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Absences of the people in sight, and those in which one stands in; ``since`` … ``until`` are days away."""
    rows = absences_visible_to(caller(request))
    given = {"person_id": person_id, "last_day__gte": since, "first_day__lte": until}
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    return page_of(rows, order=("last_day", "id"), cursor=cursor, limit=limit)


@router.post("/absences", response={201: schemas.AbsenceOut})
@signed_in
def create_absence(request: HttpRequest, body: schemas.AbsenceIn) -> Any:
    """One's own; a lead enters those of the team, a head those of the branch, an administrator everybody's."""
    actor = caller(request)
    person = get_object_or_404(absence_planned_by(actor), pk=body.person_id)
    substitute = get_object_or_404(substitutes_for(person), pk=body.substitute_id)
    values = body.dict(exclude={"person_id", "substitute_id"})
    return Status(
        201,
        operations.plan_absence(
            actor=actor, now=timezone.now(), person=person, substitute=substitute, **values
        ),
    )


@router.get("/absences/{absence_id}", response=schemas.AbsenceOut)
@signed_in
def absence(request: HttpRequest, absence_id: int) -> Any:
    return _absence(request, absence_id)


@router.post("/absences/{absence_id}/ending", response={204: None})
@signed_in
def end_absence(request: HttpRequest, absence_id: int, body: schemas.EndingIn) -> Any:
    """The person is back earlier; what would not have begun is taken away."""
    row = _absence(request, absence_id)
    operations.end_absence(actor=caller(request), now=timezone.now(), absence=row, last_day=body.last_day)
    return Status(204, None)
