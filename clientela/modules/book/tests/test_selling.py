"""A product whose test is required is sold only by those who passed it."""

from datetime import date, datetime, timedelta

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.book.models import Question, Test
from clientela.modules.book.operations.training import TooEarly, take_test
from clientela.modules.book.queries.training import may_sell
from clientela.modules.book.rules.training import Reason
from clientela.modules.products.models import Product

DAY = date(2026, 11, 18)


@pytest.fixture
def test_of_kasko(kasko: Product) -> Test:
    test = Test.objects.create(product=kasko, title="КАСКО", pass_mark=2, required_from=DAY)
    Question.objects.create(test=test, place=1, text="Франшиза?", options=["да", "нет"], right=[0])
    Question.objects.create(test=test, place=2, text="Осмотр?", options=["а", "б", "в"], right=[0, 2])
    return test


def answers(test: Test, *chosen: list[int]) -> dict[int, list[int]]:
    return dict(zip(test.questions.values_list("pk", flat=True), chosen, strict=True))


def test_a_product_without_a_required_test_is_sold_by_everybody(anna: User, osago: Product) -> None:
    assert may_sell(anna, osago, DAY).reason == Reason.NOT_REQUIRED


def test_selling_waits_for_the_test(anna: User, kasko: Product, test_of_kasko: Test) -> None:
    verdict = may_sell(anna, kasko, DAY)
    assert (verdict.allowed, verdict.reason, verdict.test) == (False, Reason.NOT_TAKEN, test_of_kasko.pk)


def test_selling_is_free_until_the_test_is_required(anna: User, kasko: Product, test_of_kasko: Test) -> None:
    verdict = may_sell(anna, kasko, date(2026, 11, 17))
    assert (verdict.allowed, verdict.reason, verdict.until) == (
        True,
        Reason.NOT_YET_REQUIRED,
        date(2026, 11, 17),
    )


def test_a_pass_holds_a_year_and_for_one_person(
    anna: User, boris: User, kasko: Product, test_of_kasko: Test, now: datetime
) -> None:
    attempt = take_test(anna, test_of_kasko, answers(test_of_kasko, [0], [2, 0]), now)
    assert (attempt.is_passed, attempt.right, attempt.asked) == (True, 2, 2)
    assert may_sell(anna, kasko, date(2027, 11, 17)).reason == Reason.PASSED
    assert may_sell(anna, kasko, date(2027, 11, 18)).reason == Reason.EXPIRED
    assert not may_sell(boris, kasko, DAY).allowed


def test_part_of_the_right_answers_is_not_right(
    anna: User, kasko: Product, test_of_kasko: Test, now: datetime
) -> None:
    assert take_test(anna, test_of_kasko, answers(test_of_kasko, [0], [0]), now).right == 1
    assert may_sell(anna, kasko, DAY).reason == Reason.NOT_PASSED


def test_a_failed_attempt_is_followed_by_a_pause(anna: User, test_of_kasko: Test, now: datetime) -> None:
    take_test(anna, test_of_kasko, {}, now)
    with pytest.raises(TooEarly):
        take_test(anna, test_of_kasko, {}, now + timedelta(minutes=59))
    assert take_test(
        anna, test_of_kasko, answers(test_of_kasko, [0], [0, 2]), now + timedelta(hours=1)
    ).is_passed
