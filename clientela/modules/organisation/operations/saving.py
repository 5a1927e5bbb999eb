"""Making and changing one row of the organisation: check, write, journal, event."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.outbox.operations import publish
from clientela.modules.organisation.events import OrganisationChanged

Row = TypeVar("Row", bound=models.Model)


def check(row: models.Model) -> None:
    """Django's checks; an empty list is a fine value of a list field."""
    lists = [f.name for f in row._meta.fields if isinstance(f, models.JSONField) and not getattr(row, f.name)]
    row.full_clean(exclude=lists)


def add(row: Row, *, actor: Any, now: datetime, action: str, changes: dict[str, Any] | None = None) -> Row:
    """Check and insert ``row``. Raises Django's ValidationError."""
    check(row)
    row.save(force_insert=True)
    journal(row, actor=actor, now=now, action=action, changes=changes or {})
    return row


def change(row: Row, values: dict[str, Any], *, actor: Any, now: datetime, action: str) -> dict[str, Any]:
    """Lock, check and write ``values``; returns what changed. Raises Django's ValidationError."""
    fresh = type(row)._default_manager.select_for_update().get(pk=row.pk)
    changes = changed(fresh, values)
    for name in changes:
        setattr(row, name, values[name])
    if changes:
        check(row)
        row.save(update_fields=list(changes))
        readable = {name: [_name(old), _name(new)] for name, (old, new) in changes.items()}
        journal(row, actor=actor, now=now, action=action, changes=readable)
    return changes


def journal(row: models.Model, *, actor: Any, now: datetime, action: str, changes: dict[str, Any]) -> None:
    """Write the entry and tell that the organisation changed."""
    record(actor=actor, now=now, action=action, obj=row, changes=changes)
    publish(OrganisationChanged(object_type=row._meta.model_name or "", object_id=row.pk), now=now)


def _name(value: Any) -> Any:
    return str(value) if isinstance(value, models.Model) else value
