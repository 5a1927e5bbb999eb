"""A client renews alone on a phone: from the sign-in by a code to the paid next term."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.bonus_malus.models import RegistryEntry
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contracts.models import Participant, Policy
from clientela.modules.products.models import Product
from clientela.modules.quotes.operations.classes import driver_of
from clientela.modules.quotes.queries.prefill import driver_row
from clientela.modules.rating.operations.shipped import load_shipped
from tests.browser.shots import check_access

pytestmark = [pytest.mark.browser, pytest.mark.server]
PHONE, BORN, SINCE = "+79170008055", date(1984, 4, 12), date(2012, 5, 20)


@pytest.fixture
def expiring(
    transactional_db: None, vera: Client, osago: Product, make_policy: Callable[..., Policy], settings: Any,
    tmp_path: Path, live_server: object,
) -> Policy:  # fmt: skip
    """Вера's OSAGO ends in seventeen days; the registry knows her class."""
    settings.DEMO, settings.LOCAL_BANK = True, tmp_path / "bank.sqlite3"
    settings.PUBLIC_URL = str(live_server)
    settings.ACQUIRERS = dict.fromkeys(["card", "sbp"], "clientela.integrations.local.bank.from_environment")
    now, today = timezone.now(), timezone.localdate()
    load_shipped(now=now)
    Client.objects.filter(pk=vera.pk).update(birth_date=BORN)
    vera.refresh_from_db()
    ContactPoint.objects.filter(value=PHONE).delete()
    ContactPoint.objects.create(client=vera, kind="phone", value=PHONE, created_at=now)
    policy = make_policy(vera, osago, number="ХХХ 0412773905", end=today + timedelta(days=17))
    thing = policy.insured_object
    assert thing is not None
    thing.power = Decimal("123.0")
    thing.save()
    Participant.objects.create(
        policy=policy, role="driver", client=vera, name=vera.name, birth_date=BORN, experience_since=SINCE
    )
    person = driver_of(driver_row(vera, vera.name, BORN, SINCE))
    RegistryEntry.objects.create(
        key=person.key, last_name=person.last_name, first_name=person.first_name, middle_name=person.middle_name,
        birth_date=BORN, klass="10", since=date(2026, 4, 1), client=vera, previous_klass="9",
    )  # fmt: skip
    return policy


def test_a_policy_is_renewed_on_a_phone(visit: Callable[..., Page], expiring: Policy) -> None:
    page = visit("/my/")
    page.set_viewport_size({"width": 390, "height": 844})
    check_access(page, widths=(390, 1440))
    page.fill("#id_phone", "8 917 000 80 55")
    page.fill("#id_birth_date", "12041984")
    page.click("text=Получить код")
    check_access(page, widths=(390,))
    page.fill("#id_code", page.inner_text("#demo-code"))
    page.click("text=Подтвердить")
    expect(page.locator("h1")).to_contain_text("пора продлить")
    check_access(page, widths=(390, 1440))
    page.click("text=Узнать цену")
    expect(page.locator("h1")).to_contain_text("Проверьте и оплатите")
    page.click("main details summary >> nth=0")
    check_access(page, widths=(390, 1440))
    page.click("text=Всё верно, перейти к оплате")
    page.click("text=Оплатить через СБП")
    page.wait_for_url("**/bank/**")
    page.click("main form button >> nth=0")
    expect(page.locator("main")).to_contain_text("вы застрахованы")
    following = Policy.objects.get(previous=expiring)
    assert (following.sales_channel, following.agent_id) == ("web", expiring.agent_id)
    page.goto(page.url.split("/pay/")[0] + "/my/")
    expect(page.locator("main")).to_contain_text(following.start_date.strftime("с %d.%m.%Y"))
    check_access(page, widths=(390,))


def test_a_loss_is_reported_on_a_phone(visit: Callable[..., Page], expiring: Policy) -> None:
    page = visit("/my/claims/new/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.fill("#id_phone", "8 917 000 80 55")
    page.fill("#id_birth_date", "12041984")
    page.click("text=Получить код")
    page.fill("#id_code", page.inner_text("#demo-code"))
    page.click("text=Подтвердить")
    expect(page.locator("h1")).to_contain_text("Расскажите, что случилось")
    page.click("text=Дальше: фото")
    expect(page.locator("main")).to_contain_text("Проверьте некоторые ответы")
    check_access(page, widths=(390, 1440))
    page.select_option("#id_kind", index=1)
    page.fill("#id_place", "Казань, Оренбургский тракт, 20")
    page.fill("#id_description", "Задели на парковке, вмятина на двери.")
    page.click("text=Дальше: фото")
    check_access(page, widths=(390, 1440))
    page.click("text=Дальше: как получить деньги")
    page.check("[name=payout][value=repair]", force=True)
    check_access(page, widths=(390, 1440))
    page.click("text=Отправить заявление")
    expect(page.locator("main")).to_contain_text("Заявление принято")
    check_access(page, widths=(390, 1440))
    claim = Claim.objects.get()
    assert (claim.policy, claim.client, claim.status) == (expiring, expiring.client, "reported")
    page.goto(page.url.split("/claim/")[0] + "/my/claims/")
    expect(page.locator("main")).to_contain_text(claim.number)
    check_access(page, widths=(390,))
