"""Telling people in time that a test is to be passed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clientela.foundation.bulk import insert_missing, listed
from clientela.foundation.dates import local_today
from clientela.foundation.push.operations import notify
from clientela.foundation.ui.lazy import LazyDay
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Reminder, Test
from clientela.modules.book.queries.training import SELLERS, active_tests, matrix

TOPIC = "training"
PART = 1000


def remind(*, now: datetime, url: Callable[[int], str]) -> int:
    """Tell everybody whose days of selling end soon, each once for a last day; returns how many were told.

    ``url`` is the page of a test. Run again after a stop, it tells only those who were not told.
    """
    today = local_today(settings.TIME_ZONE, now)
    sellers = User.objects.filter(is_active=True, role__in=SELLERS).order_by("pk")
    told = 0
    for test in active_tests().filter(required_from__isnull=False):
        last = 0
        while people := list(sellers.filter(pk__gt=last)[:PART]):
            last = people[-1].pk
            told += _remind(test, people, today, now=now, url=url(test.pk))
    return told


def _remind(test: Test, people: list[User], today: date, *, now: datetime, url: str) -> int:
    found: dict[date, list[int]] = {}
    for (user, _test), cell in matrix(people, [test], today).items():
        until = cell.verdict.sells_until
        if until is not None and cell.verdict.is_soon(today):
            found.setdefault(until, []).append(user)
    return sum(_tell(test, users, until, now=now, url=url) for until, users in found.items())


@transaction.atomic
def _tell(test: Test, users: list[int], until: date, *, now: datetime, url: str) -> int:
    rows: list[dict[str, Any]] = [
        {"test": test.pk, "user": user, "until": until, "sent_at": now} for user in users
    ]
    made = insert_missing(Reminder, rows)
    fresh = list(Reminder.objects.filter(pk__in=listed(made)).values_list("user_id", flat=True))
    day = LazyDay(until + timedelta(days=1))
    notify(
        user_ids=fresh, topic=TOPIC, title=test.title, url=url, now=now, key=f"training:{test.pk}:{until}",
        body=format_lazy(_("From {day} on the product is sold only with this test passed."), day=day),
    )  # fmt: skip
    return len(fresh)
