"""A client pays on a telephone: the parts, the bank's page, the policy; and what the staff sees of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.demo.load_staff import PAYEE
from clientela.modules.accounts.models import User
from clientela.modules.billing import operations
from clientela.modules.billing.models import Instalment
from clientela.modules.clients.models import Client
from clientela.modules.contracts.operations import prepare_new
from clientela.modules.products.models import Product
from tests.browser.shots import check_access, shoot

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_from_the_link_to_the_policy(
    visit: Callable[..., Page], live_server: Any, vera: Client, kasko: Product, administrator: User, settings: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    settings.DEMO, settings.PUBLIC_URL, settings.LOCAL_BANK = (
        True,
        str(live_server),
        tmp_path / "bank.sqlite3",
    )
    settings.ACQUIRERS = dict.fromkeys(["sbp", "card"], "clientela.integrations.local.bank.from_environment")
    now = timezone.now()
    operations.set_payee(actor=administrator, now=now, values=PAYEE)
    project = prepare_new(
        actor=None, now=now, client=vera, product=kasko, premium=Decimal(62950), sales_channel="web",
        start_date=now.date() + timedelta(days=9), end_date=now.date() + timedelta(days=373),
    )  # fmt: skip
    page = visit(f"/pay/{project.pay_token}/")
    page.get_by_text("Оплатить по коду").click()
    check_access(page)
    shoot(page, "pay")
    page.get_by_label("В 2 взноса").check()
    expect(page.get_by_label("В 2 взноса")).to_be_checked()
    expect(page.get_by_label("К оплате")).to_contain_text("31 475,00")
    page.get_by_role("button", name="Оплатить через СБП").click()
    expect(page.get_by_role("heading", name="Оплата через СБП")).to_be_visible()
    shoot(page, "pay-bank", themes=["light"])

    bank = page.url
    page.get_by_role("link", name="Вернуться к страховщику").click()
    expect(page.get_by_text("Банк ещё не подтвердил оплату")).to_be_visible()
    shoot(page, "pay-waits")
    other = visit(
        bank.removeprefix(str(live_server))
    )  # paid on another device: the page here changes by itself
    other.get_by_role("button", name="Оплатить", exact=True).click()
    expect(page.get_by_role("heading", name="Готово: вы застрахованы")).to_be_visible(timeout=15_000)
    check_access(page)
    shoot(page, "pay-done")
    assert [part.paid for part in Instalment.objects.all()] == [Decimal(31475), Decimal(0)]

    staff = visit("/payments/", administrator)
    check_access(staff)
    shoot(staff, "payments")
    staff.get_by_role("button", name="Вернуть", exact=True).click()
    expect(staff.get_by_role("dialog")).to_be_visible()
    shoot(staff, "payments-refund", themes=["light"])
    staff.goto(f"{live_server}/payments/requisites/")
    check_access(staff)
    shoot(staff, "payments-requisites", themes=["light"])
