"""Files of answers: kept while the answer is written, sent with it, gone when nobody sends them."""

import mimetypes
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Sum
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from clientela.foundation.private_files import LARGEST, fault_of, plain_name
from clientela.foundation.refusals import FileRefused, Refusal
from clientela.modules.contacts.models import CARRY_FILES, Conversation, DraftFile, Message, MessageFile
from clientela.modules.contacts.operations.conversations import locked_for

MOST_FILES = 10
KEPT = timedelta(days=1)
_FAULTS = {
    "kind": _("Files of this kind are not sent: use PDF, a picture, an office document or ZIP."),
    "empty": _("The file is empty."),
    "large": _("The file is larger than 20 MB."),
}


class NoFilesHere(Refusal):
    """The channel carries no files."""

    message = _("No files go this way: take them out or choose another channel.")
    field = "channel"


def checked_name(file: File) -> str:
    """The file's own name. Raises ``FileRefused`` for a file that is not kept."""
    name = plain_name(file.name or "")
    if fault := fault_of(name, file.size):
        raise FileRefused(_FAULTS[fault])
    return name


def content_type_of(name: str) -> str:
    """By the ending alone: what a browser says of a file is its sender's word."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


@transaction.atomic
def keep_file(*, actor: Any, now: datetime, conversation: Conversation, file: File) -> DraftFile:
    """Keep a file for the answer that the actor writes. Raises ``FileRefused``, ``NotAllowed``."""
    talk = locked_for(actor, conversation)
    name = checked_name(file)
    mine = DraftFile.objects.filter(conversation=talk, author=actor)
    if mine.count() >= MOST_FILES:
        raise FileRefused(_("Up to 10 files go with an answer."))
    if (mine.aggregate(all=Sum("size"))["all"] or 0) + file.size > LARGEST:
        raise FileRefused(_("The files are larger than 20 MB together."))
    row = DraftFile(conversation=talk, author=actor, name=name, size=file.size, created_at=now)
    row.file.save(f"{get_random_string(24)}{PurePath(name).suffix.lower()}", file, save=False)
    try:
        row.save(force_insert=True)
    except Exception:
        row.file.delete(save=False)
        raise
    return row


@transaction.atomic
def drop_file(*, actor: Any, conversation: Conversation, file_id: int) -> bool:
    """Take a file of one's own out again."""
    locked_for(actor, conversation)
    row = DraftFile.objects.filter(conversation=conversation, author=actor, pk=file_id).first()
    if row is None:
        return False
    _throw_away([row])
    return True


def attach(message: Message, drafts: Sequence[DraftFile]) -> None:
    """The files go with a message; in the transaction that makes it. Raises ``NoFilesHere``."""
    if drafts and message.channel not in CARRY_FILES:
        raise NoFilesHere
    for draft in drafts:
        MessageFile.objects.create(
            message=message,
            file=draft.file.name,
            name=draft.name,
            content_type=content_type_of(draft.name),
            size=draft.size,
        )
    DraftFile.objects.filter(pk__in=[draft.pk for draft in drafts]).delete()


def forget_drafts(*, now: datetime) -> int:
    """Files of answers that were not sent within a day."""
    rows = list(DraftFile.objects.filter(created_at__lt=now - KEPT)[:1000])
    with transaction.atomic():
        _throw_away(rows)
    return len(rows)


def _throw_away(rows: Sequence[DraftFile]) -> None:
    DraftFile.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        transaction.on_commit(lambda row=row: row.file.storage.delete(row.file.name))  # type: ignore[misc]
