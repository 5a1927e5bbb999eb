"""Who may sell what, and who passed which test."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery

from clientela.foundation.bulk import listed
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import ROLE_PERMISSIONS, Permission
from clientela.modules.book.models import Attempt, Test
from clientela.modules.book.rules.training import Reason, Verdict, free_again, judge
from clientela.modules.organisation.queries import people_visible_to
from clientela.modules.products.models import Product

FREE = Verdict(True, Reason.NOT_REQUIRED)
SELLERS = tuple(role for role, may in ROLE_PERMISSIONS.items() if Permission.CONTRACTS_WRITE in may)


def verdicts(user: User, products: Collection[int], day: date) -> dict[int, Verdict]:
    """Whether this person may sell each of these products (by id) on this day: one statement."""
    rows = _judged(user, Test.objects.filter(product__in=products))
    found = {
        row["product"]: judge(
            test=row["pk"], title=row["title"], required_from=row["required_from"], taken=row["taken"],
            passed_until=row["passed_until"], day=day,
        )
        for row in rows.values("pk", "product", "title", "required_from", "taken", "passed_until")
    }  # fmt: skip
    return {product: found.get(product, FREE) for product in products}


def may_sell(user: User, product: Product, day: date) -> Verdict:
    """Whether this person may sell the product on this day, and why."""
    return verdicts(user, [product.pk], day)[product.pk]


def due(user: User, day: date) -> list[Verdict]:
    """What this seller has to pass before long, or cannot sell without any more, the most urgent first: one statement."""
    if user.role not in SELLERS:
        return []
    rows = _judged(
        user, active_tests().filter(required_from__isnull=False, questions__isnull=False).distinct()
    )
    found = [
        judge(
            test=row["pk"], title=row["title"], required_from=row["required_from"], taken=row["taken"],
            passed_until=row["passed_until"], day=day,
        )
        for row in rows.values("pk", "title", "required_from", "taken", "passed_until")
    ]  # fmt: skip
    wanted = [one for one in found if not one.allowed or one.is_soon(day)]
    return sorted(wanted, key=lambda one: (one.allowed, one.sells_until or day, one.title))


def _judged(user: User, tests: "QuerySet[Test]") -> "QuerySet[Any]":
    mine = Attempt.objects.filter(test=OuterRef("pk"), user=user, finished_at__isnull=False).order_by()
    passed = mine.filter(is_passed=True).values("test").annotate(last=Max("valid_until"))
    return tests.annotate(taken=Exists(mine), passed_until=Subquery(passed.values("last")))


@dataclass(frozen=True)
class Standing:
    """Where one person stands with one test."""

    test: Test
    verdict: Verdict
    questions: int
    last: Attempt | None
    running: Attempt | None
    free_at: datetime | None

    @property
    def may_begin(self) -> bool:
        return self.questions > 0 and self.running is None and self.free_at is None


def active_tests() -> "QuerySet[Test]":
    """Tests of what is sold, by line."""
    return Test.objects.filter(product__is_active=True).select_related("product").order_by(
        "product__line", "product__code"
    )  # fmt: skip


def standings(user: User, tests: "QuerySet[Test]", day: date, now: datetime) -> list[Standing]:
    """Where ``user`` stands with each of the tests: two statements."""
    rows: list[Any] = list(_judged(user, tests.annotate(number=Count("questions"))))
    attempts: dict[int, list[Attempt]] = {}
    for one in Attempt.objects.filter(user=user, test__in=[row.pk for row in rows]):
        attempts.setdefault(one.test_id, []).append(one)
    found = []
    for row in rows:
        mine = attempts.get(row.pk, [])
        done = next((one for one in mine if one.finished_at), None)
        running = next((one for one in mine if one.finished_at is None), None)
        failed_at = done.finished_at if done and not done.is_passed else None
        free_at = free_again(failed_at, timedelta(minutes=row.pause_minutes))
        verdict = judge(
            test=row.pk, title=row.title, required_from=row.required_from, taken=row.taken,
            passed_until=row.passed_until, day=day,
        )  # fmt: skip
        found.append(
            Standing(row, verdict, row.number, done, running, free_at if free_at and free_at > now else None)
        )
    return found


def sellers_seen_by(user: User) -> "QuerySet[User]":
    """People who sell, as far as ``user`` may know what they passed: the team, the branch, or all."""
    if not user.can(Permission.TRAINING_READ):
        return User.objects.none()
    return people_visible_to(user).filter(is_active=True, role__in=SELLERS)


@dataclass(frozen=True)
class Cell:
    """One person and one test."""

    verdict: Verdict
    right: int | None = None
    asked: int | None = None


def matrix(people: Iterable[User], tests: Iterable[Test], day: date) -> dict[tuple[int, int], Cell]:
    """Cells by person's and test's id: two statements, whatever the number of people."""
    people, tests = list(people), list(tests)
    done = Attempt.objects.filter(
        user__in=listed([one.pk for one in people]),
        test__in=[one.pk for one in tests],
        finished_at__isnull=False,
    ).order_by("started_at", "pk")
    last: dict[tuple[int, int], tuple[int, int]] = {}
    best: dict[tuple[int, int], date] = {}
    for row in done.values("user", "test", "right", "asked", "is_passed", "valid_until"):
        key = row["user"], row["test"]
        last[key] = row["right"], row["asked"]
        if row["is_passed"] and row["valid_until"]:
            best[key] = max(best.get(key, date.min), row["valid_until"])
    return {
        (user.pk, test.pk): Cell(
            judge(
                test=test.pk, title=test.title, required_from=test.required_from, taken=(user.pk, test.pk) in last,
                passed_until=best.get((user.pk, test.pk)), day=day,
            ),
            *last.get((user.pk, test.pk), (None, None)),
        )
        for user in people
        for test in tests
    }  # fmt: skip
