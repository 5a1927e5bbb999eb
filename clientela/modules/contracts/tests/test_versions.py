"""Endorsements, cancellations with their refund, reinstatements and duplicates."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contracts import operations
from clientela.modules.contracts.models import Participant, Policy, PolicyVersion, Project
from clientela.modules.contracts.queries import refund_of, version_in_force
from clientela.modules.contracts.rules import RefundRule, Term, extra_premium, refund, refund_rule
from clientela.modules.products.models import Bank, Product

YEAR = Term(date(2025, 12, 6), date(2026, 12, 5))


def back(line: str, **values: Any) -> Any:
    known = {
        "premium": Decimal("10000.00"), "charged": Decimal("10000.00"), "term": YEAR, "last_day": date(2026, 11, 18),
        "concluded": date(2025, 11, 20), "asked": date(2026, 11, 18),
    }  # fmt: skip
    return refund(refund_rule(line), **known | values)


@pytest.mark.parametrize(("line", "values", "amount", "way"), [
    ("osago", {}, "358.63", "pro_rata"),  # 10 000 × 0.77 × 17 / 365
    ("osago", {"premium": Decimal("8533.99"), "last_day": date(2026, 8, 9)}, "2124.38", "pro_rata"),  # 118 days
    ("osago", {"asked": date(2025, 11, 25), "last_day": date(2025, 12, 5)}, "7700.00", "pro_rata"),
    ("osago", {"last_day": date(2026, 12, 5)}, "0.00", "pro_rata"),
    ("kasko", {}, "465.75", "pro_rata"),  # 10 000 × 17 / 365
    ("kasko", {"losses": Decimal("100.25"), "had_losses": True}, "365.50", "pro_rata"),
    ("kasko", {"losses": Decimal("900"), "had_losses": True}, "0.00", "pro_rata"),
    ("kasko", {"asked": date(2025, 12, 4)}, "10000.00", "cooling_off"),  # the fourteenth day after
    ("kasko", {"asked": date(2025, 12, 5)}, "465.75", "pro_rata"),
    ("kasko", {"asked": date(2025, 12, 4), "had_losses": True}, "465.75", "pro_rata"),
    ("mortgage", {"asked": date(2025, 12, 20), "on_credit": True}, "10000.00", "cooling_off"),  # the thirtieth
    ("mortgage", {"asked": date(2025, 12, 21), "on_credit": True}, "465.75", "pro_rata"),
    ("travel", {"term": Term(date(2026, 11, 10), date(2026, 11, 19)), "charged": Decimal("900.00")}, "900.00", "pro_rata"),
])  # fmt: skip
def test_refunds(line: str, values: dict[str, Any], amount: str, way: str) -> None:
    found = back(line, **values)
    assert (str(found.amount), found.way) == (amount, way)


def test_a_product_may_say_otherwise() -> None:
    assert refund_rule("kasko", {"kept": "0.2", "cooling_off": 21}) == RefundRule(
        kept=Decimal("0.2"), cooling_off=21, less_losses=True
    )


@given(
    st.decimals("0.01", "999999", places=2),
    st.dates(YEAR.start, YEAR.end),
    st.sampled_from(["osago", "kasko"]),
)
def test_a_later_end_never_gives_more(premium: Decimal, day: date, line: str) -> None:
    amounts = [
        back(line, premium=premium, charged=premium, last_day=last).amount
        for last in (YEAR.start, day, YEAR.end)
    ]
    assert premium >= amounts[0] >= amounts[1] >= amounts[2] == 0


@pytest.mark.parametrize(("after", "day", "expected"), [
    ("12000", date(2025, 12, 6), "2000.00"), ("12000", date(2026, 12, 5), "5.48"), ("9000", date(2026, 6, 6), "-501.37"),
])  # fmt: skip
def test_a_change_costs_the_days_that_are_left(after: str, day: date, expected: str) -> None:
    assert str(extra_premium(Decimal(10000), Decimal(after), term=YEAR, valid_from=day)) == expected


@pytest.fixture
def running(make_policy: Callable[..., Policy], vera: Client, kasko: Product) -> Policy:
    """Вера's KASKO from the 1st of November 2026, 36 500 for 365 days."""
    return make_policy(
        vera, kasko, number="К 16-1", end=date(2027, 10, 31), start_date=date(2026, 11, 1), premium=Decimal(36500),
        sum_insured=Decimal(2_000_000),
    )  # fmt: skip


def test_an_endorsement(anna: User, running: Policy, now: datetime) -> None:
    Participant.objects.create(policy=running, role="driver", name="Орлова Вера")
    people = [
        {"role": "driver", "name": "Орлова Вера"},
        {"role": "driver", "name": "Орлов Илья", "birth_date": "2006-01-02"},
    ]
    version = operations.endorse(
        actor=anna, now=now, policy=running, valid_from=date(2026, 11, 21), reason="второй водитель",
        premium=Decimal(47450), participants=people, seen=1,
    )  # fmt: skip
    version.refresh_from_db()
    running.refresh_from_db()
    assert (version.number, version.kind, version.premium) == (2, "endorsement", Decimal(47450))
    assert (version.difference, version.charged, running.premium) == (
        Decimal(10350),
        Decimal(46850),
        Decimal(46850),
    )
    assert version.counted == {
        "way": "rest_of_term",
        "left": 345,
        "days": 365,
        "before": "36500.00",
        "after": "47450.00",
    }
    assert [one.name for one in running.participants.order_by("id")] == ["Орлова Вера"]
    assert version_in_force(running, now.date()) == running.versions.get(number=1)
    assert operations.bring_in_due(now=now + timedelta(days=3)) == 1
    assert [one.name for one in running.participants.order_by("id")] == ["Орлова Вера", "Орлов Илья"]
    first = running.versions.get(number=1)
    assert (first.kind, first.charged, [one["name"] for one in first.participants]) == (
        "issue", Decimal(36500), ["Орлова Вера"],
    )  # fmt: skip
    assert [event.name for event in Event.objects.order_by("id")] == [
        "contracts.PolicyAmended", "contracts.PolicyChanged", "contracts.PolicyChanged",
    ]  # fmt: skip
    assert Entry.objects.get(action="policy.endorsed").changes["premium"] == ["36500.00", "46850.00"]
    # A second change counts from the price in force, a cancellation from it too.
    cheaper = operations.endorse(
        actor=anna,
        now=now,
        policy=running,
        valid_from=date(2026, 12, 1),
        reason="один водитель",
        premium=Decimal(36500),
    )
    assert (cheaper.difference, cheaper.charged) == (Decimal(-10050), Decimal(36800))
    operations.cancel_policy(actor=anna, now=now, policy=running, on=date(2026, 12, 31), reason="продажа")
    ended = running.versions.get(number=4)
    assert (ended.difference, ended.charged) == (Decimal(-30400), Decimal(6400))


def test_a_change_that_never_began_comes_back_whole(anna: User, running: Policy, now: datetime) -> None:
    """36 500 for 365 days, 10 950 more from the 1st of December on; cancelled with the 19th of November.

    346 unused days of the price in force are 34 600; the addition for 335 days, 10 050, comes back as well.
    """
    Policy.objects.update(issued_at=datetime(2026, 10, 1, tzinfo=now.tzinfo))
    running.refresh_from_db()
    version = operations.endorse(
        actor=anna, now=now, policy=running, valid_from=date(2026, 12, 1), reason="x", premium=Decimal(47450)
    )  # fmt: skip
    assert (version.difference, version.charged) == (Decimal(10050), Decimal(46550))
    assert refund_of(running, on=date(2026, 11, 19), now=now).amount == Decimal(34600) + Decimal(10050)
    assert refund_of(running, on=date(2026, 12, 31), now=now).amount == Decimal("39520.00")


@pytest.mark.parametrize(("values", "error"), [
    ({"valid_from": date(2026, 10, 31)}, operations.DayOutsideTerm), ({"valid_from": date(2027, 11, 1)}, operations.DayOutsideTerm),
    ({"premium": None}, operations.NothingChanged), ({"premium": Decimal(36500)}, operations.NothingChanged),
    ({"reason": " "}, operations.WhyNeeded), ({"seen": 2}, operations.ChangedMeanwhile),
    ({"premium": Decimal(-1)}, operations.InvalidPremium),
])  # fmt: skip
def test_an_endorsement_that_cannot_be(
    anna: User, running: Policy, now: datetime, values: dict[str, Any], error: type[Exception]
) -> None:
    good = {"valid_from": date(2026, 11, 21), "premium": Decimal(40000), "reason": "x"}
    with pytest.raises(error):
        operations.endorse(actor=anna, now=now, policy=running, **good | values)
    running.refresh_from_db()
    assert (running.premium, PolicyVersion.objects.count(), Event.objects.count()) == (Decimal(36500), 0, 0)


def test_a_policy_in_its_cooling_off_gives_all_back_and_comes_back(
    anna: User, running: Policy, now: datetime
) -> None:
    Policy.objects.filter(pk=running.pk).update(issued_at=now)
    operations.cancel_policy(
        actor=anna, now=now, policy=running, on=date(2026, 11, 18), reason="передумала", seen=1
    )
    version = running.versions.get(number=2)
    assert (version.counted["way"], version.difference, version.charged) == (
        "cooling_off", Decimal(-36500), Decimal(0),
    )  # fmt: skip
    back = operations.reinstate_policy(actor=anna, now=now, policy=running, reason="ошибка")
    running.refresh_from_db()
    assert (running.status, running.cancelled_on, back.difference, back.charged) == (
        "issued", None, Decimal(36500), Decimal(36500),
    )  # fmt: skip
    with pytest.raises(operations.NotCancelled):
        operations.reinstate_policy(actor=anna, now=now, policy=running, reason="ещё раз")


def test_a_mortgage_has_a_month(
    anna: User, make_policy: Callable[..., Policy], vera: Client, now: datetime
) -> None:
    product = Product.objects.create(code="mortgage", line="mortgage", name="Ипотека", message_name="ипотека")
    policy = make_policy(
        vera, product, number="И 1", end=date(2027, 10, 24), premium=Decimal(9000), issued_at=datetime(2026, 10, 20, tzinfo=now.tzinfo),
        bank=Bank.objects.create(code="bank", name="Банк"),
    )  # fmt: skip
    operations.cancel_policy(actor=anna, now=now, policy=policy, on=date(2026, 11, 18), reason="погашен")
    assert policy.versions.get(number=2).difference == Decimal(-9000)


def test_a_duplicate_costs_nothing(anna: User, running: Policy, now: datetime) -> None:
    version = operations.duplicate_policy(actor=anna, now=now, policy=running, reason="утерян")
    assert (version.kind, version.difference, version.charged) == ("duplicate", 0, Decimal(36500))
    operations.cancel_policy(actor=anna, now=now, policy=running, on=date(2026, 11, 18), reason="x")
    with pytest.raises(operations.NotInForce):
        operations.duplicate_policy(actor=anna, now=now, policy=running, reason="утерян")


def test_issue_writes_the_first_version(anna: User, vera_policy: Policy, now: datetime) -> None:
    project = operations.prepare_project(actor=anna, now=now, policy=vera_policy, terms={"tariff": "11.2026"})
    policy = operations.issue_project(actor=anna, now=now, project=project)
    version = policy.versions.get()
    assert (version.number, version.kind, version.terms, version.by) == (
        1,
        "issue",
        {"tariff": "11.2026"},
        anna,
    )


def test_nobody_changes_a_foreign_policy(boris: User, running: Policy, now: datetime) -> None:
    acts: list[tuple[Any, dict[str, Any]]] = [
        (operations.endorse, {"valid_from": date(2026, 11, 21), "premium": Decimal(1), "reason": "x"}),
        (operations.reinstate_policy, {"reason": "x"}), (operations.duplicate_policy, {"reason": "x"}),
        (operations.cancel_policy, {"on": date(2026, 11, 21), "reason": "x"}),
    ]  # fmt: skip
    for act, values in acts:
        with pytest.raises(PermissionDenied):
            act(actor=boris, now=now, policy=running, **values)
    running.refresh_from_db()
    assert (running.status, running.premium, PolicyVersion.objects.count()) == ("issued", Decimal(36500), 0)


def test_over_the_api(call: Call, anna: User, running: Policy, now: datetime) -> None:
    base = f"/policies/{running.pk}"
    operations.endorse(
        actor=anna, now=now, policy=running, valid_from=date(2026, 11, 21), premium=Decimal(47450), reason="x"
    )
    assert call(anna, "get", f"{base}/refund?on=2026-12-31")[1]["amount"] == "39520.00"
    assert call(anna, "post", f"{base}/duplicates", {"reason": "утерян"})[0] == 201
    assert call(anna, "post", f"{base}/cancellation", {"on": "2026-12-31", "reason": "продажа"})[0] == 200
    assert call(anna, "post", f"{base}/reinstatement", {"reason": "ошибка"})[1]["difference"] == "39520.00"
    kinds = [row["kind"] for row in call(anna, "get", f"{base}/versions")[1]]
    assert kinds == ["issue", "endorsement", "duplicate", "cancellation", "reinstatement"]


def test_a_new_contract_over_the_api(call: Call, anna: User, vera: Client, kasko: Product) -> None:
    body = {"product_id": kasko.pk, "start_date": "2026-11-19", "end_date": "2027-11-18", "premium": "41380"}
    status, project = call(anna, "post", f"/clients/{vera.pk}/projects", body)
    assert (status, project["policy_id"], project["client_id"]) == (201, None, vera.pk)
    assert [row["id"] for row in call(anna, "get", f"/clients/{vera.pk}/projects")[1]] == [project["id"]]
    assert call(anna, "post", f"/projects/{project['id']}/issue")[1]["renewal_year"] == 0
    assert Project.objects.get().state == "issued"
