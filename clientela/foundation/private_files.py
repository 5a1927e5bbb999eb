"""Files that belong to somebody: given to the browser that asked, and kept by no cache between."""

from django.core.files.base import File
from django.http import FileResponse

KEPT_SECONDS = 24 * 60 * 60


def private_picture(file: File) -> FileResponse:
    """A JPEG of ours. A new picture has a new address, so that a browser may keep this one for a day."""
    response = FileResponse(file.open("rb"), content_type="image/jpeg")
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    response.headers["Content-Disposition"] = "inline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
