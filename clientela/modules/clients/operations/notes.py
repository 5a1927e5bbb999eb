"""Notes on a client, and telling the people named in them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.models import User
from clientela.modules.accounts.queries import people_named
from clientela.modules.clients.events import ClientChanged, PersonMentioned
from clientela.modules.clients.models import Client, Note
from clientela.modules.clients.queries import NotAllowed, require

LONGEST = 5000


class EmptyNote(Refusal):
    """There is nothing to write down."""

    message = _("Write something first.")
    field = "text"


@transaction.atomic
def add_note(*, actor: Any, now: datetime, client: Client, text: str) -> Note:
    """Write a note. Colleagues named with @ (e-mail, surname, or both names) who may see the client are told."""
    require(actor, "clients.write", client.pk)
    text = text.strip()[:LONGEST]
    if not text:
        raise EmptyNote
    note = Note.objects.create(client=client, text=text, author=actor, created_at=now)
    people = mentioned_people(text, client)
    note.mentions.set(people)
    record(actor=actor, now=now, action="client.note_added", obj=client)
    publish(ClientChanged(client.pk), now=now)
    for person in people:
        publish(PersonMentioned(client.pk, note.pk, person.pk), now=now)
    return note


def mentioned_people(text: str, client: Client) -> list[User]:
    """Active colleagues that the text names and who may see the client."""
    return [
        person
        for person in people_named(text)
        if person.can("clients.read") and Client.objects.visible_to(person).filter(pk=client.pk).exists()
    ]


def _own(actor: Any, note: Note) -> None:
    require(actor, "clients.write", note.client_id)
    if actor is not None and note.author_id not in {actor.pk, None} and not actor.can("organisation.write"):
        raise NotAllowed("author")


@transaction.atomic
def delete_note(*, actor: Any, now: datetime, note: Note) -> bool:
    """Hide an own note; it can be brought back. False when it was hidden already."""
    return _mark(actor, now, note, deleted_at=now, action="client.note_deleted")


@transaction.atomic
def restore_note(*, actor: Any, now: datetime, note: Note) -> bool:
    """Bring a hidden note back. False when it is there."""
    return _mark(actor, now, note, deleted_at=None, action="client.note_restored")


def _mark(actor: Any, now: datetime, note: Note, *, deleted_at: datetime | None, action: str) -> bool:
    _own(actor, note)
    changed = Note.objects.filter(pk=note.pk, deleted_at__isnull=deleted_at is not None).update(
        deleted_at=deleted_at
    )
    if not changed:
        return False
    record(actor=actor, now=now, action=action, obj=note.client)
    publish(ClientChanged(note.client_id), now=now)
    return True
