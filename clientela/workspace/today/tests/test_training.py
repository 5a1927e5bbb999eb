"""Beside the queue: what a seller has to pass by when, and nothing where nothing is due."""

from datetime import timedelta

import pytest

from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.book.queries.training import due
from clientela.workspace.today.tests.conftest import TODAY
from clientela.workspace.today.tests.helpers import HX


@pytest.fixture
def test_of_kasko(kasko):
    test = Test.objects.create(
        product=kasko, title="КАСКО, тариф 13", pass_mark=1, required_from=TODAY + timedelta(days=8)
    )
    Question.objects.create(test=test, place=1, text="Франшиза?", options=["да", "нет"], right=[0])
    return test


def side(browser):
    return browser.get("/today/side/", headers=HX)


def test_a_seller_is_told_what_to_pass_by_when(sign_in, anna, day, test_of_kasko):
    html = side(sign_in(anna)).content.decode()
    assert "«КАСКО, тариф 13»: сдайте до 25.11.2026, чтобы продавать дальше" in html
    assert f'href="/training/{test_of_kasko.pk}/"' in html


def test_who_may_not_sell_any_longer_is_told_so(sign_in, anna, day, test_of_kasko):
    Test.objects.update(required_from=TODAY)
    assert "пока не сдан, вы это не продаёте" in side(sign_in(anna)).content.decode()


def test_nothing_is_said_where_nothing_is_due(sign_in, anna, auditor, day, test_of_kasko, now):
    Test.objects.update(required_from=TODAY + timedelta(days=60))
    assert side(sign_in(anna)).context["training"] is None
    Test.objects.update(required_from=TODAY)
    assert due(auditor, TODAY) == []
    Attempt.objects.create(
        test=test_of_kasko, user=anna, started_at=now, ends_at=now, finished_at=now, paper=[], right=1, asked=1,
        pass_mark=1, is_passed=True, valid_until=TODAY + timedelta(days=200),
    )  # fmt: skip
    assert side(sign_in(anna)).context["training"] is None


def test_one_statement_however_many_tests(anna, day, test_of_kasko, osago, django_assert_num_queries):
    other = Test.objects.create(product=osago, title="ОСАГО", pass_mark=1, required_from=TODAY)
    for place in (1, 2):
        Question.objects.create(test=other, place=place, text="?", options=["да", "нет"], right=[0])
    with django_assert_num_queries(1):
        found = due(anna, TODAY)
    assert [one.title for one in found] == ["ОСАГО", "КАСКО, тариф 13"]
