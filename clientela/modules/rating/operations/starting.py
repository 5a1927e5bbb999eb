"""The first day of a version: what the author may ask for, and what the second person may set instead."""

from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.lazy import LazyDay
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.models import TableVersion

IN_FORCE = ("approved", "active")


class BadStart(Refusal):
    message = _("A version starts after today.")
    field = "starts_on"


class BeforeOlder(Refusal):
    """The version this one changes would begin after it, and take its place again."""

    field = "starts_on"

    def __init__(self, number: int, day: date) -> None:
        said = _(
            "Version %(number)s, which this one changes, counts from %(day)s: the first day may not lie before it."
        )
        self.message = said % {"number": number, "day": LazyDay(day)}
        super().__init__(str(self.message))


class NoWhy(Refusal):
    message = _("Write why the first day is another: its author is told.")
    field = "comment"


def ensure_day(version: TableVersion | ProductVersion, starts_on: date, now: datetime) -> None:
    """After today, and not before an older version that is in force or will be. Raises `BadStart`, `BeforeOlder`."""
    if starts_on <= local_today(settings.TIME_ZONE, now):
        raise BadStart
    older = older_of(version)
    if older is not None and older.starts_on > starts_on:
        raise BeforeOlder(older.number, older.starts_on)


def day_set(
    version: TableVersion | ProductVersion, starts_on: date | None, comment: str, now: datetime
) -> dict[str, list[str | None]]:
    """Put the day the second person set into a proposed version; returns the change for the audit trail.

    Without one the author's day stays. Another day is kept beside the one that was asked for, and needs a word why.
    Raises `BadStart`, `BeforeOlder`, `NoWhy`.
    """
    asked = version.starts_on
    day = starts_on or asked
    ensure_day(version, day, now)
    if day == asked:
        return {"starts_on": [None, str(day)]}
    if not comment.strip():
        raise NoWhy
    version.starts_on, version.asked_starts_on = day, asked
    return {"starts_on": [str(asked), str(day)]}


def older_of(version: TableVersion | ProductVersion) -> TableVersion | ProductVersion | None:
    """The version in force, or to be, that begins last among the older ones."""
    siblings: TableVersion | ProductVersion | None
    if isinstance(version, TableVersion):
        tables = TableVersion.objects.filter(table=version.table_id).defer("rows", "columns", "regression")
        siblings = (
            tables.filter(state__in=IN_FORCE, number__lt=version.number)
            .order_by("-starts_on", "-number")
            .first()
        )
    else:
        products = ProductVersion.objects.filter(product=version.product_id).defer("definition", "regression")
        siblings = (
            products.filter(state__in=IN_FORCE, number__lt=version.number)
            .order_by("-starts_on", "-number")
            .first()
        )
    return siblings
