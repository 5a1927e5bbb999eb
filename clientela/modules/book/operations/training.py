"""Taking a test."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Attempt, Test
from clientela.modules.book.rules import training as rules


class TooEarly(Exception):
    """The pause after a failed attempt is not over; ``free_at`` says when it is."""

    def __init__(self, free_at: datetime) -> None:
        super().__init__(free_at)
        self.free_at = free_at


@transaction.atomic
def take_test(user: User, test: Test, answers: Mapping[int, Collection[int]], now: datetime) -> Attempt:
    """Mark the answers (question's id to the places chosen) and keep the attempt."""
    User.objects.select_for_update().get(pk=user.pk)
    last = Attempt.objects.filter(test=test, user=user).first()
    failed_at = last.made_at if last and not last.is_passed else None
    free_at = rules.free_again(failed_at, timedelta(minutes=test.pause_minutes))
    if free_at and now < free_at:
        raise TooEarly(free_at)
    marked = [
        {
            "question": question.pk,
            "chosen": sorted(chosen),
            "is_right": rules.is_right(question.right, chosen),
        }
        for question in test.questions.all()
        for chosen in [set(answers.get(question.pk, ()))]
    ]
    right = sum(bool(answer["is_right"]) for answer in marked)
    passed = bool(marked) and right >= test.pass_mark
    today = local_today(user.time_zone, now)
    attempt = Attempt.objects.create(
        test=test, user=user, made_at=now, answers=marked, right=right, asked=len(marked), is_passed=passed,
        valid_until=rules.valid_until(today, test.valid_months) if passed else None,
    )  # fmt: skip
    record(actor=user, now=now, action="book_test.taken", obj=attempt)
    return attempt
