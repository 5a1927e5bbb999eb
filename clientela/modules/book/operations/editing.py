"""Making and changing tests: every change is journaled, attempts that were made keep what they were asked."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.book.rules.training import MOST_OPTIONS, MOST_QUESTIONS
from clientela.modules.products.models import Product


class TestChanged(Refusal):
    """Somebody changed the test meanwhile."""

    __test__ = False
    message = _("Somebody changed this test meanwhile. What is shown now is the newest.")


class TestExists(Refusal):
    """A product has one test."""

    __test__ = False
    message = _("This product has a test already.")
    field = "product"


class BadTest(Refusal):
    """A value of the test cannot stand; ``field`` says which."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.field, self.message = field, message


RANGES = {"pass_mark": (1, MOST_QUESTIONS), "minutes": (1, 180), "valid_months": (1, 60), "pause_minutes": (0, 10_080)}  # fmt: skip


@transaction.atomic
def make_test(*, actor: Any, now: datetime, product: Product, title: str) -> Test:
    """A test without questions, which nobody has to pass yet. Raises ``TestExists``, ``BadTest``."""
    ensure(actor, Permission.PRODUCTS_WRITE)
    Product.objects.select_for_update().get(pk=product.pk)
    if Test.objects.filter(product=product).exists():
        raise TestExists
    test = Test.objects.create(product=product, title=_title(title), pass_mark=1)
    record(actor=actor, now=now, action="book_test.made", obj=test)
    return test


@transaction.atomic
def change_test(
    *,
    actor: Any,
    now: datetime,
    test: Test,
    version: int | None = None,
    title: str,
    pass_mark: int,
    minutes: int,
    valid_months: int,
    pause_minutes: int,
    required_from: date | None,
    ask_again_from: date | None = None,
) -> Test:
    """Set how the test is passed and from when it is required.

    ``ask_again_from`` ends passes made until now on the day before it. Raises ``TestChanged``, ``BadTest``.
    """
    row = _held(actor, test, version)
    values: dict[str, Any] = {
        "title": _title(title), "pass_mark": pass_mark, "minutes": minutes, "valid_months": valid_months,
        "pause_minutes": pause_minutes, "required_from": required_from,
    }  # fmt: skip
    for name, (least, most) in RANGES.items():
        if not least <= values[name] <= most:
            raise BadTest(name, _("From %(least)s to %(most)s, please.") % {"least": least, "most": most})
    tomorrow = local_today(settings.TIME_ZONE, now) + timedelta(days=1)
    _check_required(row, values, tomorrow)
    changes = changed(row, values)
    if changes:
        Test.objects.filter(pk=row.pk).update(**values, version=F("version") + 1)
        record(actor=actor, now=now, action="book_test.changed", obj=row, changes=changes)
    if ask_again_from is not None:
        _ask_again(row, ask_again_from, tomorrow, actor=actor, now=now)
    row.refresh_from_db()
    return row


def _check_required(row: Test, values: dict[str, Any], tomorrow: date) -> None:
    day, count = values["required_from"], row.questions.count()
    if count and values["pass_mark"] > count:
        raise BadTest("pass_mark", _("The test has fewer questions than this: %(count)s.") % {"count": count})
    if day is None:
        return
    if day != row.required_from and day < tomorrow:
        raise BadTest("required_from", _("Tomorrow at the earliest: people need time to pass it."))
    if not count:
        raise BadTest("required_from", _("Write the questions first: nobody could pass it yet."))


def _ask_again(row: Test, day: date, tomorrow: date, *, actor: Any, now: datetime) -> None:
    if day < tomorrow:
        raise BadTest("ask_again_from", _("Tomorrow at the earliest: people need time to pass it."))
    last = day - timedelta(days=1)
    passes = Attempt.objects.filter(test=row, is_passed=True, valid_until__gt=last)
    ended = passes.update(valid_until=last)
    Test.objects.filter(pk=row.pk).update(asked_again_from=day, asked_again_at=now, version=F("version") + 1)
    changes = {"asked_again_from": [row.asked_again_from, day], "passes": [None, ended]}
    record(actor=actor, now=now, action="book_test.asked_again", obj=row, changes=changes)


@transaction.atomic
def save_question(
    *,
    actor: Any,
    now: datetime,
    test: Test,
    question: Question | None = None,
    version: int | None = None,
    text: str,
    options: Sequence[str],
    right: Sequence[int],
    topic: str = "",
    explanation: str = "",
) -> Question:
    """Write a question, a new one at the end. ``right`` are places in ``options``. Raises ``TestChanged``, ``BadTest``."""
    row = _held(actor, test, version)
    given = [(place, one.strip()[:300]) for place, one in enumerate(options)]
    kept = [(place, one) for place, one in given if one]
    values = {
        "text": text.strip()[:1000], "topic": topic.strip()[:40], "explanation": explanation.strip()[:2000],
        "options": [one for _place, one in kept],
        "right": [at for at, (place, _one) in enumerate(kept) if place in set(right)],
    }  # fmt: skip
    _check_question(values)
    if question is None:
        if row.questions.count() >= MOST_QUESTIONS:
            raise BadTest("text", _("At most %(most)s questions are asked.") % {"most": MOST_QUESTIONS})
        place = (row.questions.aggregate(last=Max("place"))["last"] or 0) + 1
        made = Question.objects.create(test=row, place=place, **values)
        record(
            actor=actor, now=now, action="book_question.added", obj=row, changes={"question": [None, made.text]}
        )  # fmt: skip
    else:
        made = Question.objects.select_for_update().get(pk=question.pk, test=row)
        changes = changed(made, values)
        if not changes:
            return made
        for name, value in values.items():
            setattr(made, name, value)
        made.save(update_fields=list(values))
        record(
            actor=actor, now=now, action="book_question.changed", obj=row, changes=changes, reason=made.text[:200]
        )  # fmt: skip
    Test.objects.filter(pk=row.pk).update(version=F("version") + 1)
    return made


def _check_question(values: dict[str, Any]) -> None:
    if not values["text"]:
        raise BadTest("text", _("Write the question."))
    if not 2 <= len(values["options"]) <= MOST_OPTIONS:
        raise BadTest("options", _("From two to %(most)s answers, please.") % {"most": MOST_OPTIONS})
    if len(set(values["options"])) < len(values["options"]):
        raise BadTest("options", _("Two answers are the same."))
    if not values["right"]:
        raise BadTest("options", _("Tick the right answer, or several."))


@transaction.atomic
def remove_question(*, actor: Any, now: datetime, question: Question, version: int | None = None) -> None:
    """Take a question away; attempts keep it. Raises ``TestChanged``, ``BadTest``."""
    row = _held(actor, question.test, version)
    found = row.questions.filter(pk=question.pk).first()
    if found is None:
        return
    if row.required_from is not None and row.questions.count() <= row.pass_mark:
        raise BadTest(
            "", _("Fewer questions than are needed to pass would be left: lower the pass mark first.")
        )
    found.delete()
    Test.objects.filter(pk=row.pk).update(version=F("version") + 1)
    changes = {"question": [question.text, None]}
    record(actor=actor, now=now, action="book_question.removed", obj=row, changes=changes)


@transaction.atomic
def move_question(*, actor: Any, now: datetime, question: Question, by: int) -> None:
    """Put a question before (-1) or after (1) its neighbour."""
    row = _held(actor, question.test, None)
    rows = list(row.questions.order_by("place"))
    at = next((index for index, one in enumerate(rows) if one.pk == question.pk), None)
    if at is None or not 0 <= at + by < len(rows):
        return
    one, other = rows[at], rows[at + by]
    Question.objects.filter(pk=one.pk).update(place=rows[-1].place + 1)
    Question.objects.filter(pk=other.pk).update(place=one.place)
    Question.objects.filter(pk=one.pk).update(place=other.place)
    Test.objects.filter(pk=row.pk).update(version=F("version") + 1)
    changes = {"place": [one.place, other.place]}
    record(
        actor=actor, now=now, action="book_question.changed", obj=row, changes=changes, reason=one.text[:200]
    )


def _held(actor: Any, test: Test, version: int | None) -> Test:
    ensure(actor, Permission.PRODUCTS_WRITE)
    row = Test.objects.select_for_update().get(pk=test.pk)
    if version is not None and row.version != version:
        raise TestChanged
    return row


def _title(title: str) -> str:
    title = title.strip()[:120]
    if not title:
        raise BadTest("title", _("Name the test."))
    return title
