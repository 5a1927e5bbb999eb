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
    takes: bool = False,
) -> Authority | None:
    """Let ``user`` decide up to ``most`` roubles (None: any sum) of a product or of all; ``takes`` takes it away."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    rows = Authority.objects.filter(user=user, product=product)
    before = rows.first()
    told = [str(before.most) if before else None, None if takes else str(most)]
    name = str(product) if product else "*"
    record(actor=actor, now=now, action="authority.set", obj=user, changes={name: told})
    if takes:
        rows.delete()
        return None
    row, _made = Authority.objects.update_or_create(
        user=user, product=product, defaults={"most": most, "changed_by": actor, "changed_at": now}
    )
    return row
