"""The photo on the card."""

import json

import pytest

from clientela.modules.clients.models import Photo
from clientela.modules.clients.tests.test_photos import picture

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_brought_shown_taken_off_and_brought_back(sign_in, anna, boris, auditor, vera):
    mine, card = sign_in(anna), f"/clients/{vera.pk}/"
    assert "<img" not in mine.get(card).content.decode()
    wrong = mine.post(f"{card}photo/", {"file": picture("GIF")}, headers=HTMX)
    assert wrong.status_code == 422
    assert "Это не изображение JPEG, PNG или WebP." in wrong.content.decode()
    assert mine.post(f"{card}photo/", {"file": picture()}, headers=HTMX).status_code == 204
    address = f"/clients/photos/{Photo.objects.get().token}/"
    assert f'src="{address}"' in mine.get(card).content.decode()
    shown = mine.get(address)
    assert (shown["Content-Type"], shown["Cache-Control"]) == ("image/jpeg", "private, max-age=86400")
    assert shown["X-Content-Type-Options"] == "nosniff"
    b"".join(shown.streaming_content)
    assert sign_in(boris).get(address).status_code == 404
    assert sign_in(auditor).post(f"{card}photo/removal/").status_code == 403

    taken = mine.post(f"{card}photo/removal/", headers=HTMX)
    toast = json.loads(taken.headers["HX-Trigger"])["toast"]
    assert toast == {"text": "Фото убрано", "kind": "good", "undo_url": f"{card}photo/restoration/"}
    assert mine.get(address).status_code == 404
    assert "<img" not in mine.get(card).content.decode()
    mine.post(toast["undo_url"], headers=HTMX)
    assert f'src="{address}"' in mine.get(card).content.decode()


def test_a_stranger_is_sent_to_the_door(client, vera):
    assert client.get("/clients/photos/nothing/").status_code == 302
