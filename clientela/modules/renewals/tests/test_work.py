"""What people and events do to a term and its plan."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.foundation.outbox.models import Delivery, Event
from clientela.foundation.outbox.operations import deliver, publish_all
from clientela.modules.accounts.models import User
from clientela.modules.clients.events import ContactabilityChanged
from clientela.modules.clients.models import Client
from clientela.modules.contacts.events import ClientSignalled, MessageReceived, MessageStateChanged
from clientela.modules.contacts.models import Consent
from clientela.modules.contracts.events import ObjectSold, PortfolioImported, QuoteChanged
from clientela.modules.contracts.models import InsuredObject, Policy, Quote
from clientela.modules.products.models import Product
from clientela.modules.renewals.handlers import on_import
from clientela.modules.renewals.models import LossReason, Renewal, Touch
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.modules.renewals.operations.work import (
    AlreadyPaid,
    HoldInPast,
    TouchNotOpen,
    complete_touch,
    hold_plan,
    mark_lost,
    release_plan,
    reopen,
)

DAY = date(2026, 11, 18)


@pytest.fixture
def term(
    vera: Client,
    kasko: Product,
    make_policy: Callable[..., Policy],
    now: datetime,
    request: pytest.FixtureRequest,
) -> Renewal:
    """Vera's KASKO, 17 days before its end, planned: letter and operator."""
    load_shipped(now=now, active_from=date(2026, 1, 1))
    make_policy(vera, kasko, number="К 16-204871", end=DAY + timedelta(days=17))
    plan_day(day=DAY, now=now)
    return Renewal.objects.get()


@pytest.fixture
def told(now: datetime) -> Callable[..., None]:
    """``told(event)``: publish and deliver to every subscribed handler."""

    def tell(*events: object) -> None:
        from django.db import transaction

        with transaction.atomic():
            publish_all(list(events), now=now)
        while deliver(worker="test", now=now, lease=timedelta(minutes=1)):
            pass
        assert not Delivery.objects.exclude(state="done").exists(), (
            Delivery.objects.exclude(state="done").first().error
        )

    return tell


def open_steps() -> list[str]:
    return sorted(Touch.objects.filter(state="planned").values_list("step_key", flat=True))


PLANNED = ["centre.motor-17-email", "centre.motor-17-operator", "centre.motor-29-robot"]


def test_hold_and_release(term: Renewal, anna: User, now: datetime) -> None:
    assert open_steps() == PLANNED
    hold_plan(actor=anna, now=now, renewal=term, until=DAY + timedelta(days=2), reason="В отпуске")
    assert open_steps() == []
    assert set(Touch.objects.values_list("state", "reason")) == {("dropped", "held")}
    release_plan(actor=anna, now=now, renewal=term)
    assert open_steps() == PLANNED
    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == [
        "renewal.hold",
        "renewal.release",
    ]


def test_a_hold_beyond_the_term_changes_nothing(term: Renewal, anna: User, now: datetime) -> None:
    for until in (DAY - timedelta(days=1), term.end_date + timedelta(days=1)):
        with pytest.raises(HoldInPast):
            hold_plan(actor=anna, now=now, renewal=term, until=until)
    term.refresh_from_db()
    assert (term.held_until, open_steps()) == (None, PLANNED)


def test_lost_stops_the_plan_and_reopen_takes_it_back(term: Renewal, anna: User, now: datetime) -> None:
    reason = LossReason.objects.get(code="too-dear")
    lost = mark_lost(actor=anna, now=now, renewal=term, reason=reason, note="Нашёл дешевле")
    assert (lost.state, lost.lost_reason, open_steps()) == ("lost", reason, [])
    again = reopen(actor=anna, now=now, renewal=term)
    assert (again.state, again.lost_reason) == ("nothing", None)


def test_a_paid_term_cannot_be_lost(term: Renewal, anna: User, now: datetime) -> None:
    Renewal.objects.update(paid_at=now, state="paid")
    with pytest.raises(AlreadyPaid):
        mark_lost(actor=anna, now=now, renewal=term, reason=LossReason.objects.first())
    assert Renewal.objects.get().state == "paid"


def hold(actor: User, now: datetime, term: Renewal) -> None:
    hold_plan(actor=actor, now=now, renewal=term, until=DAY)


def lose(actor: User, now: datetime, term: Renewal) -> None:
    mark_lost(actor=actor, now=now, renewal=term, reason=LossReason.objects.first())


def finish(actor: User, now: datetime, term: Renewal) -> None:
    complete_touch(actor=actor, now=now, touch=term.touches.first(), outcome="reached")


@pytest.mark.parametrize("act", [hold, lose, finish])
def test_a_stranger_and_a_reader_change_nothing(
    term: Renewal, boris: User, auditor: User, now: datetime, act: Callable[..., None]
) -> None:
    for actor in (boris, auditor):
        with pytest.raises(PermissionDenied):
            act(actor, now, term)
    assert (open_steps(), Entry.objects.count(), Renewal.objects.get().state) == (PLANNED, 0, "nothing")


def test_an_operator_finishes_a_call_once(term: Renewal, centre_operator: User, now: datetime) -> None:
    touch = term.touches.get(channel="operator")
    done = complete_touch(
        actor=centre_operator, now=now, touch=touch, outcome="reached", note="Оплатит в пятницу"
    )
    assert (done.state, done.reason_detail, done.sent_at) == ("done", "reached: Оплатит в пятницу", now)
    with pytest.raises(TouchNotOpen):
        complete_touch(actor=centre_operator, now=now, touch=touch, outcome="reached")
    term.refresh_from_db()
    assert term.last_touch_at == now


def test_a_quote_is_seen_and_its_steps_fall_away(term: Renewal, told: Any, now: datetime) -> None:
    quote = Quote.objects.create(policy=term.policy, premium=Decimal("7000.50"), created_at=now)
    told(QuoteChanged(quote_id=quote.pk, policy_id=term.policy_id, client_id=term.client_id))
    term.refresh_from_db()
    assert (term.state, term.has_quote, term.next_premium) == ("quoted", True, Decimal("7000.50"))
    assert open_steps() == PLANNED  # the centre's steps ask for “no project”, not “no quote”


def test_opt_out_drops_the_channel(term: Renewal, told: Any, vera: Client, now: datetime) -> None:
    Consent.objects.filter(client=vera, channel="email").update(withdrawn_at=now)
    told(ContactabilityChanged(client_id=vera.pk))
    assert open_steps() == ["centre.motor-17-operator", "centre.motor-29-robot"]
    assert Touch.objects.get(channel="email").reason == "no_channel"


def test_a_sold_object_ends_the_plan(term: Renewal, told: Any, now: datetime) -> None:
    sold = term.policy.insured_object
    InsuredObject.objects.filter(pk=sold.pk).update(sold_on=DAY)
    told(ObjectSold(object_id=sold.pk, client_id=term.client_id))
    assert open_steps() == []
    assert set(Touch.objects.values_list("reason", flat=True)) == {"object_sold"}


def test_opening_the_letter_silences_the_robot(term: Renewal, told: Any, now: datetime) -> None:
    letter = term.touches.get(channel="email")
    Touch.objects.filter(pk=letter.pk).update(state="sent")
    told(
        ClientSignalled(
            message_id=1, client_id=term.client_id, origin="renewals.touch", origin_id=letter.pk, kind="open"
        )
    )
    letter.refresh_from_db()
    assert letter.state == "opened"
    robot = term.touches.get(channel="robot")
    assert (robot.state, robot.reason) == ("dropped", "opened")
    assert open_steps() == ["centre.motor-17-operator"]


def test_a_message_out_of_the_blue_is_a_reply(term: Renewal, told: Any, now: datetime) -> None:
    told(MessageReceived(message_id=5, client_id=term.client_id, channel="sms", in_reply_to_id=None))
    term.refresh_from_db()
    assert term.last_replied_at == now
    assert term.touches.get(channel="robot").reason == "replied"


def test_a_touch_follows_its_message_forward_only(term: Renewal, told: Any, now: datetime) -> None:
    letter = term.touches.get(channel="email")
    Touch.objects.filter(pk=letter.pk).update(state="queued")

    def state(name: str, fault: str = "") -> str:
        told(
            MessageStateChanged(
                message_id=1,
                client_id=term.client_id,
                origin="renewals.touch",
                origin_id=letter.pk,
                state=name,
                fault=fault,
            )
        )
        letter.refresh_from_db()
        return letter.state

    assert [state("sent"), state("delivered"), state("sent"), state("read")] == [
        "sent",
        "delivered",
        "delivered",
        "opened",
    ]
    term.refresh_from_db()
    assert term.last_touch_at == now


def test_live_pages_are_told(term: Renewal, anna: User, now: datetime) -> None:
    Event.objects.all().delete()
    hold_plan(actor=anna, now=now, renewal=term, until=DAY)
    assert Event.objects.get().topics == f"renewals client:{term.client_id}"
    assert timezone.is_aware(Event.objects.get().at)


@pytest.mark.django_db
def test_the_night_reads_what_no_event_told(term: Renewal, vera: Client, now: datetime) -> None:
    """Both nightly jobs go over everything in slices: the card's figures and the term's facts."""
    Client.objects.filter(pk=vera.pk).update(do_not_contact=True, policies_in_force=9)
    for kind in ("clients.refresh", "renewals.refresh"):
        assert enqueue(kind=kind, title="Night", now=now) is not None
        run_next(worker="night", now=now, lease=timedelta(minutes=1))
    term.refresh_from_db()
    vera.refresh_from_db()
    assert (term.do_not_contact, vera.policies_in_force) == (True, 1)
    results = {job.kind: (job.state, job.result) for job in Job.objects.all()}
    assert results == {
        "clients.refresh": ("done", {"changed": 1}),
        "renewals.refresh": ("done", {"opened": 0, "terms": 1}),
    }


@pytest.mark.django_db
def test_an_import_has_terms_read_by_a_job(term: Renewal, vera: Client, now: datetime) -> None:
    """Not within the event: all terms at once would hold the base for as long as they last."""
    Client.objects.filter(pk=vera.pk).update(do_not_contact=True)
    on_import(PortfolioImported(1), now=now)
    term.refresh_from_db()
    assert not term.do_not_contact
    run_next(worker="day", now=now, lease=timedelta(minutes=1))
    term.refresh_from_db()
    assert term.do_not_contact
