"""Notes with mentions, tags, files."""

from datetime import datetime
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.clients import operations
from clientela.modules.clients.models import Attachment, Client, Note, Tag


def mentioned() -> list[dict[str, int]]:
    return [event.payload for event in Event.objects.filter(name="clients.PersonMentioned").order_by("id")]


def test_colleagues_named_with_at_are_told(
    anna: User, boris: User, team_lead: User, branch_head: User, vera: Client, now: datetime
) -> None:
    text = "@Тимур Галиев и @i.vlasova@prichal.example: просит рассрочку. @Ершов не видит её."
    note = operations.add_note(actor=anna, now=now, client=vera, text=text)
    assert set(note.mentions.all()) == {team_lead, branch_head}
    assert [(row["user_id"], row["note_id"]) for row in mentioned()] == [
        (team_lead.pk, note.pk),
        (branch_head.pk, note.pk),
    ]


def test_an_empty_note_is_refused(anna: User, vera: Client, now: datetime) -> None:
    with pytest.raises(operations.EmptyNote):
        operations.add_note(actor=anna, now=now, client=vera, text="  \n ")
    assert not Note.objects.exists()
    assert not Event.objects.exists()


def test_a_note_is_hidden_and_brought_back(anna: User, vera: Client, now: datetime) -> None:
    note = operations.add_note(actor=anna, now=now, client=vera, text="Любит короткие звонки")
    assert operations.delete_note(actor=anna, now=now, note=note) is True
    assert operations.delete_note(actor=anna, now=now, note=note) is False
    note.refresh_from_db()
    assert note.deleted_at == now
    assert operations.restore_note(actor=anna, now=now, note=note) is True
    note.refresh_from_db()
    assert note.deleted_at is None


def test_another_persons_note_stays(anna: User, branch_head: User, vera: Client, now: datetime) -> None:
    note = operations.add_note(actor=anna, now=now, client=vera, text="моё")
    with pytest.raises(PermissionDenied):
        operations.delete_note(actor=branch_head, now=now, note=note)
    note.refresh_from_db()
    assert note.deleted_at is None


def test_tags_are_set_as_a_whole(anna: User, vera: Client, now: datetime) -> None:
    operations.set_tags(
        actor=anna, now=now, client=vera, names=["рассрочка", " дача  за городом ", "рассрочка", ""]
    )
    assert sorted(vera.tags.values_list("name", flat=True)) == ["дача за городом", "рассрочка"]
    operations.set_tags(actor=anna, now=now, client=vera, names=["рассрочка"])
    assert list(vera.tags.values_list("name", flat=True)) == ["рассрочка"]
    assert [entry.changes["tags"] for entry in Entry.objects.order_by("id")] == [
        ["", "дача за городом, рассрочка"],
        ["дача за городом, рассрочка", "рассрочка"],
    ]


def test_one_tag_on_many_leaves_foreign_clients_alone(
    anna: User, vera: Client, boris_client: Client, now: datetime
) -> None:
    ids = [vera.pk, boris_client.pk]
    assert operations.add_tag_to_all(actor=anna, now=now, client_ids=ids, name="зима") == [vera.pk]
    assert operations.add_tag_to_all(actor=anna, now=now, client_ids=ids, name="зима") == []
    assert list(Tag.objects.get(name="зима").clients.all()) == [vera]
    assert operations.remove_tag_from_all(actor=anna, now=now, client_ids=ids, name="зима") == 1
    assert not vera.tags.exists()


def test_a_file_is_kept_and_removed(
    anna: User, vera: Client, now: datetime, tmp_path: Path, settings, django_capture_on_commit_callbacks
) -> None:
    settings.MEDIA_ROOT = tmp_path
    attachment = operations.attach_file(
        actor=anna, now=now, client=vera, file=ContentFile(b"%PDF-1.7"), name="..\\x/Справка банка.PDF"
    )
    assert (attachment.name, attachment.size) == ("Справка банка.PDF", 8)
    stored = Path(attachment.file.path)
    assert stored.read_bytes() == b"%PDF-1.7"
    assert stored.suffix == ".pdf"
    with django_capture_on_commit_callbacks(execute=True):
        operations.remove_file(actor=anna, now=now, attachment=attachment)
    assert not stored.exists()
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"), [("run.exe", b"MZ"), ("page.html", b"<script>"), ("пусто.pdf", b"")]
)
def test_files_that_are_refused(
    anna: User, vera: Client, now: datetime, tmp_path: Path, settings, name: str, content: bytes
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(operations.FileRefused):
        operations.attach_file(actor=anna, now=now, client=vera, file=ContentFile(content), name=name)
    assert not Attachment.objects.exists()
    assert not list(tmp_path.rglob("*.*"))


def test_a_foreign_file_is_not_kept(
    boris: User, vera: Client, now: datetime, tmp_path: Path, settings
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(PermissionDenied):
        operations.attach_file(actor=boris, now=now, client=vera, file=ContentFile(b"x"), name="a.pdf")
    assert not Attachment.objects.exists()
    assert not list(tmp_path.rglob("*.*"))
