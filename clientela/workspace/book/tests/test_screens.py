"""Sellers read and search the book; product managers keep it; everybody else stays out."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.book.models import Entry
from clientela.modules.book.operations import pages
from clientela.modules.products.models import Product
from clientela.modules.rating.models import Table, TableVersion

SignIn = Callable[[User], Browser]
PART = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def franchise(product_manager: User, kasko: Product, now: datetime) -> Entry:
    return pages.add_entry(
        actor=product_manager, now=now, product=kasko, block="tariffs", title="Скидки и франшизы",
        note="до −32 %", body="- **да**\n- нет\n\n<script>alert(1)</script>",
        file=SimpleUploadedFile("Таблица.pdf", b"%PDF-1"),
    )  # fmt: skip


def test_the_book_opens_at_the_first_product(
    sign_in: SignIn, anna: User, kasko: Product, osago: Product
) -> None:
    response = sign_in(anna).get("/book/")
    assert response.status_code == 302
    assert response["Location"] == "/book/kasko/"


def test_a_seller_reads_a_page(sign_in: SignIn, anna: User, franchise: Entry) -> None:
    browser = sign_in(anna)
    html = browser.get("/book/kasko/").content.decode()
    assert "Скидки и франшизы" in html
    assert "до −32 %" in html
    assert 'id="block-claims"' in html
    assert f"/book/kasko/{franchise.pk}/edit/" not in html
    assert "/book/kasko/new/" not in html
    opened = browser.get(f"/book/kasko/{franchise.pk}/").content.decode()
    assert "<strong>да</strong>" in opened
    assert "<script>alert" not in opened
    assert "Таблица.pdf" in opened
    line = browser.get(
        f"/book/kasko/{franchise.pk}/", **PART, HTTP_HX_TARGET=f"entry-{franchise.pk}"
    ).content.decode()
    assert line.lstrip().startswith(f'<li id="entry-{franchise.pk}"')
    assert 'aria-expanded="true"' in line
    closed = browser.get(
        f"/book/kasko/{franchise.pk}/?closed", **PART, HTTP_HX_TARGET=f"entry-{franchise.pk}"
    ).content.decode()
    assert 'aria-expanded="false"' in closed
    assert "<strong>" not in closed


def test_a_file_is_given_to_who_reads_the_entry(
    sign_in: SignIn, anna: User, product_manager: User, franchise: Entry, now: datetime
) -> None:
    browser = sign_in(anna)
    response = browser.get(f"/book/kasko/{franchise.pk}/file/")
    assert b"".join(response.streaming_content) == b"%PDF-1"
    assert "attachment" in response["Content-Disposition"]
    pages.put_away(actor=product_manager, now=now, entry=franchise)
    assert browser.get(f"/book/kasko/{franchise.pk}/file/").status_code == 404
    assert browser.get(f"/book/kasko/{franchise.pk}/").status_code == 404


def test_search_answers_as_a_page_and_as_a_part(sign_in: SignIn, anna: User, franchise: Entry) -> None:
    browser = sign_in(anna)
    whole = browser.get("/book/?q=франшизой").content.decode()
    assert "Скидки и франшизы" in whole
    assert "<!doctype html>" in whole.lower()
    part = browser.get("/book/?q=франшизой&at=kasko", **PART, HTTP_HX_TARGET="book").content.decode()
    assert "Скидки и франшизы" in part
    assert "<!doctype" not in part.lower()
    assert "Скидки" not in browser.get("/book/?q=дельтаплан").content.decode()
    answer = browser.get("/book/?q=&at=kasko", **PART, HTTP_HX_TARGET="book")
    assert answer["HX-Replace-Url"] == "/book/kasko/"
    empty = answer.content.decode()
    assert 'id="block-tariffs"' in empty
    assert "<!doctype" not in empty.lower()


def test_a_manager_adds_changes_and_takes_back(
    sign_in: SignIn, product_manager: User, kasko: Product
) -> None:
    browser = sign_in(product_manager)
    assert browser.get("/book/kasko/new/?block=claims").status_code == 200
    sent = {"block": "claims", "title": "Порядок", "body": "Звоните 0900", "shown_from": "2026-01-01"}
    response = browser.post("/book/kasko/new/", sent | {"file": SimpleUploadedFile("а.pdf", b"1")})
    made = Entry.objects.get()
    assert response["Location"] == f"/book/kasko/{made.pk}/"
    assert made.file_name == "а.pdf"
    assert made.shown_from == date(2026, 1, 1)
    form = browser.get(f"/book/kasko/{made.pk}/edit/").content.decode()
    assert "Звоните 0900" in form
    assert 'value="2026-01-01"' in form
    browser.post(f"/book/kasko/{made.pk}/edit/", sent | {"title": "Порядок и сроки", "seen": 1})
    made.refresh_from_db()
    assert (made.title, made.version, made.file_name) == ("Порядок и сроки", 2, "а.pdf")
    browser.post(f"/book/kasko/{made.pk}/versions/1/")
    made.refresh_from_db()
    assert (made.title, made.version) == ("Порядок", 3)
    assert "Порядок и сроки" in browser.get(f"/book/kasko/{made.pk}/versions/").content.decode()


def test_what_is_refused_stands_at_its_field_with_what_was_typed(
    sign_in: SignIn, product_manager: User, kasko: Product
) -> None:
    browser = sign_in(product_manager)
    response = browser.post("/book/kasko/new/", {"block": "claims", "title": "", "body": "мой текст"}, **PART)
    assert response.status_code == 422
    assert "мой текст" in response.content.decode()
    response = browser.post(
        "/book/kasko/new/", {"block": "claims", "title": "а", "link": "/nowhere/"}, **PART
    )
    assert response.status_code == 422
    assert "id_link_error" in response.content.decode()
    bad = SimpleUploadedFile("a.exe", b"1")
    response = browser.post("/book/kasko/new/", {"block": "claims", "title": "а", "file": bad}, **PART)
    assert response.status_code == 422
    assert not Entry.objects.exists()


def test_a_change_meanwhile_is_told_and_may_be_saved_again(
    sign_in: SignIn, product_manager: User, franchise: Entry, now: datetime
) -> None:
    pages.change_entry(actor=product_manager, now=now, entry=franchise, note="другое")
    browser = sign_in(product_manager)
    sent = {"block": "tariffs", "title": "Моё", "seen": 1}
    response = browser.post(f"/book/kasko/{franchise.pk}/edit/", sent, **PART)
    assert response.status_code == 422
    assert "Моё" in response.content.decode()
    assert 'name="seen" value="2"' in response.content.decode()
    browser.post(f"/book/kasko/{franchise.pk}/edit/", sent | {"seen": 2}, **PART)
    franchise.refresh_from_db()
    assert (franchise.title, franchise.version) == ("Моё", 3)


def test_moving_and_putting_away_with_the_way_back(
    sign_in: SignIn, product_manager: User, franchise: Entry, kasko: Product, now: datetime
) -> None:
    pages.add_entry(actor=product_manager, now=now, product=kasko, block="tariffs", title="Вторая")
    browser = sign_in(product_manager)
    html = browser.post(
        f"/book/kasko/{franchise.pk}/move/", {"by": "1"}, **PART, HTTP_HX_TARGET="book"
    ).content.decode()
    assert html.index("Вторая") < html.index("Скидки и франшизы")
    browser.post(f"/book/kasko/{franchise.pk}/away/", **PART)
    assert "Скидки" not in browser.get("/book/kasko/").content.decode().split("toast")[0]
    browser.post(f"/book/kasko/{franchise.pk}/restoring/", **PART)
    franchise.refresh_from_db()
    assert franchise.put_away_at is None


def test_the_pitch_is_kept(sign_in: SignIn, product_manager: User, kasko: Product) -> None:
    browser = sign_in(product_manager)
    assert browser.get("/book/kasko/about/").status_code == 200
    browser.post("/book/kasko/about/", {"pitch": "Ремонт у дилера", "licence": "СИ № 1"})
    html = browser.get("/book/kasko/").content.decode()
    assert "Ремонт у дилера" in html
    assert "СИ № 1" in html
    assert browser.post("/book/kasko/about/", {"pitch": "я" * 601}, **PART).status_code == 422


def test_sellers_change_nothing(sign_in: SignIn, anna: User, franchise: Entry) -> None:
    browser = sign_in(anna)
    for path in ("edit/", "move/", "away/", "restoring/", "versions/1/"):
        assert browser.post(f"/book/kasko/{franchise.pk}/{path}", {"title": "x"}).status_code == 403
    assert browser.post("/book/kasko/new/", {"title": "x"}).status_code == 403
    assert browser.post("/book/kasko/about/", {"pitch": "x"}).status_code == 403
    franchise.refresh_from_db()
    assert (franchise.title, franchise.version, franchise.put_away_at) == ("Скидки и франшизы", 1, None)


def test_the_memo_is_a_pdf(sign_in: SignIn, anna: User, franchise: Entry) -> None:
    response = sign_in(anna).get("/book/kasko/memo.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_a_tariff_that_is_approved_for_later_is_told(
    sign_in: SignIn, anna: User, kasko: Product, now: datetime
) -> None:
    table = Table.objects.create(code="kasko.x", product=kasko, title="Базовые тарифы", title_en="Base rates")
    for number, day in ((1, date(2026, 1, 1)), (2, date(2099, 12, 1))):
        TableVersion.objects.create(
            table=table, number=number, state="approved", starts_on=day, columns=[], rows=[], created_at=now,
            changed_at=now, approved_at=now,
        )  # fmt: skip
    html = sign_in(anna).get("/book/kasko/").content.decode()
    assert "Базовые тарифы" in html
    assert "01.01.2026" in html
    assert "1\xa0декабря" in html


def test_a_page_asks_the_database_little(
    sign_in: SignIn,
    anna: User,
    product_manager: User,
    kasko: Product,
    now: datetime,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(30):
        block = ("rules", "claims", "questions")[number % 3]
        pages.add_entry(actor=product_manager, now=now, product=kasko, block=block, title=f"Запись {number}")
    browser = sign_in(anna)
    browser.get("/book/kasko/")
    with django_assert_max_num_queries(40):
        browser.get("/book/kasko/")
    with django_assert_max_num_queries(30):
        browser.get("/book/?q=запись", **PART, HTTP_HX_TARGET="book")


def test_saving_over_somebodys_change_is_a_decision(
    sign_in: SignIn, product_manager: User, franchise: Entry, now: datetime
) -> None:
    browser, path = sign_in(product_manager), f"/book/kasko/{franchise.pk}/edit/"
    typed = {"title": "Мои скидки", "block": "tariffs", "body": "мой текст", "seen": "1"}
    pages.change_entry(actor=product_manager, now=now, entry=franchise, body="их текст", seen=1)
    wrong = browser.post(path, typed | {"title": ""})
    assert (wrong.status_code, wrong.context["clash"]) == (422, None)
    assert 'name="seen" value="1"' in wrong.content.decode()
    refused = browser.post(path, typed)
    assert refused.status_code == 422
    rows = {str(label): texts for label, *texts in refused.context["clash"].rows}
    assert ["их текст", "мой текст"] in rows.values()
    html = refused.content.decode()
    assert 'id="clash"' in html
    assert 'name="seen" value="2"' in html
    assert ">мой текст</textarea>" in html.replace(">\nмой", ">мой")
    franchise.refresh_from_db()
    assert (franchise.version, franchise.body) == (2, "их текст")
    assert browser.post(path, typed | {"seen": "2"}).status_code == 302
    franchise.refresh_from_db()
    assert (franchise.version, franchise.title, franchise.body) == (3, "Мои скидки", "мой текст")


def test_a_pitch_changed_meanwhile_is_shown_beside_the_typed_one(
    sign_in: SignIn, product_manager: User, kasko: Product, now: datetime
) -> None:
    page = pages.change_page(actor=product_manager, now=now, product=kasko, pitch="было", licence="1")
    seen = page.version
    pages.change_page(actor=product_manager, now=now, product=kasko, pitch="их", licence="1", seen=seen)
    refused = sign_in(product_manager).post(
        "/book/kasko/about/", {"pitch": "моё", "licence": "1", "seen": str(seen)}
    )
    assert refused.status_code == 422
    assert [texts for _label, *texts in refused.context["clash"].rows] == [["их", "моё"]]
