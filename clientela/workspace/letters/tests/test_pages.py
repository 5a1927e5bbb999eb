"""From the clients' list to the post by pages and API."""

from datetime import timedelta

import pytest

from clientela.foundation.jobs.operations import run_next
from clientela.modules.clients.models import Address
from clientela.modules.contacts.models import Template
from clientela.modules.letters.models import Mailing


@pytest.fixture
def text(db, now) -> Template:
    return Template.objects.create(
        code="hello",
        name="Здравствуйте",
        channel="letter",
        body="{greeting}!",
        state="approved",
        created_at=now,
    )


def test_from_the_list_to_the_post(
    text, vera, administrator, renewals_manager, anna, sign_in, now, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    Address.objects.create(client=vera, city="Казань", postal_code="420111", street="ул. Баумана, 9")
    author, other = sign_in(administrator), sign_in(renewals_manager)
    assert sign_in(anna).get("/letters/").status_code == 403
    chosen = author.post("/letters/new/", {"ids": [vera.pk]})
    assert (chosen.status_code, str(vera.pk) in chosen.content.decode()) == (200, True)
    begun = author.post("/letters/new/", {"ids": [vera.pk], "template": text.pk, "window": "e65", "name": ""})
    mailing = Mailing.objects.get()
    page = begun["Location"]
    assert page == f"/letters/{mailing.pk}/"
    assert author.get(f"{page}sample/").content.startswith(b"%PDF")
    other.post(f"{page}approval/")
    assert run_next(worker="w", now=now + timedelta(days=400), lease=timedelta(minutes=5))
    shown = author.get(page).content.decode()
    assert "Орлова Вера Николаевна" in shown
    assert b"".join(author.get(f"{page}file/").streaming_content).startswith(b"%PDF")
    listed = b"".join(author.get(f"{page}list/csv/").streaming_content).decode()
    assert ";Орлова Вера Николаевна;420111;" in listed.splitlines()[1]
    assert b"".join(author.get(f"{page}list/xlsx/").streaming_content).startswith(b"PK")
    author.post(f"{page}posting/")
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.POSTED


def test_by_api(text, vera, administrator, sign_in) -> None:
    api = sign_in(administrator)
    made = api.post(
        "/api/v1/mailings", {"template_id": text.pk, "client_ids": [vera.pk]}, content_type="application/json",
        headers={"Idempotency-Key": "one"},
    )  # fmt: skip
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    letters = api.get(f"/api/v1/mailings/{made.json()['id']}/letters").json()["items"]
    assert [letter["client_id"] for letter in letters] == [vera.pk]
    assert api.get(f"/api/v1/mailings/{made.json()['id']}/file").status_code == 409
