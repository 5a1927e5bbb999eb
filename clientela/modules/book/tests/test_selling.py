"""A product whose test is required is sold only by those who passed it."""

from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections

from clientela.modules.accounts.models import User
from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.book.operations import training
from clientela.modules.book.queries.training import matrix, may_sell, standings, verdicts
from clientela.modules.book.rules.training import Reason, topics_of
from clientela.modules.book.tests.conftest import DAY, places
from clientela.modules.products.models import Product


def take(user: User, test: Test, now: datetime, first: list[str], second: list[str]) -> Attempt:
    attempt = training.begin(actor=user, now=now, test=test)
    for place, texts in enumerate((first, second)):
        attempt = training.answer(
            actor=user, now=now, attempt=attempt, place=place, chosen=places(attempt, place, *texts)
        )
    return training.finish(actor=user, now=now, attempt=attempt)


def test_a_product_without_a_required_test_is_sold_by_everybody(anna: User, osago: Product) -> None:
    assert may_sell(anna, osago, DAY).reason == Reason.NOT_REQUIRED
    training.ensure_may_sell(anna, osago, datetime.fromisoformat("2026-11-18T10:00+03:00"))


def test_selling_waits_for_the_test(anna: User, kasko: Product, kasko_test: Test, now: datetime) -> None:
    verdict = may_sell(anna, kasko, DAY)
    assert (verdict.allowed, verdict.reason, verdict.test) == (False, Reason.NOT_TAKEN, kasko_test.pk)
    with pytest.raises(training.NotAdmitted) as refused:
        training.ensure_may_sell(anna, kasko, now)
    assert "КАСКО, тариф 13" in str(refused.value)
    training.ensure_may_sell(None, kasko, now)


def test_selling_is_free_until_the_test_is_required(anna: User, kasko: Product, kasko_test: Test) -> None:
    verdict = may_sell(anna, kasko, date(2026, 11, 5))
    assert (verdict.allowed, verdict.reason) == (True, Reason.NOT_YET_REQUIRED)
    assert (verdict.until, verdict.days_left(date(2026, 11, 5))) == (date(2026, 11, 17), 12)
    assert verdict.is_soon(date(2026, 11, 5))
    assert not verdict.is_soon(date(2026, 11, 2))


def test_a_pass_holds_a_year_and_for_one_person(
    anna: User, boris: User, kasko: Product, kasko_test: Test, now: datetime
) -> None:
    attempt = take(anna, kasko_test, now, ["да"], ["в", "а"])
    assert (attempt.is_passed, attempt.right, attempt.asked) == (True, 2, 2)
    assert may_sell(anna, kasko, date(2027, 11, 17)).reason == Reason.PASSED
    assert may_sell(anna, kasko, date(2027, 11, 18)).reason == Reason.EXPIRED
    assert not may_sell(boris, kasko, DAY).allowed


def test_part_of_the_right_answers_is_not_right(
    anna: User, kasko: Product, kasko_test: Test, now: datetime
) -> None:
    attempt = take(anna, kasko_test, now, ["да"], ["а"])
    assert (attempt.right, attempt.is_passed, topics_of(attempt.paper)) == (1, False, ["осмотр"])
    assert may_sell(anna, kasko, DAY).reason == Reason.NOT_PASSED


def test_a_failed_attempt_is_followed_by_a_pause(anna: User, kasko_test: Test, now: datetime) -> None:
    take(anna, kasko_test, now, ["нет"], ["б"])
    with pytest.raises(training.TooEarly) as early:
        training.begin(actor=anna, now=now + timedelta(minutes=59), test=kasko_test)
    assert early.value.free_at == now + timedelta(hours=1)
    assert Attempt.objects.count() == 1
    assert take(anna, kasko_test, now + timedelta(hours=1), ["да"], ["а", "в"]).is_passed


def test_a_failure_after_a_pass_takes_nothing_away(
    anna: User, kasko: Product, kasko_test: Test, now: datetime
) -> None:
    take(anna, kasko_test, now, ["да"], ["а", "в"])
    take(anna, kasko_test, now + timedelta(days=1), ["нет"], ["б"])
    assert may_sell(anna, kasko, DAY).reason == Reason.PASSED


def test_an_answer_after_the_time_is_not_counted(
    anna: User, kasko: Product, kasko_test: Test, now: datetime
) -> None:
    attempt = training.begin(actor=anna, now=now, test=kasko_test)
    training.answer(actor=anna, now=now, attempt=attempt, place=0, chosen=places(attempt, 0, "да"))
    late = now + timedelta(minutes=10, seconds=1)
    closed = training.answer(
        actor=anna, now=late, attempt=attempt, place=1, chosen=places(attempt, 1, "а", "в")
    )
    assert (closed.right, closed.is_passed, closed.paper[1]["chosen"]) == (1, False, None)
    assert closed.finished_at == closed.ends_at == now + timedelta(minutes=10)


def test_what_is_left_open_is_marked_by_what_was_given(
    anna: User, kasko: Product, kasko_test: Test, now: datetime
) -> None:
    attempt = training.begin(actor=anna, now=now, test=kasko_test)
    for place, texts in ((0, ["да"]), (1, ["а", "в"])):
        training.answer(
            actor=anna, now=now, attempt=attempt, place=place, chosen=places(attempt, place, *texts)
        )
    assert training.close_overdue(now=now + timedelta(minutes=10)) == 0
    assert training.close_overdue(now=now + timedelta(minutes=11)) == 1
    assert training.close_overdue(now=now + timedelta(minutes=11)) == 0
    assert may_sell(anna, kasko, DAY).reason == Reason.PASSED


def test_begun_twice_it_is_the_same_attempt_in_the_same_order(
    anna: User, kasko_test: Test, now: datetime
) -> None:
    first = training.begin(actor=anna, now=now, test=kasko_test)
    again = training.begin(actor=anna, now=now + timedelta(minutes=1), test=kasko_test)
    assert (again.pk, again.paper) == (first.pk, first.paper)
    assert sorted(first.paper[1]["options"]) == ["а", "б", "в"]


def test_handed_in_twice_it_stays_as_it_was_marked(anna: User, kasko_test: Test, now: datetime) -> None:
    attempt = training.begin(actor=anna, now=now, test=kasko_test)
    first = training.finish(actor=anna, now=now, attempt=attempt)
    training.answer(actor=anna, now=now, attempt=attempt, place=0, chosen=places(attempt, 0, "да"))
    again = training.finish(actor=anna, now=now + timedelta(minutes=1), attempt=attempt)
    assert (again.right, again.finished_at) == (first.right, first.finished_at)


def test_an_attempt_keeps_what_was_asked(anna: User, kasko_test: Test, now: datetime) -> None:
    attempt = training.begin(actor=anna, now=now, test=kasko_test)
    Question.objects.filter(test=kasko_test, place=1).update(text="Другое", options=["x", "y"], right=[1])
    training.answer(actor=anna, now=now, attempt=attempt, place=0, chosen=places(attempt, 0, "да"))
    done = training.finish(actor=anna, now=now, attempt=attempt)
    assert (done.right, done.paper[0]["text"]) == (1, "Франшиза?")


@pytest.mark.parametrize(("place", "chosen"), [(2, [0]), (-1, [0]), (0, [2]), (0, [-1])])
def test_what_was_not_asked_is_not_answered(
    anna: User, kasko_test: Test, now: datetime, place: int, chosen: list[int]
) -> None:
    attempt = training.begin(actor=anna, now=now, test=kasko_test)
    with pytest.raises(training.WrongAnswer):
        training.answer(actor=anna, now=now, attempt=attempt, place=place, chosen=chosen)


def test_a_foreign_attempt_is_nobodys(anna: User, boris: User, kasko_test: Test, now: datetime) -> None:
    attempt = training.begin(actor=anna, now=now, test=kasko_test)
    with pytest.raises(Attempt.DoesNotExist):
        training.finish(actor=boris, now=now, attempt=attempt)
    attempt.refresh_from_db()
    assert attempt.finished_at is None


def test_the_number_of_statements_does_not_grow(
    anna: User, boris: User, kasko: Product, osago: Product, kasko_test: Test, now: datetime,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    Test.objects.create(product=osago, title="ОСАГО", pass_mark=1)
    take(anna, kasko_test, now, ["да"], ["а", "в"])
    with django_assert_num_queries(1):
        assert set(verdicts(anna, [kasko.pk, osago.pk], DAY)) == {kasko.pk, osago.pk}
    with django_assert_num_queries(2):
        rows = standings(anna, Test.objects.all(), DAY, now)
    assert {one.test.product_id: one.questions for one in rows} == {kasko.pk: 2, osago.pk: 0}
    with django_assert_num_queries(1):
        cells = matrix([anna, boris], [kasko_test], DAY)
    assert [cells[user.pk, kasko_test.pk].verdict.allowed for user in (anna, boris)] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_begin_and_hand_in_one_attempt(anna: User, kasko_test: Test, now: datetime) -> None:
    barrier, made = Barrier(2), []

    def run() -> None:
        try:
            barrier.wait(5)
            attempt = training.begin(actor=anna, now=now, test=kasko_test)
            made.append(training.finish(actor=anna, now=now, attempt=attempt).pk)
        except training.TooEarly:
            made.append(None)
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    connection.close()
    assert len(made) == 2
    assert Attempt.objects.count() == 1
