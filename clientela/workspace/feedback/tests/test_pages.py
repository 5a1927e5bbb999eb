"""The page of feedback: figures, answers, call backs; each person sees the own clients."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.foundation.audit.models import Entry
from clientela.modules.quality.models import Survey
from clientela.modules.quality.operations import load_shipped

URL = "/feedback/"


def page_of(sign_in, user, query=""):
    answer = sign_in(user).get(URL + query)
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


def test_nobody_was_asked_yet(sign_in, anna, quality, now):
    load_shipped(now=now)
    assert "Ещё никого не спрашивали" in page_of(sign_in, anna)
    assert "/feedback/surveys/" in page_of(sign_in, quality)


def test_figures_answers_and_scope(sign_in, anna, boris, team_lead, quality, vera, boris_client, answer):
    answer(vera, 10, "Анна всё объяснила")
    answer(vera, 9)
    answer(boris_client, 2, "Никто не перезвонил")
    page = page_of(sign_in, anna)
    assert "Анна всё объяснила" in page
    assert "Никто не перезвонил" not in page
    assert "+100" in page
    assert "Никто не перезвонил" in page_of(sign_in, boris)
    whole = page_of(sign_in, quality)
    assert "+33" in whole  # two of three promote, one does not
    assert "Никто не перезвонил" in page_of(sign_in, quality, "?box=call")
    assert "Анна всё объяснила" not in page_of(sign_in, quality, "?group=bad")
    assert "Никто не ждёт звонка" in page_of(sign_in, team_lead, "?box=call")


def test_periods_and_words(sign_in, anna, vera, answer):
    answer(vera, 10, "Давно и хорошо", ago=timedelta(days=60))
    answer(vera, 9, "")
    assert "Давно и хорошо" in page_of(sign_in, anna)
    assert "Давно и хорошо" not in page_of(sign_in, anna, "?days=30")
    page = page_of(sign_in, anna, "?words=1")
    assert page.count("data-open href=") == 1
    assert page_of(sign_in, anna, "?days=x&survey=99999&group=zzz&agent=-1&after=abc")


def test_a_call_back_is_written_down_and_undone(sign_in, anna, boris, vera, answer):
    row = answer(vera, 1, "Никто не перезвонил")
    browser = sign_in(anna)
    path = f"{URL}{row.pk}/call-back/"
    assert sign_in(boris).post(path, {"note": "я"}).status_code == 404
    assert "Никто не перезвонил" in browser.get(path, headers={"HX-Request": "true"}).content.decode()
    refused = browser.post(path, {"note": " "}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    told = browser.post(path, {"note": "Извинилась"}, headers={"HX-Request": "true"})
    assert (told.status_code, f"{path}undoing/" in told.headers["HX-Trigger"]) == (204, True)
    again = browser.post(path, {"note": "Ещё раз"})
    assert again.status_code == 422
    browser.post(f"{path}undoing/")
    row.refresh_from_db()
    assert row.settled_at is None


def test_an_answer_from_a_call(sign_in, anna, vera, answer):
    row = answer(vera, 5)
    path = f"{URL}{row.pk}/answer/"
    assert sign_in(anna).post(path, {"score": "11"}).status_code == 422
    assert sign_in(anna).post(path, {"score": "10", "comment": "Передумала"}).status_code == 302
    row.refresh_from_db()
    assert (row.score, row.comment, row.via, row.call_back_by) == (10, "Передумала", "call", None)


def test_a_survey_is_changed_on_its_page(sign_in, quality, anna, surveys):
    survey = surveys["purchase"]
    path = f"{URL}surveys/{survey.pk}/"
    assert sign_in(anna).get(path).status_code == 403
    browser = sign_in(quality)
    assert survey.question in browser.get(f"{URL}surveys/").content.decode()
    data = {
        "name": survey.name, "question": "Посоветуете ли нас?", "invitation": survey.invitation, "subject": "Вопрос",
        "channels": ["sms"], "delay_hours": "24", "rest_days": "90",
    }  # fmt: skip
    refused = browser.post(path, data | {"invitation": "Без адреса"})
    assert refused.status_code == 422
    assert "Посоветуете ли нас?" in refused.content.decode()
    assert browser.post(path, data).status_code == 302
    survey.refresh_from_db()
    assert (survey.question, survey.channels, survey.is_active) == ("Посоветуете ли нас?", ["sms"], False)


def test_the_file_holds_what_the_person_sees(sign_in, team_lead, anna, vera, boris_client, answer):
    answer(vera, 9, "=1+1")
    answer(boris_client, 2, "Чужой")
    assert sign_in(anna).get(f"{URL}export.csv").status_code == 403
    file = b"".join(sign_in(team_lead).get(f"{URL}export.csv").streaming_content).decode()
    assert "'=1+1" in file
    assert "Чужой" not in file
    assert Entry.objects.filter(action="feedback.exported").count() == 1


def test_the_page_asks_no_more_for_more_answers(
    sign_in, quality, vera, answer, django_assert_max_num_queries
):
    def count():
        browser = sign_in(quality)
        browser.get(URL)
        with CaptureQueriesContext(
            connection,
        ) as found:
            browser.get(URL)
        return len(found)

    answer(vera, 9)
    few = count()
    for score in range(11):
        answer(vera, score, "слова")
    assert count() <= few + 1  # the names of the branches with enough answers
    assert Survey.objects.count() == 3
