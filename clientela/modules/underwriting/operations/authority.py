"""How far people may decide; set by an administrator."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.products.models import Product
from clientela.modules.underwriting.models import Authority


@transaction.atomic
def set_authority(
    *,
    actor: Any,
    now: datetime,
    user: User,
    product: Product | None,
    most: Decimal | None,
    most_loading: Decimal | None = None,
    most_discount: Decimal | None = None,
    takes: bool = False,
) -> Authority | None:
    """Let ``user`` decide up to ``most`` roubles of a product or of all, and change the premium by these percents.

    None is any. ``takes`` takes it away.
    """
    ensure(actor, Permission.ORGANISATION_WRITE)
    rows = Authority.objects.filter(user=user, product=product)
    limits = {"most": most, "most_loading": most_loading, "most_discount": most_discount}
    before = rows.first()
    told = [
        _told({name: getattr(before, name) for name in limits}) if before else None,
        None if takes else _told(limits),
    ]
    name = str(product) if product else "*"
    record(actor=actor, now=now, action="authority.set", obj=user, changes={name: told})
    if takes:
        rows.delete()
        return None
    row, _made = Authority.objects.update_or_create(
        user=user, product=product, defaults=limits | {"changed_by": actor, "changed_at": now}
    )
    return row


def _told(limits: dict[str, Decimal | None]) -> str:
    most, loading, discount = ("∞" if one is None else f"{one.normalize():f}" for one in limits.values())
    return f"{most} ₽, +{loading} %, −{discount} %"
