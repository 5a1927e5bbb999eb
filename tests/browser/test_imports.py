"""The import wizard in the browser: from the list to the undo, without leaving the keyboard of a person."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.foundation.imports.models import ImportRun
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.workspace.imports.tests.test_wizard import TEXT
from tests.browser.shots import check_access, shoot

pytestmark = [pytest.mark.browser, pytest.mark.server]


def work() -> None:
    """The worker's part."""
    job = Job.objects.filter(state=Job.State.QUEUED, kind__startswith="imports.").latest("id")
    due = max(job.not_before, timezone.now()) + timedelta(seconds=1)
    assert run_next(worker="test", now=due, lease=timedelta(seconds=60), only=job.pk)


def look(page: Page, name: str) -> None:
    """The accessibility check and a picture of both sizes."""
    check_access(page, themes=["light"])
    shoot(page, name, themes=["light"])


def test_a_file_goes_in_and_comes_back(
    visit: Callable[..., Page], branch_head: User, osago: Any, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    file = tmp_path / "autosalon_oct.csv"
    file.write_text(TEXT, encoding="utf-8")
    page = visit("/imports/", branch_head)
    look(page, "imports-empty")
    page.get_by_role("link", name="Загрузить первый файл").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Продукт, если").select_option("osago")
    look(page, "imports-upload")
    page.get_by_role("button", name="Прочитать файл").click()

    premium = page.get_by_label("Поле для колонки Премия")
    expect(premium).to_have_value("policy.premium")
    premium.select_option("")
    expect(page.locator("tr", has_text="Премия").get_by_text("выбрано вручную")).to_be_visible()
    premium.select_option("policy.premium")
    expect(premium).to_have_value("policy.premium")
    look(page, "imports-columns")
    page.get_by_role("button", name="Проверить без записи").click()
    expect(page.get_by_text("Пробный прогон: в базу ничего не пишем")).to_be_visible()
    look(page, "imports-checking")
    work()
    page.get_by_role("button", name="Загрузить").wait_for()  # the page finds out by itself
    assert Client.objects.count() == 0
    look(page, "imports-check")
    page.get_by_role("button", name="Загрузить").click()
    expect(page.get_by_role("button", name="Пауза")).to_be_visible()
    look(page, "imports-progress")
    work()
    undo = page.get_by_role("button", name="Отменить всю загрузку")
    undo.wait_for()
    assert Client.objects.count() == 2
    look(page, "imports-result")
    undo.click()
    page.get_by_role("dialog").get_by_role("button", name="Отменить загрузку").click()
    expect(page.get_by_text("Отменяем загрузку")).to_be_visible()
    work()
    expect(page.get_by_text("Загрузка отменена")).to_be_visible()
    assert Client.objects.count() == 0
    assert ImportRun.objects.get().state == ImportRun.State.UNDONE
    look(page, "imports-undone")
    page.get_by_role("link", name="Все загрузки").click()
    look(page, "imports-list")
