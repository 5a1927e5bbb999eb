"""How every act on a version is kept: stored with its moment, and told to the audit trail."""

from datetime import datetime
from typing import Any, TypeVar

from clientela.foundation.audit.operations import record
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.models import TableVersion

V = TypeVar("V", TableVersion, ProductVersion)


def keep(actor: Any, now: datetime, action: str, version: V, changes: dict[str, Any], reason: str = "") -> V:
    """Store a version that an act has changed."""
    version.changed_at = now
    version.save()
    tell(actor, now, action, version, changes, reason)
    return version


def tell(
    actor: Any,
    now: datetime,
    action: str,
    version: TableVersion | ProductVersion,
    changes: dict[str, Any],
    reason: str = "",
) -> None:
    """Tell the audit trail."""
    record(
        actor=actor,
        now=now,
        action=action,
        obj=version,
        object_name=str(version),
        changes=changes,
        reason=reason,
    )
