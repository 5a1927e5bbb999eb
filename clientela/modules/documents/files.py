"""Files of documents: named by their digest, so that what a row names is what was written."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def keep_file(start: str, data: bytes) -> tuple[str, str]:
    """Write ``data``; returns the name and the SHA-256. The same data again is the same file."""
    digest = hashlib.sha256(data).hexdigest()
    name = f"{start}-{digest[:12]}.pdf"
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(data))
    return name, digest


def drop_file(mine: str, kept: str | None) -> None:
    """Remove the file of a run that came second; ``kept`` is the one that the row names."""
    if mine and mine != kept:
        default_storage.delete(mine)
