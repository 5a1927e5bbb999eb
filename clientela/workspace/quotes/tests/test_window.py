"""The one window: from the card of a client to the paid policy without typing anything."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clientela.modules.accounts.models import User
from clientela.modules.billing.operations import register_payment
from clientela.modules.clients.models import (
    Belonging,
    Client,
    IdentityDocument,
    LifeEvent,
    ProfileAnswer,
    Relation,
)
from clientela.modules.contacts.models import Consent
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import change, page_url, start, to_project
from clientela.workspace.search.views import _groups

HTMX = {"HTTP_HX_REQUEST": "true"}


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def test_a_seller_types_nothing(
    tariffs: None, family: Policy, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    """Start, bill, terminal, paid: four presses and no field typed."""
    family.end_date = timezone.localdate() + timedelta(days=17)
    family.start_date = family.end_date - timedelta(days=364)
    family.save(update_fields=["end_date", "start_date"])
    browser = sign_in(anna)
    assert browser.post("/quotes/new/", {"policy": family.pk}, **HTMX).status_code == 204
    row = Calculation.objects.get()
    page = text_of(browser.get(f"/quotes/{row.pk}/"))
    assert "0 полей вручную" in page
    assert "8 533,99 ₽" in page
    billed = text_of(browser.post(f"/quotes/{row.pk}/invoice/", {"version": row.version}, **HTMX))
    assert "QR-код ссылки на оплату" in billed
    paid = text_of(browser.post(f"/quotes/{row.pk}/payment/", {"method": "card"}, **HTMX))
    policy = Policy.objects.get(previous=family)
    assert policy.premium == Decimal("8533.99")
    assert f'href="/clients/policies/{policy.pk}/"' in paid


def test_a_wrong_answer_stays_in_its_field(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    given = {"version": calculation.version, "q-months_of_use": "99", "q-use": "taxi"}
    page = text_of(sign_in(anna).post(f"/quotes/{calculation.pk}/answers/", given, **HTMX))
    calculation.refresh_from_db()
    assert (calculation.answers["use"], calculation.answers["months_of_use"]) == ("taxi", 12)
    assert 'value="99"' in page
    assert 'id="id_q-months_of_use_error"' in page


def test_an_old_tab_is_told_what_it_wrote(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    given = {"version": calculation.version + 7, "q-use": "taxi"}
    answer = sign_in(anna).post(f"/quotes/{calculation.pk}/answers/", given, **HTMX)
    assert "taxi" in answer["HX-Trigger"]
    calculation.refresh_from_db()
    assert calculation.answers["use"] == "private"


def test_one_of_the_family_drives_too_and_nothing_typed_is_lost(
    calculation: Calculation, anna: User, boris_client: Client, make_client: Any, now: datetime,
    sign_in: Callable[[User], Browser],
) -> None:  # fmt: skip
    browser, page = sign_in(anna), f"/quotes/{calculation.pk}/drivers/"
    son = make_client(anna.agent, "Орлов", "Пётр", birth_date=date(2001, 5, 2))
    IdentityDocument.objects.create(client=son, kind="licence", number="9912345678")
    ties = [
        Relation.objects.create(client=calculation.client, kind="child", created_at=now, **who)
        for who in (
            {"other": son}, {"name": "Орлова Мария", "birth_date": date(2020, 1, 1)}, {"other": boris_client}
        )
    ]  # fmt: skip
    shown = text_of(browser.get(page, **HTMX))
    assert "Из семьи" in shown
    assert "Орлов Пётр" in shown
    assert "Орлова Мария" not in shown
    assert boris_client.name not in shown
    typed = {
        "drivers-TOTAL_FORMS": "1", "drivers-INITIAL_FORMS": "1", "drivers-0-name": "Набранная Вера",
        "drivers-0-birth_date": "1984-04-12", "version": calculation.version,
    }  # fmt: skip
    added = text_of(browser.post(page, typed | {"more": str(ties[0].pk)}, **HTMX))
    for value in ("Набранная Вера", "1984-04-12", "Орлов Пётр", "2001-05-02", "9912345678"):
        assert f'value="{value}"' in added
    empty = text_of(browser.post(page, typed | {"more": ""}, **HTMX))
    assert 'value="Набранная Вера"' in empty
    assert 'name="drivers-1-name"' in empty
    for stranger in (ties[2].pk, 10**9):
        more = text_of(browser.post(page, typed | {"more": str(stranger)}, **HTMX))
        assert boris_client.name not in more
    calculation.refresh_from_db()
    assert "Набранная Вера" not in str(calculation.drivers)


@pytest.mark.parametrize("field", ["birth_date", "experience_since"])
@pytest.mark.parametrize("day", ["1200-01-01", "2999-01-01"])
def test_nobody_drives_for_eight_hundred_years(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser], field: str, day: str
) -> None:
    before = calculation.drivers
    given = {
        "drivers-TOTAL_FORMS": "1", "drivers-INITIAL_FORMS": "0", "drivers-0-name": "Орлова Вера",
        "drivers-0-birth_date": "1984-04-12", "drivers-0-experience_since": "2010-05-20", f"drivers-0-{field}": day,
        "version": calculation.version,
    }  # fmt: skip
    answer = sign_in(anna).post(f"/quotes/{calculation.pk}/drivers/", given, **HTMX)
    assert answer.status_code == 422
    assert "Проверьте год." in text_of(answer)
    assert f'value="{day}"' in text_of(answer)
    calculation.refresh_from_db()
    assert calculation.drivers == before


def test_the_page_asks_a_bounded_number_of_times(
    calculation: Calculation,
    anna: User,
    sign_in: Callable[[User], Browser],
    django_assert_max_num_queries: Any,
) -> None:
    browser = sign_in(anna)
    browser.get(f"/quotes/{calculation.pk}/")
    with django_assert_max_num_queries(22):
        browser.get(f"/quotes/{calculation.pk}/", HTTP_HX_TARGET="quote", **HTMX)


def test_the_client_chooses_without_signing_in(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    Calculation.objects.update(starts_on=timezone.localdate() + timedelta(days=20))
    sign_in(anna).post(f"/quotes/{calculation.pk}/link/", **HTMX)
    calculation.refresh_from_db()
    page = f"/offer/{calculation.token}/"
    assert "5 973,79 ₽" in text_of(Browser().get(page))
    second = calculation.variants.get(place=2)
    Browser().post(page, {"variant": second.pk})
    calculation.refresh_from_db()
    assert (calculation.state, calculation.variants.get(is_chosen=True).pk) == ("accepted", second.pk)
    assert Browser().get("/offer/nobody/").status_code == 404


def test_what_the_deal_is_about_comes_first(
    calculation: Calculation, family: Policy, kasko: Product, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    browser, client = sign_in(anna), calculation.client_id
    named = text_of(browser.get(f"/quotes/new/?client={client}&product=osago"))
    first = named[named.index('name="product"') :]
    assert first.startswith('name="product" value="osago" autofocus')
    marked = [
        text_of(browser.get(f"/quotes/new/?client={client}{more}")).count('<button class="btn border-ink')
        for more in ("", f"&policy={family.pk}", "&product=osago")
    ]
    assert marked == [0, 1, 1]


def test_the_list_says_what_is_insured_and_what_a_price_waits_for(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    page = text_of(sign_in(anna).get("/quotes/"))
    assert "Hyundai Creta" in page
    assert "не хватает" not in page
    calculation.variants.update(premium=None, missing=["territory"])
    assert "не хватает 1 ответа" in text_of(sign_in(anna).get("/quotes/"))
    calculation.variants.update(missing=["power", "drivers.0.kbm"])
    assert "Неизвестно: мощность" in text_of(sign_in(anna).get("/quotes/"))


def test_the_list_and_the_search_keep_to_the_scope(
    calculation: Calculation, anna: User, boris: User, sign_in: Callable[[User], Browser]
) -> None:
    assert calculation.number in text_of(sign_in(anna).get("/quotes/?q=р26000001"))
    assert calculation.number not in text_of(sign_in(boris).get("/quotes/"))
    assert calculation.number in text_of(sign_in(anna).get("/quotes/?own=1&product=osago"))
    assert calculation.number not in text_of(sign_in(anna).get("/quotes/?product=kasko"))
    assert sign_in(boris).get(f"/quotes/{calculation.pk}/").status_code == 404
    for person, found in ((anna, 1), (boris, 0)):
        groups = _groups(person, "Р-26-0000", timezone.localdate())
        assert (
            sum(1 for group in groups for one in group["items"] if one["label"] == calculation.number)
            == found
        )


def test_an_offer_says_before_it_is_sent_that_it_would_not_go(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    browser, url = sign_in(anna), f"/quotes/{calculation.pk}/offer/"
    assert "Сейчас не уйдёт: SMS: Нет текста" not in text_of(browser.get(url, **HTMX))
    keep = f'hx-get="/clients/{calculation.client_id}/consents/"'
    Consent.objects.filter(client=calculation.client_id).delete()
    page = text_of(browser.get(url, **HTMX))
    assert "Сейчас не уйдёт" in page
    assert keep in page
    Client.objects.filter(pk=calculation.client_id).update(do_not_contact=True)
    page = text_of(browser.get(url, **HTMX))
    assert "Сейчас не уйдёт" in page
    assert keep not in page  # a consent would not help


def test_the_address_of_the_page_is_shown_where_it_was_asked_for(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    shown = sign_in(anna).post(f"/quotes/{calculation.pk}/link/", **HTMX)
    calculation.refresh_from_db()
    assert f'data-copy="{page_url(calculation)}"' in text_of(shown)
    assert "calculation-changed" in shown["HX-Trigger"]


def test_a_refused_offer_lets_the_page_look_again(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    """Opening the client's page counts as a change: the bill after it must not be told of an old version."""
    Client.objects.filter(pk=calculation.client_id).update(do_not_contact=True)
    given = {"version": calculation.version, "channel": "sms"}
    answer = sign_in(anna).post(f"/quotes/{calculation.pk}/offer/", given, **HTMX)
    assert answer.status_code == 422
    assert "calculation-changed" in answer["HX-Trigger"]


def test_a_bill_is_taken_back_while_nothing_is_paid(
    calculation: Calculation, anna: User, now: datetime, sign_in: Callable[[User], Browser]
) -> None:
    browser, url = sign_in(anna), f"/quotes/{calculation.pk}/"
    browser.post(f"{url}invoice/", {"version": calculation.version}, **HTMX)
    calculation.refresh_from_db()
    project = calculation.project
    assert project is not None
    assert "Отозвать счёт" in text_of(browser.get(url))
    assert "Выставить счёт" in text_of(browser.post(f"{url}invoice/withdrawal/", **HTMX))
    project.refresh_from_db()
    calculation.refresh_from_db()
    assert (project.state, calculation.state, calculation.project) == ("withdrawn", "draft", None)
    again = browser.post(
        f"/api/v1/calculations/{calculation.pk}/project-withdrawal", HTTP_IDEMPOTENCY_KEY="again"
    )
    assert again.status_code == 409
    browser.post(f"{url}invoice/", {"version": calculation.version}, **HTMX)
    calculation.refresh_from_db()
    assert calculation.project is not None
    register_payment(
        actor=anna, now=now, amount=Decimal("100.00"), method="cash", project=calculation.project
    )
    kept = browser.post(f"{url}invoice/withdrawal/", **HTMX)
    assert "деньги" in kept["HX-Trigger"].encode().decode("unicode_escape") or "деньги" in kept["HX-Trigger"]
    calculation.refresh_from_db()
    assert calculation.state == "project"


def test_papers_that_are_needed_stay_open_after_the_policy_is_issued(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    browser, url = sign_in(anna), f"/quotes/{calculation.pk}/"
    browser.post(f"{url}invoice/", {"version": calculation.version}, **HTMX)
    browser.post(f"{url}payment/", {"method": "card"}, **HTMX)
    page = text_of(browser.get(url))
    steps = page[page.index('id="quote-steps"') : page.index('id="quote-work"')]
    papers = steps[steps.index('href="#documents"') :]
    assert papers.index('aria-current="step"') < papers.index("Документы")
    assert f'hx-get="/clients/{calculation.client_id}/documents/"' in page
    assert "Открыть полис" in page


def test_the_household_stands_beside_the_sale_and_its_things_are_taken_in_one_click(
    calculation: Calculation, anna: User, make_client: Any, now: datetime, sign_in: Callable[[User], Browser],
) -> None:  # fmt: skip
    client = calculation.client
    son = make_client(anna.agent, "Орлов", "Пётр", birth_date=timezone.localdate().replace(day=1, year=2011))
    Relation.objects.create(client=client, other=son, kind="child", created_at=now)
    Belonging.objects.create(client=client, kind="vehicle", title="Лодка «Казанка»", created_at=now)
    LifeEvent.objects.create(client=client, kind="home", on=date(2027, 3, 1), note="дача", created_at=now)
    ProfileAnswer.objects.create(client=client, key="interests", value="рыбалка", answered_at=now)
    browser, url = sign_in(anna), f"/quotes/{calculation.pk}/"
    page = text_of(browser.get(url))
    household = page[page.index('id="household"') :]
    for told in ("Орлов Пётр (Ребёнок, 15 лет)", "Лодка «Казанка»", "01.03.2027", "дача", "рыбалка"):
        assert told in household
    dialog = text_of(browser.get(f"{url}subject/", **HTMX))
    key = Belonging.objects.get().pk
    assert f'hx-get="{url}subject/?thing=b{key}"' in dialog
    taken = text_of(browser.get(f"{url}subject/?thing=b{key}", **HTMX))
    assert 'value="Лодка «Казанка»"' in taken


def test_what_stands_on_the_card_is_not_made_twice(
    tariffs: None, family: Policy, vera: Client, anna: User, now: datetime
) -> None:
    row = start(actor=anna, now=now, client=vera, product=family.product)
    thing = family.insured_object
    assert thing is not None
    InsuredObject.objects.filter(pk=thing.pk).update(vin="XTA210990Y2765432")
    subject = {
        "kind": "vehicle",
        "make": "Лада",
        "model": "Веста",
        "vin": "XTA210990Y2765432",
        "power": "106",
    }
    people = [{"name": vera.name, "birth_date": vera.birth_date, "experience_since": date(2012, 5, 20)}]
    change(
        actor=anna, now=now, calculation=row, subject=subject, drivers=people, answers={"territory": "kazan"}
    )
    row.refresh_from_db()
    before = InsuredObject.objects.count()
    assert to_project(actor=anna, now=now, calculation=row).insured_object == thing
    assert InsuredObject.objects.count() == before


def test_a_new_contract_of_nothing_is_not_billed(
    tariffs: None, family: Policy, vera: Client, anna: User, now: datetime, sign_in: Callable[[User], Browser]
) -> None:
    row = start(actor=anna, now=now, client=vera, product=Product.objects.get(code="305"))
    browser, url = sign_in(anna), f"/quotes/{row.pk}/"
    told = {"q-built": "1990", "q-sum_structure": "2 000 000", "version": row.version}
    page = text_of(browser.post(f"{url}answers/", told, **HTMX))
    assert 'value="2 000 000"' in page
    assert "Нужен адрес" in page
    assert "0,10 %" in page  # the rate of the structure, not a factor
    row.refresh_from_db()
    refused = browser.post(f"{url}invoice/", {"version": row.version}, **HTMX)
    row.refresh_from_db()
    assert (row.project, "toast" in refused["HX-Trigger"]) == (None, True)
    given = {"address": "Казань, ул. Баумана, 1", "version": row.version}
    browser.post(f"{url}subject/", given, **HTMX)
    row.refresh_from_db()
    browser.post(f"{url}invoice/", {"version": row.version}, **HTMX)
    row.refresh_from_db()
    assert row.project is not None


def test_a_sum_out_of_its_limits_is_told_in_words(
    tariffs: None, vera: Client, anna: User, now: datetime, sign_in: Callable[[User], Browser]
) -> None:
    row = start(actor=anna, now=now, client=vera, product=Product.objects.get(code="354"))
    given = {"q-sum_insured": "300000", "version": row.version}
    page = text_of(sign_in(anna).post(f"/quotes/{row.pk}/answers/", given, **HTMX))
    assert "Не меньше 500" in page
    assert 'value="300 000"' in page
    assert "sum_structure" not in page


def test_a_rate_of_the_sum_insured_is_told_in_percent_until_it_is_money(
    tariffs: None, vera: Client, anna: User, now: datetime, sign_in: Callable[[User], Browser]
) -> None:
    row = start(actor=anna, now=now, client=vera, product=Product.objects.get(code="kasko"))
    subject = {"kind": "vehicle", "make": "Kia", "model": "Rio", "year": now.year, "plate": "А123ВС16"}
    people = [{"name": vera.name, "birth_date": vera.birth_date, "experience_since": date(2012, 5, 20)}]
    told = {"territory": "kazan", "sum_insured": "1450000"}
    change(actor=anna, now=now, calculation=row, subject=subject, drivers=people, answers=told)
    page = text_of(sign_in(anna).get(f"/quotes/{row.pk}/"))
    premium = row.variants.get().premium
    assert premium is not None
    factors = {one["code"]: Decimal(one["running"]) for one in row.variants.get().explanation["factors"]}
    rate = f"{factors['T']:.2f}".replace(".", ",")
    lines = page[page.index("Из чего сложилась премия") : page.index("</tfoot>")]
    assert f"{rate} %" in lines
    assert f"{rate} ₽" not in lines
    assert "Тариф до сотых" not in lines
    assert "1 450 000 ₽" in lines


def test_variants_are_told_in_words_before_anybody_drives(
    tariffs: None, vera: Client, anna: User, now: datetime, sign_in: Callable[[User], Browser]
) -> None:
    row = start(actor=anna, now=now, client=vera, product=Product.objects.get(code="osago"))
    row = change(actor=anna, now=now, calculation=row, drivers=[])
    for place, answers in ((7, {"months_of_use": 6}), (8, {"unlimited": True})):
        row.variants.create(place=place, changes={"answers": answers})
    page = text_of(sign_in(anna).get(f"/quotes/{row.pk}/"))
    assert "Месяцев использования: 6" in page
    assert "Без ограничения водителей" in page
    assert "True" not in page


def test_a_car_without_vin_is_named_by_its_body_and_a_doubtful_vin_is_only_warned_of(
    tariffs: None, family: Policy, vera: Client, anna: User, now: datetime, sign_in: Callable[[User], Browser]
) -> None:
    row = start(actor=anna, now=now, client=vera, product=family.product)
    browser, url = sign_in(anna), f"/quotes/{row.pk}/subject/"
    dialog = text_of(browser.get(url, **HTMX))
    assert 'name="body_number"' in dialog
    assert 'hx-get="/quotes/vin/"' in dialog
    wrong = "1M8GDM9A1KP042788"
    assert "Проверьте VIN" in text_of(browser.get("/quotes/vin/", {"vin": wrong}, **HTMX))
    assert "Проверьте VIN" not in text_of(browser.get("/quotes/vin/", {"vin": "XTA210990Y2765432"}, **HTMX))
    told = {"make": "Toyota", "model": "Altezza", "vin": wrong, "version": row.version}
    assert "Проверьте VIN" in text_of(browser.post(url, told, **HTMX))
    row.refresh_from_db()
    assert row.subject["vin"] == wrong
    assert "Проверьте VIN" in text_of(browser.get(url, **HTMX))
    bad = browser.post(url, told | {"vin": "", "body_number": "1-", "version": row.version}, **HTMX)
    assert (bad.status_code, "от 4 до 25" in text_of(bad)) == (422, True)
    page = text_of(
        browser.post(url, told | {"vin": "", "body_number": "sxe10-0012345", "version": row.version}, **HTMX)
    )
    assert "кузов SXE100012345" in page
    row.refresh_from_db()
    assert (row.subject["body_number"], "vin" in row.subject) == ("SXE100012345", False)
    people = [{"name": vera.name, "birth_date": vera.birth_date, "experience_since": date(2012, 5, 20)}]
    change(
        actor=anna, now=now, calculation=row, subject={"power": "106"}, drivers=people, answers={"territory": "kazan"}
    )  # fmt: skip
    row.refresh_from_db()
    thing = to_project(actor=anna, now=now, calculation=row).insured_object
    assert (thing.body_number, thing.title) == ("SXE100012345", "Toyota Altezza")
