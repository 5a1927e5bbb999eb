"""Where clients fetch documents."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.documents.models import PickupPoint


class PointKnown(Refusal):
    """A branch names each of its points once."""

    message = _("The branch has a point of this name.")
    field = "name"


@transaction.atomic
def keep_point(*, actor: Any, now: datetime, point: PickupPoint) -> PickupPoint:
    """Add a point or change it. Raises ``PointKnown``, ``PermissionDenied``."""
    ensure(actor, Permission.DOCUMENTS_WRITE)
    if PickupPoint.objects.filter(branch=point.branch_id, name=point.name).exclude(pk=point.pk).exists():
        raise PointKnown
    point.save()
    changes = {
        "address": [None, point.address],
        "hours": [None, point.hours],
        "is_active": [None, point.is_active],
    }
    record(actor=actor, now=now, action="pickup_point.kept", obj=point, changes=changes)
    return point
