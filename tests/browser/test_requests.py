"""A visitor asks on the public form, and the request stands on the screen of the person the rule chose."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Product
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations.setting import create_intake
from clientela.modules.routing.models import Desk
from clientela.modules.routing.operations import note_seen

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_a_request_of_the_form_reaches_the_chosen_person(
    visit: Callable[..., Page], transactional_db: None, anna: User, lilia: User, kazan: Branch, kasko: Product
) -> None:
    now = timezone.now()
    values = {"name": "КАСКО", "title": "Рассчитать КАСКО", "branch": kazan, "product": kasko}
    create_intake(actor=None, now=now, key="kasko", values=values, consent="Согласен на звонок.")
    Desk.objects.create(user=anna, branch=kazan, idle_since=now)
    Desk.objects.create(user=lilia, branch=kazan, idle_since=now, capacity=0)
    note_seen([anna.pk, lilia.pk], now=now)

    page = visit("/ask/kasko/?utm_source=vk", anna)
    page.get_by_label("Ваше имя").fill("Миннуллина Резеда")
    page.get_by_label("Телефон").fill("+7 987 000-63-19")
    page.get_by_label("Согласен на звонок.").check()
    page.get_by_role("button", name="Отправить заявку").click()
    expect(page.locator("#main")).to_contain_text("Спасибо")

    page.goto(page.url.split("/ask/")[0] + "/requests/?tab=all")
    expect(page.locator("#requests-rows")).to_contain_text("Миннуллина Резеда")
    expect(page.locator("#why")).to_contain_text("почему Анна Соколова")
    page.locator("#why").get_by_role("button", name="Взять").click()
    expect(page.locator("#toasts")).to_contain_text("Взята")
    expect(page.locator("#requests-rows")).to_contain_text("взята за")
    made = Request.objects.get()
    assert (made.assignee, made.state, made.utm) == (anna, "taken", {"utm_source": "vk"})
