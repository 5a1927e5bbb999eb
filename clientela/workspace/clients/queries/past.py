"""A card as it was at the end of a day: later changes in the journal are taken back one by one."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from clientela.foundation.audit.models import Entry
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.workspace.clients.queries.card import Card
from clientela.workspace.clients.queries.card_rows import PointRow, PolicyRow

_CHANGED = ("client.changed", "client.do_not_contact")
_CONTACTS = {"client.contact_added", "client.contact_removed", "client.contact_changed", "client.contact_bad",
             "client.contact_verified"}  # fmt: skip
MOST = 500


def as_of(card: Card, day: date, until: datetime) -> None:
    """Turn ``card`` back to ``day``: data, contacts, policies, payments, notes and files that were there then.

    Fields changed by an import, which writes no journal, keep today's value.
    """
    later = Entry.objects.filter(
        object_type=Client._meta.label_lower, object_id=card.client.pk, at__gt=until,
        action__in=[*_CHANGED, *_CONTACTS, "client.tagged"],
    ).order_by("-at", "-id")[:MOST]  # fmt: skip
    for entry in later:
        if entry.action in _CONTACTS:
            _undo_contact(card, entry)
        elif entry.action == "client.tagged":
            card.tags = [name for name in entry.changes["tags"][0].split(", ") if name]
        else:
            _undo_fields(card.client, entry.changes)
    card.today = day
    card.policies = [_policy_on(row, day, card.policies) for row in card.policies if row.start_date <= day]
    card.claims = []
    card.payments = [row for row in card.payments if row.paid_at <= until]
    card.notes = [row for row in card.notes if row.created_at <= until]
    card.files = [row for row in card.files if row.uploaded_at <= until]
    card.dues = []
    card.last = [row for row in card.last if row.created_at <= until]


def _policy_on(row: PolicyRow, day: date, all_rows: list[PolicyRow]) -> PolicyRow:
    """A policy without what came later: its cancellation, its renewal, what was prepared."""
    renewed = any(other.id == row.renewed_by and other.start_date <= day for other in all_rows)
    later: dict[str, Any] = {} if renewed else {"renewed_by": None}
    if row.cancelled_on and row.cancelled_on > day:
        later |= {"status": Policy.Status.ISSUED.value, "cancelled_on": None}
    return replace(row, project_id=None, project_state="", project_premium=None, quote_premium=None, **later)


def _undo_fields(client: Client, changes: dict[str, Any]) -> None:
    for name, (before, _after) in changes.items():
        field = next((field for field in Client._meta.concrete_fields if field.name == name), None)
        if field is not None:
            setattr(client, name, field.to_python(before))


def _undo_contact(card: Card, entry: Entry) -> None:
    changes = dict(entry.changes)
    if entry.action in {"client.contact_added", "client.contact_removed"}:
        kind, (before, after) = next(iter(changes.items()))
        if after is not None:
            card.points = [row for row in card.points if (row.kind, row.value) != (kind, after)]
        else:
            card.points.append(PointRow(0, kind, before, "", False, None, False, None, ""))
        return
    value = changes.pop("contact", [None])[0]
    for index, row in enumerate(card.points):
        if row.value == value:
            kept = {
                name: pair[0]
                for name, pair in changes.items()
                if name in {"label", "is_primary", "do_not_use"}
            }
            if "bad_since" in changes:
                kept |= {"bad_since": None, "bad_reason": ""}
            card.points[index] = replace(row, **kept)
