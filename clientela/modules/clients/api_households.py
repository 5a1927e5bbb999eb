"""Relations, belongings and life events of clients over the API."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients import operations
from clientela.modules.clients.models import Belonging, Client, LifeEvent, Relation
from clientela.modules.clients.relatives import Relative, relation_of, relatives_of, suggestions

READ, WRITE = requires(Permission.CLIENTS_READ), requires(Permission.CLIENTS_WRITE)
router = Router(tags=["clients"])
map_problem(operations.WrongRelation, 422)
Text = Annotated[str, Field(max_length=200)]
RelationKind = Literal[
    "spouse", "parent", "child", "sibling", "employer", "employee", "owner", "property", "guarantor", "guaranteed",
    "referrer", "referred", "beneficiary", "insurer",
]  # fmt: skip


class RelationIn(Schema):
    """What the other one is to this client: a client, or by ``name`` a person who is none yet."""

    kind: RelationKind
    other_client_id: Id | None = None
    name: Text = ""
    birth_date: date | None = None
    birth_year: int | None = Field(None, ge=1900, le=2100)
    since: date | None = None
    until: date | None = None
    note: Text = ""


class RelationOut(Schema):
    """``hidden``: the other card is out of your sight; it has neither number nor name."""

    id: int
    kind: str
    client_id: int | None
    name: str
    hidden: bool
    birth_date: date | None
    birth_year: int | None
    since: date | None
    until: date | None
    note: str


class SuggestedRelativeOut(Schema):
    """``why``: phone or address are the same. ``put_aside``: somebody said that they are no relatives."""

    client_id: int
    name: str
    why: list[str]
    put_aside: bool


class RelativeAsideIn(Schema):
    other_client_id: Id
    put_aside: bool = True


class BelongingIn(Schema):
    kind: Literal["vehicle", "flat", "house", "other"]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    insured_until: date | None = None
    note: Text = ""


class BelongingOut(Schema):
    id: int
    kind: str
    title: str
    insured_until: date | None
    note: str


class LifeEventIn(Schema):
    """``remind_on``: the day on which it stands among the calls of the client's agent."""

    kind: Literal["wedding", "child", "car", "home", "move", "loan_end", "travel", "other"]
    on: date
    remind_on: date | None = None
    note: Text = ""


class LifeEventDone(Schema):
    result: Text = ""


class LifeEventOut(Schema):
    id: int
    kind: str
    on: date
    remind_on: date | None
    note: str
    done_at: datetime | None
    result: str


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _client(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


def _told(one: Relative) -> dict[str, Any]:
    row = one.relation
    return {
        "id": row.pk, "kind": one.kind, "client_id": one.client.pk if one.client else None, "name": one.name,
        "hidden": one.hidden, "birth_date": one.birth_date, "birth_year": one.birth_year, "since": row.since,
        "until": row.until, "note": "" if one.hidden else row.note,
    }  # fmt: skip


@router.get("/clients/{client_id}/relations", response=list[RelationOut])
@READ
def list_relations(request: HttpRequest, client_id: int) -> Any:
    """Family and other ties from this client's side, the family first."""
    return [_told(one) for one in relatives_of(request.user, _client(request, client_id).pk)]


@router.post("/clients/{client_id}/relations", response={201: RelationOut})
@WRITE
def relate(request: HttpRequest, client_id: int, body: RelationIn) -> Any:
    said = body.dict()
    other_id, client = said.pop("other_client_id"), _client(request, client_id)
    other = _client(request, other_id) if other_id else None
    row = operations.relate(**_who(request), client=client, other=other, **said, source="api")
    made = next(one for one in relatives_of(request.user, client.pk) if one.relation.pk == row.pk)
    return Status(201, _told(made))


@router.get("/clients/{client_id}/suggested-relatives", response=list[SuggestedRelativeOut])
@READ
def list_suggested_relatives(request: HttpRequest, client_id: int) -> Any:
    """Who may be a relative, by phone or address; those put aside stand last."""
    found = suggestions(request.user, _client(request, client_id))
    return [
        {"client_id": one.client.pk, "name": one.client.name, "why": list(one.why), "put_aside": one.aside}
        for one in found
    ]


@router.post("/clients/{client_id}/suggested-relatives", response={204: None})
@requires(Permission.CLIENTS_READ, Permission.CLIENTS_WRITE)
def put_relative_aside(request: HttpRequest, client_id: int, body: RelativeAsideIn) -> Any:
    """Say that a proposed relative is none, or take that back."""
    client, other = _client(request, client_id), _client(request, body.other_client_id)
    operations.put_aside(**_who(request), client=client, other=other, aside=body.put_aside)
    return Status(204, None)


@router.delete("/relations/{relation_id}", response={204: None})
@WRITE
def unrelate(request: HttpRequest, relation_id: int) -> Any:
    operations.unrelate(**_who(request), relation=_relation(request, relation_id))
    return Status(204, None)


def _relation(request: HttpRequest, relation_id: int) -> Relation:
    found = relation_of(request.user, relation_id)
    if found is None:
        raise Http404
    return found


@router.get("/clients/{client_id}/belongings", response=list[BelongingOut])
@READ
def list_belongings(request: HttpRequest, client_id: int) -> Any:
    """Things that we do not insure."""
    return Belonging.objects.filter(client=_client(request, client_id))[:200]


@router.post("/clients/{client_id}/belongings", response={201: BelongingOut})
@WRITE
def add_belonging(request: HttpRequest, client_id: int, body: BelongingIn) -> Any:
    client = _client(request, client_id)
    return Status(201, operations.add_belonging(**_who(request), client=client, **body.dict()))


@router.delete("/belongings/{belonging_id}", response={204: None})
@WRITE
def remove_belonging(request: HttpRequest, belonging_id: int) -> Any:
    row = get_object_or_404(Belonging.objects.visible_to(request.user), pk=belonging_id)
    operations.remove_belonging(**_who(request), belonging=row)
    return Status(204, None)


@router.get("/clients/{client_id}/life-events", response=list[LifeEventOut])
@READ
def list_life_events(request: HttpRequest, client_id: int) -> Any:
    """The newest first."""
    return LifeEvent.objects.filter(client=_client(request, client_id))[:200]


@router.post("/clients/{client_id}/life-events", response={201: LifeEventOut})
@WRITE
def note_life_event(request: HttpRequest, client_id: int, body: LifeEventIn) -> Any:
    client = _client(request, client_id)
    return Status(
        201, operations.note_life_event(**_who(request), client=client, **body.dict(), source="api")
    )


@router.post("/life-events/{life_event_id}/closing", response=LifeEventOut)
@WRITE
def close_life_event(request: HttpRequest, life_event_id: int, body: LifeEventDone) -> Any:
    """It was spoken about."""
    row = get_object_or_404(LifeEvent.objects.visible_to(request.user), pk=life_event_id)
    return operations.close_life_event(**_who(request), event=row, result=body.result)
