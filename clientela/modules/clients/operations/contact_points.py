"""Phones, addresses and accounts by which a client is reached."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.events import ClientChanged, ContactabilityChanged
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.operations.cards import lock, refresh_completeness
from clientela.modules.clients.operations.data import Errors, clean_contact
from clientela.modules.clients.queries import require


class ContactTaken(Refusal):
    """The client already has this contact; ``contact_point`` is it."""

    message = _("The client already has this contact.")
    field = "value"

    def __init__(self, contact_point: ContactPoint) -> None:
        super().__init__(contact_point.pk)
        self.contact_point = contact_point


def _changed(
    actor: Any, now: datetime, client: Client, action: str, changes: dict[str, Any], reason: str = ""
) -> None:
    refresh_completeness([client.pk])
    record(actor=actor, now=now, action=action, obj=client, changes=changes, reason=reason)
    publish(ContactabilityChanged(client.pk), now=now)
    publish(ClientChanged(client.pk), now=now)


@transaction.atomic
def add_contact_point(
    *, actor: Any, now: datetime, client: Client, kind: str, value: str, label: str = "",
    is_primary: bool | None = None, source: str = "",
) -> ContactPoint:  # fmt: skip
    """Add a phone, e-mail or account. The first of its kind is primary unless told otherwise.

    Raises ``InvalidData``, ``ContactTaken``, ``NotAllowed``.
    """
    require(actor, "clients.write", client.pk)
    lock(client)
    errors = Errors()
    clean, tail = clean_contact(kind, value, errors)
    errors.refuse()
    same_kind = ContactPoint.objects.filter(client=client, kind=kind)
    known = same_kind.filter(value=clean).first()
    if known is not None:
        raise ContactTaken(known)
    if is_primary is None:
        is_primary = not same_kind.filter(is_primary=True).exists()
    if is_primary:
        same_kind.update(is_primary=False)
    point = ContactPoint.objects.create(
        client=client, kind=kind, value=clean, tail=tail, label=label.strip()[:60], is_primary=is_primary,
        source=source, created_at=now,
    )  # fmt: skip
    _changed(actor, now, client, "client.contact_added", {kind: [None, clean]})
    return point


@transaction.atomic
def update_contact_point(
    *, actor: Any, now: datetime, contact_point: ContactPoint, label: str | None = None,
    is_primary: bool | None = None, do_not_use: bool | None = None,
) -> ContactPoint:  # fmt: skip
    """Change the label, make it the primary one of its kind, or forbid its use."""
    require(actor, "clients.write", contact_point.client_id)
    client = lock(contact_point.client)
    point = ContactPoint.objects.get(pk=contact_point.pk)
    wanted = {"label": label, "is_primary": is_primary, "do_not_use": do_not_use}
    values = {name: value for name, value in wanted.items() if value is not None}
    changes = changed(point, values)
    if not changes:
        return point
    if is_primary:
        ContactPoint.objects.filter(client=client, kind=point.kind).update(is_primary=False)
    for name, value in values.items():
        setattr(point, name, value)
    point.save(update_fields=list(values))
    _changed(actor, now, client, "client.contact_changed", {"contact": [point.value, point.value], **changes})
    return point


@transaction.atomic
def verify_contact_point(*, actor: Any, now: datetime, contact_point: ContactPoint) -> ContactPoint:
    """The client proved that this contact is theirs; a bad mark is cleared."""
    require(actor, "clients.write", contact_point.client_id)
    client = lock(contact_point.client)
    point = ContactPoint.objects.get(pk=contact_point.pk)
    before = point.verified_at
    point.verified_at, point.bad_since, point.bad_reason = now, None, ""
    point.save(update_fields=["verified_at", "bad_since", "bad_reason"])
    changes = {"contact": [point.value, point.value], "verified_at": [before, now]}
    _changed(actor, now, client, "client.contact_verified", changes)
    return point


@transaction.atomic
def remove_contact_point(*, actor: Any, now: datetime, contact_point: ContactPoint) -> None:
    """Take a contact off the card; the next one of its kind becomes primary."""
    require(actor, "clients.write", contact_point.client_id)
    client = lock(contact_point.client)
    point = ContactPoint.objects.filter(pk=contact_point.pk).first()
    if point is None:
        return
    kind, value, was_primary = point.kind, point.value, point.is_primary
    point.delete()
    heir = (
        ContactPoint.objects.filter(client=client, kind=kind).order_by("id").first() if was_primary else None
    )
    if heir is not None:
        heir.is_primary = True
        heir.save(update_fields=["is_primary"])
    _changed(actor, now, client, "client.contact_removed", {kind: [value, None]})


@transaction.atomic
def mark_contact_point_bad(
    *, now: datetime, contact_point: ContactPoint, reason: str, actor: Any = None
) -> bool:
    """A network or a person says that nothing arrives here. False when it was known already.

    Normally the system's own act (``actor`` None): a hard bounce, an unknown subscriber.
    """
    require(actor, "clients.write", contact_point.client_id)
    marked = ContactPoint.objects.filter(pk=contact_point.pk, bad_since__isnull=True).update(
        bad_since=now, bad_reason=reason[:200]
    )
    if not marked:
        return False
    contact_point.bad_since, contact_point.bad_reason = now, reason[:200]
    changes = {"contact": [contact_point.value, contact_point.value], "bad_since": [None, now]}
    _changed(actor, now, contact_point.client, "client.contact_bad", changes, reason)
    return True
