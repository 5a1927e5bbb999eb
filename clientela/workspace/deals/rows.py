"""A deal as the board and the list show it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.modules.clients.models import Client
from clientela.modules.sales.models import Deal, Funnel
from clientela.modules.sales.queries.deals import chance_of
from clientela.modules.sales.queries.figures import StageFigures
from clientela.modules.sales.rules.fields import NEXT_KINDS
from clientela.workspace.deals.filters import ORDERS, DealFilter

SHOWN, MOST, PAGE = 12, 200, 50
NEAR = 0.8
RELATED = ("client", "stage", "owner", "product", "renews", "lost_reason", "funnel")


@dataclass(frozen=True, slots=True)
class Card:
    """What a card or a row says. ``age``: share of the norm in percent; ``pace``: near, over or nothing."""

    deal: Deal
    name: str
    url: str
    icon: str
    when: str
    overdue: bool
    stay: str
    age: int
    pace: str
    chance: int
    source: str


def cards_of(deals: "list[Deal]", *, now: datetime, wanted: DealFilter, zone: str) -> list[Card]:
    """Cards of loaded deals."""
    tail = f"?{wanted.query}" if wanted.pairs() else ""
    return [card_of(deal, now=now, tail=tail, zone=zone) for deal in deals]


def card_of(deal: Deal, *, now: datetime, zone: str, tail: str = "") -> Card:
    """One card; ``deal`` has its ``RELATED`` loaded."""
    stayed = (deal.closed_at or now) - deal.entered_at
    norm = timedelta(days=float(deal.stage.norm_days))
    share = stayed / norm
    overdue = deal.state == Deal.State.OPEN and deal.next_at is not None and deal.next_at < now
    when = formats.near_moment(deal.next_at, _language(), now, zone) if deal.next_at else ""
    return Card(
        deal=deal, name=short_name(deal.client), url=reverse("deals:deal", args=[deal.pk]) + tail,
        icon=NEXT_KINDS.get(deal.next_kind, ("arrow-right", ""))[0],
        when=_("overdue, %(when)s") % {"when": when} if overdue else when, overdue=overdue, stay=stay(stayed),
        age=max(4, min(100, round(share * 100))), pace="over" if share > 1 else "near" if share > NEAR else "",
        chance=chance_of(deal, now).percent, source=deal.source or str(deal.get_origin_display()),
    )  # fmt: skip


def short_name(client: Client) -> str:
    """Surname and first name, or the company's name."""
    if client.kind == Client.Kind.COMPANY:
        return client.company_name
    return " ".join(part for part in (client.last_name, client.first_name) if part)


def stay(span: timedelta) -> str:
    """How long, in the largest whole unit."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return pgettext("duration", "%(n)s min") % {"n": minutes}
    if minutes < 24 * 60:
        return pgettext("duration", "%(n)s h") % {"n": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def mean_stay(span: timedelta | None, norm: Any) -> str:
    """“1.2 days of 3”: the mean stay and the norm."""
    language, norm_text = _language(), formats.number(norm.normalize(), _language(), int(norm % 1 != 0))
    if span is None:
        return _("norm %(norm)s d") % {"norm": norm_text}
    mean = formats.number(round(span / timedelta(days=1), 1), language, 1)
    return _("%(mean)s d of %(norm)s") % {"mean": mean, "norm": norm_text}


def by_stage(deals: "QuerySet[Deal]", wanted: DealFilter, *, most: int) -> dict[int, list[Deal]]:
    """The first ``most`` deals of every stage in the order of the filter, in one statement."""
    place = Window(RowNumber(), partition_by=F("stage"), order_by=list(ORDERS[wanted.order]))
    rows = deals.select_related(*RELATED).annotate(place=place).filter(place__lte=most)
    found: dict[int, list[Deal]] = defaultdict(list)
    for deal in rows.order_by("stage", "place"):
        found[deal.stage_id].append(deal)
    return found


def columns(
    deals: "QuerySet[Deal]", figures: "list[StageFigures]", wanted: DealFilter, *, now: datetime, zone: str
) -> list[dict[str, Any]]:
    """Columns of the board with their heads and the first cards of each."""
    found = by_stage(deals, wanted, most=MOST if wanted.stage else SHOWN)
    last = figures[-1].stage.pk if figures else 0
    result = []
    for one in figures:
        own = cards_of(found.get(one.stage.pk, []), now=now, wanted=wanted, zone=zone)
        result.append(
            {
                "stage": one.stage, "count": one.count, "amount": one.amount, "cards": own, "slow": one.slow,
                "conversion": one.conversion if one.stage.pk != last else None,
                "stay": mean_stay(one.stay, one.stage.norm_days), "more": max(0, one.count - len(own)),
                "more_url": wanted.but(stage=(one.stage.pk,), view="list").url,
            }
        )  # fmt: skip
    return result


def stage_bars(deal: Deal, funnel: Funnel, *, now: datetime) -> list[dict[str, Any]]:
    """The stages of a deal's way with the time spent in each; ``state``: past, now, ahead."""
    spent: dict[int, timedelta] = defaultdict(timedelta)
    for visit in deal.visits.all():
        spent[visit.stage_id] += (visit.left_at or now) - visit.entered_at
    bars = []
    for stage in funnel.stages.all():
        if not stage.is_active and stage.pk not in spent:
            continue
        current = stage.pk == deal.stage_id
        state = "now" if current else "past" if stage.position < deal.stage.position else "ahead"
        text = stay(spent[stage.pk]) if stage.pk in spent else _("ahead") if state == "ahead" else "—"
        bars.append({"stage": stage, "state": state, "text": text})
    return bars


def _language() -> str:
    return get_language() or "ru"
