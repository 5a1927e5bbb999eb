"""Deliveries of documents and pick-up points over the API."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contracts.models import Policy
from clientela.modules.documents import operations
from clientela.modules.documents.models import Delivery, Document, PickupPoint
from clientela.modules.documents.operations.delivery_words import link_of

READ, WRITE = requires(Permission.CONTRACTS_READ), requires(Permission.CONTRACTS_WRITE)
router = Router(tags=["documents"])
for refusal in (operations.NothingToDeliver, operations.DeliveryIncomplete):
    map_problem(refusal, 422)
for conflict in (operations.AlreadyOnItsWay, operations.WrongStep):
    map_problem(conflict, 409)

Way = Literal["email", "courier", "pickup"]
Text = Annotated[str, Field(max_length=255)]
Hour = Annotated[int, Field(ge=0, le=24)]


class DeliveryIn(Schema):
    """A courier needs phone, address, day and hours; a pick-up needs its point; an e-mail nothing."""

    way: Way
    document_ids: Annotated[list[int], Field(min_length=1, max_length=10)]
    recipient: Annotated[str, Field(max_length=200)] = ""
    phone: Annotated[str, Field(max_length=30)] = ""
    address: Text = ""
    day: date | None = None
    hour_from: Hour | None = None
    hour_to: Hour | None = None
    pickup_point_id: int | None = None


class DeliveryMoveIn(Schema):
    """``reason`` of what went wrong; to whom it was given out and by which document."""

    state: Literal[
        "handed_over",
        "on_the_way",
        "delivered",
        "not_delivered",
        "returned",
        "ready",
        "issued",
        "expired",
        "cancelled",
    ]
    reason: Text = ""
    issued_to: Annotated[str, Field(max_length=200)] = ""
    issued_by_document: Annotated[str, Field(max_length=120)] = ""


class DeliveryStepOut(Schema):
    state: str
    note: str
    at: datetime


class PaperDeliveryOut(Schema):
    id: int
    client_id: int
    policy_id: int
    way: str
    state: str
    document_ids: list[int]
    recipient: str
    phone: str
    email: str
    address: str
    day: date | None
    hour_from: int | None
    hour_to: int | None
    pickup_point_id: int | None
    carrier_ref: str
    reason: str
    issued_to: str
    issued_by_document: str
    created_at: datetime
    changed_at: datetime
    steps: list[DeliveryStepOut]
    client_url: str

    @staticmethod
    def resolve_client_url(row: Delivery) -> str:
        return link_of(row)

    @staticmethod
    def resolve_document_ids(row: Delivery) -> list[int]:
        return [one.pk for one in row.documents.all()]

    @staticmethod
    def resolve_pickup_point_id(row: Delivery) -> int | None:
        return row.point_id

    @staticmethod
    def resolve_steps(row: Delivery) -> Any:
        return list(row.steps.all())


class PickupPointOut(Schema):
    id: int
    branch_id: int
    name: str
    address: str
    hours: str


class DeliveryFilter(Schema):
    way: Way | None = None
    state: Annotated[str | None, Field(max_length=13)] = None
    late: bool | None = None
    client_branch: Annotated[int | None, Field(ge=1, le=2**62)] = None


def _rows(request: HttpRequest) -> Any:
    return Delivery.objects.visible_to(request.user).prefetch_related("documents", "steps")


@router.get("/pickup-points", response=list[PickupPointOut])
@READ
def pickup_points(request: HttpRequest) -> Any:
    """Where documents are given out."""
    return PickupPoint.objects.filter(is_active=True)[:500]


@router.get("/deliveries", response=Page[PaperDeliveryOut])
@READ
def list_deliveries(
    request: HttpRequest, wanted: Query[DeliveryFilter], cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """In the order they were asked for."""
    rows = _rows(request)
    if wanted.way:
        rows = rows.filter(way=wanted.way)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.late:
        rows = rows.late(timezone.now())
    if wanted.client_branch:
        rows = rows.filter(client__branch=wanted.client_branch)
    return page_of(rows, order=("id",), cursor=cursor, limit=limit)


@router.get("/policies/{policy_id}/deliveries", response=list[PaperDeliveryOut])
@READ
def deliveries_of_policy(request: HttpRequest, policy_id: int) -> Any:
    policy = get_object_or_404(Policy.objects.visible_to(request.user), pk=policy_id)
    return _rows(request).filter(policy=policy)[:200]


@router.post("/policies/{policy_id}/deliveries", response={201: PaperDeliveryOut})
@WRITE
def order_policy_delivery(request: HttpRequest, policy_id: int, body: DeliveryIn) -> Any:
    """Send by e-mail, order a courier, or have the documents prepared at a point."""
    policy = get_object_or_404(Policy.objects.visible_to(request.user), pk=policy_id)
    values = body.dict(exclude={"document_ids", "pickup_point_id"})
    wanted = set(body.document_ids)
    documents = list(Document.objects.filter(policy=policy, pk__in=wanted))
    row = operations.order_delivery(
        actor=request.user, now=timezone.now(), policy=policy,
        documents=documents if len(documents) == len(wanted) else [],
        point=PickupPoint.objects.filter(pk=body.pickup_point_id).first() if body.pickup_point_id else None, **values,
    )  # fmt: skip
    return Status(201, row)


@router.get("/deliveries/{paper_delivery_id}", response=PaperDeliveryOut)
@READ
def delivery(request: HttpRequest, paper_delivery_id: int) -> Any:
    return get_object_or_404(_rows(request), pk=paper_delivery_id)


@router.post("/deliveries/{paper_delivery_id}/steps", response=PaperDeliveryOut)
@WRITE
def move_policy_delivery(request: HttpRequest, paper_delivery_id: int, body: DeliveryMoveIn) -> Any:
    """Say what happened; receipts of the mail server move an e-mail by themselves."""
    found = get_object_or_404(Delivery.objects.visible_to(request.user), pk=paper_delivery_id)
    return operations.move_delivery(actor=request.user, now=timezone.now(), delivery=found, **body.dict())
