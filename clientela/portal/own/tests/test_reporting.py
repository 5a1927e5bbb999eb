"""A client reports a loss on the own pages: three steps, kept as they go, one claim at the end."""

import re
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from PIL import Image

from clientela.modules.claims.models import Claim, ClaimPhoto, Notice
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product

NEW, PHOTOS, MONEY = "/my/claims/new/", "/my/claims/new/photos/", "/my/claims/new/money/"
ACCOUNT = {
    "payout": "bank", "payee": "Орлова Вера Николаевна", "bic": "044525225", "account": "40817810899910004312",
}  # fmt: skip


@pytest.fixture
def event(vera_policy: Policy) -> dict[str, Any]:
    return {
        "policy": vera_policy.pk, "kind": "collision", "occurred_on": "17.11.2026", "occurred_at": "1020",
        "place": "Казань, Оренбургский тракт, 20", "description": "Удар сзади", "other_name": "Пётр",
        "other_plate": "а123вс 116", "other_car": "Lada Granta", "other_policy": "ТТТ 7042118890",
    }  # fmt: skip


def photo(colour: str = "red") -> SimpleUploadedFile:
    made = BytesIO()
    Image.new("RGB", (64, 48), colour).save(made, "JPEG")
    return SimpleUploadedFile("a.jpg", made.getvalue(), "image/jpeg")


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\xa0", " ")


def test_from_home_to_tracking_in_three_steps(enter: Callable[..., Browser], event: dict[str, Any]) -> None:
    browser = enter()
    assert f'href="{NEW}"' in text_of(browser.get("/my/"))
    page = text_of(browser.get(NEW))
    assert "шаг 1 из 3" in page
    assert "18.11.2026" in page  # today, already there
    assert not Notice.objects.exists()  # looking keeps nothing
    assert browser.post(NEW, event).headers["Location"] == PHOTOS
    assert browser.post(PHOTOS, {"view": "front", "photo": photo()}).status_code == 302
    kept = ClaimPhoto.objects.get()
    assert f"/my/claims/photos/{kept.pk}/" in text_of(browser.get(PHOTOS))
    assert browser.get(f"/my/claims/photos/{kept.pk}/").getvalue().startswith(b"\xff\xd8")
    page = text_of(browser.get(MONEY))
    assert "Орлова Вера Николаевна" in page
    key = re.search(r'name="notice" value="([^"]+)"', page)
    assert key
    answers = [browser.post(MONEY, ACCOUNT | {"notice": key[1]}).headers["Location"] for _ in range(2)]
    claim = Claim.objects.get()
    assert answers == [f"/claim/{claim.token}/?sent=1", f"/claim/{claim.token}/"]
    other = claim.participants.get()
    assert (other.name, other.plate, other.car, other.policy_number) == (
        "Пётр", "А123ВС116", "Lada Granta", "ТТТ 7042118890",
    )  # fmt: skip
    assert (claim.occurred_on, f"{claim.occurred_at:%H:%M}", claim.channel) == (
        date(2026, 11, 17),
        "10:20",
        "portal",
    )
    assert (claim.payout, claim.account, claim.bic) == ("bank", "40817810899910004312", "044525225")
    assert list(claim.photos.all()) == [kept]
    assert Message.objects.filter(origin="claims.step").count() == 1
    page = text_of(browser.get(f"/claim/{claim.token}/?sent=1"))
    assert "Заявление принято" in page
    assert claim.number in text_of(browser.get("/my/claims/"))


def test_closed_in_the_middle_it_goes_on_elsewhere(
    enter: Callable[..., Browser], event: dict[str, Any]
) -> None:
    first = enter()
    half = event | {"occurred_on": "когда-то", "kind": "", "save": "1"}
    assert first.post(NEW, half).status_code == 204
    page = text_of(enter().get(NEW))
    assert "когда-то" in page
    assert "Оренбургский тракт, 20" in page
    assert "Продолжить заявление" in text_of(enter().get("/my/claims/"))
    answer = first.post(NEW, event | {"occurred_on": "когда-то", "kind": "fire"}, follow=True)
    assert text_of(answer).count('class="err"') >= 2
    assert Notice.objects.count() == 1


def test_what_is_wrong_stands_at_its_field(enter: Callable[..., Browser], event: dict[str, Any]) -> None:
    browser = enter()
    browser.post(NEW, event)
    answer = browser.post(MONEY, ACCOUNT | {"account": "40817810099910004312"})
    assert answer.status_code == 422
    assert "Контрольная цифра" in text_of(answer)
    assert "40817810099910004312" in text_of(answer)
    browser.post(NEW, event | {"occurred_on": "01.12.2020"})
    answer = browser.post(MONEY, ACCOUNT)
    assert answer.status_code == 422
    assert "не действовал" in text_of(answer)
    browser.post(NEW, event | {"place": ""})
    assert browser.post(MONEY, ACCOUNT).headers["Location"] == f"{NEW}?check=1"
    assert 'class="err"' in text_of(browser.get(f"{NEW}?check=1"))
    assert not Claim.objects.exists()
    answer = browser.post(PHOTOS, {"view": "front", "photo": SimpleUploadedFile("a.jpg", b"x")})
    assert (answer.status_code, "JPEG" in text_of(answer)) == (422, True)


def test_a_photo_is_dropped_again(enter: Callable[..., Browser], event: dict[str, Any]) -> None:
    browser = enter()
    assert browser.get(PHOTOS).headers["Location"] == NEW
    browser.post(NEW, event)
    browser.post(PHOTOS, {"view": "front", "photo": photo()})
    browser.post(PHOTOS, {"drop": "9" * 30})
    browser.post(PHOTOS, {"drop": str(ClaimPhoto.objects.get().pk)})
    assert not ClaimPhoto.objects.exists()


def test_sent_from_another_page_in_this_moment(
    enter: Callable[..., Browser], event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = enter()
    browser.post(NEW, event)
    open_then = Notice.objects.get()
    answer = browser.post(MONEY, ACCOUNT | {"notice": open_then.key})
    monkeypatch.setattr("clientela.portal.own.views.claiming._begun", lambda request: open_then)
    key = {"notice": ""}
    assert browser.post(MONEY, ACCOUNT | key | {"save": "1"}).status_code == 204
    assert browser.post(MONEY, ACCOUNT | key).headers["Location"] == "/my/claims/"
    assert (
        browser.post(MONEY, ACCOUNT | {"notice": open_then.key}).headers["Location"] + "?sent=1"
        == answer.headers["Location"]
    )
    assert Claim.objects.count() == 1


def test_another_policy_knows_other_events(
    enter: Callable[..., Browser], make_policy: Callable[..., Policy], vera: Client, kasko: Product, event: dict[str, Any]
) -> None:  # fmt: skip
    other = make_policy(vera, kasko, number="К 16-1", end=date(2027, 6, 4))
    browser = enter()
    answer = browser.post(
        NEW, event | {"policy": other.pk, "save": "1"}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="report"
    )
    assert answer.status_code == 200
    assert "Угон" in text_of(answer)
    assert "Удар сзади" in text_of(answer)


def test_what_is_foreign_does_not_exist(
    enter: Callable[..., Browser],
    event: dict[str, Any],
    boris_policy: Policy,
    boris_client: Client,
    now: datetime,
) -> None:
    browser = enter()
    foreign = Notice.objects.create(key="f" * 32, client=boris_client, created_at=now, touched_at=now)
    row = ClaimPhoto(notice=foreign, view="front", size=1, digest="0" * 64, taken_at=now)
    row.file.save("a.jpg", photo())
    assert browser.get(f"/my/claims/photos/{row.pk}/").status_code == 404
    assert browser.post(NEW, event | {"policy": boris_policy.pk}).headers["Location"] == f"{NEW}?check=1"
    assert boris_policy.number not in text_of(browser.get(f"{NEW}?policy={boris_policy.pk}"))
    browser.post(PHOTOS, {"drop": str(row.pk)})
    assert ClaimPhoto.objects.filter(pk=row.pk).exists()
    for path in (NEW, PHOTOS, MONEY, "/my/claims/", f"/my/claims/photos/{row.pk}/"):
        assert Browser().get(path).headers["Location"].startswith("/my/enter/"), path


def test_terms_that_are_over_stand_apart_with_their_last_day(
    enter: Callable[..., Browser], make_policy: Callable[..., Policy], vera_policy: Policy
) -> None:
    assert "Срок закончился" not in text_of(enter().get(NEW))
    make_policy(vera_policy.client, vera_policy.product, number="ХХХ 0400000001", end=date(2025, 12, 5))
    now, over = text_of(enter().get(NEW)).split("Срок закончился")
    assert "ХХХ 0400000001, до 05.12.2025" in over
    assert vera_policy.number in now
