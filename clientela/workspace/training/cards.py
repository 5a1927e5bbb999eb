"""The card «Допуск к продаже» beside a product, and everything it says of one person and one test."""

from datetime import datetime
from typing import Any

from django.conf import settings

from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Test
from clientela.modules.book.queries.training import Standing, standings
from clientela.modules.products.models import Product
from clientela.workspace.training.words import state_of, strip_of, topics_said


def card_of(user: User, product: Product, now: datetime) -> dict[str, Any] | None:
    """The context of ``training/card.html`` as ``training``; nothing for a product without a test. Two statements."""
    tests = Test.objects.filter(product=product).select_related("product")
    found = standings(user, tests, local_today(settings.TIME_ZONE, now), now)
    return shown(found[0], now) if found else None


def shown(one: Standing, now: datetime) -> dict[str, Any]:
    """A standing with the words around it."""
    today = local_today(settings.TIME_ZONE, now)
    kind, words = state_of(one.verdict, today)
    last = one.last
    return {
        "test": one.test, "standing": one, "verdict": one.verdict, "last": last, "questions": one.questions,
        "kind": kind, "words": words, "strip": strip_of(last.paper) if last else [],
        "topics": topics_said(last.paper) if last and not last.is_passed else "",
        "days": one.verdict.days_left(today) if one.verdict.is_soon(today) else None,
    }  # fmt: skip
