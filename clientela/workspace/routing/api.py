"""Routing for other programs: one's own state, what people take, when work leaves the queues."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.routing import operations
from clientela.modules.routing.queries import presence_of, queue_of, queues_visible_to
from clientela.workspace.routing import queries, schemas

router = Router(tags=["routing"])


@router.get("/routing/state", response=schemas.PresenceOut)
@requires(Permission.CONTACTS_WRITE)
def own_state(request: HttpRequest) -> Any:
    """One's own state as others see it."""
    user = caller(request)
    return _seen(presence_of([user.pk], now=timezone.now())[user.pk])


@router.put("/routing/state", response=schemas.PresenceOut)
@requires(Permission.CONTACTS_WRITE)
def declare_state(request: HttpRequest, body: schemas.OwnStateIn) -> Any:
    """Declare one's own state; who becomes available gets what waits."""
    user, now = caller(request), timezone.now()
    operations.set_state(actor=user, now=now, state=body.state)
    return _seen(presence_of([user.pk], now=now)[user.pk])


def _seen(presence: Any) -> dict[str, Any]:
    return {"person_id": presence.user_id, "state": presence.state, "since": presence.since}


@router.get("/routing/people", response=Page[schemas.StationOut])
@requires(Permission.ROUTING_WRITE)
def list_people(request: HttpRequest, serving: bool = False, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """People in sight who talk with clients; ``serving``: only who gets work from a queue."""
    rows = queries.people(caller(request), serving=serving)
    page = page_of(rows, order=("last_name", "id"), cursor=cursor, limit=limit)
    return page | {"items": [_station(user) for user in page["items"]]}


@router.get("/routing/people/{user_id}", response=schemas.StationOut)
@requires(Permission.ROUTING_WRITE)
def person(request: HttpRequest, user_id: int) -> Any:
    return _station(get_object_or_404(queries.people(caller(request)), pk=user_id))


@router.put("/routing/people/{user_id}", response=schemas.StationOut)
@requires(Permission.ROUTING_WRITE)
def change_person(request: HttpRequest, user_id: int, body: schemas.StationIn) -> Any:
    """Say what a person takes: the capacity, the skills, the queue."""
    user = get_object_or_404(queries.people(caller(request)), pk=user_id)
    operations.change_station(actor=caller(request), now=timezone.now(), person=user, **body.dict())
    return _station(get_object_or_404(queries.people(caller(request)), pk=user_id))


def _station(user: User) -> dict[str, Any]:
    row = queries.row(user, now=timezone.now())
    station = row.station
    return _seen(row.presence) | {
        "name": str(user), "queue": queue_of(user), "serves": station.serves if station else False,
        "capacity": station.capacity if station else 100, "load": station.load if station else 0,
        "skills": station.skills if station else [],
    }  # fmt: skip


@router.get("/routing/queues", response=list[schemas.QueueOut])
@requires(Permission.ROUTING_WRITE)
def list_queues(request: HttpRequest) -> Any:
    """The queues in sight with their times and who waits."""
    return [_queue(row) for row in queries.queues(caller(request), now=timezone.now())]


@router.put("/routing/queues/{key}", response=schemas.QueueOut)
@requires(Permission.ROUTING_WRITE)
def change_queue(request: HttpRequest, key: str, body: schemas.QueueIn) -> Any:
    """Say when work leaves a queue. What waits already keeps its times."""
    now = timezone.now()
    if key not in queues_visible_to(caller(request)):
        raise Http404
    operations.change_queue(actor=caller(request), now=now, key=key, **body.dict())
    return next(_queue(row) for row in queries.queues(caller(request), now=now) if row.key == key)


def _queue(row: queries.QueueRow) -> dict[str, Any]:
    times = row.times
    return {
        "key": row.key, "name": row.name, "waiting": row.waiting, "overdue": row.late, "since": row.since,
        "live_overflow": times.live_overflow, "letter_overflow": times.letter_overflow,
        "live_take_back": times.live_take_back, "takes_back_letters": times.takes_back_letters,
        "answer_within": times.answer_within, "answer_share": times.answer_share,
    }  # fmt: skip
