"""The card «Допуск к продаже» beside a product, and everything it says of one person and one test."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.foundation.dates import local_today
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Test
from clientela.modules.book.queries.training import SELLERS, Standing, due, standings
from clientela.modules.products.models import Product
from clientela.workspace.training.words import state_of, strip_of, topics_said


def card_of(user: User, product: Product, now: datetime) -> dict[str, Any] | None:
    """The context of ``training/card.html`` as ``training``; nothing for a product without a test, or for who never sells.

    Two statements.
    """
    if user.role not in SELLERS:
        return None
    tests = Test.objects.filter(product=product).select_related("product")
    found = standings(user, tests, local_today(settings.TIME_ZONE, now), now)
    return shown(found[0], now) if found else None


def due_line(user: User, today: date) -> dict[str, str] | None:
    """What a seller has to pass by when, as one line with one action; nothing when nothing is due. One statement."""
    found = due(user, today)
    if not found:
        return None
    first = found[0]
    if first.allowed and first.sells_until:
        last = formats.full_date(first.sells_until, language())
        text = _("“%(test)s”: pass it by %(day)s to go on selling") % {"test": first.title, "day": last}
    else:
        text = _("“%(test)s”: not sold by you until you pass it") % {"test": first.title}
    more = len(found) - 1
    if more:
        text += ngettext(", and %(n)s test more", ", and %(n)s tests more", more) % {"n": more}
    url = reverse("training:list") if more else reverse("training:test", args=[first.test])
    kind = "warn" if first.allowed else "bad"
    return {"text": text, "url": url, "verb": _("To the tests") if more else _("Take the test"), "kind": kind}


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
