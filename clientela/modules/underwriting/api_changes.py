"""Changes of running policies over the API: made, or given to an underwriter and decided."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.schemas import PolicyVersionOut
from clientela.modules.quotes.schemas import ChangeIn, wanted_of
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.api import AcceptanceIn, InspectionIn, RefusalIn
from clientela.modules.underwriting.models import ChangeReferral
from clientela.modules.underwriting.queries import may_decide_change

DECIDE, WRITE = requires(Permission.UNDERWRITING_DECIDE), requires(Permission.CONTRACTS_WRITE)
READ = requires(Permission.CONTRACTS_READ)
router = Router(tags=["underwriting"])
map_problem(operations.NothingToRefer, 422)
for refusal in (operations.AlreadyAsked, operations.NotAccepted, operations.AcceptedOtherwise):
    map_problem(refusal, 409)
States = Literal["waiting", "accepted", "declined", "returned", "withdrawn", "made", "stale"]


class EndorsementIn(ChangeIn):
    """A change, and why. ``shown`` is the price that was looked at: another one by now is refused. ``premium`` is a price of
    the whole term by hand: anybody's where the tariff does not know the contract, else of who decides referrals."""

    reason: Annotated[str, Field(min_length=1, max_length=255)]
    seen: Annotated[int, Field(ge=1, le=32767)] | None = None
    shown: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] | None = None
    premium: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)] | None = None


class ChangeReferralIn(ChangeIn):
    """A change that the rules refer, and why it is wanted; ``seen`` is the number of the version it was asked upon."""

    reason: Annotated[str, Field(min_length=1, max_length=255)]
    seen: Annotated[int, Field(ge=1, le=32767)] | None = None


class ChangeReferralOut(Schema):
    """``before`` and ``premium`` are for the whole term, ``price`` with the factor ``loading``; ``changes`` is what becomes
    otherwise and ``steps`` what it does to the factors. ``conditions`` are those of an acceptance, or why it is none."""

    id: int
    policy_id: int
    client_id: int
    state: str
    seen: int
    valid_from: str
    reason: str
    reasons: list[str]
    changes: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    before: Decimal
    premium: Decimal
    price: Decimal
    difference: Decimal
    sum_insured: Decimal
    loading: Decimal
    conditions: str
    asked_by_id: int | None
    asked_at: datetime
    decided_by_id: int | None
    decided_at: datetime | None
    version_id: int | None

    @staticmethod
    def resolve_client_id(row: ChangeReferral) -> int:
        return int(row.policy.client_id)

    @staticmethod
    def resolve_valid_from(row: ChangeReferral) -> str:
        return str(row.wanted["valid_from"])


class ChangeReferralWholeOut(ChangeReferralOut):
    may_decide: bool


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _policy(request: HttpRequest, policy_id: int) -> Policy:
    rows = Policy.objects.visible_to(request.user).select_related("client", "product", "insured_object")
    found: Policy = get_object_or_404(rows, pk=policy_id)
    return found


def _rows(request: HttpRequest) -> Any:
    rows = ChangeReferral.objects.visible_to(request.user)
    return rows.select_related("policy__client", "policy__product", "policy__insured_object")


def _find(request: HttpRequest, change_referral_id: int) -> Any:
    found: Any = get_object_or_404(_rows(request), pk=change_referral_id)
    found.may_decide = may_decide_change(request.user, found)
    return found


@router.post("/policies/{policy_id}/endorsements", response={201: PolicyVersionOut}, tags=["contracts"])
@WRITE
def endorse(request: HttpRequest, policy_id: int, body: EndorsementIn) -> Any:
    """Change a running policy at the price of its tariff, for the days that are left."""
    made = operations.endorse(
        **_who(request), policy=_policy(request, policy_id), wanted=wanted_of(body), reason=body.reason,
        seen=body.seen, shown=body.shown, premium=body.premium,
    )  # fmt: skip
    return Status(201, made)


@router.post("/policies/{policy_id}/change-referrals", response={201: ChangeReferralWholeOut})
@WRITE
def ask_for_change(request: HttpRequest, policy_id: int, body: ChangeReferralIn) -> Any:
    """Give a change that the rules refer to an underwriter."""
    made = operations.ask_change(
        **_who(request), policy=_policy(request, policy_id), wanted=wanted_of(body), reason=body.reason, seen=body.seen
    )  # fmt: skip
    return Status(201, _find(request, made.pk))


@router.get("/change-referrals", response=Page[ChangeReferralOut])
@READ
def list_change_referrals(
    request: HttpRequest, state: States | None = None, cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """In the order they came."""
    rows = _rows(request)
    return page_of(rows.filter(state=state) if state else rows, order=("id",), cursor=cursor, limit=limit)


@router.get("/change-referrals/{change_referral_id}", response=ChangeReferralWholeOut)
@READ
def change_referral(request: HttpRequest, change_referral_id: int) -> Any:
    return _find(request, change_referral_id)


@router.post("/change-referrals/{change_referral_id}/acceptance", response=ChangeReferralWholeOut)
@DECIDE
def accept_change_referral(request: HttpRequest, change_referral_id: int, body: AcceptanceIn) -> Any:
    """The seller may make the change, at the price with the factor."""
    operations.accept_change(**_who(request), change=_find(request, change_referral_id), **body.dict())
    return _find(request, change_referral_id)


@router.post("/change-referrals/{change_referral_id}/refusal", response=ChangeReferralWholeOut)
@DECIDE
def decline_change_referral(request: HttpRequest, change_referral_id: int, body: RefusalIn) -> Any:
    operations.decline_change(**_who(request), change=_find(request, change_referral_id), reason=body.reason)
    return _find(request, change_referral_id)


@router.post("/change-referrals/{change_referral_id}/return", response=ChangeReferralWholeOut)
@DECIDE
def return_change_referral(request: HttpRequest, change_referral_id: int, body: RefusalIn) -> Any:
    """Back to the seller, who puts it right and asks again."""
    operations.return_change(**_who(request), change=_find(request, change_referral_id), reason=body.reason)
    return _find(request, change_referral_id)


@router.post("/change-referrals/{change_referral_id}/inspection", response=ChangeReferralWholeOut)
@DECIDE
def ask_change_photos(request: HttpRequest, change_referral_id: int, body: InspectionIn) -> Any:
    """A link to the client's phone; the change goes on waiting."""
    operations.ask_change_inspection(
        **_who(request), change=_find(request, change_referral_id), **body.dict()
    )
    return _find(request, change_referral_id)


@router.post("/change-referrals/{change_referral_id}/withdrawal", response=ChangeReferralWholeOut)
@WRITE
def withdraw_change_referral(request: HttpRequest, change_referral_id: int) -> Any:
    operations.withdraw_change(**_who(request), change=_find(request, change_referral_id))
    return _find(request, change_referral_id)


@router.post("/change-referrals/{change_referral_id}/endorsement", response={201: PolicyVersionOut})
@WRITE
def make_change_referral(request: HttpRequest, change_referral_id: int) -> Any:
    """Make what was accepted: a new version of the policy; the money is asked as with any change."""
    made = operations.make_change(**_who(request), change=_find(request, change_referral_id))
    return Status(201, made)
