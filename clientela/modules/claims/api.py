"""Claims over the API."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.claims import operations
from clientela.modules.claims.models import Claim, ClaimParticipant, ClaimPhoto, EventKind
from clientela.modules.claims.queries import claims_of, overdue
from clientela.modules.contracts.models import Policy

READ, WRITE = requires(Permission.CLAIMS_READ), requires(Permission.CLAIMS_WRITE)
SETTLE = requires(Permission.CLAIMS_SETTLE)
router = Router(tags=["claims"])
for refusal in (
    operations.OutsideCover, operations.NotOfLine, operations.PayoutWrong, operations.AmountMissing,
    operations.ReasonMissing, operations.WantedMissing,
):  # fmt: skip
    map_problem(refusal, 422)
map_problem(operations.ClaimExists, 409)
map_problem(operations.AlreadySettled, 409)
Sum = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
Text = Annotated[str, Field(max_length=500)]
Short = Annotated[str, Field(max_length=60)]


class ClaimParticipantIn(Schema):
    name: Annotated[str, Field(max_length=200)] = ""
    phone: Annotated[str, Field(max_length=20)] = ""
    car: Annotated[str, Field(max_length=120)] = ""
    plate: Annotated[str, Field(max_length=15)] = ""
    policy_number: Short = ""


class ClaimIn(Schema):
    """``occurred_at`` is on the clock of the client. The client is told at once, with the link to follow the claim."""

    occurred_on: date
    occurred_at: time | None = None
    kind: Literal[tuple(EventKind.values)] = "other"  # type: ignore[valid-type]
    place: Annotated[str, Field(max_length=255)] = ""
    latitude: Annotated[Decimal | None, Field(ge=-90, le=90, max_digits=8, decimal_places=6)] = None
    longitude: Annotated[Decimal | None, Field(ge=-180, le=180, max_digits=9, decimal_places=6)] = None
    description: Annotated[str, Field(max_length=4000)] = ""
    participants: Annotated[list[ClaimParticipantIn], Field(max_length=20)] = []
    channel: Literal["phone", "office", "email", "chat", "agent"] = "agent"
    payout: Literal["", "bank", "repair"] = ""
    payee: Annotated[str, Field(max_length=200)] = ""
    bic: Short = ""
    account: Short = ""
    amount: Sum = Decimal(0)
    number: Annotated[str, Field(max_length=40)] = ""


class SettlementIn(Schema):
    """A payment names its sum, a refusal its reason."""

    status: Literal["paid", "refused"]
    amount: Sum = Decimal(0)
    reason: Text = ""


class WantedIn(Schema):
    """Which papers the client is asked for, in words that the client reads."""

    wanted: Text


class ClaimParticipantOut(Schema):
    name: str
    phone: str
    car: str
    plate: str
    policy_number: str


class ClaimStepOut(Schema):
    status: str
    at: datetime
    note: str


class ClaimPhotoOut(Schema):
    id: int
    view: str
    size: int
    taken_at: datetime


class ClaimOut(Schema):
    """``due_on`` is the last day to decide and pay; ``assignee_id`` the person who works on it."""

    id: int
    number: str
    policy_id: int
    client_id: int
    kind: str
    occurred_on: date
    occurred_at: time | None
    place: str
    latitude: Decimal | None
    longitude: Decimal | None
    channel: str
    reported_at: datetime
    status: str
    due_on: date | None
    assignee_id: int | None
    wanted: str
    reason: str
    settled_at: datetime | None
    disputed_since: date | None
    amount: Decimal
    payout: str
    description: str


class ClaimWholeOut(ClaimOut):
    """``account`` is whole for those who settle claims, its last four digits for others."""

    payee: str
    bic: str
    account: str
    link: str
    participants: list[ClaimParticipantOut]
    steps: list[ClaimStepOut]

    @staticmethod
    def resolve_account(row: Claim, context: Any) -> str:
        may = caller(context["request"]).can(Permission.CLAIMS_SETTLE)
        return row.account if may else row.masked_account

    @staticmethod
    def resolve_link(row: Claim) -> str:
        return operations.link_of(row)

    @staticmethod
    def resolve_participants(row: Claim) -> "QuerySet[ClaimParticipant]":
        return row.participants.all()


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _claim(request: HttpRequest, claim_id: int) -> Claim:
    return get_object_or_404(claims_of(request.user), pk=claim_id)


@router.get("/claims", response=Page[ClaimOut])
@READ
def list_claims(
    request: HttpRequest, client_id: Id | None = None,
    status: Literal[tuple(Claim.Status.values)] | None = None,  # type: ignore[valid-type]
    mine: bool = False,
    late: bool = False, cursor: Cursor = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """The newest first; ``mine`` are those you work on, ``late`` those undecided after their last day."""
    rows = claims_of(request.user)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if status is not None:
        rows = rows.filter(status=status)
    if mine:
        rows = rows.filter(assignee=caller(request))
    if late:
        rows = overdue(rows, timezone.now())
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.get("/claims/{claim_id}", response=ClaimWholeOut)
@READ
def claim(request: HttpRequest, claim_id: int) -> Any:
    return _claim(request, claim_id)


@router.get("/claims/{claim_id}/photos", response=list[ClaimPhotoOut])
@READ
def list_claim_photos(request: HttpRequest, claim_id: int) -> Any:
    """Forty at the most; the pictures are on the claim's page."""
    return ClaimPhoto.objects.filter(claim=_claim(request, claim_id))


@router.post("/policies/{policy_id}/claims", response={201: ClaimOut})
@WRITE
def open_claim(request: HttpRequest, policy_id: int, body: ClaimIn) -> Any:
    """Write down a loss; without ``number`` it gets one."""
    policy = get_object_or_404(Policy.objects.visible_to(request.user), pk=policy_id)
    told = body.dict(exclude={"participants"})
    people = [operations.Participant(**one.dict()) for one in body.participants]
    return Status(201, operations.open_claim(**_who(request), policy=policy, participants=people, **told))


@router.put("/claims/{claim_id}/work", response=ClaimOut)
@SETTLE
def take_claim(request: HttpRequest, claim_id: int) -> Any:
    """You work on it from now on; the client is told your name."""
    return operations.take_claim(**_who(request), claim=_claim(request, claim_id))


@router.put("/claims/{claim_id}/papers", response=ClaimOut)
@SETTLE
def ask_papers(request: HttpRequest, claim_id: int, body: WantedIn) -> Any:
    """Asks the client for papers; they are sent on the client's page."""
    return operations.ask_papers(**_who(request), claim=_claim(request, claim_id), wanted=body.wanted)


@router.delete("/claims/{claim_id}/papers", response=ClaimOut)
@SETTLE
def papers_came(request: HttpRequest, claim_id: int) -> Any:
    """Nothing is asked for any more: the work goes on."""
    return operations.papers_came(**_who(request), claim=_claim(request, claim_id))


@router.post("/claims/{claim_id}/settlement", response=ClaimOut)
@SETTLE
def settle_claim(request: HttpRequest, claim_id: int, body: SettlementIn) -> Any:
    """Pays or refuses a claim; a refused one pays nothing and says why."""
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
