"""The line for other programs: figures, states, who waits, staffing, screens on the wall."""

from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router, Status

from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.calls.figures.counting import waiting
from clientela.modules.calls.figures.rules import Totals
from clientela.modules.calls.models import Call
from clientela.modules.calls.operations import supervising
from clientela.modules.organisation.queries import people_visible_to
from clientela.modules.routing.history import screens_for
from clientela.modules.routing.operations import set_state_of
from clientela.modules.routing.operations.screens import covers, make_screen, revoke_screen
from clientela.workspace.wallboard import schemas
from clientela.workspace.wallboard.line import Line, line_of
from clientela.workspace.wallboard.people import doing, work_of
from clientela.workspace.wallboard.staffing import Wish, plan_of
from clientela.workspace.wallboard.waiting import items

router = Router(tags=["line"])
_RATIOS = ("offered", "level", "abandonment", "asa", "talk", "wrap_up", "aht")


def _line(request: HttpRequest, queue: str) -> Line:
    """The line asked for; 404 for a queue out of sight."""
    line = line_of(caller(request), queue, timezone.now())
    if queue and line.queue != queue:
        raise Http404
    return line


def _figures(totals: Totals) -> dict[str, Any]:
    return asdict(totals) | {name: getattr(totals, name) for name in _RATIOS}


@router.get("/line", response=schemas.LineOut)
@requires(Permission.LINE_READ)
def get_line(request: HttpRequest, queue: schemas.Queue = "") -> Any:
    """Today's figures of a queue (centre:ID, branch:ID, company; the own one when left out), by half-hour."""
    line = _line(request, queue)
    day, rows, talks = line.day(line.today), waiting(line.place), line.conversations()
    first = rows.values_list("queued_at", flat=True).first()
    return {
        "queue": line.queue, "name": line.title, "day": line.today, "within": line.aim.answer_within,
        "aim": line.aim.answer_share, "waiting": rows.count(), "longest_since": first, "total": _figures(day.total),
        "half_hours": [{"slot": slot, **_figures(one)} for slot, one in enumerate(day.slots) if one.offered or one.short],
        "conversations_answered": talks.count, "conversations_in_time": talks.in_time,
        "conversations_first_answer": talks.mean.total_seconds() if talks.mean is not None else None,
    }  # fmt: skip


@router.get("/line/people", response=list[schemas.DoingOut])
@requires(Permission.LINE_RUN)
def list_people_of_line(request: HttpRequest, queue: schemas.Queue = "") -> Any:
    """What each person of the line does now, the busiest first."""
    line = _line(request, queue)
    people = doing(line)
    work = work_of(line, people)
    return [
        {
            "person_id": one.user.pk, "name": str(one.user), "state": one.state, "since": one.since,
            "call_id": one.call.pk if one.call else None, "answered": work[one.user.pk].totals.answered,
            "agreed": work[one.user.pk].agreed, "occupancy": work[one.user.pk].occupancy,
        }
        for one in people
    ]  # fmt: skip


@router.get("/line/waiting", response=list[schemas.WaitingOut])
@requires(Permission.LINE_RUN)
def list_waiting(request: HttpRequest, queue: schemas.Queue = "") -> Any:
    """Who waits: on the line first, then conversations whose time runs out next, then the overdue; twenty of each."""
    return [
        {
            "kind": one.kind, "record_id": one.pk, "name": one.name, "about": one.about, "since": one.since,
            "due": one.due, "overdue": one.late, "holder": one.holder,
        }
        for one in items(_line(request, queue))
    ]  # fmt: skip


@router.put("/line/people/{user_id}/state", response=schemas.StateOfOut)
@requires(Permission.LINE_RUN)
def declare_state_of(request: HttpRequest, user_id: int, body: schemas.StateOfIn) -> Any:
    """Declare another person's state, and say why."""
    person = get_object_or_404(people_visible_to(caller(request)), pk=user_id, is_active=True)
    station = set_state_of(actor=caller(request), now=timezone.now(), person=person, **body.dict())
    return {"person_id": person.pk, "state": station.state, "since": station.since}


@router.post("/calls/{call_id}/assignment", response=schemas.AssignmentOut)
@requires(Permission.LINE_RUN)
def assign_call(request: HttpRequest, call_id: int, body: schemas.CallAssignmentIn) -> Any:
    """Rings a person for a call that waits in the queue."""
    call = get_object_or_404(Call.objects.visible_to(request.user), pk=call_id)
    person = get_object_or_404(User, pk=body.person_id, is_active=True)
    supervising.assign(actor=caller(request), now=timezone.now(), call=call, person=person)
    return _given(call)


@router.post("/calls/{call_id}/take-over", response=schemas.AssignmentOut)
@requires(Permission.LINE_RUN)
def take_call_over(request: HttpRequest, call_id: int) -> Any:
    """Has a talk of somebody else's rung at the own desk; the client hears music meanwhile."""
    call = get_object_or_404(Call.objects.visible_to(request.user), pk=call_id)
    supervising.take_over(actor=caller(request), now=timezone.now(), call=call)
    return _given(call)


def _given(call: Call) -> dict[str, Any]:
    call.refresh_from_db()
    return {"call_id": call.pk, "person_id": call.offered_to_id or call.person_id, "state": call.state}


@router.get("/staffing", response=schemas.StaffingOut)
@requires(Permission.LINE_READ)
def get_staffing(request: HttpRequest, wish: Query[schemas.StaffingWish]) -> Any:
    """How many people a day needs by half-hour (Erlang C), and how many are there; tomorrow when no day is given."""
    line = _line(request, wish.queue)
    plan = plan_of(line, Wish.read(wish.query(), line))
    return {
        "queue": line.queue, "day": plan.wish.day, "holiday": plan.forecast.holiday, "thin": plan.forecast.is_thin,
        "history": plan.forecast.days, **asdict(plan.targets), "reached": plan.level,
        "half_hours": [
            {
                "slot": need.slot, "calls": need.calls, "needed": need.needed, "wanted": need.wanted, "have": need.have,
                "gap": need.gap, "level": need.given.level, "asa": need.given.asa, "occupancy": need.given.occupancy,
                "reached": need.reached.level,
            }
            for need in plan.shown
        ],
    }  # fmt: skip


@router.get("/line/screens", response=list[schemas.ScreenOut])
@requires(Permission.LINE_RUN)
def list_screens(request: HttpRequest) -> Any:
    """Screens on the wall of the queues that the person sees all of."""
    return list(screens_for(caller(request))[:200])


@router.post("/line/screens", response={201: schemas.ScreenMade})
@requires(Permission.LINE_RUN)
def add_screen(request: HttpRequest, body: schemas.ScreenIn) -> Any:
    """A screen without a sign-in and without a name of anybody; its address is told once."""
    line = _line(request, body.queue)
    if not covers(caller(request), line.queue):
        raise Http404
    row, token = make_screen(actor=caller(request), now=line.now, name=body.name, queue=line.queue)
    url = request.build_absolute_uri(reverse("wallboard:screen", args=[token]))
    return Status(
        201, {"id": row.pk, "name": row.name, "queue": row.queue, "made_at": row.made_at, "url": url}
    )


@router.delete("/line/screens/{screen_id}", response={204: None})
@requires(Permission.LINE_RUN)
def remove_screen(request: HttpRequest, screen_id: int) -> Any:
    """The screen shows nothing from now on."""
    row = get_object_or_404(screens_for(caller(request)), pk=screen_id)
    revoke_screen(actor=caller(request), now=timezone.now(), screen=row)
    return Status(204, None)
