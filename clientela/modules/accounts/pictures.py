"""Pictures of people, made anew from what was brought, so that nothing but the picture is kept."""

from io import BytesIO

from django.core.files.base import File
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from clientela.foundation.refusals import FileRefused

LARGEST = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
SIDE = 384
FORMATS = ("JPEG", "PNG", "WEBP")


def square(file: File) -> bytes:
    """A JPEG of ``SIDE`` × ``SIDE``, turned upright, without metadata; more of the top is kept, where faces are.

    Raises ``FileRefused``.
    """
    if not file.size:
        raise FileRefused(_("The file is empty."))
    if file.size > LARGEST:
        raise FileRefused(_("The picture is larger than 10 MB."))
    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise FileRefused(_("The picture has too many pixels."))
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            white = Image.new("RGBA", upright.size, "white")
            flat = Image.alpha_composite(white, upright).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise FileRefused(_("This is no JPEG, PNG or WebP picture.")) from None
    made = BytesIO()
    ImageOps.fit(flat, (SIDE, SIDE), centering=(0.5, 0.4)).save(made, "JPEG", quality=85, optimize=True)
    return made.getvalue()
