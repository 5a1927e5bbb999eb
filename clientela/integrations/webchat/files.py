"""Files in the chat on a site: what a visitor may send, and how files are handed out there again."""

from pathlib import PurePath
from typing import Any

from django.core import signing
from django.core.files.base import File
from django.http import FileResponse, Http404

from clientela.foundation.private_files import plain_name, private_download
from clientela.modules.contacts.models import MessageFile
from clientela.modules.contacts.operations.files import content_type_of

LARGEST = 10 * 1024 * 1024
# How the content of each kind begins: a visitor's file must be what its ending says.
BEGINS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "webp": (b"RIFF",),
    "doc": (b"\xd0\xcf\x11\xe0",),
    "xls": (b"\xd0\xcf\x11\xe0",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "odt": (b"PK\x03\x04",),
    "zip": (b"PK\x03\x04",),
}
PICTURES = ("image/jpeg", "image/png", "image/webp")
_SALT = "webchat.file"


def fault_of(file: File) -> str:
    """Why a visitor's file is not taken: ``file_large``, ``file_empty`` or ``file_kind``; nothing when it is."""
    if file.size > LARGEST:
        return "file_large"
    if not file.size:
        return "file_empty"
    begins = BEGINS.get(PurePath(plain_name(file.name or "")).suffix.lower().lstrip("."), ())
    head = file.read(12)
    file.seek(0)
    return "" if head.startswith(begins or b"\0") and begins else "file_kind"


def shown(row: MessageFile) -> dict[str, Any]:
    """A file as the widget shows it; its address is known to nobody else."""
    return {
        "name": row.name,
        "size": row.size,
        "path": f"files/{signing.dumps(row.pk, salt=_SALT)}/",
        "picture": content_type_of(row.name) in PICTURES,
    }


def handed_out(signed: str) -> FileResponse:
    """The file of an address that ``shown`` gave: always saved by the browser, never a page of ours. Raises Http404."""
    try:
        row = MessageFile.objects.filter(
            pk=signing.loads(signed, salt=_SALT), message__channel="webchat"
        ).first()
    except signing.BadSignature:
        row = None
    if row is None:
        raise Http404
    response = private_download(row.file, row.name)
    kind = content_type_of(row.name)
    if kind in PICTURES:  # shown inside the chat by an <img>
        response.headers["Content-Type"] = kind
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
