"""Notes, tags, files, photos and holdings of clients over the API."""

from typing import Any

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Router, Status
from ninja.files import UploadedFile

from clientela.foundation.api.many import told
from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.private_files import private_picture
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients import operations, schemas
from clientela.modules.clients.models import Attachment, Client, Note, Photo, ProfileAnswer, Tag
from clientela.modules.clients.queries import holding_of

READ, WRITE = requires(Permission.CLIENTS_READ), requires(Permission.CLIENTS_WRITE)
router = Router(tags=["clients"])
map_problem(operations.EmptyNote, 422)
map_problem(operations.FileRefused, 422)
map_problem(operations.WrongParent, 422)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _client(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


def _of_visible(request: HttpRequest, model: Any, pk: int) -> Any:
    visible = Client.objects.visible_to(request.user)
    return get_object_or_404(model.objects.select_related("client"), pk=pk, client__in=visible)


@router.get("/clients/{client_id}/notes", response=Page[schemas.NoteOut])
@READ
def list_notes(request: HttpRequest, client_id: int, cursor: Cursor = "", limit: Limit = 50) -> Any:
    notes = Note.objects.filter(client=_client(request, client_id), deleted_at__isnull=True)
    return page_of(notes, order=("-created_at", "-id"), cursor=cursor, limit=limit)


@router.post("/clients/{client_id}/notes", response={201: schemas.NoteOut})
@WRITE
def add_note(request: HttpRequest, client_id: int, body: schemas.NoteIn) -> Any:
    """Colleagues named with @ are told."""
    return Status(
        201, operations.add_note(**_who(request), client=_client(request, client_id), text=body.text)
    )


@router.get("/clients/{client_id}/answers", response=Page[schemas.ProfileAnswerOut])
@READ
def list_answers(request: HttpRequest, client_id: int, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """What the client told about themselves, the newest first; the newest of a key counts, the others are history."""
    answers = ProfileAnswer.objects.filter(client=_client(request, client_id))
    return page_of(answers, order=("-answered_at", "-id"), cursor=cursor, limit=limit)


@router.delete("/notes/{note_id}", response={204: None})
@WRITE
def delete_note(request: HttpRequest, note_id: int) -> Any:
    operations.delete_note(**_who(request), note=_of_visible(request, Note, note_id))
    return Status(204, None)


@router.post("/notes/{note_id}/restoration", response={204: None})
@WRITE
def restore_note(request: HttpRequest, note_id: int) -> Any:
    operations.restore_note(**_who(request), note=_of_visible(request, Note, note_id))
    return Status(204, None)


@router.get("/tags", response=list[str])
@READ
def list_tags(request: HttpRequest) -> Any:
    return list(Tag.objects.values_list("name", flat=True)[:1000])


@router.put("/clients/{client_id}/tags", response=list[str])
@WRITE
def set_tags(request: HttpRequest, client_id: int, body: schemas.Tags) -> Any:
    """Give the client exactly these tags."""
    tags = operations.set_tags(**_who(request), client=_client(request, client_id), names=body.names)
    return sorted(tag.name for tag in tags)


@router.post("/client-tags", response=schemas.Tagged)
@WRITE
def tag_many(request: HttpRequest, body: schemas.TagMany) -> Any:
    """Put one tag on many clients; those outside the caller's scope are left alone."""
    seen = Client.objects.visible_to(request.user).filter(pk__in=body.client_ids).values_list("pk", flat=True)
    had = dict.fromkeys(list(seen), ("unchanged", _("The client has this tag already.")))
    fresh = operations.add_tag_to_all(**_who(request), client_ids=body.client_ids, name=body.name)
    return {"tagged": len(fresh), **told(body.client_ids, fresh, had)}


@router.get("/clients/{client_id}/files", response=Page[schemas.FileOut])
@READ
def list_files(request: HttpRequest, client_id: int, cursor: Cursor = "", limit: Limit = 50) -> Any:
    files = Attachment.objects.filter(client=_client(request, client_id))
    return page_of(files, order=("-uploaded_at", "-id"), cursor=cursor, limit=limit)


@router.post("/clients/{client_id}/files", response={201: schemas.FileOut})
@WRITE
def attach_file(request: HttpRequest, client_id: int, file: File[UploadedFile]) -> Any:
    """Keep a file of up to 20 MB."""
    found = _client(request, client_id)
    return Status(201, operations.attach_file(**_who(request), client=found, file=file, name=file.name or ""))


@router.get("/files/{file_id}/content")
@READ
def download_file(request: HttpRequest, file_id: int) -> Any:
    found = _of_visible(request, Attachment, file_id)
    return FileResponse(found.file.open("rb"), as_attachment=True, filename=found.name)


@router.delete("/files/{file_id}", response={204: None})
@WRITE
def remove_file(request: HttpRequest, file_id: int) -> Any:
    operations.remove_file(**_who(request), attachment=_of_visible(request, Attachment, file_id))
    return Status(204, None)


def _members(request: HttpRequest, client_id: int) -> list[dict[str, Any]]:
    found = holding_of(request.user, client_id)
    return [{"client_id": m.pk, "parent_id": m.parent_id, "depth": m.depth, "name": m.name} for m in found]


@router.get("/clients/{client_id}/holding", response=list[schemas.MemberOut])
@READ
def holding(request: HttpRequest, client_id: int) -> Any:
    """The whole holding from its head down; empty when the company belongs to none."""
    return _members(request, _client(request, client_id).pk)


@router.put("/clients/{client_id}/parent", response=list[schemas.MemberOut])
@requires(Permission.CLIENTS_READ, Permission.CLIENTS_WRITE)
def set_parent(request: HttpRequest, client_id: int, body: schemas.ParentIn) -> Any:
    """Say which company it belongs to, or that it belongs to none."""
    found = _client(request, client_id)
    parent = _client(request, body.parent_id) if body.parent_id else None
    operations.set_parent(**_who(request), company=found, parent=parent)
    return _members(request, client_id)


@router.post("/clients/{client_id}/photo", response={201: schemas.PhotoOut})
@WRITE
def set_photo(request: HttpRequest, client_id: int, file: File[UploadedFile]) -> Any:
    """A JPEG, PNG or WebP of up to 10 MB; a square without metadata is kept instead of the one before."""
    found = _client(request, client_id)
    return Status(201, operations.set_photo(**_who(request), client=found, file=file))


def _photo(request: HttpRequest, client_id: int, *, removed: bool) -> Photo:
    rows = Photo.objects.select_related("client").filter(removed_at__isnull=not removed)
    return get_object_or_404(rows, client=_client(request, client_id))


@router.get("/clients/{client_id}/photo")
@READ
def photo(request: HttpRequest, client_id: int) -> Any:
    """The picture itself, JPEG."""
    return private_picture(_photo(request, client_id, removed=False).file)


@router.delete("/clients/{client_id}/photo", response={204: None})
@WRITE
def remove_photo(request: HttpRequest, client_id: int) -> Any:
    """Take it off; for a day it can be brought back."""
    operations.remove_photo(**_who(request), photo=_photo(request, client_id, removed=False))
    return Status(204, None)


@router.post("/clients/{client_id}/photo/restoration", response={204: None})
@WRITE
def restore_photo(request: HttpRequest, client_id: int) -> Any:
    operations.restore_photo(**_who(request), photo=_photo(request, client_id, removed=True))
    return Status(204, None)
