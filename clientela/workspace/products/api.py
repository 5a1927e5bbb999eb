"""The check of a draft on past calculations over the API; the rest of a tariff's life is in the module of rating."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from clientela.foundation.api.pagination import Id
from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.rating.api import full, full_definition, product_version_of, version_of
from clientela.modules.rating.operations import definitions, regression
from clientela.modules.rating.schemas import ProductVersionFullOut, TariffVersionFullOut
from clientela.workspace.products.cases import past_calculations

router = Router(tags=["tariffs"])


@router.post("/tariff-versions/{tariff_version_id}/check", response=TariffVersionFullOut)
@requires(Permission.PRODUCTS_WRITE)
def check_tariff(request: HttpRequest, tariff_version_id: Id) -> Any:
    """Price past calculations without and with this draft; `regression` of the answer says what changes."""
    version, now = version_of(tariff_version_id), timezone.now()
    cases = past_calculations(version.table.product.code)
    on = local_today(settings.TIME_ZONE, now)
    return full(regression.check(actor=request.user, now=now, version=version, cases=cases, on=on))


@router.post("/product-versions/{product_version_id}/check", response=ProductVersionFullOut)
@requires(Permission.PRODUCTS_WRITE)
def check_product(request: HttpRequest, product_version_id: Id) -> Any:
    """Price past calculations by the version in force and by this draft; `regression` says what changes."""
    version, now = product_version_of(product_version_id), timezone.now()
    return full_definition(
        definitions.check_definition(
            actor=request.user, now=now, version=version, cases=past_calculations(version.product.code),
            on=local_today(settings.TIME_ZONE, now),
        )
    )  # fmt: skip
