"""Who was to be called because the purchase stood still, and then paid: nobody has to call any more."""

from datetime import timedelta

import pytest

from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.requests.events import RequestClosed, RequestTaken
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import close, give, reopen, take
from clientela.modules.routing.models import WorkItem
from clientela.modules.routing.operations import tend
from clientela.modules.sales.handlers import on_policy_issued as deals_hear
from clientela.modules.sales.handlers import on_request_closed, on_request_taken
from clientela.modules.sales.models import Deal
from clientela.modules.sales.operations.funnels import load_shipped as load_funnels
from clientela.portal.shop import operations
from clientela.portal.shop.handlers import on_policy_issued
from clientela.portal.shop.tests.test_shop import TRAVELLER, TRIP, pay, until_check, until_you


@pytest.fixture
def left(shop, client, now, anna):
    """A journey up to the payment, left for half an hour: Anna is to call. (The request, where the visitor stands.)"""
    path = until_check(client, until_you(client, "travel", TRIP, TRAVELLER))
    shop.shift(timedelta(minutes=31))
    assert operations.left(now=now + timedelta(minutes=31)) == 1
    request = Request.objects.get()
    give(actor=None, now=now + timedelta(minutes=32), request=request, to=anna, reason="звонить")
    return request, path


def issued(policy, now, *, times=2):
    for _ in range(times):  # the notice of the bank, or the event after a kill, may come again
        on_policy_issued(PolicyIssued(policy.pk, policy.client_id, None), now=now)


def kinds(request):
    return list(request.steps.order_by("id").values_list("kind", flat=True))


def test_payment_ends_the_request_once(left, client, now):
    request, path = left
    policy, _pay = pay(client, path)
    later = now + timedelta(minutes=40)
    issued(policy, later)
    request.refresh_from_db()
    assert (request.state, request.reason, request.note, request.closed_at) == (
        "closed",
        "sold",
        policy.number,
        later,
    )
    assert kinds(request).count("sold") == 1
    assert not WorkItem.objects.open().exists()
    tend(limit=50, now=now + timedelta(days=2))
    assert WorkItem.objects.get().escalated_at is None


def test_what_a_person_closed_or_opened_again_stays_so(left, client, now, anna):
    request, path = left
    later = now + timedelta(minutes=35)
    taken = take(actor=anna, now=later, request=request)
    close(actor=anna, now=later, request=taken, reason="not_now", note="весной")
    policy, _pay = pay(client, path)
    issued(policy, later)
    request.refresh_from_db()
    assert (request.reason, request.note) == ("not_now", "весной")
    assert "sold" not in kinds(request)
    reopen(actor=anna, now=later, request=request)
    request.refresh_from_db()
    assert request.state == "taken"


def test_the_deal_of_the_request_is_won_and_not_lost(left, client, now, anna):
    load_funnels(now=now)
    request, path = left
    later = now + timedelta(minutes=35)
    take(actor=anna, now=later, request=request)
    request.refresh_from_db()
    on_request_taken(RequestTaken(request.pk, request.client_id, request.product_id, anna.pk), now=later)
    policy, _pay = pay(client, path)
    issued(policy, later)
    on_request_closed(RequestClosed(request.pk, request.client_id, "sold"), now=later)
    deals_hear(PolicyIssued(policy.pk, policy.client_id, None), now=later)
    deal = Deal.objects.get()
    request.refresh_from_db()
    assert (deal.state, deal.sold, request.deal_id, request.reason) == ("won", policy, deal.pk, "sold")


def test_a_first_try_that_was_left_ends_with_the_second(shop, client, now, anna):
    """The visitor began anew, with the same phone, while a colleague was to call about the first try."""
    until_check(client, until_you(client, "travel", TRIP, TRAVELLER))
    shop.shift(timedelta(minutes=31))
    operations.left(now=now + timedelta(minutes=31))
    request = Request.objects.get()
    policy, _pay = pay(client, until_check(client, until_you(client, "travel", TRIP, TRAVELLER)))
    issued(policy, now + timedelta(minutes=40))
    request.refresh_from_db()
    assert request.reason == "sold"


def test_another_thing_of_the_same_person_goes_on(shop, client, now, anna):
    until_check(client, until_you(client, "travel", TRIP | {"starts_on": "2026-12-20"}, TRAVELLER))
    shop.shift(timedelta(minutes=31))
    operations.left(now=now + timedelta(minutes=31))
    policy, _pay = pay(client, until_check(client, until_you(client, "travel", TRIP, TRAVELLER)))
    issued(policy, now + timedelta(minutes=40))
    assert Request.objects.get().state == "new"


def test_paid_in_time_nobody_is_to_call(shop, client, now):
    policy, _pay = pay(client, until_check(client, until_you(client, "travel", TRIP, TRAVELLER)))
    assert operations.left(now=now + timedelta(hours=1)) == 0
    issued(policy, now)
    assert not Request.objects.exists()


def test_a_request_opened_again_at_once_keeps_its_deal(left, now, anna):
    """Closed by mistake and opened again before the deal heard of it: the deal is not lost, the request goes on."""
    load_funnels(now=now)
    request, _path = left
    later = now + timedelta(minutes=35)
    taken = take(actor=anna, now=later, request=request)
    on_request_taken(RequestTaken(request.pk, request.client_id, request.product_id, anna.pk), now=later)
    closed = close(actor=anna, now=later, request=taken, reason="price")
    reopen(actor=anna, now=later, request=closed)
    on_request_closed(RequestClosed(request.pk, request.client_id, "price"), now=later)
    assert Deal.objects.get().state == "open"
