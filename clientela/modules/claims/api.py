"""Claims over the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.claims import operations
from clientela.modules.claims.models import Claim
from clientela.modules.claims.queries import claims_of
from clientela.modules.contracts.models import Policy

READ, WRITE = requires(Permission.CONTRACTS_READ), requires(Permission.CONTRACTS_WRITE)
router = Router(tags=["claims"])
map_problem(operations.OutsideCover, 422)
map_problem(operations.ClaimExists, 409)
map_problem(operations.AlreadySettled, 409)
map_problem(operations.AmountMissing, 422)


class ClaimIn(Schema):
    occurred_on: date
    description: Annotated[str, Field(max_length=255)] = ""
    amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] = Decimal(0)
    number: Annotated[str, Field(max_length=40)] = ""


class SettlementIn(Schema):
    status: Literal["paid", "refused"]
    amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] = Decimal(0)


class ClaimOut(Schema):
    id: int
    number: str
    policy_id: int
    client_id: int
    occurred_on: date
    reported_at: datetime
    status: str
    disputed_since: date | None
    amount: Decimal
    description: str


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _claim(request: HttpRequest, claim_id: int) -> Claim:
    return get_object_or_404(claims_of(request.user), pk=claim_id)


@router.get("/claims", response=Page[ClaimOut])
@READ
def list_claims(
    request: HttpRequest, client_id: Id | None = None, cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """The newest first."""
    rows = claims_of(request.user)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.get("/claims/{claim_id}", response=ClaimOut)
@READ
def claim(request: HttpRequest, claim_id: int) -> Any:
    return _claim(request, claim_id)


@router.post("/policies/{policy_id}/claims", response={201: ClaimOut})
@WRITE
def open_claim(request: HttpRequest, policy_id: int, body: ClaimIn) -> Any:
    """Write down a loss; without ``number`` it gets one."""
    policy = get_object_or_404(Policy.objects.visible_to(request.user), pk=policy_id)
    return Status(201, operations.open_claim(**_who(request), policy=policy, **body.dict()))


@router.post("/claims/{claim_id}/settlement", response=ClaimOut)
@WRITE
def settle_claim(request: HttpRequest, claim_id: int, body: SettlementIn) -> Any:
    """Pays or refuses an open claim; a refused one pays nothing."""
    return operations.settle_claim(**_who(request), claim=_claim(request, claim_id), **body.dict())


@router.put("/claims/{claim_id}/dispute", response=ClaimOut)
@WRITE
def open_dispute(request: HttpRequest, claim_id: int) -> Any:
    """The client disputes the claim: renewal messages stop."""
    return operations.open_dispute(**_who(request), claim=_claim(request, claim_id))


@router.delete("/claims/{claim_id}/dispute", response=ClaimOut)
@WRITE
def close_dispute(request: HttpRequest, claim_id: int) -> Any:
    return operations.close_dispute(**_who(request), claim=_claim(request, claim_id))
