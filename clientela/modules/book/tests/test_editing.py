"""Changing tests: checks at the field, what becomes of passes, and the journal."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.book.models import Question, Test
from clientela.modules.book.operations import editing, training
from clientela.modules.book.queries.training import may_sell
from clientela.modules.book.rules.training import Reason
from clientela.modules.book.tests.conftest import DAY
from clientela.modules.book.tests.test_selling import take
from clientela.modules.products.models import Product


@pytest.fixture
def manager(make_user: Any) -> User:
    user = make_user(Role.PRODUCT_MANAGER, "Тимур", "Ахметов")
    assert isinstance(user, User)
    return user


def settings_of(test: Test, **other: Any) -> dict[str, Any]:
    names = ("title", "pass_mark", "minutes", "valid_months", "pause_minutes", "required_from")
    return {name: getattr(test, name) for name in names} | other


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "), ("pass_mark", 0), ("pass_mark", 3), ("minutes", 0), ("minutes", 181), ("valid_months", 0),
        ("pause_minutes", -1), ("required_from", date(2026, 11, 17)), ("ask_again_from", DAY),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_told_at_its_field(
    manager: User, kasko_test: Test, now: datetime, field: str, value: Any
) -> None:
    with pytest.raises(editing.BadTest) as wrong:
        editing.change_test(
            actor=manager, now=now, test=kasko_test, **settings_of(kasko_test, **{field: value})
        )
    assert wrong.value.field == field
    kasko_test.refresh_from_db()
    assert (kasko_test.version, kasko_test.required_from) == (1, DAY)


def test_a_day_that_is_required_already_stays(manager: User, kasko_test: Test, now: datetime) -> None:
    changed = editing.change_test(
        actor=manager, now=now + timedelta(days=30), test=kasko_test, **settings_of(kasko_test, minutes=20)
    )
    assert (changed.minutes, changed.required_from, changed.version) == (20, DAY, 2)
    entry = Entry.objects.get(action="book_test.changed")
    assert entry.changes == {"minutes": [10, 20]}


def test_nobody_has_to_pass_a_test_without_questions(manager: User, osago: Product, now: datetime) -> None:
    test = editing.make_test(actor=manager, now=now, product=osago, title="ОСАГО")
    with pytest.raises(editing.BadTest) as wrong:
        editing.change_test(
            actor=manager, now=now, test=test, **settings_of(test, required_from=date(2026, 12, 1))
        )
    assert wrong.value.field == "required_from"
    with pytest.raises(editing.TestExists):
        editing.make_test(actor=manager, now=now, product=osago, title="ОСАГО")


def test_changed_meanwhile(manager: User, kasko_test: Test, now: datetime) -> None:
    editing.change_test(
        actor=manager, now=now, test=kasko_test, version=1, **settings_of(kasko_test, minutes=5)
    )
    with pytest.raises(editing.TestChanged):
        editing.change_test(
            actor=manager, now=now, test=kasko_test, version=1, **settings_of(kasko_test, minutes=6)
        )


def test_asked_again_passes_end_on_the_day(
    manager: User, anna: User, boris: User, kasko: Product, kasko_test: Test, now: datetime
) -> None:
    take(anna, kasko_test, now, ["да"], ["а", "в"])
    running = training.begin(actor=boris, now=now, test=kasko_test)
    again = date(2026, 12, 1)
    later = now + timedelta(minutes=1)
    editing.change_test(
        actor=manager, now=later, test=kasko_test, **settings_of(kasko_test, ask_again_from=again)
    )
    assert may_sell(anna, kasko, date(2026, 11, 30)).reason == Reason.PASSED
    assert may_sell(anna, kasko, again).reason == Reason.EXPIRED
    for place, one in enumerate(running.paper):
        training.answer(actor=boris, now=later, attempt=running, place=place, chosen=one["right"])
    assert training.finish(actor=boris, now=later, attempt=running).valid_until == date(2026, 11, 30)
    assert take(anna, kasko_test, now + timedelta(days=1), ["да"], ["а", "в"]).valid_until == date(
        2027, 11, 18
    )
    assert Entry.objects.get(action="book_test.asked_again").changes["passes"] == [None, 1]


def test_passes_stay_when_questions_change(
    manager: User, anna: User, kasko: Product, kasko_test: Test, now: datetime
) -> None:
    take(anna, kasko_test, now, ["да"], ["а", "в"])
    question = kasko_test.questions.get(place=1)
    editing.save_question(
        actor=manager, now=now, test=kasko_test, question=question, text="Иначе?", options=["", "один", "два"],
        right=[2],
    )  # fmt: skip
    question.refresh_from_db()
    assert (question.options, question.right) == (["один", "два"], [1])
    assert may_sell(anna, kasko, DAY).reason == Reason.PASSED


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("text", {"text": " "}), ("options", {"options": ["один", " "]}), ("options", {"options": ["один", "один"]}),
        ("options", {"right": []}), ("options", {"right": [7]}), ("options", {"options": list("абвгдежзик")}),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_refused(
    manager: User, kasko_test: Test, now: datetime, field: str, values: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"text": "Что?", "options": ["один", "два"], "right": [0]} | values
    with pytest.raises(editing.BadTest) as wrong:
        editing.save_question(actor=manager, now=now, test=kasko_test, **given)
    assert wrong.value.field == field
    assert Question.objects.count() == 2


def test_questions_move_and_go(manager: User, kasko_test: Test, now: datetime) -> None:
    first, second = kasko_test.questions.order_by("place")
    editing.move_question(actor=manager, now=now, question=second, by=-1)
    assert list(kasko_test.questions.order_by("place")) == [second, first]
    with pytest.raises(editing.BadTest):
        editing.remove_question(actor=manager, now=now, question=first)
    Test.objects.update(pass_mark=1)
    editing.remove_question(actor=manager, now=now, question=first)
    assert list(kasko_test.questions.all()) == [second]


def test_sellers_write_no_tests(anna: User, kasko_test: Test, now: datetime) -> None:
    with pytest.raises(PermissionDenied):
        editing.change_test(actor=anna, now=now, test=kasko_test, **settings_of(kasko_test, minutes=60))
    with pytest.raises(PermissionDenied):
        editing.remove_question(actor=anna, now=now, question=kasko_test.questions.get(place=1))
    kasko_test.refresh_from_db()
    assert (kasko_test.minutes, kasko_test.questions.count()) == (10, 2)
