"""Calculations over the API."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.schemas import ObjectOut
from clientela.modules.products.models import Product
from clientela.modules.quotes import operations, schemas
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.operations.cards import InLine, OthersInsureIt, bring_card_in_line
from clientela.modules.quotes.told import NoAnswer

READ, WRITE = requires(Permission.CONTRACTS_READ), requires(Permission.CONTRACTS_WRITE)
router = Router(tags=["calculations"])
for wrong in (
    operations.BadWindow,
    operations.PastStart,
    operations.TooManyDrivers,
    operations.TooManyInsured,
    operations.NamesNobody,
    operations.MoneyCame,
    operations.BadChannel,
    operations.NotPriced,
    operations.CannotBePriced,
    operations.HandPriceNeeded,
    NoAnswer,
    operations.NothingNamed,
):
    map_problem(wrong, 422)
map_problem(operations.BadPerson, 422, "invalid", fields=lambda refusal: {
    "errors": [{"loc": ["body", *refusal.field.split(".")], "msg": str(refusal)}],
})  # fmt: skip
for late in (
    operations.PricesUnderWay, operations.StaleCalculation, operations.CalculationFixed, operations.TooManyVariants, operations.LastVariant,
    operations.NeedsUnderwriter, operations.DeclinedByRules, operations.PriceMoved, operations.OfferOver, InLine, OthersInsureIt,
):  # fmt: skip
    map_problem(late, 409)
map_problem(operations.HandPriceForbidden, 403)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _rows(request: HttpRequest) -> QuerySet[Calculation]:
    return Calculation.objects.visible_to(request.user).select_related("product")


def _find(request: HttpRequest, calculation_id: int) -> Calculation:
    return get_object_or_404(_rows(request).prefetch_related("variants"), pk=calculation_id)


@router.get("/calculations", response=Page[schemas.CalculationRow])
@READ
def list_calculations(
    request: HttpRequest, client_id: Id | None = None, state: str = "", cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """In the order of their beginning."""
    wanted = {"client_id": client_id, "state": state or None}
    rows = _rows(request).filter(**{field: value for field, value in wanted.items() if value is not None})
    return page_of(rows, order=("id",), cursor=cursor, limit=limit)


@router.post("/calculations", response={201: schemas.CalculationOut})
@WRITE
def start_calculation(request: HttpRequest, body: schemas.CalculationIn) -> Any:
    """Everything known is filled in and priced; one that stands for the same expiring term is returned."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=body.client_id)
    policy = None
    if body.policy_id is not None:
        policy = get_object_or_404(Policy.objects.visible_to(request.user), pk=body.policy_id, client=client)
    product = policy.product if policy else Product.objects.filter(code=body.product, is_active=True).first()
    if product is None:
        raise Http404("product")
    made = operations.start(
        **_who(request), client=client, product=product, policy=policy, starts_on=body.starts_on
    )
    return Status(201, _find(request, made.pk))


@router.get("/calculations/{calculation_id}", response=schemas.CalculationOut)
@READ
def calculation(request: HttpRequest, calculation_id: int) -> Any:
    return _find(request, calculation_id)


@router.patch("/calculations/{calculation_id}", response=schemas.CalculationOut)
@WRITE
def change_calculation(request: HttpRequest, calculation_id: int, body: schemas.CalculationChange) -> Any:
    """Keep what is typed and price all variants again."""
    found = _find(request, calculation_id)
    operations.change(**_who(request), calculation=found, **body.dict(exclude_unset=True))
    return _find(request, calculation_id)


@router.post("/calculations/{calculation_id}/variants", response={201: schemas.CalculationOut})
@WRITE
def add_variant(request: HttpRequest, calculation_id: int, body: schemas.VariantIn) -> Any:
    found = _find(request, calculation_id)
    changes = {"answers": body.answers} if body.answers else {}
    operations.add_variant(**_who(request), calculation=found, title=body.title, changes=changes)
    return Status(201, _find(request, calculation_id))


@router.post("/variants/{variant_id}/choice", response=schemas.VariantOut)
@WRITE
def choose_variant(request: HttpRequest, variant_id: int) -> Any:
    rows = Variant.objects.filter(calculation__in=Calculation.objects.visible_to(request.user))
    variant = get_object_or_404(rows.select_related("calculation"), pk=variant_id)
    return operations.choose(**_who(request), variant=variant)


@router.post("/calculations/{calculation_id}/offer", response=schemas.CalculationOut)
@WRITE
def send_calculation(request: HttpRequest, calculation_id: int, body: schemas.CalculationOfferIn) -> Any:
    """Write to the client with the page of the comparison; the communication policy has the last word."""
    operations.send(**_who(request), calculation=_find(request, calculation_id), channel=body.channel)
    return _find(request, calculation_id)


@router.post("/calculations/{calculation_id}/project", response=schemas.CalculationOut)
@WRITE
def make_project(request: HttpRequest, calculation_id: int) -> Any:
    """Make the contract to be paid from the chosen variant."""
    operations.to_project(**_who(request), calculation=_find(request, calculation_id))
    return _find(request, calculation_id)


@router.post("/calculations/{calculation_id}/project-withdrawal", response=schemas.CalculationOut)
@WRITE
def take_back_project(request: HttpRequest, calculation_id: int) -> Any:
    """Take the contract and its bill back while nothing is paid, and go on calculating."""
    operations.take_back_bill(**_who(request), calculation=_find(request, calculation_id))
    return _find(request, calculation_id)


@router.post("/policies/{policy_id}/endorsement-prices", response=schemas.ChangePriceOut)
@WRITE
def price_endorsement(request: HttpRequest, policy_id: int, body: schemas.ChangeIn) -> Any:
    """What a change of a running policy would cost by the tariff it was made by, factor by factor. Nothing is changed."""
    rows = Policy.objects.visible_to(request.user).select_related("client", "product", "insured_object")
    found = get_object_or_404(rows, pk=policy_id)
    return operations.price_change(**_who(request), policy=found, wanted=schemas.wanted_of(body))


@router.post("/policies/{policy_id}/car-card", response=ObjectOut)
@WRITE
def bring_car_in_line(request: HttpRequest, policy_id: int, body: schemas.CarCardIn) -> Any:
    """Write what a change says of the car into its card; other contracts keep what they were priced by."""
    rows = Policy.objects.visible_to(request.user).select_related("client", "insured_object")
    found = get_object_or_404(rows, pk=policy_id)
    return bring_card_in_line(**_who(request), policy=found, aware=body.aware)


@router.post("/renewal-prices", response={202: schemas.PriceRunOut})
@requires(Permission.SCHEDULES_WRITE)
def price_next_terms(request: HttpRequest, body: schemas.PriceRunIn) -> Any:
    """Price the next terms of everything that ends in a window: it runs as a job."""
    job = operations.begin_prices(**_who(request), since=body.since, until=body.until)
    return Status(202, {"job_id": job.pk, "terms": job.total or 0})
