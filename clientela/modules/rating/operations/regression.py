"""What past calculations would cost by a draft: before and after, one by one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations.versions import NotADraft
from clientela.modules.rating.queries import plan_of
from clientela.modules.rating.rules.plan import Plan
from clientela.modules.rating.rules.route import Sheet

MOST_CASES = 5_000
MOST_SHOWN = 20
WIDEST = 10  # percent; everything beyond stands in the last bar


@dataclass(frozen=True)
class Case:
    """A calculation that was made: its number, what people call it, and its facts."""

    number: str
    title: str
    facts: Mapping[str, Any]


def check(
    *, actor: Any, now: datetime, version: TableVersion, cases: Iterable[Case], on: date
) -> TableVersion:
    """Price every case by the tariff of ``on`` without and with this version, and keep the result with it.

    A case that neither can be priced without the version says nothing. Raises `NotADraft`.
    """
    ensure(actor, Permission.PRODUCTS_WRITE)
    draft = TableVersion.objects.select_related("table__product").get(pk=version.pk)
    if draft.state != TableVersion.State.DRAFT:
        raise NotADraft
    result = compare(draft, cases, on) | {
        "content": draft.content_stamp,
        "at": now.isoformat(),
        "on": on.isoformat(),
    }
    with transaction.atomic():
        locked = TableVersion.objects.select_for_update().select_related("table").get(pk=draft.pk)
        if locked.state != TableVersion.State.DRAFT:
            raise NotADraft
        locked.regression = result
        locked.save()
        counts = {name: [None, result[name]] for name in ("same", "cheaper", "dearer", "failed")}
        record(
            actor=actor, now=now, action="tariff.checked", obj=locked, object_name=str(locked), changes=counts
        )
    return locked


def compare(version: TableVersion, cases: Iterable[Case], on: date) -> dict[str, Any]:
    """What becomes of the cases by the tariff of ``on`` with this version in it."""
    table = version.table
    before = plan_of(table.product.code, on)
    sheet = Sheet(table.code, {"ru": table.title, "en": table.title_en}, version.number, version.body)
    return compared(before, before.with_sheet(sheet), cases, on)


def compared(before: Plan, after: Plan, cases: Iterable[Case], on: date) -> dict[str, Any]:
    """Counts, totals, bars of whole percents, and the cases that change most."""
    counts: Counter[str] = Counter(same=0, cheaper=0, dearer=0, failed=0)
    bars: Counter[int] = Counter()
    totals = [Decimal(0), Decimal(0)]
    shown: list[dict[str, Any]] = []
    for case in cases:
        was = _price(before, case, on)
        if was is None:
            continue
        now = _price(after, case, on)
        if now is None:
            counts["failed"] += 1
            shown.append(
                {"number": case.number, "title": case.title, "was": str(was), "now": None, "percent": None}
            )
            continue
        totals = [totals[0] + was, totals[1] + now]
        counts["same" if now == was else "dearer" if now > was else "cheaper"] += 1
        percent = (now - was) * 100 / was if was else Decimal(0)
        bars[max(-WIDEST, min(WIDEST, int(percent.quantize(Decimal(1), ROUND_HALF_UP))))] += 1
        if now != was:
            told = str(percent.quantize(Decimal("0.1"), ROUND_HALF_UP))
            shown.append(
                {
                    "number": case.number,
                    "title": case.title,
                    "was": str(was),
                    "now": str(now),
                    "percent": told,
                }
            )
    shown.sort(key=lambda one: (one["now"] is not None, -abs(Decimal(one["percent"] or 0))))
    return {
        **counts, "was": str(totals[0]), "now": str(totals[1]), "most": shown[:MOST_SHOWN],
        "bars": [[percent, bars[percent]] for percent in range(-WIDEST, WIDEST + 1)],
    }  # fmt: skip


def _price(plan: Plan, case: Case, on: date) -> Decimal | None:
    try:
        return plan.price(case.facts, on, "ru").amount
    except (
        Refusal,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ):  # a draft may hold anything
        return None
