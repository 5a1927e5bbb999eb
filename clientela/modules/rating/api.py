"""Premiums with their explanation, product definitions and tariff tables over the API."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.pagination import Id
from clientela.foundation.api.problems import map_problem
from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.products.models import Product, ProductVersion
from clientela.modules.rating import queries, schemas
from clientela.modules.rating.models import Table, TableVersion
from clientela.modules.rating.operations import definitions, starting, versions
from clientela.modules.rating.rules import MissingFacts, OutOfTariff
from clientela.modules.rating.rules.cells import BadCell
from clientela.modules.rating.rules.checks import problems

router = Router(tags=["tariffs"])
for refused in (MissingFacts, OutOfTariff, BadCell):
    map_problem(refused, 422)
for held_back in (
    versions.HasProblems,
    starting.BadStart,
    starting.BeforeOlder,
    starting.NoWhy,
    versions.NotChecked,
    versions.NoSuchCell,
    definitions.Faulty,
    definitions.NotTried,
):
    map_problem(held_back, 422)
for conflict in (versions.NotADraft, versions.ChangedMeanwhile, versions.OwnVersion):
    map_problem(conflict, 409)
READ = requires(Permission.PRODUCTS_READ)
WRITE = requires(Permission.PRODUCTS_WRITE)
APPROVE = requires(Permission.TARIFFS_APPROVE)


@router.post("/premiums", response=schemas.PremiumOut)
@READ
def get_premium(request: HttpRequest, body: schemas.PremiumIn) -> Any:
    """What a product costs by these facts, factor by factor, and what underwriting says. Nothing is stored."""
    with queries.many():
        return _premium(body)


@router.post("/premium-lists", response=list[schemas.PremiumOrNotOut])
@READ
def get_premiums(request: HttpRequest, body: schemas.PremiumsIn) -> Any:
    """Up to a hundred premiums at once, in the order asked for; each one or why there is none."""
    with queries.many():
        return [_premium_or_not(item) for item in body.items]


@router.get("/products/{product_code}/versions", response=list[schemas.ProductVersionOut])
@READ
def list_product_versions(request: HttpRequest, product_code: str) -> Any:
    return get_object_or_404(Product, code=product_code).versions.all()[:500]


@router.get("/products/{product_code}/definition", response=schemas.ProductDefinitionOut)
@READ
def get_product_definition(request: HttpRequest, product_code: str, on: date | None = None) -> Any:
    """Coverages, limits, documents and questions with their choices, as sold on ``on``, today by default."""
    product = get_object_or_404(Product, code=product_code)
    return queries.definition(product.code, on or local_today(settings.TIME_ZONE, timezone.now()))


@router.post("/product-drafts", response={201: schemas.ProductVersionFullOut})
@WRITE
def make_product_draft(request: HttpRequest, body: schemas.ProductDraftIn) -> Any:
    """A draft copied from the newest version in force; the open one is given back if there is one."""
    product = get_object_or_404(Product, code=body.product)
    made = definitions.make_product_draft(actor=request.user, now=timezone.now(), product=product)
    return Status(201, full_definition(made))


@router.get("/product-versions/{product_version_id}", response=schemas.ProductVersionFullOut)
@READ
def get_product_version(request: HttpRequest, product_version_id: Id) -> Any:
    """A version with its whole definition and everything that is wrong with it."""
    return full_definition(product_version_of(product_version_id))


@router.put("/product-versions/{product_version_id}/definition", response=schemas.ProductVersionFullOut)
@WRITE
def put_product_definition(
    request: HttpRequest, product_version_id: Id, body: schemas.ProductDefinitionIn
) -> Any:
    """Put another definition into a draft; `faults` of the answer say what is wrong with it."""
    return full_definition(
        definitions.change_definition(
            actor=request.user, now=timezone.now(), version=product_version_of(product_version_id),
            definition=body.definition, seen=body.changed_at,
        )
    )  # fmt: skip


@router.post("/product-versions/{product_version_id}/proposal", response=schemas.ProductVersionFullOut)
@WRITE
def propose_product(request: HttpRequest, product_version_id: Id, body: schemas.TariffProposalIn) -> Any:
    """Hand a checked draft over for approval."""
    return full_definition(
        definitions.propose_definition(
            actor=request.user, now=timezone.now(), version=product_version_of(product_version_id),
            starts_on=body.starts_on, reason=body.reason,
        )
    )  # fmt: skip


@router.post("/product-versions/{product_version_id}/approval", response=schemas.ProductVersionFullOut)
@APPROVE
def approve_product(
    request: HttpRequest, product_version_id: Id, body: schemas.TariffApprovalIn | None = None
) -> Any:
    """A second person puts a proposed version in force from its day, or from another one with a word why."""
    told = body.dict() if body else {}
    version = product_version_of(product_version_id)
    return full_definition(
        definitions.approve_definition(actor=request.user, now=timezone.now(), version=version, **told)
    )


@router.post("/product-versions/{product_version_id}/return", response=schemas.ProductVersionFullOut)
@APPROVE
def send_product_back(request: HttpRequest, product_version_id: Id, body: schemas.TariffReturnIn) -> Any:
    """Give a proposed version back to its author."""
    version = product_version_of(product_version_id)
    return full_definition(
        definitions.return_definition(
            actor=request.user, now=timezone.now(), version=version, reason=body.reason
        )
    )


@router.get("/tariff-tables", response=list[schemas.TariffTableOut])
@READ
def list_tariff_tables(request: HttpRequest, product: str = "") -> Any:
    """Decision tables with their versions, of one product or of all."""
    tables = Table.objects.prefetch_related("versions")
    return (tables.filter(product__code=product) if product else tables)[:1000]


@router.get("/tariff-versions/{tariff_version_id}", response=schemas.TariffVersionFullOut)
@READ
def get_tariff_version(request: HttpRequest, tariff_version_id: Id) -> Any:
    """A version with its columns, its rows and everything that is wrong with it."""
    return full(version_of(tariff_version_id))


@router.post("/tariff-drafts", response={201: schemas.TariffVersionFullOut})
@WRITE
def make_tariff_draft(request: HttpRequest, body: schemas.TariffDraftIn) -> Any:
    """A draft copied from the newest approved version; the open one is given back if there is one."""
    table = get_object_or_404(Table, code=body.table)
    return Status(201, full(versions.make_draft(actor=request.user, now=timezone.now(), table=table)))


@router.put("/tariff-versions/{tariff_version_id}/rows", response=schemas.TariffVersionFullOut)
@WRITE
def put_tariff_rows(request: HttpRequest, tariff_version_id: Id, body: schemas.TariffRowsIn) -> Any:
    """Put all rows into a draft."""
    return full(
        versions.replace_rows(
            actor=request.user, now=timezone.now(), version=version_of(tariff_version_id), rows=body.rows,
            seen=body.changed_at,
        )
    )  # fmt: skip


@router.post("/tariff-versions/{tariff_version_id}/proposal", response=schemas.TariffVersionOut)
@WRITE
def propose_tariff(request: HttpRequest, tariff_version_id: Id, body: schemas.TariffProposalIn) -> Any:
    """Hand a checked draft over for approval."""
    return versions.propose(
        actor=request.user, now=timezone.now(), version=version_of(tariff_version_id), starts_on=body.starts_on,
        reason=body.reason,
    )  # fmt: skip


@router.post("/tariff-versions/{tariff_version_id}/approval", response=schemas.TariffVersionOut)
@APPROVE
def approve_tariff(
    request: HttpRequest, tariff_version_id: Id, body: schemas.TariffApprovalIn | None = None
) -> Any:
    """A second person puts a proposed version in force from its day, or from another one with a word why."""
    told = body.dict() if body else {}
    version = version_of(tariff_version_id)
    return versions.approve(actor=request.user, now=timezone.now(), version=version, **told)


@router.post("/tariff-versions/{tariff_version_id}/return", response=schemas.TariffVersionOut)
@APPROVE
def send_tariff_back(request: HttpRequest, tariff_version_id: Id, body: schemas.TariffReturnIn) -> Any:
    """Give a proposed version back to its author."""
    version = version_of(tariff_version_id)
    return versions.send_back(actor=request.user, now=timezone.now(), version=version, reason=body.reason)


@router.post("/tariff-versions/{tariff_version_id}/withdrawal", response=schemas.TariffVersionOut)
@APPROVE
def withdraw_tariff(request: HttpRequest, tariff_version_id: Id) -> Any:
    """Take an approved version out before its day."""
    version = version_of(tariff_version_id)
    return versions.withdraw(actor=request.user, now=timezone.now(), version=version)


def product_version_of(product_version_id: int) -> ProductVersion:
    return get_object_or_404(ProductVersion.objects.select_related("product"), pk=product_version_id)


def full_definition(version: ProductVersion) -> dict[str, Any]:
    """Everything about a product's version, as the API tells it."""
    names = [name for name in schemas.ProductVersionFullOut.model_fields if name not in {"product", "faults"}]
    on = max(local_today(settings.TIME_ZONE, timezone.now()), version.starts_on)
    found = [{"where": one.where, "text": str(one.text)} for one in definitions.faults_of(version, on)]
    told = {name: getattr(version, name) for name in names}
    return told | {"product": version.product.code, "faults": found}


def version_of(tariff_version_id: int) -> TableVersion:
    return get_object_or_404(TableVersion.objects.select_related("table"), pk=tariff_version_id)


def full(version: TableVersion) -> dict[str, Any]:
    """Everything about a version, as the API tells it."""
    names = [name for name in schemas.TariffVersionFullOut.model_fields if name != "problems"]
    told = [vars(one) | {"text": str(one.text)} for one in problems(version.body)]
    return {name: getattr(version, name) for name in names} | {"problems": told}


def _premium(asked: schemas.PremiumIn) -> dict[str, Any]:
    premium = queries.price(asked.product, asked.facts, on=asked.on, as_of=asked.as_of)
    verdict = queries.verdict(asked.product, asked.facts, on=asked.on)
    return vars(premium) | {"verdict": verdict.decision, "reasons": verdict.reasons}


def _premium_or_not(asked: schemas.PremiumIn) -> dict[str, Any]:
    try:
        return {"premium": _premium(asked)}
    except MissingFacts as missing:
        return {"problem": {"code": "missing_facts", "detail": str(missing), "keys": missing.keys}}
    except OutOfTariff as outside:
        return {"problem": {"code": "out_of_tariff", "detail": str(outside), "keys": [outside.field]}}
