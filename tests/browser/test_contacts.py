"""Templates, the communication policy and the client's own pages, in the browser."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.contacts.models import CommunicationPolicy, Template
from clientela.modules.contacts.operations import draft_template, queue_message, set_policy
from clientela.modules.contracts.models import Project
from clientela.modules.contracts.operations.projects import carried_over
from tests.browser.shots import check_access, shoot

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]
TEXT = "{greeting}, Ваш полис {product} заканчивается {end_date}. Продлите его у своего агента. Тел. {agent_phone}"


@pytest.fixture
def draft(administrator: object, now: object) -> Template:
    return draft_template(
        actor=administrator, now=now, code="renewal-45", name="КАСКО, за 45 дней", channel="sms", body=TEXT
    )


def test_a_template_is_written_with_its_preview(visit: Callable[..., Page], renewals_manager, vera) -> None:
    page = visit("/contacts/templates/new/", renewals_manager)
    page.get_by_label("Название").fill("Окончание полиса")
    page.get_by_label("Код").fill("policy-ends")
    page.get_by_role("button", name="Имя и отчество").click()
    page.locator("#id_body").press_sequentially(", Ваш полис заканчивается ")
    page.get_by_role("button", name="Дата окончания").click()
    expect(page.locator("#id_body")).to_have_value("{greeting}, Ваш полис заканчивается {end_date}")
    expect(page.locator("#preview")).to_contain_text("Вера Николаевна, Ваш полис заканчивается 05.12.26")
    expect(page.locator("#preview")).to_contain_text("49 знаков · 1 SMS")
    check_access(page)
    shoot(page, "contacts-template-new")

    page.get_by_role("button", name="Сохранить черновик").click()
    expect(page.get_by_role("heading", name="Окончание полиса")).to_be_visible()
    assert Template.objects.get().body == "{greeting}, Ваш полис заканчивается {end_date}"


def test_a_colleague_approves_it(visit: Callable[..., Page], renewals_manager, vera, draft: Template) -> None:
    page = visit("/contacts/templates/", renewals_manager)
    check_access(page)
    shoot(page, "contacts-templates")
    page.get_by_role("link", name="КАСКО, за 45 дней").click()
    page.get_by_role("button", name="Утвердить").click()
    expect(page.locator(".toast")).to_contain_text("Утверждено")
    check_access(page)
    shoot(page, "contacts-template")

    draft.refresh_from_db()
    assert draft.state == "approved"


def test_the_policy_is_changed(visit: Callable[..., Page], renewals_manager, administrator, now) -> None:
    hours = {name: now.time().replace(hour=hour, minute=0) for name, hour in (
        ("weekday_from", 9), ("weekday_to", 21), ("weekend_from", 10), ("weekend_to", 19)
    )}  # fmt: skip
    set_policy(
        actor=administrator, now=now, caps={"service": {"day": 3}}, nda_patterns=["наш\\w* офис"], **hours
    )
    page = visit("/contacts/policy/", renewals_manager)
    check_access(page)
    shoot(page, "contacts-policy")
    page.locator("#id_service_day").fill("2")
    page.locator("#id_nda_patterns").fill("офис(")
    page.get_by_role("button", name="Ввести в действие").click()
    expect(page.get_by_role("alert").first).to_contain_text("Это не регулярное выражение")
    check_access(page)
    shoot(page, "contacts-policy-error")
    page.locator("#id_nda_patterns").fill("офис")
    page.get_by_role("button", name="Ввести в действие").click()
    expect(page.locator(".toast")).to_contain_text("Правила вступили в силу")

    assert CommunicationPolicy.objects.latest("id").caps == {"service": {"day": 2}, "advertising": {}}


def test_why_a_message_waits(visit: Callable[..., Page], anna, vera, now) -> None:
    message = queue_message(now=now.replace(hour=22), actor=anna, client=vera, channel="sms", text="Полис")
    page = visit(f"/contacts/messages/{message.pk}/verdict/", anna)
    expect(page.locator("body")).to_contain_text("Подождёт")


@pytest.fixture
def project(vera_policy) -> Project:
    now = timezone.now()
    return Project.objects.create(
        policy=vera_policy, **carried_over(vera_policy), start_date=date(2026, 12, 6), end_date=date(2027, 12, 5), premium=Decimal("8067.41"),
        carried_premium=Decimal("8533.99"), pay_token="k3J9x0Qm2aVt7LsR", created_at=now, updated_at=now,
    )  # fmt: skip


def test_the_client_renews_by_the_link(
    visit: Callable[..., Page], project: Project, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    bank = "clientela.integrations.local.bank.from_environment"
    settings.PUBLIC_URL, settings.LOCAL_BANK = str(live_server), tmp_path / "bank.sqlite3"
    settings.ACQUIRERS = {"sbp": bank}
    page = visit("/pay/k3J9x0Qm2aVt7LsR/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Вера Николаевна, проверьте и оплатите")
    check_access(page)
    shoot(page, "portal-pay")
    page.get_by_role("button", name="Оплатить через СБП").click()
    page.get_by_role("button", name="Оплатить", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Готово: вы застрахованы до 5 декабря 2027")
    check_access(page)
    shoot(page, "portal-paid")

    project.refresh_from_db()
    assert project.state == "issued"


def test_a_withdrawn_price_says_whom_to_call(visit: Callable[..., Page], project: Project) -> None:
    Project.objects.update(state="withdrawn")
    page = visit("/pay/k3J9x0Qm2aVt7LsR/")
    check_access(page)
    shoot(page, "portal-withdrawn")


def test_the_client_unsubscribes(visit: Callable[..., Page], vera, now) -> None:
    message = queue_message(now=now, actor=None, client=vera, channel="email", text="Полис", subject="Полис")
    page = visit(f"/u/{message.link_token}/")
    check_access(page)
    shoot(page, "portal-unsubscribe")
    page.get_by_role("button", name="Не присылать").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Готово: больше не напишем")
    check_access(page)
    shoot(page, "portal-unsubscribed")

    assert not vera.consents.filter(channel="email", withdrawn_at__isnull=True).exists()
