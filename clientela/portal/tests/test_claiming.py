"""The page of a claim: how it stands, what we wait for, more photos."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from clientela.modules.claims import operations
from clientela.modules.claims.models import Claim


@pytest.fixture(autouse=True)
def _today(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def claim(vera_policy, now):
    return operations.open_claim(
        actor=None, now=now, policy=vera_policy, occurred_on=now.date(), kind="collision", payout="bank",
        payee="Орлова Вера Николаевна", bic="044525225", account="40817810899910004312", description="Удар сзади",
        participants=[operations.Participant(name="Сидоров Пётр", plate="А123ВС116")],
    )  # fmt: skip


def photo(name="a.jpg"):
    made = BytesIO()
    Image.new("RGB", (64, 48), "red").save(made, "JPEG")
    return SimpleUploadedFile(name, made.getvalue(), "image/jpeg")


def page_of(client, claim):
    answer = client.get(f"/claim/{claim.token}/")
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


def test_from_notice_to_money(client, claim, adjuster, now):
    page = page_of(client, claim)
    for words in (claim.number, "Столкновение", "20 дней", "8 декабря", "+7 843 200-09-00"):
        assert words in page, words
    for secret in ("Сидоров", "А123ВС116", "40817810899910004312", "Орлова"):
        assert secret not in page, secret
    operations.take_claim(actor=adjuster, now=now, claim=claim)
    assert "Виктор Рогов" in page_of(client, claim)
    operations.ask_papers(actor=adjuster, now=now, claim=claim, wanted="Извещение о ДТП")
    assert "Извещение о ДТП" in page_of(client, claim)
    assert client.post(f"/claim/{claim.token}/", {"view": "papers", "photo": photo()}).status_code == 302
    assert "1 фото" in page_of(client, claim)
    assert client.post(f"/claim/{claim.token}/", {"ready": "1"}).status_code == 302
    claim.refresh_from_db()
    assert (claim.status, claim.photos.count()) == ("work", 1)
    operations.settle_claim(actor=adjuster, now=now, claim=claim, status="paid", amount=Decimal(71700))
    assert "71 700,00 ₽" in page_of(client, claim)
    answer = client.post(f"/claim/{claim.token}/", {"view": "papers", "photo": photo()})
    assert answer.status_code == 422
    assert claim.photos.count() == 1


def test_a_late_one_says_so_and_whom_to_ring(client, claim, now):
    Claim.objects.filter(pk=claim.pk).update(due_on=now.date() - timedelta(days=1))
    assert "не успели" in page_of(client, claim)


def test_what_is_no_photo_is_refused_with_the_reason(client, claim):
    bad = SimpleUploadedFile("a.jpg", b"x", "image/jpeg")
    for told in ({"view": "front", "photo": bad}, {"view": "x" * 300, "photo": photo()}):
        answer = client.post(f"/claim/{claim.token}/", told)
        assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)
    assert not claim.photos.exists()
    assert client.get(f"/claim/{'x' * 32}/").status_code == 404
