"""Taking a test in the browser, writing one, and who passed, without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.book.tests.conftest import places
from clientela.modules.products.models import Product
from clientela.workspace.training.cards import card_of

SignIn = Callable[[User], Browser]


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


@pytest.fixture
def manager(make_user: Any) -> User:
    user = make_user(Role.PRODUCT_MANAGER, "Тимур", "Ахметов")
    assert isinstance(user, User)
    return user


def test_a_test_is_taken_question_by_question(sign_in: SignIn, anna: User, kasko_test: Test) -> None:
    browser = sign_in(anna)
    assert "Начать" in text_of(browser.get(f"/training/{kasko_test.pk}/"))
    browser.post(f"/training/{kasko_test.pk}/attempt/")
    attempt = Attempt.objects.get()
    page = text_of(browser.get(f"/training/{kasko_test.pk}/", follow=True))
    assert "вопрос 1 из 2" in page
    assert "Франшиза?" in page
    assert "Её платит клиент" not in page
    answers = f"/training/attempts/{attempt.pk}/answers/"
    sent = browser.post(answers, {"place": 0, "option": places(attempt, 0, "да"), "go": "1"})
    assert sent["Location"] == f"/training/{kasko_test.pk}/?q=1"
    again = text_of(browser.get(f"/training/{kasko_test.pk}/?q=0"))
    assert "checked" in again
    assert "отвечено 1 из 2" in again
    early = browser.post(answers, {"place": 1, "go": "end"}, follow=True)
    assert "1 вопрос без ответа" in text_of(early)
    done = browser.post(
        answers, {"place": 1, "option": places(attempt, 1, "а", "в"), "go": "end"}, follow=True
    )
    assert done.redirect_chain[-1][0] == f"/training/attempts/{attempt.pk}/"
    assert "Верно 2 из 2, нужно 2" in text_of(done)
    assert "сдан до" in text_of(browser.get("/training/"))


def test_a_failed_test_tells_what_was_wrong_and_when_to_try_again(
    sign_in: SignIn, anna: User, kasko_test: Test
) -> None:
    browser = sign_in(anna)
    browser.post(f"/training/{kasko_test.pk}/attempt/")
    attempt = Attempt.objects.get()
    done = browser.post(f"/training/attempts/{attempt.pk}/answers/", {"go": "sure"}, follow=True)
    page = text_of(done)
    assert "Не сдан" in page
    assert "Её платит клиент." in page
    assert "Ошибки про франшизу и осмотр" in page
    assert "Следующую попытку можно начать" in page
    refused = browser.post(f"/training/{kasko_test.pk}/attempt/", follow=True)
    assert "Пауза после прошлой попытки ещё не прошла" in text_of(refused)
    assert Attempt.objects.count() == 1


def test_when_the_time_is_over_the_page_leads_to_the_result(
    sign_in: SignIn, anna: User, kasko_test: Test
) -> None:
    browser = sign_in(anna)
    browser.post(f"/training/{kasko_test.pk}/attempt/")
    attempt = Attempt.objects.get()
    Attempt.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    answers = f"/training/attempts/{attempt.pk}/answers/"
    kept = browser.post(answers, {"place": 0, "option": places(attempt, 0, "да")}, HTTP_HX_REQUEST="true")
    assert (kept.status_code, kept["HX-Redirect"]) == (204, f"/training/attempts/{attempt.pk}/")
    attempt.refresh_from_db()
    assert (attempt.right, attempt.is_passed) == (0, False)
    assert "время вышло" in text_of(browser.get(f"/training/attempts/{attempt.pk}/"))


def test_a_foreign_attempt_is_not_there(sign_in: SignIn, anna: User, boris: User, kasko_test: Test) -> None:
    sign_in(anna).post(f"/training/{kasko_test.pk}/attempt/")
    attempt, browser = Attempt.objects.get(), sign_in(boris)
    assert browser.get(f"/training/attempts/{attempt.pk}/").status_code == 404
    answered = browser.post(f"/training/attempts/{attempt.pk}/answers/", {"go": "sure"})
    assert answered.status_code == 404
    attempt.refresh_from_db()
    assert attempt.finished_at is None


def test_a_manager_writes_a_test(sign_in: SignIn, manager: User, osago: Product) -> None:
    browser = sign_in(manager)
    browser.post("/training/new/", {"product": osago.pk, "title": "ОСАГО"})
    test = Test.objects.get()
    wrong = browser.post(
        f"/training/{test.pk}/questions/", {"text": "Сколько?", "option-0": "раз", "option-1": "два"}
    )
    assert wrong.status_code == 422
    assert "Отметьте верный ответ" in text_of(wrong)
    assert 'value="два"' in text_of(wrong)
    browser.post(
        f"/training/{test.pk}/questions/",
        {"text": "Сколько?", "option-0": "раз", "option-1": "два", "right-1": "1"},
    )
    question = Question.objects.get()
    assert (question.options, question.right) == (["раз", "два"], [1])
    values = {"title": "ОСАГО", "pass_mark": 1, "minutes": 5, "pause_minutes": 0, "valid_months": 12}
    early = browser.post(
        f"/training/{test.pk}/edit/",
        values | {"version": 2, "required_from": timezone.localdate().isoformat()},
    )
    assert early.status_code == 422
    assert "Не раньше завтрашнего дня" in text_of(early)
    day = timezone.localdate() + timedelta(days=3)
    sent = browser.post(
        f"/training/{test.pk}/edit/", values | {"version": 2, "required_from": day.isoformat()}
    )
    assert sent.status_code == 302
    test.refresh_from_db()
    assert (test.minutes, test.required_from) == (5, day)


def test_who_passed_is_seen_by_those_who_lead(
    sign_in: SignIn, anna: User, boris: User, team_lead: User, manager: User, kasko_test: Test
) -> None:
    assert sign_in(anna).get("/training/people/").status_code == 403
    page = text_of(sign_in(team_lead).get("/training/people/"))
    assert "Соколова" in page
    assert "Ершов" not in page
    everybody = sign_in(manager)
    assert "Ершов" in text_of(everybody.get("/training/people/?state=stopped"))
    assert "Ершов" not in text_of(everybody.get("/training/people/?state=passed"))
    assert "Ершов" not in text_of(everybody.get("/training/people/?q=Соколова"))
    lines = b"".join(everybody.get("/training/people/export.csv?q=Ершов").streaming_content).decode()
    assert "Ершов" in lines
    assert "не пройден" in lines
    assert "Соколова" not in lines
    assert Entry.objects.filter(action="training.exported", actor=manager).exists()


def test_the_card_of_a_product(
    sign_in: SignIn, anna: User, kasko: Product, osago: Product, kasko_test: Test
) -> None:
    from django.template.loader import render_to_string

    now = timezone.now()
    Test.objects.update(required_from=timezone.localdate() + timedelta(days=13))
    card = card_of(anna, kasko, now)
    assert card is not None
    assert card["days"] == 12
    html = " ".join(render_to_string("training/card.html", {"training": card}).replace("\u00a0", " ").split())
    assert "Допуск к продаже" in html
    assert "12 дней" in html
    assert "2 вопроса, 10 минут, нужно 2 верных." in html
    assert card_of(anna, osago, now) is None
