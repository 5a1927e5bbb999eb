"""Classes of drivers over the API."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.bonus_malus import operations, schemas
from clientela.modules.bonus_malus.drivers import Driver
from clientela.modules.bonus_malus.models import Dispute, Lookup, Recalculation
from clientela.modules.clients.models import Attachment, Client

READ, WRITE = requires(Permission.CLIENTS_READ), requires(Permission.CLIENTS_WRITE)
ASK = requires(Permission.CONTRACTS_READ)
router = Router(tags=["bonus-malus"])
map_problem(operations.NotDisputable, 422)
map_problem(operations.DisputeClosed, 409)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _dispute(request: HttpRequest, dispute_id: int) -> Dispute:
    return get_object_or_404(Dispute.objects.visible_to(request.user), pk=dispute_id)


@router.post("/bonus-malus/classes", response=schemas.DriverClassOut)
@ASK
def ask_class(request: HttpRequest, body: schemas.DriverClassIn) -> Any:
    """The class of a driver; a registry that is slow or away leaves it pending, and it is asked again by itself."""
    said = body.dict()
    on, again, client_id = said.pop("on"), said.pop("again"), said.pop("client_id")
    if client_id is not None:
        get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    return operations.ask_class(Driver(**said), on, again=again, client_id=client_id, **_who(request))


@router.get("/bonus-malus/classes/{lookup_id}", response=schemas.DriverClassOut)
@ASK
def get_class(request: HttpRequest, lookup_id: int) -> Any:
    return get_object_or_404(Lookup.objects.visible_to(request.user), pk=lookup_id)


@router.get("/bonus-malus/disputes", response=Page[schemas.ClassDisputeOut])
@READ
def list_disputes(request: HttpRequest, state: str = "", cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Disputes of classes, the newest first."""
    rows = Dispute.objects.visible_to(request.user).prefetch_related("documents")
    rows = rows.filter(state=state) if state else rows
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.post("/bonus-malus/disputes", response={201: schemas.ClassDisputeOut})
@WRITE
def open_dispute(request: HttpRequest, body: schemas.ClassDisputeIn) -> Any:
    """Write down that a client holds the class to be wrong."""
    visible = Client.objects.visible_to(request.user)
    lookup = get_object_or_404(Lookup.objects.select_related("client"), pk=body.lookup_id, client__in=visible)
    assert lookup.client is not None
    documents = Attachment.objects.filter(pk__in=body.attachment_ids, client=lookup.client)
    made = operations.open_dispute(
        **_who(request), client=lookup.client, lookup=lookup, claimed_klass=body.claimed_klass, reason=body.reason,
        documents=documents,
    )  # fmt: skip
    return Status(201, made)


@router.get("/bonus-malus/disputes/{dispute_id}", response=schemas.ClassDisputeOut)
@READ
def get_dispute(request: HttpRequest, dispute_id: int) -> Any:
    return _dispute(request, dispute_id)


@router.post("/bonus-malus/disputes/{dispute_id}/sending", response=schemas.ClassDisputeOut)
@WRITE
def send_dispute(request: HttpRequest, dispute_id: int) -> Any:
    """The dispute went to the registry."""
    return operations.send_dispute(**_who(request), dispute=_dispute(request, dispute_id))


@router.post("/bonus-malus/disputes/{dispute_id}/answer", response=schemas.ClassDisputeOut)
@WRITE
def answer_dispute(request: HttpRequest, dispute_id: int, body: schemas.ClassAnswerIn) -> Any:
    """What the registry answered; another class holds at once."""
    return operations.answer_dispute(
        **_who(request), dispute=_dispute(request, dispute_id), klass=body.klass, answer=body.answer
    )


@router.post("/bonus-malus/disputes/{dispute_id}/withdrawal", response=schemas.ClassDisputeOut)
@WRITE
def withdraw_dispute(request: HttpRequest, dispute_id: int) -> Any:
    return operations.withdraw_dispute(**_who(request), dispute=_dispute(request, dispute_id))


@router.get("/bonus-malus/recalculations", response=list[schemas.RecalculationOut])
@ASK
def list_recalculations(request: HttpRequest) -> Any:
    """The first of April of each year, the newest first."""
    return Recalculation.objects.all()[:50]
