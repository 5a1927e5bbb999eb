"""The check of a draft on past calculations over the API; the rest of a tariff's life is in the module of rating."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from clientela.foundation.api.pagination import Id
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.rating.api import product_version_of, version_of
from clientela.modules.rating.operations import checking
from clientela.workspace.products.checks import told_of

router = Router(tags=["tariffs"])


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
