"""The card of a car on the page of a policy whose contract says something else since a change."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from clientela.foundation.dates import local_today
from clientela.modules.contracts.models import PolicyVersion

HTMX = {"hx-request": "true"}


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


@pytest.fixture
def running(make_policy, vera, kasko, now):
    """Вера's KASKO whose second version has another plate and engine."""
    today = local_today("Europe/Moscow", timezone.now())
    policy = make_policy(
        vera,
        kasko,
        number="К 16-204871",
        start_date=today - timedelta(days=100),
        end=today + timedelta(days=264),
    )
    common = {"policy": policy, "premium": Decimal(100), "charged": Decimal(100), "at": now}
    PolicyVersion.objects.create(
        number=1, kind="issue", valid_from=policy.start_date, terms={"answers": {}}, **common
    )
    PolicyVersion.objects.create(
        number=2, kind="endorsement", valid_from=today, terms={"answers": {"plate": "М330СВ116", "power": 160}}, **common
    )  # fmt: skip
    return policy


def test_the_offer_stands_on_the_page_until_it_is_taken(sign_in, anna, boris, auditor, running):
    browser, path = sign_in(anna), f"/policies/{running.pk}/car/"
    page = text_of(browser.get(f"/policies/{running.pk}/"))
    for words in (
        "В договоре о машине сказано не то, что в её карточке",
        "→ М 330 СВ 116",
        "→ 160",
        "Исправить карточку",
    ):
        assert words in page, words
    assert [sign_in(who).post(path).status_code for who in (boris, auditor)] == [404, 403]
    running.insured_object.refresh_from_db()
    assert running.insured_object.plate != "М330СВ116"
    assert browser.post(path, headers=HTMX).status_code == 204
    running.insured_object.refresh_from_db()
    assert (running.insured_object.plate, running.insured_object.power) == ("М330СВ116", Decimal(160))
    assert "card-of-car" not in text_of(browser.get(f"/policies/{running.pk}/"))
    assert browser.post(path, headers=HTMX).status_code == 409


def test_others_that_insure_the_car_are_named_first(sign_in, anna, running, make_policy, vera, osago):
    other = make_policy(
        vera, osago, start_date=running.start_date, end=running.end_date, number="XXX 0412775199"
    )
    other.insured_object = running.insured_object
    other.save()
    browser, path = sign_in(anna), f"/policies/{running.pk}/car/"
    page = text_of(browser.get(f"/policies/{running.pk}/"))
    assert "0412775199" in page
    assert 'name="others"' in page
    assert browser.post(path, headers=HTMX).status_code == 409
    assert browser.post(path, {"others": "1"}, headers=HTMX).status_code == 204
