"""A test is taken by keyboard, its time runs out by itself, and what is not passed is not sold."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import start
from clientela.modules.quotes.tests.conftest import family, tariffs
from tests.browser.shots import check_access, shoot

__all__ = ["family", "tariffs"]
pytestmark = [pytest.mark.browser, pytest.mark.server]
WORDS = (
    ("Сколько платит компания?", ("50 000 ₽", "30 000 ₽"), [0]),
    ("Что снять?", ("кузов", "VIN", "дом"), [0, 1]),
)


@pytest.fixture
def asked(osago: Product) -> Test:
    today = timezone.localdate()
    test = Test.objects.create(product=osago, title="ОСАГО, основы", pass_mark=2, required_from=today)
    Question.objects.bulk_create(
        Question(test=test, place=place, text=text, options=list(options), right=right, topic="суммы")
        for place, (text, options, right) in enumerate(WORDS, start=1)
    )
    return test


def press(page: Page, *texts: str) -> None:
    """Choose the options with these words by their numbers."""
    shown = page.locator("label[data-key]")
    for text in texts:
        number = shown.filter(has_text=text).get_attribute("data-key")
        with page.expect_response(lambda got: got.url.endswith("/answers/")):
            page.keyboard.press(str(number))


def test_a_test_is_taken_by_keyboard(visit: Callable[..., Page], anna: User, asked: Test) -> None:
    page = visit(f"/training/{asked.pk}/", anna)
    check_access(page)
    page.get_by_role("button", name="Начать").click()
    expect(page.get_by_text("Сколько платит компания?")).to_be_visible()
    check_access(page)
    shoot(page, "training-question")
    press(page, "50 000 ₽")
    page.reload()
    expect(page.get_by_role("radio", name="50 000 ₽")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Что снять?")).to_be_visible()
    press(page, "кузов", "VIN")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Сдан")).to_be_visible()
    check_access(page)
    attempt = Attempt.objects.get()
    assert (attempt.right, attempt.is_passed) == (2, True)


def test_the_page_goes_to_the_result_when_the_time_is_over(
    visit: Callable[..., Page], anna: User, asked: Test
) -> None:
    page = visit(f"/training/{asked.pk}/", anna)
    page.get_by_role("button", name="Начать").click()
    press(page, "50 000 ₽")
    Attempt.objects.update(ends_at=timezone.now() + timedelta(seconds=3))
    page.reload()
    expect(page.get_by_role("heading", name="Не сдан")).to_be_visible(timeout=15_000)
    attempt = Attempt.objects.get()
    assert (attempt.right, attempt.finished_at) == (1, attempt.ends_at)
    check_access(page)


def test_what_is_not_passed_is_only_read(
    visit: Callable[..., Page], anna: User, tariffs: None, family: Policy, asked: Test
) -> None:
    now = timezone.now()
    family.end_date = timezone.localdate() + timedelta(days=17)
    family.start_date = family.end_date - timedelta(days=364)
    family.save(update_fields=["start_date", "end_date"])
    row: Any = start(actor=None, now=now, client=family.client, product=family.product, policy=family)
    page = visit(f"/quotes/{row.pk}/", anna)
    expect(page.get_by_role("heading", name="Расчёт открыт только на чтение")).to_be_visible()
    expect(page.get_by_role("button", name="Выставить счёт")).to_have_count(0)
    check_access(page)
    shoot(page, "training-blocked")
    page.get_by_role("link", name="Пройти тест").click()
    page.wait_for_url(f"**/training/{asked.pk}/")
    page.goto(page.url.split("/training/")[0] + f"/quotes/new/?client={family.client_id}")
    expect(page.get_by_role("link", name="тест не сдан").first).to_be_visible()
    check_access(page)
    assert Calculation.objects.get().state == Calculation.State.DRAFT
