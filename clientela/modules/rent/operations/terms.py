"""What holds for all rents: the days to decide in, and targets of their own."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.claims import one_at_a_time
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.rules import Permission
from clientela.modules.products.models import Line
from clientela.modules.rent.models import RentTerms
from clientela.modules.rent.queries import terms_now


@transaction.atomic
def set_terms(*, actor: Any, now: datetime, days: int, targets: Mapping[str, Decimal | None]) -> RentTerms:
    """Set the days of a decision, and by line the level asked for; a line without one goes by the norm.

    What was written before keeps the target it was judged by.
    """
    ensure(actor, Permission.COMMISSION_RATES)
    one_at_a_time("rent.terms")
    row = terms_now()
    before = {"days": row.days, "targets": dict(row.targets)}
    row.days = days
    row.targets = {
        line: f"{percent.normalize():f}" for line, percent in targets.items() if line in Line.values and percent is not None
    }  # fmt: skip
    row.changed_by, row.changed_at = actor, now
    row.save()
    changes = {name: [before[name], getattr(row, name)] for name in before}
    record(actor=actor, now=now, action="rent.terms_set", obj=row, object_name="", changes=changes)
    return row
