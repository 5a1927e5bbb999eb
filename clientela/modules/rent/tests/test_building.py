"""The register builds itself: once, late, in parts, with its evidence; and what each check sees."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.billing.events import PaymentRegistered, RefundChanged
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.billing.operations import refund_payment
from clientela.modules.commission.models import Entry
from clientela.modules.commission.operations import accrue_missing
from clientela.modules.contracts.models import Policy, Quote
from clientela.modules.organisation.models import NormTarget
from clientela.modules.rent import handlers, operations
from clientela.modules.rent.models import Rent, RentStep
from clientela.modules.rent.queries.building import owed
from clientela.modules.rent.tests.conftest import PREMIUM, pay

ALL = {"first": 1, "last": 2**40}


def built(policy: Policy, now: datetime) -> Rent:
    rent = operations.look_at(now=now, policy_id=policy.pk)
    assert rent is not None
    return rent


def unmet(rent: Rent) -> list[str]:
    return [code for code, facts in rent.evidence.items() if not facts["met"]]


def test_it_builds_itself_with_the_evidence(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    issued = renew_alone(vera_policy)
    payment = Payment.objects.get(policy=issued)
    handlers.on_payment(PaymentRegistered(payment.pk, issued.client_id, issued.pk, None), now=now)
    rent = Rent.objects.get()
    assert (rent.policy, rent.agent, rent.state) == (issued, anna.agent, "waiting")
    assert (rent.base, rent.percent, rent.amount) == (PREMIUM, Decimal(5), Decimal("426.70"))
    assert (rent.passed, rent.is_clean, rent.renewed_at, rent.waits_since) == (5, True, now, now)
    names = ("first", "alone", "quote", "level", "once")
    first, alone, quote, level, once = (rent.evidence[name] for name in names)
    assert (first["number"], first["agent"], first["agreement"]) == (
        "ХХХ 0412773905",
        "Анна Соколова",
        "АГД-16/0101",
    )
    assert (alone["phone"], alone["at"]) == ("+7 917 •••-••-55", "2026-11-18T10:42:00+03:00")
    assert (quote["kind"], quote["number"], quote["premium"]) == ("quote", "Р-26-000117", "8533.99")
    assert (level["renewed"], level["expiring"], level["share"], level["target"]) == (7, 10, "70.00", "70.00")
    assert once["entries"] == once["rents"] == 0
    assert RentStep.objects.get().kind == "built"
    assert Event.objects.filter(name="rent.RentChanged").count() == 1


def test_it_is_written_once_however_often_it_is_asked_for(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    issued = renew_alone(vera_policy)
    assert operations.build_missing(now=now, **ALL) == 1
    for _ in range(2):
        assert operations.build_missing(now=now, **ALL) == 0
        built(issued, now)
    assert Rent.objects.count() == RentStep.objects.count() == 1
    assert operations.follow_missing(now=now, **ALL) == 0


def test_the_job_of_the_night_finds_what_no_event_told_of(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    renew_alone(vera_policy)
    for _ in range(2):
        enqueue(kind="rent.build", title="x", now=now)
        assert run_next(worker="w", now=now, lease=timedelta(minutes=5))
    results = Job.objects.filter(kind="rent.build").order_by("id").values_list("result", flat=True)
    assert list(results) == [{"built": 1}, {"built": 0}]


def test_what_is_not_issued_paid_or_of_an_agent_is_not_owed(
    anna: User, vera_policy: Policy, boris_policy: Policy, rates: None, renew_alone: Any, now: datetime
) -> None:
    unpaid = renew_alone(vera_policy, parts=())
    bare = renew_alone(boris_policy)
    Policy.objects.filter(pk=bare.pk).update(agent=None)
    assert not owed().exists()
    assert operations.look_at(now=now, policy_id=unpaid.pk) is None
    assert operations.look_at(now=now, policy_id=vera_policy.pk) is None
    pay(unpaid, "100.00", now)
    assert [kept.project.next_policy for kept in owed()] == [unpaid]
    Policy.objects.filter(pk=unpaid.pk).update(status="cancelled")
    assert not owed().exists()


def test_parts_of_the_premium_are_followed(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    issued = renew_alone(vera_policy, parts=("4266.99",))
    rent = built(issued, now)
    assert rent.amount == Decimal("213.35")
    second = pay(issued, "4267.00", now + timedelta(days=90))
    handlers.on_payment(PaymentRegistered(second.pk, issued.client_id, issued.pk, None), now=now)
    rent.refresh_from_db()
    assert (rent.base, rent.amount) == (PREMIUM, Decimal("426.70"))


def test_a_refund_before_the_decision_makes_it_less(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    issued = renew_alone(vera_policy)
    built(issued, now)
    refund = refund_payment(
        actor=anna, now=now, payment=Payment.objects.get(policy=issued), amount=Decimal("2000.00"), way="bank",
        reason="Расторжение",
    )  # fmt: skip
    assert refund.state == Refund.State.DONE
    handlers.on_refund(RefundChanged(refund.pk, issued.client_id, refund.state), now=now)
    rent = Rent.objects.get()
    assert (rent.base, rent.amount) == (Decimal("6533.99"), Decimal("326.70"))
    assert not Entry.objects.exists()


def test_the_site_earns_no_commission_beside(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    renew_alone(vera_policy)
    assert accrue_missing(now=now, **ALL) == 0


def test_an_agent_without_a_quote(
    anna: User, lilia: User, vera_policy: Policy, good: None, quoted: Quote, renew_alone: Any, now: datetime
) -> None:
    Quote.objects.filter(pk=quoted.pk).update(created_by=lilia)
    rent = built(renew_alone(vera_policy), now)
    assert (unmet(rent), rent.passed, rent.is_clean) == (["quote"], 4, False)
    assert rent.evidence["quote"]["by"] == "Лилия Закирова"


def test_a_quote_made_after_the_client_began_is_none(
    anna: User, vera_policy: Policy, good: None, quoted: Quote, renew_alone: Any, now: datetime
) -> None:
    Quote.objects.filter(pk=quoted.pk).update(created_at=now + timedelta(seconds=1))
    assert unmet(built(renew_alone(vera_policy), now)) == ["quote"]


def test_the_level_below_the_target(
    anna: User, vera_policy: Policy, rates: None, quoted: Quote, level: Any, renew_alone: Any, now: datetime
) -> None:
    level(renewed=6, expiring=10)
    rent = built(renew_alone(vera_policy), now)
    assert unmet(rent) == ["level"]
    assert rent.evidence["level"]["share"] == "60.00"


def test_a_target_of_its_own_goes_before_the_norm(
    anna: User, renewals_manager: User, vera_policy: Policy, rates: None, quoted: Quote, level: Any,
    renew_alone: Any, now: datetime,
) -> None:  # fmt: skip
    level(renewed=6, expiring=10)
    operations.set_terms(
        actor=renewals_manager, now=now, days=5, targets={"osago": Decimal(60), "kasko": None, "boats": Decimal(1)}
    )  # fmt: skip
    rent = built(renew_alone(vera_policy), now)
    assert rent.is_clean
    assert (rent.evidence["level"]["target"], rent.evidence["level"]["own"]) == ("60", True)


def test_the_agents_own_norm_goes_before_the_common_one(
    anna: User, vera_policy: Policy, rates: None, quoted: Quote, level: Any, renew_alone: Any, now: datetime
) -> None:
    level(renewed=6, expiring=10)
    NormTarget.objects.create(agent=anna.agent, line="osago", percent=Decimal(55))
    assert built(renew_alone(vera_policy), now).is_clean


def test_the_first_contract_of_another_agent(
    anna: User,
    lilia: User,
    vera_policy: Policy,
    make_policy: Any,
    good: None,
    renew_alone: Any,
    now: datetime,
) -> None:
    """Two terms back it was Лилия who wrote it."""
    oldest = make_policy(
        vera_policy.client, vera_policy.product, number="ХХХ 0312448710", end=date(2025, 12, 5), agent=lilia.agent
    )  # fmt: skip
    Policy.objects.filter(pk=vera_policy.pk).update(previous=oldest, renewal_year=1)
    rent = built(renew_alone(vera_policy), now)
    assert unmet(rent) == ["first"]
    assert (rent.evidence["first"]["number"], rent.evidence["first"]["agent"]) == (
        "ХХХ 0312448710",
        "Лилия Закирова",
    )


def test_a_contract_whose_beginning_is_not_known(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    Policy.objects.filter(pk=vera_policy.pk).update(renewal_year=3)
    rent = built(renew_alone(vera_policy), now)
    assert unmet(rent) == ["first"]
    assert rent.evidence["first"]["known"] is False


def test_money_taken_by_a_colleague_is_not_alone(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    issued = renew_alone(vera_policy, parts=())
    pay(issued, "8533.99", now, registered_by=anna)
    assert unmet(built(issued, now)) == ["alone"]


def test_commission_for_the_same_term_is_twice(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    issued = renew_alone(vera_policy)
    Policy.objects.filter(pk=issued.pk).update(sales_channel="agent")
    accrue_missing(now=now, **ALL)
    Policy.objects.filter(pk=issued.pk).update(sales_channel="web")
    assert unmet(built(issued, now)) == ["once"]


def test_without_a_rate_the_sum_waits_for_one(
    anna: User, vera_policy: Policy, quoted: Quote, level: Any, renew_alone: Any, now: datetime
) -> None:
    from clientela.modules.commission.operations import set_rate

    level(renewed=7, expiring=10)
    rent = built(renew_alone(vera_policy), now)
    assert (rent.percent, rent.amount, rent.is_clean) == (None, 0, True)
    assert not Rent.objects.clean().exists()
    set_rate(actor=None, now=now, line="osago", percent=Decimal(10), valid_from=date(2026, 1, 1))
    assert operations.follow_missing(now=now, **ALL) == 0, "commission is no rent"
    set_rate(actor=None, now=now, line="osago", term="rent", percent=Decimal(5), valid_from=date(2026, 1, 1))
    assert operations.follow_missing(now=now, **ALL) == 1
    assert Rent.objects.clean().get().amount == Decimal("426.70")


def test_what_is_owed_is_one_query(
    anna: User, vera_policy: Policy, rates: None, renew_alone: Any, django_assert_num_queries: Any, now: datetime
) -> None:  # fmt: skip
    issued = renew_alone(vera_policy)
    with django_assert_num_queries(1):
        found = list(owed().values_list("project__next_policy", flat=True))
    assert found == [issued.pk]


@pytest.mark.django_db(transaction=True)
def test_a_whole_way_through_the_worker(
    anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime
) -> None:
    from clientela.foundation.outbox.operations import deliver

    issued = renew_alone(vera_policy)
    while deliver(worker="w", now=now + timedelta(hours=1), lease=timedelta(minutes=5)):
        pass
    assert Rent.objects.get().policy == issued
