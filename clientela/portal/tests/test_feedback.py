"""The page on which a client answers one question."""

import re
from datetime import timedelta

import pytest

from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.operations import ask_due, load_shipped, note_occasion


@pytest.fixture
def asked(vera, now):
    load_shipped(now=now)
    Survey.objects.update(delay_hours=0)
    note_occasion(
        now=now, kind="purchase", occasion="policy:7", client_id=vera.pk, about="ОСАГО ХХХ 0412773905"
    )
    ask_due(now=now)
    return SurveyRequest.objects.get()


@pytest.fixture
def path(asked):
    return f"/f/{asked.token}/"


def test_looking_answers_nothing(client, asked, path):
    answer = client.get(f"{path}?score=9")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Насколько вероятно, что вы посоветуете нас друзьям?" in page
    assert page.count('type="radio"') == 11
    assert re.search(r'value="9"[^>]*checked', page)
    assert "Анна Соколова" in page
    asked.refresh_from_db()
    assert asked.score is None


def test_an_answer_is_kept_and_may_be_changed(client, asked, path):
    answer = client.post(path, {"score": "9", "comment": "Всё быстро"}, follow=True)
    assert "Спасибо!" in answer.content.decode()
    asked.refresh_from_db()
    assert (asked.score, asked.comment, asked.via) == (9, "Всё быстро", "link")
    answer = client.post(path, {"score": "2", "comment": ""}, follow=True)
    assert "Перезвоним в течение рабочего дня" in answer.content.decode()
    asked.refresh_from_db()
    assert (asked.score, asked.group) == (2, "bad")


@pytest.mark.parametrize(
    "data", [{}, {"score": "11"}, {"score": "много"}, {"score": "9", "comment": "ж" * 2001}]
)
def test_what_is_no_answer_is_refused_and_kept(client, asked, path, data):
    answer = client.post(path, data | {"comment": data.get("comment", "Мои слова")})
    assert answer.status_code == 422
    assert data.get("comment", "Мои слова") in answer.content.decode()
    asked.refresh_from_db()
    assert asked.score is None


def test_an_old_link_says_so(client, asked, path, now):
    SurveyRequest.objects.update(asked_at=now - timedelta(days=400))
    for answer in (client.get(path), client.post(path, {"score": "9"})):
        assert "Опрос завершён" in answer.content.decode()
    asked.refresh_from_db()
    assert asked.score is None


def test_a_guessed_link_leads_nowhere(client, asked):
    assert client.get("/f/abcdefabcdefabcdefabcd/").status_code == 404
    assert client.post("/f/abcdefabcdefabcdefabcd/", {"score": "9"}).status_code == 404
