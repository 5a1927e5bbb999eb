"""Remembers in the database how far a mailbox was read."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from clientela.modules.contacts.models import MailboxCursor


@dataclass(frozen=True, slots=True)
class TableCursor:
    """The cursor of the mailbox ``name``, one row for all workers."""

    name: str

    def get(self) -> str | None:
        if (
            not connection.in_atomic_block
        ):  # the reader's thread lives long: its connection may be gone by now
            connection.close_if_unusable_or_obsolete()
        return MailboxCursor.objects.filter(name=self.name).values_list("position", flat=True).first()

    def move(self, before: str | None, to: str) -> bool:
        now = timezone.now()
        if before is None:
            row = {"position": to, "updated_at": now}
            return MailboxCursor.objects.get_or_create(name=self.name, defaults=row)[1]
        mine = MailboxCursor.objects.filter(name=self.name, position=before)
        return bool(mine.update(position=to, updated_at=now))

    def together(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def close(self) -> None:
        connection.close()
