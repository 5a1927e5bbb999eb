"""The inbox in a real browser: keys, an answer, a note, done and undone, one pane at a time on a phone."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, Note
from clientela.modules.contacts.models import Message

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]


@pytest.fixture
def asked(transactional_db: None, anna: User, vera: Client, make_client: Any, write_in: Any) -> Client:
    """Вера asked ten minutes ago, Пётр an hour ago."""
    now = timezone.now()
    make_client(anna.agent, "Тестов", "Пётр", phone="+79170004109")
    write_in("Где мой полис?", "+79170004109", at=now - timedelta(hours=1))
    write_in("Можно оплатить половину?", at=now - timedelta(minutes=10))
    return vera


def test_a_question_is_answered_noted_and_done(visit: Visit, anna: User, asked: Client) -> None:
    page = visit("/inbox/", anna)
    lines, log = page.locator("#talk-list [data-row]"), page.get_by_role("log")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("Орлова Вера Николаевна")

    page.keyboard.press("KeyJ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/inbox/{asked.conversation.pk}/"))
    expect(log).to_contain_text("Можно оплатить половину?")
    expect(page.locator("#about")).to_contain_text("по договору АГД-16/0101")

    page.locator("#reply-text").fill("Да, на два платежа.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Сообщение")
    expect(log).to_contain_text("Да, на два платежа.")
    expect(page.locator("#reply-text")).to_have_value("")
    expect(lines.first).to_contain_text("Мы: Да, на два платежа.")

    page.locator("#answer label", has_text="Заметка").click()
    page.locator("#reply-text").fill("Просила напомнить в пятницу")
    page.locator("#answer .btn-primary").click()
    expect(log).to_contain_text("Внутренняя заметка")
    assert Note.objects.get().author == anna
    assert Message.objects.outgoing().count() == 1

    page.locator("#talk-head button", has_text="Готово").click()
    expect(lines).to_have_count(1)
    page.locator("#toasts").get_by_role("button", name="Вернуть").first.click()
    expect(lines).to_have_count(2)


def test_words_stay_while_the_channel_changes_and_after_a_refusal(
    visit: Visit, anna: User, asked: Client
) -> None:
    page = visit(f"/inbox/{asked.conversation.pk}/", anna)
    page.locator("#reply-text").fill("Пишу письмом")
    expect(page.locator("#answer [name=subject]")).to_be_hidden()
    page.locator("#answer label", has_text="E-mail").click()
    expect(page.locator("#answer [name=subject]")).to_be_visible()
    page.locator("#answer .btn-primary").click()
    expect(page.locator("#answer-errors")).to_contain_text("тему")
    expect(page.locator("#reply-text")).to_have_value("Пишу письмом")
    expect(page.locator("#answer [value=email]")).to_be_checked()


def test_a_phone_shows_one_pane_at_a_time(visit: Visit, anna: User, asked: Client, write_in: Any) -> None:
    mail = {
        "channel": "email",
        "subject": "Вопрос о полисе " * 12,
        "at": timezone.now() - timedelta(minutes=5),
    }
    write_in("Письмо с длинной темой", "vera.orlova@mail.example", **mail)
    page = visit("/health/live", anna)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(page.url.replace("/health/live", "/inbox/"))
    page.locator("#talk-list [data-row] a").first.click()
    expect(page.locator("#talk-list")).to_be_hidden()
    expect(page.locator("#bar")).to_contain_text("Орлова Вера Николаевна")
    expect(page.locator("#reply-text")).to_be_in_viewport()
    assert page.evaluate("(p => p.scrollWidth - p.clientWidth)(document.querySelector('#thread-pane'))") == 0
    page.locator("#bar").get_by_label("Назад").click()
    expect(page.locator("#talk-list")).to_be_visible()
