"""Requests over the API: partners and sites send them, programs follow and work on them."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Branch
from clientela.modules.organisation.queries import branches_visible_to
from clientela.modules.products.models import Product
from clientela.modules.requests import operations, schemas
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations.sharing import NoReason, NotAColleague

READ, WRITE = requires(Permission.REQUESTS_READ), requires(Permission.REQUESTS_WRITE)
router = Router(tags=["requests"])
for _refusal, _status in (
    (operations.NoContact, 422), (operations.ReasonMissing, 422), (NoReason, 422), (NotAColleague, 422),
    (operations.NotOfThese, 422), (operations.AlreadyTaken, 409), (operations.AlreadyClosed, 409),
):  # fmt: skip
    map_problem(_refusal, _status)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _found(request: HttpRequest, request_id: int) -> Request:
    rows = Request.objects.visible_to(request.user).select_related("product", "client")
    return get_object_or_404(rows, pk=request_id)


@router.post("/requests", response={201: schemas.RequestOut})
@WRITE
def create_request(request: HttpRequest, body: schemas.RequestIn) -> Any:
    """Somebody asks for a policy: the card is found or made, the request counted and given to a colleague.

    The same phone and product within the days that the company set join the earlier request.
    """
    branch: Branch | None = None
    if body.branch_id is not None:
        branch = get_object_or_404(branches_visible_to(request.user), pk=body.branch_id)
    product = get_object_or_404(Product, code=body.product, is_active=True) if body.product else None
    source = Request.Source.PARTNER if body.partner else Request.Source.API
    incoming = operations.Incoming(
        source=source, name=body.name, phone=body.phone, email=body.email, product=product, about=body.about, text=body.text,
        answers=[one.dict() for one in body.answers], partner=body.partner, branch=branch, utm=body.utm,
        referrer=body.referrer,
    )  # fmt: skip
    return Status(201, operations.receive(**_who(request), incoming=incoming))


@router.get("/requests/{request_id}", response=schemas.RequestOut)
@READ
def get_request(request: HttpRequest, request_id: int) -> Any:
    """One request."""
    return _found(request, request_id)


@router.post("/requests/{request_id}/take", response=schemas.RequestOut)
@WRITE
def take_request(request: HttpRequest, request_id: int) -> Any:
    """Answer it and work on it; 409 when a colleague was quicker."""
    return operations.take(**_who(request), request=_found(request, request_id))


@router.post("/requests/{request_id}/begin", response=schemas.RequestOut)
@WRITE
def begin_request(request: HttpRequest, request_id: int) -> Any:
    """The client was reached."""
    return operations.begin(**_who(request), request=_found(request, request_id))


@router.post("/requests/{request_id}/give", response=schemas.RequestOut)
@WRITE
def give_request(request: HttpRequest, request_id: int, body: schemas.RequestGiveIn) -> Any:
    """Give it to a colleague, with a reason."""
    to = get_object_or_404(User, pk=body.person_id, is_active=True)
    return operations.give(**_who(request), request=_found(request, request_id), to=to, reason=body.reason)


@router.post("/requests/{request_id}/return", response=schemas.RequestOut)
@WRITE
def return_request(request: HttpRequest, request_id: int, body: schemas.RequestReasonIn) -> Any:
    """Back to the queue: the rule chooses somebody else."""
    return operations.give_back(**_who(request), request=_found(request, request_id), reason=body.reason)


@router.post("/requests/{request_id}/to-sales", response=schemas.RequestOut)
@WRITE
def hand_over_request(request: HttpRequest, request_id: int, body: schemas.RequestReasonIn) -> Any:
    """Marketing hands it over to sales."""
    return operations.hand_over(**_who(request), request=_found(request, request_id), note=body.reason)


@router.post("/requests/{request_id}/client", response=schemas.RequestOut)
@WRITE
def identify_request(request: HttpRequest, request_id: int, body: schemas.RequestClientIn) -> Any:
    """Which of the clients with this phone it is."""
    found = _found(request, request_id)
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=body.client_id)
    return operations.identify(**_who(request), request=found, client=client)


@router.post("/requests/{request_id}/close", response=schemas.RequestOut)
@WRITE
def close_request(request: HttpRequest, request_id: int, body: schemas.RequestCloseIn) -> Any:
    """It is over, for a reason."""
    return operations.close(**_who(request), request=_found(request, request_id), **body.dict())


@router.post("/requests/{request_id}/reopen", response=schemas.RequestOut)
@WRITE
def reopen_request(request: HttpRequest, request_id: int) -> Any:
    """Undo closing."""
    return operations.reopen(**_who(request), request=_found(request, request_id))
