"""The photo of a client: made anew from what was brought, so that nothing but the picture is kept."""

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.pictures import square
from clientela.modules.clients.events import ClientChanged
from clientela.modules.clients.models import Client, Photo
from clientela.modules.clients.queries import require

# How long a photo that was taken off can be brought back.
KEPT = timedelta(days=1)


@transaction.atomic
def set_photo(*, actor: Any, now: datetime, client: Client, file: File) -> Photo:
    """Keep a square of the picture; the one before it goes for good. Raises ``FileRefused``, ``NotAllowed``."""
    require(actor, "clients.write", client.pk)
    picture = square(file)
    _delete(Photo.objects.filter(client=client))
    photo = Photo(client=client, token=secrets.token_urlsafe(24), uploaded_by=actor, uploaded_at=now)
    photo.file.save(f"{secrets.token_hex(16)}.jpg", ContentFile(picture), save=False)
    stored, storage = str(photo.file.name), photo.file.storage
    try:
        photo.save(force_insert=True)
        record(actor=actor, now=now, action="client.photo_set", obj=client)
        publish(ClientChanged(client.pk), now=now)
    except Exception:
        storage.delete(stored)
        raise
    return photo


@transaction.atomic
def remove_photo(*, actor: Any, now: datetime, photo: Photo) -> bool:
    """Take the photo off; for a day it can be brought back. False when it was off already."""
    return _mark(actor, now, photo, removed_at=now, action="client.photo_removed")


@transaction.atomic
def restore_photo(*, actor: Any, now: datetime, photo: Photo) -> bool:
    """Bring back a photo that was taken off. False when it is there."""
    return _mark(actor, now, photo, removed_at=None, action="client.photo_restored")


def _mark(actor: Any, now: datetime, photo: Photo, *, removed_at: datetime | None, action: str) -> bool:
    require(actor, "clients.write", photo.client_id)
    rows = Photo.objects.filter(pk=photo.pk, removed_at__isnull=removed_at is not None)
    if not rows.update(removed_at=removed_at):
        return False
    record(actor=actor, now=now, action=action, obj=photo.client)
    publish(ClientChanged(photo.client_id), now=now)
    return True


@transaction.atomic
def purge_photos(*, now: datetime) -> int:
    """Delete for good what was taken off more than a day ago; returns how many."""
    return _delete(Photo.objects.filter(removed_at__lt=now - KEPT))


def _delete(rows: Any) -> int:
    gone = list(rows.select_for_update())
    for photo in gone:
        stored, storage = photo.file.name, photo.file.storage
        photo.delete()
        transaction.on_commit(partial(storage.delete, stored))
    return len(gone)
