"""Reads of the board: the rows of a page, and what is counted over the whole window."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import BigIntegerField, Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Round

from clientela.modules.contacts.models import Channel
from clientela.modules.organisation.queries import Scope, scope_of
from clientela.modules.renewals.models import Renewal, TermLine
from clientela.modules.renewals.queries.planning import steps_in_force
from clientela.workspace.renewals.filters import FIRST_DAY, LAST_DAY, BoardFilter
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 50
# Counts over a large scope may be this old; those of one agent or team are always counted anew.
COUNTS_LIVE = 20
UNPRICED = 10**9

# What is most in danger comes first on a day: nothing done, then prepared, then calculated.
RISK = {"nothing": 0, "project": 1, "quoted": 2, "lost": 3, "paid": 4}
TO_BE_WON = (Renewal.State.NOTHING, Renewal.State.PROJECT, Renewal.State.QUOTED)

ROW_FIELDS = (
    "end_date", "line", "state", "premium", "next_premium", "reach", "renewal_year", "time_zone", "has_project",
    "has_quote", "paid_at", "in_dispute", "object_sold", "do_not_contact", "norm_kept", "held_until",
    "last_opened_at", "last_clicked_at", "last_replied_at", "lost_at", "centre_id", "agent_id", "branch_id",
    "client__kind", "client__last_name", "client__first_name", "client__middle_name", "client__company_name",
    "client__name_key", "policy__number", "policy__insured_object__title", "product__code", "product__name",
    "product__name_en", "bank__code", "agent__first_name", "agent__last_name", "branch__name",
    "agent__user__photo_token",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """Terms of one state that end on one day."""

    left: int
    state: str
    count: int
    premium: Decimal
    first_osago: int


def _rank() -> Case:
    return Case(*[When(state=state, then=Value(rank)) for state, rank in RISK.items()], default=Value(9))


def _price_change(unpriced: int) -> Case:
    """The change of price in hundredths of a percent; a term without a new price goes to the end."""
    return Case(
        When(
            Q(next_premium__isnull=False) & Q(premium__gt=0),
            then=Cast(Round((F("next_premium") - F("premium")) * 10000 / F("premium")), BigIntegerField()),
        ),
        default=Value(unpriced),
        output_field=BigIntegerField(),
    )


def ordered(terms: "QuerySet[Renewal]", order: str) -> "tuple[QuerySet[Renewal], list[Key]]":
    """The terms with what they are ordered by; ``risk`` is days left, then what has no project."""
    down = order.startswith("-")
    last = Key("id", int, down)
    match order.removeprefix("-"):
        case "end":
            return terms, [Key("end_date", date, down), last]
        case "price":
            return terms.annotate(price=Coalesce("next_premium", "premium")), [
                Key("price", Decimal, down),
                last,
            ]
        case "change":
            changed = _price_change(-UNPRICED if down else UNPRICED)
            return terms.annotate(changed=changed), [Key("changed", int, down), last]
        case "name":
            return terms, [Key("client__name_key", str, down), last]
        case _:
            return terms.annotate(rank=_rank()), [Key("end_date", date), Key("rank", int), Key("id", int)]


def rows_of(
    user: Any, wanted: BoardFilter, *, today: date, after: str = "", before: str = ""
) -> KeyPage[Renewal]:
    """One page of the board in two statements, ready for ``marks_of``."""
    terms, order = ordered(wanted.terms(Renewal.objects.visible_to(user), today=today), wanted.order)
    shown = Renewal.objects.select_related(
        "client", "policy__insured_object", "product", "bank", "agent__user", "branch"
    )
    return page_of(terms, order, shown=shown.only(*ROW_FIELDS), after=after, before=before, size=PAGE)


def cells_of(user: Any, wanted: BoardFilter, *, today: date, fresh: bool = False) -> list[Cell]:
    """Counts and premiums by day and state of everything the filter lets through, whatever day and state.

    One grouped statement over the shown window and the asked range; for a whole branch, centre or company the
    answer is kept for ``COUNTS_LIVE`` seconds and shared by everybody of the scope.
    """
    scope = scope_of(user)
    days = max(wanted.first, FIRST_DAY), min(wanted.last, LAST_DAY)
    if scope.agent_ids or wanted.agent:
        return _count(user, wanted, today=today, days=days)
    key = _cache_key(scope, wanted, today, days)
    cells = None if fresh else cache.get(key)
    if cells is None:
        cells = _count(user, wanted, today=today, days=days)
        cache.set(key, cells, COUNTS_LIVE)
    return cells


def _cache_key(scope: Scope, wanted: BoardFilter, today: date, days: tuple[int, int]) -> str:
    parts = [scope.everything, scope.branch_id, scope.centre_id, today, *days, wanted.narrowed.query]
    text = "|".join(str(part) for part in parts)
    return f"renewals.cells:{sha256(text.encode()).hexdigest()}"


def _count(user: Any, wanted: BoardFilter, *, today: date, days: tuple[int, int]) -> list[Cell]:
    terms = wanted.narrowed.terms(Renewal.objects.visible_to(user), today=today, days=days)
    rows = (
        terms.values_list("end_date", "state")
        .annotate(
            count=Count("*"),
            total=Sum(Coalesce("next_premium", "premium")),
            first=Count("state", filter=Q(line=TermLine.OSAGO, renewal_year=1)),
        )
        .order_by()
    )
    return [
        Cell((end - today).days, state, count, total or Decimal(0), first)
        for end, state, count, total, first in rows
    ]


@dataclass(frozen=True)
class Totals:
    """Sums over some cells; ``at_risk`` is the premium of terms for which nothing was done yet."""

    count: int
    premium: Decimal
    at_risk: Decimal


def total(cells: Iterable[Cell], wanted: BoardFilter) -> Totals:
    """What the foot of the list says: all rows of the filter, not only those of the page."""
    chosen = [cell for cell in in_range(cells, wanted) if not wanted.state or cell.state in wanted.state]
    return Totals(
        count=sum(cell.count for cell in chosen),
        premium=sum((cell.premium for cell in chosen), Decimal(0)),
        at_risk=sum((cell.premium for cell in chosen if cell.state == Renewal.State.NOTHING), Decimal(0)),
    )


def in_range(cells: Iterable[Cell], wanted: BoardFilter) -> list[Cell]:
    """Cells whose days left are in the asked range."""
    return [cell for cell in cells if wanted.last <= cell.left <= wanted.first]


def schedule_days(today: date) -> list[tuple[int, list[str]]]:
    """Days on which steps of the schedules in force stand, with their channels, the earliest first.

    The robot's period is not a day of its own. Kept for a minute: schedules change a few times a year.
    """
    key = f"renewals.schedule_days:{today}"
    days = cache.get(key)
    if days is None:
        found: dict[int, dict[str, None]] = {}
        for step in steps_in_force(today):
            if step.channel != Channel.ROBOT:
                found.setdefault(step.day, {})[step.channel] = None
        days = [(day, list(channels)) for day, channels in sorted(found.items(), reverse=True)]
        cache.set(key, days, 60)
    return days
