"""Referrals and the authority of people over the API."""

from datetime import datetime
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
from clientela.modules.products.models import Product
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.models import Authority, Referral, View
from clientela.modules.underwriting.queries import deciders, may_decide

DECIDE, SET = requires(Permission.UNDERWRITING_DECIDE), requires(Permission.ORGANISATION_WRITE)
router = Router(tags=["underwriting"])
for refusal in (operations.InvalidLoading, operations.LoadingBeyondAuthority, operations.ReasonNeeded):
    map_problem(refusal, 422)
map_problem(operations.AlreadyDecided, 409)
map_problem(operations.BeyondAuthority, 403)
Text = Annotated[str, Field(max_length=500)]
Percent = Annotated[Decimal, Field(ge=0, le=900, max_digits=5, decimal_places=2)]


class ReferralOut(Schema):
    """``loading`` is the factor upon the premium; ``may_decide`` whether the sum and the product are within your authority."""

    id: int
    calculation_id: int
    client_id: int
    product_code: str
    state: str
    reasons: list[str]
    premium: Decimal | None
    sum_insured: Decimal
    loading: Decimal
    conditions: str
    needs_photos: bool
    decided_by_id: int | None
    decided_at: datetime | None
    created_at: datetime

    @staticmethod
    def resolve_client_id(row: Referral) -> int:
        return row.calculation.client_id

    @staticmethod
    def resolve_product_code(row: Referral) -> str:
        return str(row.calculation.product.code)


class ReferralWholeOut(ReferralOut):
    may_decide: bool


class AcceptanceIn(Schema):
    loading: Annotated[Decimal, Field(gt=0, le=100, max_digits=8, decimal_places=4)] = Decimal(1)
    conditions: Text = ""


class RefusalIn(Schema):
    reason: Text


class InspectionIn(Schema):
    """Without ``views`` those that belong to the thing."""

    views: Annotated[list[Literal[tuple(View.values)]], Field(max_length=20)] = []  # type: ignore[valid-type]
    channel: Literal["sms", "email", "telegram"] = "sms"


class AuthorityIn(Schema):
    """Sum insured in roubles, changes of the premium in percent; null is any. Without ``product_code``: all products."""

    person_id: Id
    product_code: Annotated[str, Field(max_length=20)] = ""
    most: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=2)] | None = None
    most_loading: Percent | None = None
    most_discount: Percent | None = None
    taken_away: bool = False


class AuthorityOut(Schema):
    person_id: int
    product_code: str
    most: Decimal | None
    most_loading: Decimal | None
    most_discount: Decimal | None

    @staticmethod
    def resolve_person_id(row: Authority) -> int:
        return int(row.user_id)

    @staticmethod
    def resolve_product_code(row: Authority) -> str:
        return str(row.product.code) if row.product else ""


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _rows(request: HttpRequest) -> Any:
    return Referral.objects.visible_to(request.user).select_related("calculation__product")


def _find(request: HttpRequest, referral_id: int) -> Referral:
    found: Referral = get_object_or_404(_rows(request), pk=referral_id)
    return found


def _whole(request: HttpRequest, referral_id: int) -> Referral:
    found: Any = _find(request, referral_id)
    found.may_decide = may_decide(request.user, found)
    return found


@router.get("/referrals", response=Page[ReferralOut])
@DECIDE
def list_referrals(
    request: HttpRequest, state: Literal["waiting", "inspection", "accepted", "declined", "withdrawn"] | None = None,
    cursor: Cursor = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """In the order they came."""
    rows = _rows(request)
    return page_of(rows.filter(state=state) if state else rows, order=("id",), cursor=cursor, limit=limit)


@router.get("/referrals/{referral_id}", response=ReferralWholeOut)
@DECIDE
def referral(request: HttpRequest, referral_id: int) -> Any:
    return _whole(request, referral_id)


@router.post("/referrals/{referral_id}/acceptance", response=ReferralWholeOut)
@DECIDE
def accept_referral(request: HttpRequest, referral_id: int, body: AcceptanceIn) -> Any:
    """The calculation goes on by itself, at the premium with the factor."""
    operations.accept(**_who(request), referral=_find(request, referral_id), **body.dict())
    return _whole(request, referral_id)


@router.post("/referrals/{referral_id}/refusal", response=ReferralWholeOut)
@DECIDE
def decline_referral(request: HttpRequest, referral_id: int, body: RefusalIn) -> Any:
    operations.decline(**_who(request), referral=_find(request, referral_id), reason=body.reason)
    return _whole(request, referral_id)


@router.post("/referrals/{referral_id}/inspection", response=ReferralWholeOut)
@DECIDE
def ask_referral_photos(request: HttpRequest, referral_id: int, body: InspectionIn) -> Any:
    """A link to the client's phone."""
    operations.ask_inspection(**_who(request), referral=_find(request, referral_id), **body.dict())
    return _whole(request, referral_id)


@router.get("/authorities", response=list[AuthorityOut])
@SET
def list_authorities(request: HttpRequest) -> Any:
    return Authority.objects.select_related("product").order_by("user_id", "product_id")[:1000]


@router.post("/authorities", response={200: AuthorityOut, 204: None})
@SET
def set_authority(request: HttpRequest, body: AuthorityIn) -> Any:
    """Set what one person decides for a product, or for all; 204 when it is taken away."""
    user = get_object_or_404(deciders(), pk=body.person_id)
    product = get_object_or_404(Product, code=body.product_code) if body.product_code else None
    row = operations.set_authority(
        **_who(request), user=user, product=product, most=body.most, most_loading=body.most_loading,
        most_discount=body.most_discount, takes=body.taken_away,
    )  # fmt: skip
    return Status(200, row) if row else Status(204, None)
