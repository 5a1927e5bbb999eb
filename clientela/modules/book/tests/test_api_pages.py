"""The book over the API: read with a scope, written once a key, nothing foreign."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.book.models import Entry
from clientela.modules.book.operations import pages
from clientela.modules.products.models import Product

SignIn = Callable[[User], Browser]
BODY = {"product_code": "kasko", "block": "rules", "title": "Осмотр", "body": "- **раз**"}


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def post(browser: Browser, path: str, body: dict[str, Any], key: str) -> Any:
    return browser.post(
        f"/api/v1/book/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def patch(browser: Browser, path: str, body: dict[str, Any]) -> Any:
    return browser.patch(f"/api/v1/book/{path}", json.dumps(body), content_type="application/json")


def test_an_entry_is_made_once_changed_and_brought_back(
    sign_in: SignIn, product_manager: User, kasko: Product
) -> None:
    browser = sign_in(product_manager)
    made = post(browser, "entries", BODY, "one").json()
    assert post(browser, "entries", BODY, "one").json() == made
    assert Entry.objects.count() == 1
    assert made["html"] == "<ul>\n<li><strong>раз</strong></li>\n</ul>\n"
    changed = patch(browser, f"entries/{made['id']}", {"version": 1, "title": "Осмотр машины"}).json()
    assert (changed["version"], changed["title"], changed["body"]) == (2, "Осмотр машины", "- **раз**")
    assert patch(browser, f"entries/{made['id']}", {"version": 1, "title": "x"}).status_code == 409
    numbers = [
        one["number"] for one in browser.get(f"/api/v1/book/entries/{made['id']}/versions").json()["items"]
    ]
    assert numbers == [2, 1]
    back = post(browser, f"entries/{made['id']}/versions/1/return", {}, "two").json()
    assert (back["version"], back["title"]) == (3, "Осмотр")
    assert post(browser, f"entries/{made['id']}/versions/9/return", {}, "three").status_code == 404


def test_what_is_refused_is_told_at_its_field(sign_in: SignIn, product_manager: User, kasko: Product) -> None:
    browser = sign_in(product_manager)
    refused = post(browser, "entries", BODY | {"link": "/nowhere/"}, "one")
    assert refused.status_code == 422
    assert refused.json()["code"] == "entry_refused"
    assert not Entry.objects.exists()
    assert post(browser, "entries", BODY | {"product_code": "none"}, "two").status_code == 404
    assert post(browser, "entries", BODY | {"block": "none"}, "three").status_code == 422


def test_sellers_read_and_search_but_do_not_write(
    sign_in: SignIn, anna: User, product_manager: User, kasko: Product, now: datetime
) -> None:
    made = pages.add_entry(actor=product_manager, now=now, product=kasko, block="rules", title="Франшиза")
    browser = sign_in(anna)
    assert [one["title"] for one in browser.get("/api/v1/book/entries?product=kasko").json()["items"]] == [
        "Франшиза"
    ]
    assert browser.get("/api/v1/book/entries?block=claims").json()["items"] == []
    assert [hit["entry"]["id"] for hit in browser.get("/api/v1/book/search?q=франшизу").json()] == [made.pk]
    assert browser.get("/api/v1/book/pages").json()[0]["version"] == 1
    assert post(browser, "entries", BODY, "one").status_code == 403
    assert patch(browser, f"entries/{made.pk}", {"version": 1, "title": "x"}).status_code == 403
    assert browser.get(f"/api/v1/book/entries/{made.pk}/versions").status_code == 403
    pages.put_away(actor=product_manager, now=now, entry=made)
    assert browser.get(f"/api/v1/book/entries/{made.pk}").status_code == 404
    made.refresh_from_db()
    assert made.title == "Франшиза"


def test_files_come_and_go(sign_in: SignIn, product_manager: User, kasko: Product, now: datetime) -> None:
    made = pages.add_entry(actor=product_manager, now=now, product=kasko, block="rules", title="Бланк")
    browser, path = sign_in(product_manager), f"/api/v1/book/entries/{made.pk}/file"
    assert browser.get(path).status_code == 404
    sent = {"file": SimpleUploadedFile("акт.pdf", b"%PDF-1")}
    assert browser.post(path, sent, headers={"Idempotency-Key": "one"}).json()["file_name"] == "акт.pdf"
    assert b"".join(browser.get(path).streaming_content) == b"%PDF-1"
    bad = {"file": SimpleUploadedFile("a.exe", b"1")}
    assert browser.post(path, bad, headers={"Idempotency-Key": "two"}).status_code == 422
    assert browser.delete(path).json()["file_name"] == ""
    assert browser.get(path).status_code == 404


def test_the_order_and_the_way_back(
    sign_in: SignIn, product_manager: User, kasko: Product, now: datetime
) -> None:
    first, second = (
        pages.add_entry(actor=product_manager, now=now, product=kasko, block="rules", title=title)
        for title in "аб"
    )
    browser = sign_in(product_manager)
    assert post(browser, f"entries/{second.pk}/move", {"by": -1}, "one").json()["place"] == 1
    assert post(browser, f"entries/{first.pk}/removal", {}, "two").json()["is_put_away"] is True
    assert post(browser, f"entries/{first.pk}/restoration", {}, "three").json()["is_put_away"] is False


def test_a_page_is_changed_by_its_version(sign_in: SignIn, product_manager: User, kasko: Product) -> None:
    browser = sign_in(product_manager)
    assert browser.get("/api/v1/book/pages/kasko").json()["version"] == 0
    body = {"pitch": "Ремонт у дилера", "licence": "СИ № 1"}

    def put(**more: Any) -> Any:
        return browser.put(
            "/api/v1/book/pages/kasko", json.dumps(body | more), content_type="application/json"
        )

    assert put().json()["version"] == 2
    assert put(version=1, pitch="x").status_code == 409
    assert browser.get("/api/v1/book/pages/kasko").json()["pitch"] == "Ремонт у дилера"
