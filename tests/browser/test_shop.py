"""OSAGO bought on a phone: from the shelf to the paid policy."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Branch
from clientela.modules.rating.operations.shipped import load_shipped
from tests.browser.shots import check_access

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def shop(transactional_db: None, kazan: Branch, settings: Any, tmp_path: Path, live_server: object) -> None:
    settings.DEMO, settings.LOCAL_BANK, settings.PUBLIC_URL = (
        True,
        tmp_path / "bank.sqlite3",
        str(live_server),
    )
    settings.ACQUIRERS = dict.fromkeys(["card", "sbp"], "clientela.integrations.local.bank.from_environment")
    load_shipped(now=timezone.now())


def test_osago_is_bought_on_a_phone(visit: Callable[..., Page], shop: None) -> None:
    page = visit("/shop/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.click("a[href='/shop/osago/']")
    for name, value in (
        ("make", "LADA"),
        ("model", "Vesta"),
        ("year", "2020"),
        ("power", "106"),
        ("vin", "XTAGFL110L1234567"),
        ("plate", "а123вс777"),
    ):
        page.fill(f"#id_{name}", value)
    page.select_option("#id_territory", "kazan")
    page.fill("#id_starts_on", f"{timezone.localdate() + timedelta(days=3):%d.%m.%Y}")
    page.click("text=Дальше")
    person = {"last_name": "Новикова", "first_name": "Ольга", "birth_date": "12.04.1986"}
    for name, value in (person | {"licence": "9912345678", "experience_since": "01.06.2010"}).items():
        page.fill(f"#id_form-0-{name}", value)
    page.check("[name=agree_personal]")
    page.click("text=Показать цену")
    expect(page.locator("main")).to_contain_text("Купить по этой цене")
    check_access(page, widths=(390,))
    page.click("text=Купить по этой цене")
    for name, value in (("passport", "9208123456"), ("phone", "89175551020"), ("email", "olga@mail.example")):
        page.fill(f"#id_{name}", value)
    page.check("[name=agree_service]")
    check_access(page, widths=(390,))
    page.click("text=Получить код")
    page.fill("#id_code", page.inner_text("#demo-code"))
    page.click("text=Подтвердить")
    page.click("text=Всё верно, перейти к оплате")
    page.click("text=Оплатить через СБП")
    page.wait_for_url("**/bank/**")
    page.click("main form button >> nth=0")
    expect(page.locator("main")).to_contain_text("вы застрахованы")
    page.click("text=Ваш полис")
    expect(page.locator("main")).to_contain_text("выпущен")
    assert Policy.objects.get().sales_channel == "web"
