"""What an administrator does with widgets."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.refusals import Refusal
from clientela.integrations.webchat.models import Widget
from clientela.modules.accounts.access import Permission, ensure

FIELDS = ("name", "branch", "origins", "colour", "greeting", "offline_text", "is_active")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)


class KeyTaken(Refusal):
    """Another widget has the key."""

    message = _("Another widget has this key: choose a different one.")
    field = "key"


class BadOrigin(Refusal):
    """Not the beginning of a site's address."""

    message = _("Write sites like https://prichal.example, one a line, without a path.")
    field = "origins"


def clean_origins(lines: list[str]) -> list[str]:
    """Origins as browsers send them. Raises ``BadOrigin``."""
    found = []
    for line in filter(None, (one.strip().rstrip("/").lower() for one in lines)):
        try:
            parts = urlsplit(line)
            fits = parts.scheme in ("http", "https") and parts.hostname and _HOST.fullmatch(parts.hostname)
            port = parts.port
        except ValueError:
            raise BadOrigin from None
        if not fits or parts.path or parts.query or parts.username:
            raise BadOrigin
        found.append(f"{parts.scheme}://{parts.hostname}{f':{port}' if port else ''}")
    return list(dict.fromkeys(found))


@transaction.atomic
def create_widget(*, actor: Any, now: datetime, key: str, values: Mapping[str, Any]) -> Widget:
    """A new chat for sites. Raises ``KeyTaken``, ``BadOrigin``, PermissionDenied."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    clean = _clean(values)
    try:
        with transaction.atomic():
            widget = Widget.objects.create(key=key, created_at=now, **clean)
    except IntegrityError:
        raise KeyTaken from None
    record(actor=actor, now=now, action="widget.created", obj=widget, changes={"name": [None, widget.name]})
    return widget


@transaction.atomic
def change_widget(*, actor: Any, now: datetime, widget: Widget, values: Mapping[str, Any]) -> Widget:
    """New words, colours or sites; pages that are open learn of it when they connect again."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    row = Widget.objects.select_for_update().get(pk=widget.pk)
    clean = _clean(values)
    changes = changed(row, clean)
    if changes:
        for name, value in clean.items():
            setattr(row, name, value)
        row.save(update_fields=list(clean))
        record(actor=actor, now=now, action="widget.changed", obj=row, changes=changes)
    return row


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: values[name] for name in FIELDS if name in values}
    if "origins" in clean:
        clean["origins"] = clean_origins(clean["origins"])
    return clean
