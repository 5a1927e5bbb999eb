"""Rent over the API: the register, its evidence, and what is decided."""

from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.money import total
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.rent import operations, schemas
from clientela.modules.rent.models import Rent
from clientela.modules.rent.queries import terms_now

READ = requires(Permission.COMMISSION_READ)
DECIDE = requires(Permission.RENT_APPROVE)
router = Router(tags=["rent"])
map_problem(operations.WordsMissing, 422)
for _refusal in (operations.NotWaiting, operations.NoRate, operations.NothingLeft, operations.PaidAlready):
    map_problem(_refusal, 409)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _find(request: HttpRequest, rent_id: int) -> Rent:
    rows = Rent.objects.visible_to(caller(request)).select_related("policy", "agent")
    return get_object_or_404(rows, pk=rent_id)


@router.get("/rents", response=Page[schemas.RentOut])
@READ
def list_rents(
    request: HttpRequest, state: Literal["waiting", "approved", "returned", "office", "refused"] | None = None,
    agent_id: Id | None = None, cursor: Cursor = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """Rents of the agents whose pay is in sight, the newest first."""
    rows = Rent.objects.visible_to(caller(request)).select_related("policy")
    if state:
        rows = rows.filter(state=state)
    if agent_id is not None:
        rows = rows.filter(agent_id=agent_id)
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.get("/rents/{rent_id}", response=schemas.RentWhole)
@READ
def read_rent(request: HttpRequest, rent_id: int) -> Any:
    """A rent with its evidence."""
    return _find(request, rent_id)


@router.post("/rents/{rent_id}/approval", response=schemas.RentWhole)
@DECIDE
def approve_rent(request: HttpRequest, rent_id: int, body: schemas.RentApproval) -> Any:
    """Enter it into the agent's statement."""
    return operations.approve(**_who(request), rent=_find(request, rent_id), words=body.words)


@router.post("/rents/{rent_id}/return", response=schemas.RentWhole)
@DECIDE
def return_rent(request: HttpRequest, rent_id: int, body: schemas.RentReturn) -> Any:
    """Send it back to the agent; the head office, asked last, refuses it for good."""
    return operations.send_back(**_who(request), rent=_find(request, rent_id), **body.dict())


@router.post("/rents/{rent_id}/answer", response=schemas.RentWhole)
@READ
def answer_rent(request: HttpRequest, rent_id: int, body: schemas.RentAnswer) -> Any:
    """The agent's own answer to a return: the evidence is gathered anew."""
    return operations.answer(**_who(request), rent=_find(request, rent_id), words=body.words)


@router.post("/rent-approvals", response=schemas.RentCleanOut)
@DECIDE
def approve_clean_rents(request: HttpRequest) -> Any:
    """Approve every rent that waits for the caller and meets all checks."""
    done = operations.approve_clean(**_who(request))
    return {"approved": len(done), "amount": total(one.amount for one in done)}


@router.get("/rent-terms", response=schemas.RentTermsIO)
@READ
def read_terms(request: HttpRequest) -> Any:
    """What holds for all rents."""
    return terms_now()


@router.put("/rent-terms", response=schemas.RentTermsIO)
@requires(Permission.COMMISSION_RATES)
def set_rent_terms(request: HttpRequest, body: schemas.RentTermsIO) -> Any:
    """Set them: rents that are written from now on are judged by them."""
    return operations.set_terms(**_who(request), days=body.days, targets=body.targets)
