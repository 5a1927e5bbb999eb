"""Taking a test, and the word that stops a sale."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.book.queries.training import may_sell
from clientela.modules.book.rules import training as rules
from clientela.modules.products.models import Product
from clientela.modules.products.queries import name_of

_order = secrets.SystemRandom()


class TooEarly(Refusal):
    """The pause after a failed attempt is not over; ``free_at`` says when it is."""

    message = _("The pause after the last attempt is not over yet.")

    def __init__(self, free_at: datetime) -> None:
        super().__init__(free_at)
        self.free_at = free_at


class NothingAsked(Refusal):
    """The test has no questions yet."""

    message = _("This test has no questions yet.")


class WrongAnswer(Refusal):
    """There is no such question, or no such option of it."""

    message = _("There is no such question or option in this attempt.")
    field = "chosen"


class AttemptOver(Refusal):
    """The time is over, or the test was handed in."""

    message = _("This attempt is over: nothing more can be answered.")


class NotAdmitted(Refusal):
    """The person has not passed the test without which the product is not sold; ``verdict`` names it."""

    def __init__(self, verdict: rules.Verdict, product: Product) -> None:
        super().__init__(verdict)
        self.verdict, self.product = verdict, product

    def __str__(self) -> str:
        return str(why_not(self.verdict)) % {"product": name_of(self.product), "test": self.verdict.title}


_WHY = {
    rules.Reason.NOT_TAKEN: _("You may not sell %(product)s yet: pass the test “%(test)s” under Training first."),
    rules.Reason.NOT_PASSED: _(
        "You may not sell %(product)s: the test “%(test)s” was not passed. Take it again under Training."
    ),
    rules.Reason.EXPIRED: _(
        "You may not sell %(product)s any longer: your pass of the test “%(test)s” has ended. Take it again under Training."
    ),
}  # fmt: skip


def why_not(verdict: rules.Verdict) -> Any:
    """The sentence for a refusal, with places for product and test."""
    return _WHY[verdict.reason]


def ensure_may_sell(actor: Any, product: Product, now: datetime) -> None:
    """Raise ``NotAdmitted`` unless ``actor`` may sell the product today; ``None`` is the system itself."""
    if actor is None:
        return
    verdict = may_sell(actor, product, local_today(settings.TIME_ZONE, now))
    if not verdict.allowed:
        raise NotAdmitted(verdict, product)


@transaction.atomic
def begin(*, actor: User, now: datetime, test: Test) -> Attempt:
    """Begin an attempt, or go on with the one that runs. Raises ``TooEarly``, ``NothingAsked``."""
    ensure(actor, Permission.PRODUCTS_READ)
    User.objects.select_for_update().get(pk=actor.pk)
    running = Attempt.objects.filter(test=test, user=actor, finished_at=None).first()
    if running is not None and running.ends_at > now:
        return running
    if running is not None:
        _close(running, running.ends_at)
    last = Attempt.objects.filter(test=test, user=actor).first()
    failed_at = last.finished_at if last and not last.is_passed else None
    free_at = rules.free_again(failed_at, timedelta(minutes=test.pause_minutes))
    if free_at and now < free_at:
        raise TooEarly(free_at)
    paper = [_asked(one) for one in test.questions.all()]
    if not paper:
        raise NothingAsked
    attempt = Attempt.objects.create(
        test=test, user=actor, started_at=now, ends_at=now + timedelta(minutes=test.minutes), paper=paper,
        pass_mark=min(test.pass_mark, len(paper)), asked=len(paper),
    )  # fmt: skip
    record(actor=actor, now=now, action="book_test.begun", obj=test)
    return attempt


def _asked(question: Question) -> dict[str, Any]:
    order = list(range(len(question.options)))
    _order.shuffle(order)
    return {
        "question": question.pk, "topic": question.topic, "text": question.text, "explanation": question.explanation,
        "chosen": None, "is_right": None, **rules.shuffled(question.options, question.right, order),
    }  # fmt: skip


@transaction.atomic
def answer(*, actor: User, now: datetime, attempt: Attempt, place: int, chosen: Collection[int]) -> Attempt:
    """Keep what was chosen for the question at ``place`` (from nought); nothing chosen takes the answer back.

    When the time is over the answer is not kept and the attempt comes back marked. Raises ``WrongAnswer``.
    """
    row = _mine(actor, attempt)
    if row.finished_at is not None:
        return row
    if now > row.ends_at:
        return _close(row, row.ends_at)
    picked = sorted(set(chosen))
    if not 0 <= place < len(row.paper) or any(
        not 0 <= one < len(row.paper[place]["options"]) for one in picked
    ):
        raise WrongAnswer
    row.paper[place]["chosen"] = picked or None
    row.save(update_fields=["paper"])
    return row


@transaction.atomic
def finish(*, actor: User, now: datetime, attempt: Attempt) -> Attempt:
    """Hand the test in and have it marked; handed in twice it stays as it was marked first."""
    row = _mine(actor, attempt)
    return row if row.finished_at is not None else _close(row, min(now, row.ends_at))


@transaction.atomic
def settle(*, now: datetime, attempt: Attempt) -> Attempt:
    """The attempt as it stands at ``now``: one whose time is over is marked by what was given."""
    if attempt.finished_at is not None or now <= attempt.ends_at:
        return attempt
    row = Attempt.objects.select_for_update(of=("self",)).select_related("test", "user").get(pk=attempt.pk)
    return row if row.finished_at is not None else _close(row, row.ends_at)


def close_overdue(*, now: datetime, limit: int = 500) -> int:
    """Mark what was left open when its time was over; returns how many."""
    found = Attempt.objects.filter(finished_at=None, ends_at__lt=now).order_by("ends_at")[:limit]
    for one in found:
        settle(now=now, attempt=one)
    return len(found)


def _mine(actor: User, attempt: Attempt) -> Attempt:
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("test", "user")
    return rows.get(pk=attempt.pk, user=actor)


def _close(row: Attempt, at: datetime) -> Attempt:
    row.paper = rules.mark(row.paper)
    row.right = sum(one["is_right"] for one in row.paper)
    row.is_passed, row.finished_at = row.right >= row.pass_mark, at
    if row.is_passed:
        test = row.test
        row.valid_until = rules.valid_until(local_today(row.user.time_zone, at), test.valid_months)
        if test.asked_again_from and test.asked_again_at and row.started_at < test.asked_again_at:
            row.valid_until = min(row.valid_until, test.asked_again_from - timedelta(days=1))
    row.save(update_fields=["paper", "right", "is_passed", "finished_at", "valid_until"])
    changes = {"right": [None, f"{row.right}/{row.asked}"], "passed": [None, row.is_passed]}
    record(actor=row.user, now=at, action="book_test.taken", obj=row.test, changes=changes)
    return row
