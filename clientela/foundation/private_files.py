"""Files that belong to somebody: given to the browser that asked, and kept by no cache between."""

import re

from django.core.files.base import File
from django.http import FileResponse, HttpResponse

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
