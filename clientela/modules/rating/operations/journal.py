"""How every act on a version is kept: stored with its moment, and told to the audit trail."""

from datetime import datetime
from typing import Any, TypeVar

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.events import VersionDecided
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


def decided(actor: Any, now: datetime, version: TableVersion | ProductVersion) -> None:
    """Publish the second person's word on a version, which stands in its state."""
    kind = "tariff" if isinstance(version, TableVersion) else "product"
    decision = "sent_back" if version.state == "draft" else "approved"
    event = VersionDecided(
        kind=kind, version_id=version.pk, decision=decision, by_id=actor.pk, at=now.isoformat()
    )
    publish(event, now=now)
