"""Files that belong to somebody: given to the browser that asked, and kept by no cache between."""

import re
from pathlib import PurePath

from django.core.files.base import File
from django.http import FileResponse, Http404, HttpResponse

LARGEST = 20 * 1024 * 1024
KINDS = frozenset(
    {
        "pdf", "jpg", "jpeg", "png", "heic", "webp", "tif", "tiff", "doc", "docx", "odt", "rtf", "txt", "xls", "xlsx",
        "ods", "csv", "xml", "eml", "msg", "zip",
    }
)  # fmt: skip
KEPT_SECONDS = 24 * 60 * 60


def private_picture(file: File) -> FileResponse:
    """A JPEG of ours. A new picture has a new address, so that a browser may keep this one for a day."""
    response = FileResponse(file.open("rb"), content_type="image/jpeg")
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    response.headers["Content-Disposition"] = "inline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def private_sound(file: File, span: str) -> HttpResponse:
    """A WAV of ours, or the part of it that the Range header asks for, so that a player may jump; never cached."""
    size = file.size or 0
    found = re.fullmatch(r"bytes=(\d{1,15})-(\d{0,15})", span)
    first = int(found[1]) if found else 0
    last = min(int(found[2]) if found and found[2] else size - 1, size - 1)
    if found and first > last:
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    with file.open("rb") as stored:
        stored.seek(first)
        response = HttpResponse(stored.read(last - first + 1), content_type="audio/wav")
    if found:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = "inline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def private_download(file: File, name: str) -> FileResponse:
    """Somebody's file: always saved, never shown by the browser. Raises Http404 when it is gone from the disk."""
    try:
        stored = file.open("rb")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response = FileResponse(stored, as_attachment=True, filename=name)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def plain_name(name: str) -> str:
    """A file's own name without any path, at most 255 characters."""
    return PurePath(name.replace("\\", "/")).name.strip()[:255]


def fault_of(name: str, size: int) -> str:
    """Why a file is not kept: ``kind``, ``empty`` or ``large``; nothing when it is."""
    if PurePath(name).suffix.lower().lstrip(".") not in KINDS:
        return "kind"
    if not size:
        return "empty"
    return "large" if size > LARGEST else ""
