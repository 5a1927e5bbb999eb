"""The editor of a schedule in a real browser: keys, the pointer, conditions, words, undo, starting, access."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.renewals.models import Schedule, ScheduleVersion
from clientela.modules.renewals.operations.schedules import make_draft
from clientela.modules.renewals.operations.shipped import load_shipped
from tests.browser.shots import check_access

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]


@pytest.fixture
def draft(
    transactional_db: None, anna: User, renewals_manager: User, make_client: Any, make_policy: Any, make_renewal: Any,
    osago: Any,
) -> ScheduleVersion:  # fmt: skip
    """Version 2 of the centre's schedule, and two clients whom it meets tomorrow."""
    now, today = timezone.now(), timezone.localdate()
    load_shipped(now=now, active_from=today - timedelta(days=90))
    for number, days in enumerate((6, 31)):
        client = make_client(
            anna.agent,
            "Орлова",
            "Вера",
            "Николаевна",
            phone=f"+7917000410{number}",
            email=f"v{number}@mail.example",
        )
        policy = make_policy(client, osago, number=f"ХХХ 000000000{number}", end=today + timedelta(days=days))
        make_renewal(policy)
    return make_draft(
        actor=renewals_manager, now=now, version=Schedule.objects.get(code="centre").versions.get()
    )


def address(draft: ScheduleVersion, key: str) -> str:
    return f"/schedules/{draft.schedule_id}/?version={draft.number}&step={key}"


def day(draft: ScheduleVersion, key: str) -> tuple[int, int | None]:
    step = draft.steps.get(key=key)
    return step.day, step.until_day


def test_steps_move_by_keys_and_by_the_pointer_and_tomorrow_follows(
    visit: Visit, renewals_manager: User, draft: ScheduleVersion
) -> None:
    page = visit(address(draft, "motor-5-sms"), renewals_manager)
    expect(page.locator("#n-motor-5-sms")).to_have_text("1")

    page.locator("#block-motor-5-sms").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#block-motor-5-sms")).to_have_attribute("data-day", "7")
    expect(page.locator("#n-motor-5-sms")).to_have_text("0")
    assert page.evaluate("document.activeElement.id") == "block-motor-5-sms"
    assert day(draft, "motor-5-sms") == (7, None)

    block = page.locator("#block-motor-30-sms").bounding_box()
    lanes = page.locator("[data-lanes]").bounding_box()
    assert block
    assert lanes
    page.mouse.move(block["x"] + 20, block["y"] + 15)
    page.mouse.down()
    page.mouse.move(block["x"] + 20 + 3 * lanes["width"] / 45, block["y"] + 15, steps=5)
    page.mouse.up()
    expect(page.locator("#block-motor-30-sms")).to_have_attribute("data-day", "27")
    assert day(draft, "motor-30-sms") == (27, None)

    edge = page.locator("#block-motor-17-operator [data-edge=until]").bounding_box()
    assert edge
    page.mouse.move(edge["x"] + 2, edge["y"] + 6)
    page.mouse.down()
    page.mouse.move(edge["x"] + 2 - 4 * lanes["width"] / 45, edge["y"] + 6, steps=5)
    page.mouse.up()
    expect(page.locator("#block-motor-17-operator")).to_have_attribute("data-until", "5")
    assert day(draft, "motor-17-operator") == (17, 5)


def test_a_condition_and_words_are_kept_at_once(
    visit: Visit, renewals_manager: User, draft: ScheduleVersion
) -> None:
    page = visit(address(draft, "motor-5-sms"), renewals_manager)
    page.click("[popovertarget=add-condition]")
    page.click("#add-condition >> text=Нет расчёта")
    expect(page.locator("#step")).to_contain_text("новое в 2")
    expect(page.locator("#versions")).to_contain_text("1 изменение")

    box = page.locator("#step-text-box")
    expect(box).to_contain_text("Имя Отчество, Ваш полис")
    box.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Номер ")
    page.click("[data-insert=number]")
    expect(page.locator("#phone")).to_contain_text("Номер ХХХ 0000000000")
    expect(page.locator("#text-check")).to_contain_text("без ссылок, NDA соблюдён")
    page.click("#step-name")
    expect(page.locator("#versions")).to_contain_text("2 изменения")
    assert draft.steps.get(key="motor-5-sms").text.endswith("Номер {number}")

    box.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" www.prichal.example")
    expect(page.locator("#text-check")).to_contain_text("www.prichal.example")


def test_a_wrong_day_is_told_beside_its_field(
    visit: Visit, renewals_manager: User, draft: ScheduleVersion
) -> None:
    page = visit(address(draft, "motor-5-sms"), renewals_manager)
    page.fill("#step-day", "400")
    page.keyboard.press("Tab")
    expect(page.locator("#err-day")).to_contain_text("от 0 до 365")
    assert page.input_value("#step-day") == "400"
    assert day(draft, "motor-5-sms") == (5, None)
    page.fill("#step-day", "6")
    page.keyboard.press("Tab")
    expect(page.locator("#err-day")).to_be_empty()
    expect(page.locator("#block-motor-5-sms")).to_have_attribute("data-day", "6")


def test_a_removed_step_comes_back(visit: Visit, renewals_manager: User, draft: ScheduleVersion) -> None:
    page = visit(address(draft, "motor-30-vk"), renewals_manager)
    page.locator("#block-motor-30-vk").focus()
    page.keyboard.press("Delete")
    expect(page.locator("#block-motor-30-vk")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Шаг убран: Уведомление VK")
    page.click(".toast-undo")
    expect(page.locator("#block-motor-30-vk")).to_have_attribute("aria-current", "true")
    assert day(draft, "motor-30-vk") == (30, None)


def test_a_version_is_checked_and_started(
    visit: Visit, renewals_manager: User, draft: ScheduleVersion
) -> None:
    page = visit(address(draft, "motor-5-sms"), renewals_manager)
    page.click("text=Проверить на портфеле")
    expect(page.locator("#modal dialog")).to_contain_text("Версия 2 на портфеле")
    check_access(page, widths=[1440], themes=["light"])
    page.keyboard.press("Escape")
    page.click("text=Запустить версию 2")
    page.click("dialog >> text=Дальше: что будет")
    expect(page.locator("#modal dialog")).to_contain_text("В первый день")
    page.click("dialog >> text=Запустить версию 2 с")
    expect(page.locator("#toasts")).to_contain_text("Версия 2 начнётся")
    draft.refresh_from_db()
    assert (draft.state, draft.active_from) == ("active", timezone.localdate() + timedelta(days=1))


def test_a_figure_opens_its_list(visit: Visit, renewals_manager: User, draft: ScheduleVersion) -> None:
    page = visit(address(draft, "motor-5-sms"), renewals_manager)
    page.locator("#plan a.fig").click()
    expect(page.locator("#drawer .drawer")).to_contain_text("Орлова Вера Николаевна")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer .drawer")).to_have_count(0)
