"""KASKO of a car that is not new: the value is checked by a rule, photos come before the payment."""

import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy
from clientela.modules.quotes.models import Calculation
from clientela.modules.requests.models import Request
from clientela.modules.underwriting.events import ReferralChanged
from clientela.modules.underwriting.models import Authority, Inspection, Referral
from clientela.modules.underwriting.operations import accept, decline
from clientela.portal.shop import values
from clientela.portal.shop.handlers import on_referral
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.tests.test_shop import DRIVER, NEW_CAR, PERSON, pay, sent, text_of

USED = NEW_CAR | {"year": "2021", "sum_insured": "1 500 000"}


@pytest.fixture
def judge(underwriter, now):
    Authority.objects.create(user=underwriter, product=None, most=None, changed_at=now)
    return underwriter


def picture():
    made = io.BytesIO()
    Image.new("RGB", (640, 480), "grey").save(made, "JPEG")
    return SimpleUploadedFile("one.jpg", made.getvalue(), "image/jpeg")


def until_photos(client):
    path = sent(client, sent(client, "/shop/kasko/", USED), DRIVER)
    page = text_of(client.get(path))
    assert "Продолжить по этой цене" in page, page[-3000:]
    path = sent(client, sent(client, path, {}), PERSON)
    path = sent(client, path, {"code": re.search(r'id="demo-code">(\d{6})<', text_of(client.get(path)))[1]})
    page = text_of(client.get(path))
    assert "перейти к оплате" not in page
    return path, sent(client, path, {"photos": "1"})


def take_all(client, photos):
    for view in Inspection.objects.get().views:
        sent(client, photos, {"view": view, "photo": picture()})
    sent(client, photos, {})


def test_photos_then_the_decision_then_the_payment(shop, client, judge, now):
    path, photos = until_photos(client)
    shown = Purchase.objects.get().shown_premium
    assert sent(client, path, {"photos": "1"}) == photos
    assert client.get(path.replace("/check/", "/facts/")).headers["Location"] == path
    assert (Referral.objects.get().state, Calculation.objects.get().state) == ("inspection", "referred")
    take_all(client, photos)
    assert "смотрим" in text_of(client.get(path)).lower()
    sent(client, path, {"premium": str(shown)}, status=422)
    accept(actor=judge, now=now, referral=Referral.objects.get())
    row = Referral.objects.get()
    for _ in range(2):
        on_referral(ReferralChanged(row.pk, row.calculation_id, 0, row.state), now=now)
    told = Message.objects.get(origin="shop.decision")
    assert (told.channel, told.address, told.state, f"/shop/go/{Purchase.objects.get().token}/" in told.text) == (
        "sms", "+79175551020", "queued", True,
    )  # fmt: skip
    policy, _ = pay(client, path)
    assert (policy.premium, policy.sales_channel) == (shown, "web")


def test_accepted_after_the_first_day_it_begins_tomorrow(shop, client, judge, now):
    path, photos = until_photos(client)
    take_all(client, photos)
    accept(actor=judge, now=now, referral=Referral.objects.get())
    shop.shift(timedelta(days=13))
    policy, _ = pay(client, path)
    assert policy.start_date == (now + timedelta(days=14)).date()


def test_declined_is_told_and_nothing_can_be_paid(shop, client, judge, now):
    path, photos = until_photos(client)
    take_all(client, photos)
    decline(actor=judge, now=now, referral=Referral.objects.get(), reason="Битый кузов")
    page = text_of(client.get(path))
    assert "Битый кузов" in page
    assert "перейти к оплате" not in page
    sent(client, path, {"premium": str(Purchase.objects.get().shown_premium)}, status=422)
    assert not Policy.objects.exists()


def test_an_unusual_value_goes_to_a_colleague(shop, client):
    path = sent(
        client, sent(client, "/shop/kasko/", USED | {"sum_insured": "200 000", "year": "2025"}), DRIVER
    )
    page = text_of(client.get(path))
    assert "коллега" in page.lower()
    path = sent(client, path, {})
    sent(client, path, {"name": "Ольга", "phone": "89175551020", "agreed": "on"})
    assert "Стоимость отличается" in Request.objects.get().text


@pytest.mark.parametrize(
    ("age", "known", "least", "most"),
    [
        (0, [], "900000", "12000000"),
        (2, [], "576000", "10830000"),
        (5, ["1", "2", "3", "4"], "294912", "9285371.25"),
        (5, ["1000000", "1100000", "1200000", "1300000", "1400000"], "840000", "1560000"),
    ],
)
def test_what_is_usual(age, known, least, most):
    found = values.usual_values(age, [Decimal(one) for one in known])
    assert found == (pytest.approx(Decimal(least)), pytest.approx(Decimal(most)))
