"""Files kept on a client."""

import hashlib
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.private_files import fault_of, plain_name
from clientela.foundation.refusals import FileRefused
from clientela.modules.clients.events import ClientChanged
from clientela.modules.clients.models import Attachment, Client
from clientela.modules.clients.queries import require

FAULTS = {
    "kind": _("Files of this kind are not kept: use PDF, a picture, an office document or ZIP."),
    "empty": _("The file is empty."),
    "large": _("The file is larger than 20 MB."),
}


@transaction.atomic
def attach_file(*, actor: Any, now: datetime, client: Client, file: File, name: str) -> Attachment:
    """Keep a file of up to 20 MB under its own name. Raises ``FileRefused``, ``NotAllowed``."""
    require(actor, "clients.write", client.pk)
    name = plain_name(name)
    suffix = PurePath(name).suffix.lower().lstrip(".")
    if fault := fault_of(name, file.size):
        raise FileRefused(FAULTS[fault])
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    attachment = Attachment(
        client=client,
        name=name,
        size=file.size,
        sha256=digest.hexdigest(),
        uploaded_by=actor,
        uploaded_at=now,
    )
    attachment.file.save(f"{digest.hexdigest()[:24]}.{suffix}", file, save=False)
    stored, storage = str(attachment.file.name), attachment.file.storage
    try:
        attachment.save(force_insert=True)
        record(actor=actor, now=now, action="client.file_added", obj=client, changes={"file": [None, name]})
        publish(ClientChanged(client.pk), now=now)
    except Exception:
        storage.delete(stored)
        raise
    return attachment


@transaction.atomic
def remove_file(*, actor: Any, now: datetime, attachment: Attachment) -> None:
    """Take a file off the card for good; the journal keeps its name."""
    require(actor, "clients.write", attachment.client_id)
    client, stored, storage = attachment.client, str(attachment.file.name), attachment.file.storage
    attachment.delete()
    record(
        actor=actor,
        now=now,
        action="client.file_removed",
        obj=client,
        changes={"file": [attachment.name, None]},
    )
    publish(ClientChanged(client.pk), now=now)
    transaction.on_commit(lambda: storage.delete(stored))
