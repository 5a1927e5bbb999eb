"""Photos of inspections, made anew from what the phone sent: upright, of bearable size, without metadata."""

from io import BytesIO

from django.core.files.base import File
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from clientela.foundation.refusals import FileRefused

LARGEST = 15 * 1024 * 1024
MOST_PIXELS = 60_000_000
SIDE = 1920
FORMATS = ("JPEG", "PNG", "WEBP")
# How the files of iPhones begin that no browser shows: the brand after the length of the first box.
_HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypheim", b"ftypmif1", b"ftypmsf1")


def clean(file: File) -> bytes:
    """A JPEG whose longer side is ``SIDE`` at the most; place and camera are left out. Raises ``FileRefused``."""
    if not file.size:
        raise FileRefused(_("The file is empty."))
    if file.size > LARGEST:
        raise FileRefused(_("The photo is larger than 15 MB."))
    if file.read(12)[4:] in _HEIC:
        raise FileRefused(
            _(
                "This is a HEIC photo, we cannot open it. Take the photo with the button here, or choose JPEG in the camera settings."
            )
        )
    file.seek(0)
    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise FileRefused(_("The photo has too many pixels."))
            image.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((SIDE, SIDE))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise FileRefused(_("This is no JPEG, PNG or WebP photo.")) from None
    made = BytesIO()
    upright.save(made, "JPEG", quality=82, optimize=True)
    return made.getvalue()
