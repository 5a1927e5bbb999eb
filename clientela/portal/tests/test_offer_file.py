"""The offer as a PDF: downloaded from its page, and attached to the letter."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from pypdf import PdfReader

from clientela.modules.contacts.models import MessageFile
from clientela.modules.quotes import operations
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.tests.conftest import calculation, family, tariffs

__all__ = ["calculation", "family", "tariffs"]


@pytest.fixture
def offered(calculation, anna, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Calculation.objects.update(starts_on=timezone.localdate() + timedelta(days=20))
    calculation.refresh_from_db()
    return operations.make_page(actor=anna, now=timezone.now(), calculation=calculation)


def text_of(data):
    pages = PdfReader(BytesIO(data)).pages
    text = " ".join(page.extract_text() for page in pages).replace("\xa0", " ").replace("\u202f", " ")
    return " ".join(text.split())


def test_the_client_takes_it_from_the_page(client, offered):
    page = client.get(f"/offer/{offered.token}/").content.decode()
    assert f"/offer/{offered.token}/offer.pdf" in page
    answer = client.get(f"/offer/{offered.token}/offer.pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    for words in (
        offered.number,
        "Орлова Вера Николаевна",
        "Предложение",
        f"/offer/{offered.token}/",
        "Анна Соколова",
    ):
        assert words in text, (words, text)
    assert text.count("₽") == offered.variants.filter(premium__isnull=False).count()
    assert client.get("/offer/nothing/offer.pdf").status_code == 404


def test_in_english_the_sheet_is_english(client, offered):
    offered.client.language = "en"
    offered.client.save(update_fields=["language"])
    text = text_of(client.get(f"/offer/{offered.token}/offer.pdf").content)
    assert "Offer" in text
    assert "The prices hold until" in text
    assert "Предложение" not in text


def test_what_was_lost_has_no_file(client, offered, anna):
    operations.lose(actor=anna, now=timezone.now(), calculation=offered, reason="ушёл")
    assert client.get(f"/offer/{offered.token}/offer.pdf").status_code == 404


def test_a_letter_carries_it_and_an_sms_does_not(offered, anna):
    offered.client.contact_points.create(
        kind="email", value="vera@example.org", is_primary=True, created_at=timezone.now()
    )
    message = operations.send(actor=anna, now=timezone.now(), calculation=offered, channel="email")
    assert message.state == "queued", message.verdict
    row = MessageFile.objects.get(message=message)
    assert row.name == f"Предложение {offered.number}.pdf"
    with row.file.open("rb") as stored:
        assert offered.number in text_of(stored.read())
    operations.send(actor=anna, now=timezone.now(), calculation=offered, channel="sms")
    assert MessageFile.objects.count() == 1
