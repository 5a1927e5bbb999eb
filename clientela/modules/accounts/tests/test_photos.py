"""The photo of a person who works here: who sets it, who sees it, where it is shown."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from clientela.foundation.api.models import Token
from clientela.foundation.api.operations import digest
from clientela.foundation.audit.models import Entry
from clientela.foundation.refusals import FileRefused
from clientela.modules.accounts import operations
from clientela.modules.accounts.models import User


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(kind="JPEG", size=(900, 600), colour="red"):
    made = BytesIO()
    Image.new("RGB", size, colour).save(made, kind)
    return SimpleUploadedFile(f"x.{kind.lower()}", made.getvalue())


@pytest.fixture
def with_photo(now):
    """``with_photo(anna)``: the person with a photo of their own."""

    def make(user, **look):
        return operations.set_photo(actor=user, now=now, user=user, file=picture(**look))

    return make


def seen(answer):
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


def test_a_square_is_kept_by_the_person_or_an_administrator(anna, administrator, with_photo, now):
    user = with_photo(anna)
    with Image.open(user.photo.path) as image:
        assert (image.format, image.size) == ("JPEG", (384, 384))
    operations.set_photo(actor=administrator, now=now, user=anna, file=picture("PNG"))
    assert list(Entry.objects.order_by("id").values_list("action", "actor", "object_id")) == [
        ("user.photo_set", anna.pk, anna.pk), ("user.photo_set", administrator.pk, anna.pk),
    ]  # fmt: skip


def test_nobody_else_sets_or_takes_off(anna, lilia, team_lead, branch_head, auditor, with_photo, now):
    user = with_photo(anna)
    token = user.photo_token
    for stranger in (lilia, team_lead, branch_head, auditor):
        with pytest.raises(PermissionDenied):
            operations.set_photo(actor=stranger, now=now, user=anna, file=picture(colour="blue"))
        with pytest.raises(PermissionDenied):
            operations.remove_photo(actor=stranger, now=now, user=anna)
        with pytest.raises(PermissionDenied):
            operations.restore_photo(actor=stranger, now=now, user=anna)
    assert User.objects.get(pk=anna.pk).photo_token == token
    assert Entry.objects.count() == 1


def test_what_is_no_picture_changes_nothing(anna, with_photo, now):
    token = with_photo(anna).photo_token
    with pytest.raises(FileRefused, match="не изображение"):
        operations.set_photo(actor=anna, now=now, user=anna, file=picture("GIF"))
    assert User.objects.get(pk=anna.pk).photo_token == token
    assert Entry.objects.count() == 1


def test_a_new_photo_takes_the_place_of_the_old(anna, with_photo, django_capture_on_commit_callbacks):
    old = with_photo(anna)
    with django_capture_on_commit_callbacks(execute=True):
        new = with_photo(anna, colour="green")
    assert (Path(old.photo.path).exists(), Path(new.photo.path).exists()) == (False, True)
    assert old.photo_token != new.photo_token


def test_taken_off_brought_back_and_gone_after_a_day(
    anna, with_photo, now, django_capture_on_commit_callbacks
):
    path, who = with_photo(anna).photo.path, {"actor": anna, "now": now, "user": anna}
    assert operations.restore_photo(**who) is False
    assert operations.remove_photo(**who) is True
    assert operations.remove_photo(**who) is False
    assert User.objects.get(pk=anna.pk).photo_url == ""
    assert operations.restore_photo(**who) is True
    operations.remove_photo(**who)
    assert operations.purge_photos(now=now + timedelta(hours=24)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert operations.purge_photos(now=now + timedelta(hours=25)) == 1
    assert not Path(path).exists()
    assert operations.restore_photo(**who) is False


def test_every_colleague_sees_it_and_nobody_else(sign_in, client, anna, boris, auditor, with_photo):
    address = with_photo(anna).photo_url
    for colleague in (anna, boris, auditor):
        answer = sign_in(colleague).get(address)
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "private, max-age=86400")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert seen(answer) == 200
    assert client.get(address).status_code == 302
    assert client.get(f"/api/v1/pictures/{address.split('/')[-2]}").status_code == 401
    assert sign_in(boris).get("/settings/pictures/nothing/").status_code == 404


def test_on_the_own_page(sign_in, anna):
    mine = sign_in(anna)
    assert "Убрать фото" not in mine.get("/settings/").content.decode()
    wrong = mine.post("/settings/photo/", {"file": picture("GIF")}, follow=True)
    assert "Это не изображение JPEG, PNG или WebP." in wrong.content.decode()
    assert "Выберите изображение." in mine.post("/settings/photo/", follow=True).content.decode()
    shown = mine.post("/settings/photo/", {"file": picture()}, follow=True).content.decode()
    address = User.objects.get(pk=anna.pk).photo_url
    assert shown.count(f'src="{address}"') == 2  # on the page and beside the name in the frame
    gone = mine.post("/settings/photo/removal/", follow=True).content.decode()
    assert 'data-undo="/settings/photo/restoration/"' in gone
    assert "<img" not in gone
    back = mine.post("/settings/photo/restoration/", headers={"HX-Request": "true"})
    assert back.headers["HX-Redirect"] == "/settings/"
    assert "<img" in mine.get("/settings/").content.decode()


def test_by_an_administrator(sign_in, administrator, team_lead, anna):
    page = f"/organisation/people/{anna.pk}/"
    browser = sign_in(administrator)
    browser.post(f"{page}photo/", {"file": picture()})
    address = User.objects.get(pk=anna.pk).photo_url
    assert f'src="{address}"' in browser.get(page).content.decode()
    assert sign_in(team_lead).post(f"{page}photo/", {"file": picture()}).status_code == 403
    browser.post(f"{page}photo/removal/")
    assert f'src="{address}"' not in browser.get(page).content.decode()
    browser.post(f"{page}photo/restoration/")
    assert User.objects.get(pk=anna.pk).photo_url not in ("", address)
    assert seen(browser.get(address)) == 404


def test_shown_where_the_agent_is_named(
    sign_in, administrator, anna, lilia, centre_operator, vera, vera_renewal, with_photo
):
    address, browser = with_photo(anna).photo_url, sign_in(administrator)
    for path in (
        "/organisation/agents/", f"/organisation/agents/{anna.agent.pk}/", "/organisation/people/",
        f"/organisation/?node=branch-{anna.agent.branch_id}", f"/agents/{anna.agent.pk}/",
        f"/clients/{vera.pk}/", f"/renewals/{vera_renewal.pk}/", "/renewals/?from=365&to=-365",
    ):  # fmt: skip
        assert f'src="{address}"' in browser.get(path).content.decode(), path
    operator = with_photo(centre_operator).photo_url
    assert f'src="{operator}"' in browser.get("/organisation/").content.decode()
    assert ">ЛЗ<" in browser.get("/organisation/agents/").content.decode()


def test_the_statements_of_a_list_do_not_grow_with_photos(
    sign_in, administrator, anna, lilia, boris, vera_renewal, with_photo
):
    browser = sign_in(administrator)
    for path in ("/organisation/agents/", "/organisation/people/", "/renewals/?from=365&to=-365"):
        browser.get(path)
        counts = []
        for someone in (anna, lilia, boris):
            with CaptureQueriesContext(connection) as made:
                browser.get(path)
            counts.append(len(made))
            with_photo(someone)
        assert len(set(counts)) == 1, (path, counts)


def test_the_api(sign_in, administrator, anna, boris, lilia):
    mine, address = sign_in(anna), f"/api/v1/people/{anna.pk}/photo"

    def post(browser, path, key, **body):
        return browser.post(path, body, headers={"Idempotency-Key": key})

    assert mine.get("/api/v1/me").json()["photo"] == ""
    assert post(sign_in(boris), address, "a", file=picture()).status_code == 404
    assert post(mine, address, "b", file=picture("GIF")).status_code == 422
    assert post(mine, address, "c", file=picture()).status_code == 201
    shown = mine.get("/api/v1/me").json()["photo"]
    assert seen(sign_in(boris).get(shown)) == 200
    office = sign_in(administrator)
    assert office.get(f"/api/v1/agents/{anna.agent.pk}").json()["photo"] == shown
    [person] = [row for row in office.get("/api/v1/people").json()["items"] if row["id"] == anna.pk]
    assert person["photo"] == shown
    assert office.delete(address).status_code == 204
    assert seen(mine.get(shown)) == 404
    assert post(mine, f"{address}/restoration", "d").status_code == 204
    assert seen(mine.get(mine.get("/api/v1/me").json()["photo"])) == 200


def test_a_token_sets_photos_by_the_scope_of_the_organisation_only(client, administrator, anna, now):
    for name, scopes in {"wide": ["organisation.write"], "narrow": ["organisation.read"]}.items():
        Token.objects.create(
            user=administrator, name=name, digest=digest(name), scopes=scopes, created_at=now
        )

    def post(key):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": key}
        return client.post(
            f"/api/v1/people/{anna.pk}/photo", {"file": picture()}, headers=headers
        ).status_code

    assert (post("narrow"), User.objects.get(pk=anna.pk).photo_token) == (403, "")
    assert post("wide") == 201
