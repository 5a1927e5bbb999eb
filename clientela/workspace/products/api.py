"""Versions by state and the check of a draft on past calculations over the API; the rest of a tariff's life is in the module of rating."""

from datetime import date
from itertools import islice
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from clientela.foundation.api.pagination import Id
from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.rating.api import product_version_of, version_of
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations import checking
from clientela.workspace.products.checks import told_of
from clientela.workspace.products.listing import LONGEST, ProductFilter, every

router = Router(tags=["tariffs"])
MOST = 1_000


class TariffCheckOut(Schema):
    """How far the job is: ``state`` is queued, running, paused, done, failed, cancelled, or empty before the first check.

    ``is_passed``: exactly what the version holds now was checked and every calculation had a price. ``regression``
    is the last result: counts, the least, middle and largest change in percents, the calculations that change most.
    """

    job_id: int
    state: str
    done: int
    total: int | None
    is_passed: bool
    regression: dict[str, Any]


class TariffItemOut(Schema):
    """A version: of a tariff's table, or with an empty ``table`` of the product itself."""

    id: int
    product: str
    table: str
    title: str
    number: int
    state: str
    starts_on: date
    asked_starts_on: date | None
    reason: str
    author_id: int | None


@router.get("/tariff-versions", response=list[TariffItemOut])
@requires(Permission.PRODUCTS_READ)
def list_tariff_versions(
    request: HttpRequest,
    state: Literal["", "mine", "proposed", "draft", "coming", "current", "retired"] = "",
    q: str = Query("", max_length=LONGEST),
) -> Any:
    """Versions of tables and products as the list of products shows them; `mine` waits for one's own approval."""
    today, wanted = local_today(settings.TIME_ZONE, timezone.now()), ProductFilter(state, " ".join(q.split()))
    return [
        {
            "product": product.code, "table": table.code if table else "", "title": str(table or product.shown_name),
            "author_id": one.author_id if isinstance(one, TableVersion) else one.created_by_id,
            **{name: getattr(one, name) for name in ("id", "number", "state", "starts_on", "asked_starts_on", "reason")},
        }
        for product, table, one in islice(every(request.user, wanted, today), MOST)
    ]  # fmt: skip


@router.post("/tariff-versions/{tariff_version_id}/check", response={202: TariffCheckOut})
@requires(Permission.PRODUCTS_WRITE)
def check_tariff(request: HttpRequest, tariff_version_id: Id) -> Any:
    """Begin to price past calculations without and with this draft: it runs as a job."""
    version = version_of(tariff_version_id)
    checking.begin(actor=request.user, now=timezone.now(), version=version)
    return Status(202, told_of(version_of(tariff_version_id)))


@router.get("/tariff-versions/{tariff_version_id}/check", response=TariffCheckOut)
@requires(Permission.PRODUCTS_READ)
def get_tariff_check(request: HttpRequest, tariff_version_id: Id) -> Any:
    """How far the check is, and what the last one found."""
    return told_of(version_of(tariff_version_id))


@router.post("/product-versions/{product_version_id}/check", response={202: TariffCheckOut})
@requires(Permission.PRODUCTS_WRITE)
def check_product(request: HttpRequest, product_version_id: Id) -> Any:
    """Begin to price past calculations by the version in force and by this draft: it runs as a job."""
    version = product_version_of(product_version_id)
    checking.begin(actor=request.user, now=timezone.now(), version=version)
    return Status(202, told_of(product_version_of(product_version_id)))


@router.get("/product-versions/{product_version_id}/check", response=TariffCheckOut)
@requires(Permission.PRODUCTS_READ)
def get_product_check(request: HttpRequest, product_version_id: Id) -> Any:
    """How far the check is, and what the last one found."""
    return told_of(product_version_of(product_version_id))
