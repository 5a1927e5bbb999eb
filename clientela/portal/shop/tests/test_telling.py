"""What the shop asks of a car by law, what a colleague reads of it, and what the buyer sees at the end."""

from datetime import timedelta

import pytest

from clientela.modules.billing.models import Receipt
from clientela.modules.contacts.models import Message
from clientela.modules.documents.models import Document
from clientela.modules.requests.models import Request
from clientela.portal.shop import operations
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.papers import ORIGIN, mask_email
from clientela.portal.shop.pricing import factors_of
from clientela.portal.shop.tests.test_shop import (
    CAR,
    DRIVER,
    HOME,
    NEW_CAR,
    PERSON,
    TRAVELLER,
    TRIP,
    pay,
    sent,
    text_of,
    until_check,
    until_you,
)
from clientela.portal.shop.things import missing_of

VIN, BODY, PLATE = "XTAGFL110L1234567", "SXE100012345", "А123ВС777"


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({"vin": VIN, "plate": PLATE}, []), ({"body_number": BODY, "plate": PLATE}, []), ({"vin": VIN, "unregistered": True}, []),
        ({"plate": PLATE}, ["vin"]), ({"vin": VIN}, ["plate"]), ({}, ["vin", "plate"]), ({"body_number": BODY, "unregistered": True}, ["vin"]),
        ({"vin": VIN, "plate": "АВ123477"}, []), ({"vin": VIN, "plate": "1234АВ77"}, ["plate"]),
    ],
)  # fmt: skip
def test_a_car_is_named_by_its_numbers(told, fields):
    assert list(missing_of(told)) == fields


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"vin": ""}, "Впишите VIN"), ({"vin": "XTAGFL110"}, "17"), ({"plate": ""}, "ещё не на учёте"), ({"plate": "я 123 вс 77"}, "А 123 ВС 77"),
        ({"model": ""}, "Обязательное поле"),
    ],
)  # fmt: skip
def test_an_osago_that_names_no_car_is_not_begun(shop, client, typed, words):
    page = client.post("/shop/osago/", CAR | typed)
    assert page.status_code == 422
    assert words in text_of(page)
    assert text_of(page).count('class="err"') == 1
    assert not Purchase.objects.exists()


def test_the_summary_and_the_policy_name_the_car(shop, client):
    path = until_check(client, until_you(client, "osago", CAR, DRIVER))
    page = text_of(client.get(path))
    assert "LADA Vesta, 2020, А 123 ВС 777" in page
    assert VIN in page
    policy, _pay = pay(client, path)
    assert (policy.insured_object.vin, policy.insured_object.plate) == (VIN, PLATE)


def test_a_car_without_vin_is_named_by_its_body(shop, client):
    old = CAR | {"vin": "", "body_number": "SXE10-0012345", "make": "Toyota", "model": "Altezza"}
    policy, _pay = pay(client, until_check(client, until_you(client, "osago", old, DRIVER)))
    thing = policy.insured_object
    assert (thing.title, thing.body_number, thing.vin) == ("Toyota Altezza", "SXE100012345", "")


def test_a_doubtful_vin_is_warned_of_and_never_refused(shop, client):
    wrong = "1M8GDM9A1KP042788"
    said = client.get("/shop/vin/", {"vin": wrong}).text
    assert "Проверьте VIN" in said
    assert "Проверьте VIN" not in client.get("/shop/vin/", {"vin": VIN}).text
    for junk in ("", "9" * 400, "<b>"):
        assert "17 знаков" in client.get("/shop/vin/", {"vin": junk}).text
    path = until_check(client, until_you(client, "osago", CAR | {"vin": wrong}, DRIVER))
    assert "Проверьте VIN" in client.get(path).text
    policy, _pay = pay(client, path)
    assert policy.insured_object.vin == wrong


def test_a_colleague_reads_questions_and_answers(shop, client, now):
    sent(client, until_you(client, "osago", CAR, DRIVER), PERSON)
    operations.left(now=now + timedelta(minutes=31))
    told = {one["label"]: one["value"] for one in Request.objects.get().answers}
    assert (told["Использование"], told["VIN"], told["Первый день действия"]) == ("Личное", VIN, "01.12.2026")
    assert "А 123 ВС 777" in told.values()
    assert told["Марка"] == "LADA"
    assert not {"use", "territory", "make", "starts_on", "power"} & set(told)


def test_sums_and_factors_are_written_as_people_write_them(settings):
    rows = [
        {"title": "База", "value": "1234.50"},
        {"title": "КБМ", "value": "0.46"},
        {"title": "КТ", "value": "1.8"},
        {"title": "Дней", "value": "60", "running": "5520"},
        {"title": "За день", "value": "92", "running": "92"},
    ]
    assert [one["value"] for one in factors_of({"factors": rows})] == [
        "1\u00a0234,50\u00a0₽",
        "0,46",
        "1,80",
        "60",
        "92,00\u00a0₽",
    ]


def test_the_last_page_says_where_the_policy_went_and_has_the_receipt(shop, client, now):
    policy, _pay = pay(client, until_check(client, until_you(client, "travel", TRIP, TRAVELLER)))
    purchase = Purchase.objects.get()
    done = f"/shop/go/{purchase.token}/done/"
    page = text_of(client.get(done))
    assert "отправим на o***@mail.example" in page.lower().replace("olga", "?")
    assert "for=policy" in page
    assert client.get(f"/shop/go/{purchase.token}/state/?for=policy").status_code == 204
    Message.objects.create(
        direction="out", channel="email", client=policy.client, address="olga@mail.example", text="…", state="sent", origin=ORIGIN,
        origin_id=purchase.pk, created_at=now, not_before=now,
    )  # fmt: skip
    page = text_of(client.get(done)).lower()
    assert "отправлен на o***@mail.example" in page
    assert "olga@" not in page
    assert ("чек" in page) == Receipt.objects.filter(state="done").exists()
    assert not Document.objects.filter(state="ready").exists()


def test_an_address_is_masked():
    assert mask_email("olga@mail.example") == "o***@mail.example"


def test_sums_in_a_sentence_are_grouped_and_bounds_too(shop, client):
    rows = [
        {"title": "Отделка", "value": "0.42", "why": "500000 ₽"},
        {"title": "Год", "value": "1", "why": "год 2012"},
    ]
    assert [one["why"] for one in factors_of({"factors": rows})] == ["500\u00a0000 ₽", "год 2012"]
    page = text_of(client.post("/shop/kasko/", NEW_CAR | {"sum_insured": "5"}))
    assert "От 200 000 до 30 000 000." in page


def test_a_home_is_told_one_thing_at_a_time(shop, client):
    """A sum that is no number is told as that, and not also as if nothing was said; nobody builds in the future."""
    page = client.post(
        "/shop/property/", HOME | {"sum_finish": "много", "sum_liability": "", "built": "2027"}
    )
    assert text_of(page).count('class="err"') == 2
    assert "От 1800 до 2026." in text_of(page)


def test_kasko_names_the_car_by_its_vin_or_plate(shop, client):
    told = {name: value for name, value in NEW_CAR.items() if name != "vin"}
    page = text_of(client.post("/shop/kasko/", told))
    assert "Укажите VIN или госномер" in page
    assert client.post("/shop/kasko/", told | {"plate": "А123ВС16"}).status_code == 302
