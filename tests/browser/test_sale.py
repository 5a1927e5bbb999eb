"""From an incoming request of a known client to the paid, issued policy: the seller's clicks and typed fields, counted."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.demo.load_staff import PAYEE
from clientela.modules.accounts.models import User
from clientela.modules.billing import operations as billing
from clientela.modules.contracts.models import Policy
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.tests.conftest import family, tariffs
from clientela.modules.requests.operations.coming import Incoming, receive
from clientela.modules.routing.models import Desk
from clientela.modules.routing.operations import note_seen
from tests.browser.shots import check_access, shoot

__all__ = ["family", "tariffs"]
pytestmark = [pytest.mark.browser, pytest.mark.server]
MOST_CLICKS = 12
# Counted in the page: what the seller presses with the mouse, and fields whose content they change.
COUNTER = """() => {
  const told = JSON.parse(sessionStorage.told || '{"clicks": 0, "typed": []}')
  const keep = () => sessionStorage.told = JSON.stringify(told)
  addEventListener('click', event => { if (event.isTrusted && event.detail) { told.clicks += 1; keep() } }, true)
  addEventListener('input', event => { told.typed.push(event.target.name || event.target.id); keep() }, true)
}"""


def test_from_a_request_to_the_paid_policy(
    visit: Callable[..., Page], live_server: Any, tariffs: None, family: Policy, anna: User, administrator: User,
    settings: Any, tmp_path: Path,
) -> None:  # fmt: skip
    settings.DEMO, settings.PUBLIC_URL = True, str(live_server)
    settings.LOCAL_BANK, settings.MEDIA_ROOT = tmp_path / "bank.sqlite3", tmp_path / "media"
    settings.ACQUIRERS = dict.fromkeys(["sbp", "card"], "clientela.integrations.local.bank.from_environment")
    now, today = timezone.now(), timezone.localdate()
    billing.set_payee(actor=administrator, now=now, values=PAYEE)
    family.start_date, family.end_date = today - timedelta(days=347), today + timedelta(days=17)
    family.save(update_fields=["start_date", "end_date"])
    Desk.objects.create(user=anna, branch=family.branch, idle_since=now)
    note_seen([anna.pk], now=now)
    incoming = Incoming(
        source="web", phone="+79170004108", product=family.product, text="Пора продлевать ОСАГО"
    )
    asked = receive(actor=None, now=now, incoming=incoming)
    assert (asked.client, asked.assignee) == (family.client, anna)

    page = visit("/requests/?tab=all", anna)
    page.context.add_init_script(f"({COUNTER})()")
    page.reload()
    page.locator("#why").get_by_role("button", name="Взять").click()
    page.locator("#why").get_by_role("button", name="Рассчитать").click()
    check_access(page)
    shoot(page, "sale-begins")
    page.get_by_role("dialog").get_by_role("button").filter(has_text="Hyundai Creta").click()
    page.wait_for_url("**/quotes/*/")
    expect(page.locator("#quote")).to_contain_text("0 полей вручную")
    shoot(page, "sale-window", full=True)
    page.get_by_role("button", name="Выставить счёт").click()
    expect(page.locator("#payment")).to_contain_text("По ссылке или по коду")
    page.get_by_role("button", name="Скопировать ссылку").click()
    told = page.evaluate("JSON.parse(sessionStorage.told)")

    link = page.get_by_role("button", name="Скопировать ссылку").get_attribute("data-copy")
    client = visit(str(link).removeprefix(str(live_server)))
    client.get_by_role("button", name="Оплатить через СБП").click()
    client.get_by_role("button", name="Оплатить", exact=True).click()
    expect(client.get_by_role("heading", name="Готово: вы застрахованы")).to_be_visible()

    issued = Policy.objects.get(previous=family)
    page.reload()
    expect(page.locator("#policy")).to_contain_text("Оплачено, полис выпущен")
    print(f"\nclicks {told['clicks']} of at most {MOST_CLICKS}, fields typed {len(set(told['typed']))}")
    assert issued.status == Policy.Status.ISSUED
    assert Calculation.objects.get().request_ref == asked.pk
    assert 0 < told["clicks"] <= MOST_CLICKS
    assert told["typed"] == []
