"""The photo of a client: what is kept of it, what is refused, who sees it."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from clientela.foundation.audit.models import Entry
from clientela.modules.clients import operations
from clientela.modules.clients.models import Photo


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(kind="JPEG", size=(900, 600), mode="RGB", colour="red", exif=None):
    made = BytesIO()
    Image.new(mode, size, colour).save(made, kind, **({"exif": exif} if exif else {}))
    return SimpleUploadedFile(f"x.{kind.lower()}", made.getvalue())


def kept(photo):
    with Image.open(photo.file.path) as image:
        image.load()
        return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_square_of_the_picture_is_kept(anna, vera, now, kind):
    photo = operations.set_photo(actor=anna, now=now, client=vera, file=picture(kind))
    image = kept(photo)
    assert (image.format, image.size, image.mode) == ("JPEG", (384, 384), "RGB")
    assert Entry.objects.get().action == "client.photo_set"


def test_the_place_the_time_and_the_turn_are_not_kept(anna, vera, now):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the right
    exif[0x010F] = "Camera of Vera"
    exif[0x8825] = {1: "N", 2: (55.0, 47.0, 0.0)}
    tall = Image.new("RGB", (600, 600), "blue")
    tall.paste("red", (0, 0, 600, 300))
    made = BytesIO()
    tall.save(made, "JPEG", exif=exif)
    photo = operations.set_photo(
        actor=anna, now=now, client=vera, file=SimpleUploadedFile("x.jpg", made.getvalue())
    )
    image = kept(photo)
    assert dict(image.getexif()) == {}
    assert b"Camera of Vera" not in Path(photo.file.path).read_bytes()
    left, right = image.getpixel((20, 190)), image.getpixel((360, 190))
    assert (left[2] > 200, right[0] > 200) == (True, True)


def test_what_shows_through_becomes_white(anna, vera, now):
    photo = operations.set_photo(
        actor=anna, now=now, client=vera, file=picture("PNG", mode="RGBA", colour=(0, 0, 0, 0))
    )
    assert kept(photo).getpixel((190, 190)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (SimpleUploadedFile("x.jpg", b""), "пуст"),
        (SimpleUploadedFile("x.jpg", b"<svg onload='x'/>"), "не изображение"),
        (SimpleUploadedFile("x.jpg", b"\xff\xd8\xff\xe0 and no more"), "не изображение"),
        (picture("GIF"), "не изображение"),
        (picture("PNG", size=(8000, 7000), mode="1", colour=1), "точек"),
    ],
)
def test_what_is_refused(anna, vera, now, file, said):
    with pytest.raises(operations.FileRefused, match=said):
        operations.set_photo(actor=anna, now=now, client=vera, file=file)
    assert (Photo.objects.count(), Entry.objects.count()) == (0, 0)


def test_a_picture_too_large_is_refused(anna, vera, now):
    with pytest.raises(operations.FileRefused, match="10 МБ"):
        operations.set_photo(
            actor=anna, now=now, client=vera, file=SimpleUploadedFile("x.jpg", b"x" * (10 * 1024 * 1024 + 1))
        )


def test_a_new_photo_takes_the_place_of_the_old(anna, vera, now, django_capture_on_commit_callbacks):
    old = operations.set_photo(actor=anna, now=now, client=vera, file=picture())
    with django_capture_on_commit_callbacks(execute=True):
        new = operations.set_photo(actor=anna, now=now, client=vera, file=picture(colour="green"))
    assert Photo.objects.get() == new
    assert (Path(old.file.path).exists(), Path(new.file.path).exists()) == (False, True)
    assert old.token != new.token
    assert len(new.token) == 32


def test_taken_off_brought_back_and_gone_after_a_day(anna, vera, now, django_capture_on_commit_callbacks):
    photo = operations.set_photo(actor=anna, now=now, client=vera, file=picture())
    assert operations.remove_photo(actor=anna, now=now, photo=photo) is True
    assert operations.remove_photo(actor=anna, now=now, photo=photo) is False
    assert operations.restore_photo(actor=anna, now=now, photo=photo) is True
    operations.remove_photo(actor=anna, now=now, photo=photo)
    assert operations.purge_photos(now=now + timedelta(hours=24)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert operations.purge_photos(now=now + timedelta(hours=25)) == 1
    assert not Path(photo.file.path).exists()
    actions = list(Entry.objects.order_by("id").values_list("action", flat=True))
    assert actions == [f"client.photo_{word}" for word in ("set", "removed", "restored", "removed")]


def test_a_foreign_client_gets_none(boris, auditor, vera, now):
    for actor in (boris, auditor):
        with pytest.raises(PermissionDenied):
            operations.set_photo(actor=actor, now=now, client=vera, file=picture())
    assert (Photo.objects.count(), Entry.objects.count()) == (0, 0)


def test_the_api(sign_in, anna, boris, vera):
    mine, his = sign_in(anna), sign_in(boris)
    address = f"/api/v1/clients/{vera.pk}/photo"

    def post(browser, path, key, **body):
        return browser.post(path, body, headers={"Idempotency-Key": key})

    assert post(his, address, "a", file=picture()).status_code == 404
    assert post(mine, address, "b", file=picture("GIF")).status_code == 422
    assert post(mine, address, "c", file=picture()).status_code == 201
    shown = mine.get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert shown["Cache-Control"] == "private, max-age=86400"
    b"".join(shown.streaming_content)
    assert his.get(address).status_code == 404
    assert mine.delete(address).status_code == 204
    assert mine.get(address).status_code == 404
    assert post(mine, f"{address}/restoration", "d").status_code == 204
    back = mine.get(address)
    b"".join(back.streaming_content)
    assert back.status_code == 200
