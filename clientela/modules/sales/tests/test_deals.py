"""Deals: where they come from, how they move, what two people at once get, what comes by itself."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, ProfileAnswer
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.models import Policy
from clientela.modules.dialler.events import EntryEnded
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Product
from clientela.modules.requests.events import RequestClosed, RequestTaken
from clientela.modules.requests.models import Request
from clientela.modules.sales import handlers
from clientela.modules.sales.events import DealChanged
from clientela.modules.sales.models import Advice, Deal, Funnel, LostReason, StageVisit
from clientela.modules.sales.operations import deals as act
from clientela.modules.sales.operations.advice import (
    AdviceClosed,
    advise_all,
    deal_of_advice,
    decline_advice,
    offer_advice,
)
from clientela.modules.sales.operations.automatic import happened
from clientela.modules.sales.operations.deals import Start
from clientela.modules.sales.queries.deals import chance_of
from clientela.modules.sales.queries.figures import expected_in, forecast, lost_reasons, stage_figures
from clientela.modules.sales.rules.fields import BadField, FieldsMissing

Make = Callable[..., Deal]


def stage(funnel: Funnel, name: str):
    return funnel.stages.get(name=name)


def test_a_deal_of_the_same_place_starts_once(
    make_deal: Make, vera: Client, anna: User, vera_policy: Policy, now: datetime
) -> None:
    start = Start(origin=Deal.Origin.RENEWAL, origin_id=vera_policy.pk, renews=vera_policy)
    first = make_deal(anna, vera, start=start, funnel=None)
    assert make_deal(anna, vera, start=start, funnel=None) == first
    assert (first.funnel.code, first.stage.name, first.subject) == ("osago", "Новая", "Hyundai Creta, 2021")
    assert (first.amount, first.owner, first.number[:5]) == (Decimal("8533.99"), anna, "С-26-")
    assert StageVisit.objects.filter(deal=first, left_at=None).count() == 1


def test_deals_of_others_are_out_of_reach(
    make_deal: Make, vera: Client, anna: User, boris: User, kasko_funnel: Funnel, now: datetime
) -> None:
    deal = make_deal(anna, vera, subject="Omoda C5")
    with pytest.raises(PermissionDenied):
        make_deal(boris, vera)
    with pytest.raises(PermissionDenied):
        act.move_deal(actor=boris, now=now, deal=deal, stage=stage(kasko_funnel, "Потребность"))
    assert Deal.objects.get().stage.name == "Новая"
    assert not Deal.objects.visible_to(boris).exists()


def test_a_stage_asks_for_its_fields_and_keeps_them(
    make_deal: Make, vera: Client, anna: User, kasko_funnel: Funnel, now: datetime
) -> None:
    deal, calculation = make_deal(anna, vera), stage(kasko_funnel, "Расчёт")
    with pytest.raises(FieldsMissing) as refused:
        act.move_deal(actor=anna, now=now, deal=deal, stage=calculation, values={"drivers": "сам"}, version=1)
    assert refused.value.fields == ("subject",)
    with pytest.raises(BadField):
        act.move_deal(actor=anna, now=now, deal=deal, stage=calculation, values={"drivers": "кот"})
    assert Deal.objects.get().stage.name == "Новая"
    values = {"subject": "Kia Ceed", "drivers": "сам", "amount": "52 900,50"}
    moved = act.move_deal(actor=anna, now=now, deal=deal, stage=calculation, values=values, version=1)
    assert (moved.stage, moved.subject, moved.amount) == (calculation, "Kia Ceed", Decimal("52900.50"))
    assert ProfileAnswer.objects.get(client=vera).value == "сам"
    assert Entry.objects.filter(action="deal.moved").get().changes["stage"] == ["Новая", "Расчёт"]


def test_the_second_of_two_movers_is_told_and_nothing_is_lost(
    make_deal: Make, vera: Client, anna: User, team_lead: User, kasko_funnel: Funnel, now: datetime
) -> None:
    deal = make_deal(anna, vera, subject="Kia Ceed")
    act.move_deal(actor=team_lead, now=now, deal=deal, stage=stage(kasko_funnel, "Потребность"), version=1)
    with pytest.raises(act.MovedMeanwhile, match="Галиев"):
        act.lose_deal(actor=anna, now=now, deal=deal, reason=LostReason.objects.get(code="price"), version=1)
    kept = Deal.objects.get()
    assert (kept.stage.name, kept.state, kept.version) == ("Потребность", "open", 2)


def test_a_move_is_taken_back_as_if_it_had_not_been(
    make_deal: Make, vera: Client, anna: User, kasko_funnel: Funnel, now: datetime
) -> None:
    deal = make_deal(anna, vera, subject="Kia Ceed")
    later = now + timedelta(hours=3)
    moved = act.move_deal(actor=anna, now=later, deal=deal, stage=stage(kasko_funnel, "Потребность"))
    back = act.undo_move(actor=anna, now=later, deal=moved, version=moved.version)
    assert (back.stage.name, back.entered_at, back.visits.count()) == ("Новая", now, 1)
    with pytest.raises(act.NothingToUndo):
        act.undo_move(actor=anna, now=later, deal=moved, version=moved.version)


def test_events_bring_a_deal_on_and_never_back(
    make_deal: Make, vera: Client, kasko_funnel: Funnel, now: datetime
) -> None:
    deal = make_deal(None, vera)
    happened("calculation_sent", [deal.pk], now=now, amount=Decimal(60_000))
    deal.refresh_from_db()
    assert (deal.stage.name, deal.amount, deal.changed_by) == ("Решение", Decimal(60_000), None)
    assert happened("calculation_priced", [deal.pk], now=now) == []
    happened("request_closed", [deal.pk], now=now)
    deal.refresh_from_db()
    assert (deal.state, deal.lost_reason and deal.lost_reason.code) == ("lost", "went_silent")
    assert StageVisit.objects.filter(deal=deal, left_at=None).count() == 0


def test_a_policy_wins_its_deal_and_sells_the_advice(
    make_deal: Make, make_policy: Callable[..., Policy], vera: Client, kasko: Product, vera_policy: Policy,
    now: datetime,
) -> None:  # fmt: skip
    deal, other = make_deal(None, vera), make_deal(None, vera)
    Deal.objects.filter(pk__in=[deal.pk, other.pk]).update(product=kasko)
    advise_all(now=now)
    policy = make_policy(vera, kasko, number="16480/354/000777/26", end=date(2027, 11, 17))
    handlers.on_policy_issued(PolicyIssued(policy.pk, vera.pk, None), now=now)
    deal.refresh_from_db()
    other.refresh_from_db()
    assert (deal.state, deal.sold, other.state) == ("won", policy, "open")
    assert Advice.objects.get(line="kasko").state == "sold"


@pytest.mark.parametrize(("outcome", "count"), [("quote", 1), ("refused", 0)])
def test_a_call_that_asks_for_a_price_is_a_deal(
    sales: None, vera_policy: Policy, now: datetime, outcome: str, count: int
) -> None:
    ended = EntryEnded(entry_id=7, client_id=vera_policy.client_id, list_id=1, outcome=outcome)
    handlers.on_call_outcome(ended, now=now)
    handlers.on_call_outcome(ended, now=now)
    deals = Deal.objects.filter(origin="call", origin_id=7, renews=vera_policy)
    assert (deals.count(), Deal.objects.count()) == (count, count)


def test_lost_deals_come_back_and_stay_in_the_figures(
    make_deal: Make, vera: Client, anna: User, price: LostReason, kasko_funnel: Funnel, now: datetime
) -> None:
    deal = make_deal(anna, vera, subject="Kia", amount=Decimal(1000))
    gone = make_deal(anna, vera, subject="Geely", amount=Decimal(500))
    later = now + timedelta(days=2)
    act.move_deal(actor=anna, now=later, deal=deal, stage=stage(kasko_funnel, "Потребность"))
    act.lose_deal(actor=anna, now=later, deal=gone, reason=price, note="дороже на треть")
    every = Deal.objects.visible_to(anna)
    first, second, *_rest = stage_figures(kasko_funnel, every, now=later)
    assert (first.left, first.conversion, first.stay, first.slow) == (2, 50, timedelta(days=2), True)
    assert (second.count, second.amount, second.weighted) == (1, Decimal(1000), Decimal(340))
    assert lost_reasons(kasko_funnel, every, now=later) == [(price, 1, Decimal(500))]
    month, following, *_rest = forecast(kasko_funnel, every, today=later.date())
    assert (month.first, month.won, month.weighted) == (date(2026, 11, 1), 0, 0)
    assert (following.first, following.weighted) == (date(2026, 12, 1), Decimal(340))
    back = act.reopen_deal(actor=anna, now=later, deal=gone)
    assert (back.state, back.stage.name, back.entered_at) == ("open", "Новая", now)
    with pytest.raises(act.DealStays):
        act.reopen_deal(actor=anna, now=later, deal=gone)


def test_each_month_of_the_forecast_is_the_sum_of_the_deals_it_leads_to(
    make_deal: Make, vera: Client, anna: User, kasko_funnel: Funnel, now: datetime
) -> None:
    today = now.date()
    for place, days in enumerate([None, -40, -1, 0, 3, 20, 31, 45, 75, 120, 400]):
        starts = None if days is None else today + timedelta(days=days)
        deal = make_deal(anna, vera, amount=Decimal(2**place))
        at_stage = list(kasko_funnel.stages.all())[place % 4]
        Deal.objects.filter(pk=deal.pk).update(stage=at_stage, starts_on=starts)
    make_deal(anna, vera, subject="без суммы")
    kasko_funnel.stages.filter(position=kasko_funnel.stages.all()[1].position).update(is_active=False)
    every = Deal.objects.visible_to(anna)
    months = forecast(kasko_funnel, every, today=today)
    counted = [
        sum(every.filter(expected_in(kasko_funnel, one.first, today=today)).values_list("amount", flat=True))
        for one in months
    ]
    assert counted == [one.open for one in months]
    assert sum(one.open > 0 for one in months) >= 3


def test_the_chance_tells_its_reasons(
    make_deal: Make, vera: Client, anna: User, vera_policy: Policy, now: datetime
) -> None:
    start = Start(origin=Deal.Origin.RENEWAL, origin_id=1, renews=vera_policy)
    deal = make_deal(anna, vera, start=start, amount=Decimal(8000), next_step="Позвонить")
    deal.client.loyalty = "loyal"
    found = chance_of(deal, now)
    assert (found.base, found.percent) == (22, 22 + 9 + 7)
    assert chance_of(deal, now + timedelta(days=9)).percent == 22 + 9 + 7 - 8


def test_advice_is_offered_declined_and_not_repeated_for_months(
    sales: None, vera: Client, anna: User, boris: User, vera_policy: Policy, now: datetime
) -> None:
    assert advise_all(now=now)["advised"] == 2
    assert advise_all(now=now) == {"advised": 0, "dropped": 0}
    assert set(Advice.objects.visible_to(anna).values_list("line", flat=True)) == {"kasko", "accident"}
    advice = Advice.objects.get(line="kasko")
    with pytest.raises(PermissionDenied):
        offer_advice(actor=boris, now=now, advice=advice)
    offer_advice(actor=anna, now=now, advice=advice)
    decline_advice(actor=anna, now=now, advice=advice, reason="dear", note="после ремонта")
    kept = Advice.objects.get(line="kasko")
    assert (kept.state, kept.reason, kept.not_before) == ("declined", "dear", date(2027, 8, 18))
    assert advise_all(now=now + timedelta(days=10))["advised"] == 0
    with pytest.raises(AdviceClosed):
        deal_of_advice(actor=anna, now=now, advice=kept)
    deal = deal_of_advice(actor=anna, now=now, advice=Advice.objects.get(line="accident"))
    assert (deal.origin, deal.funnel.code, Advice.objects.get(line="accident").state) == (
        "advice",
        "travel",
        "offered",
    )


def test_advice_that_fits_no_more_is_dropped(
    sales: None, vera: Client, vera_policy: Policy, now: datetime
) -> None:
    advise_all(now=now)
    assert advise_all(now=now + timedelta(days=40))["dropped"] == 2
    assert set(Advice.objects.values_list("state", flat=True)) == {"dropped"}


def test_a_taken_request_is_a_deal_that_takes_it_over(
    sales: None, anna: User, vera: Client, kasko: Product, kazan: Branch, now: datetime
) -> None:
    request = Request.objects.create(
        source="api", client=vera, branch=kazan, product=kasko, about="Omoda C5", came_at=now, created_at=now,
        state=Request.State.TAKEN, assignee=anna, taken_at=now,
    )  # fmt: skip
    taken = RequestTaken(request.pk, vera.pk, kasko.pk, anna.pk)
    for _time in range(2):
        handlers.on_request_taken(taken, now=now)
    deal = Deal.objects.get()
    assert (deal.funnel.code, deal.subject, deal.owner, deal.request) == (
        "kasko",
        "Omoda C5",
        anna,
        request.pk,
    )
    changed = DealChanged(deal.pk, vera.pk, deal.funnel_id, "", "open")
    handlers.on_deal(changed, now=now)
    request.refresh_from_db()
    assert request.state == Request.State.TAKEN
    act.move_deal(actor=anna, now=now, deal=deal, stage=stage(deal.funnel, "Потребность"))
    handlers.on_deal(changed, now=now)
    request.refresh_from_db()
    assert (request.state, request.deal_id) == (Request.State.DEAL, deal.pk)
    handlers.on_request_closed(RequestClosed(request.pk, vera.pk, "deal", deal.pk), now=now)
    assert Deal.objects.get().state == "open"
