"""The pure rules of touches and norms."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.modules.renewals import rules
from clientela.modules.renewals.rules import Reason, StepSpec, TermFacts

TODAY = date(2026, 11, 18)
SMS = StepSpec(
    key="base.osago-5-sms",
    day=5,
    channel="sms",
    conditions=(
        {"code": "line_in", "value": ["osago"]},
        {"code": "no_project"},
        {"code": "no_quote"},
        {"code": "no_payment"},
        {"code": "agent_below_norm"},
    ),
)


def facts(**values: object) -> TermFacts:
    return TermFacts(**{"end_date": TODAY + timedelta(days=5), "line": "osago", "reach": 1, **values})  # type: ignore[arg-type]


def test_a_step_goes_when_nothing_holds_it_back() -> None:
    assert rules.stop_reason(SMS, facts(), today=TODAY) is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"paid": True}, Reason.PAID),
        ({"lost": True}, Reason.LOST),
        ({"object_sold": True}, Reason.OBJECT_SOLD),
        ({"in_dispute": True}, Reason.IN_DISPUTE),
        ({"do_not_contact": True}, Reason.DO_NOT_CONTACT),
        ({"held_until": TODAY}, Reason.HELD),
        ({"has_project": True}, Reason.HAS_PROJECT),
        ({"has_quote": True}, Reason.HAS_QUOTE),
        ({"norm_kept": True}, Reason.NORM_KEPT),
        ({"reach": 2 | 4 | 8}, Reason.NO_CHANNEL),
    ],
)
def test_each_fact_gives_its_reason(values: dict[str, object], reason: Reason) -> None:
    assert rules.stop_reason(SMS, facts(**values), today=TODAY) == reason


def test_the_weightiest_reason_comes_first() -> None:
    held_back = facts(paid=True, has_project=True, reach=0)
    assert rules.stop_reasons(SMS, held_back, today=TODAY) == [
        Reason.PAID,
        Reason.HAS_PROJECT,
        Reason.NO_CHANNEL,
    ]


def test_a_hold_ends_the_day_after() -> None:
    assert rules.stop_reason(SMS, facts(held_until=TODAY - timedelta(days=1)), today=TODAY) is None


def test_a_project_does_not_stop_a_step_without_that_condition() -> None:
    step = StepSpec(key="base.kasko-45-sms", day=45, channel="sms")
    assert (
        rules.stop_reason(step, facts(has_project=True, has_quote=True, norm_kept=True), today=TODAY) is None
    )


@pytest.mark.parametrize(
    ("opened_on", "expected"),
    [
        (None, None),
        (TODAY + timedelta(days=5 - 31), None),
        (TODAY + timedelta(days=5 - 30), Reason.OPENED),
        (TODAY, Reason.OPENED),
    ],
)
def test_the_robot_is_silent_once_the_letter_of_day_30_is_open(
    opened_on: date | None, expected: Reason | None
) -> None:
    robot = StepSpec(
        key="centre.motor-29-robot", day=29, until_day=17, channel="robot",
        conditions=({"code": "not_opened_since", "value": 30},),
    )  # fmt: skip
    assert rules.stop_reason(robot, facts(reach=8, opened_on=opened_on), today=TODAY) == expected


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ({"code": "line_in", "value": ["osago"]}, {}, True),
        ({"code": "line_in", "value": ["kasko"]}, {}, False),
        ({"code": "product_in", "value": ["305", "354"]}, {"product": "354"}, True),
        ({"code": "product_in", "value": ["305", "354"]}, {"product": "osago"}, False),
        ({"code": "bank_in", "value": ["sber"]}, {"bank": "sber"}, True),
        ({"code": "bank_in", "value": ["sber"]}, {"bank": None}, False),
        ({"code": "bank_not_in", "value": ["sber"]}, {"bank": None}, True),
        ({"code": "bank_not_in", "value": ["sber"]}, {"bank": "sber"}, False),
        ({"code": "first_renewal_year"}, {"renewal_year": 1}, True),
        ({"code": "first_renewal_year"}, {"renewal_year": 2}, False),
        ({"code": "later_renewal_year"}, {"renewal_year": 2}, True),
        ({"code": "centre_supported"}, {"centre_supported": True}, True),
        ({"code": "centre_not_supported"}, {"centre_supported": True}, False),
    ],
)
def test_audience(condition: dict[str, object], values: dict[str, object], expected: bool) -> None:
    step = StepSpec(key="x", day=5, channel="sms", conditions=(condition,))
    assert rules.is_audience(step, facts(**values)) is expected


@pytest.mark.parametrize(
    "condition",
    [
        {"code": "no_such"},
        {},
        {"code": "line_in"},
        {"code": "line_in", "value": []},
        {"code": "line_in", "value": "osago"},
        {"code": "not_opened_since", "value": "30"},
        {"code": "not_opened_since", "value": True},
        {"code": "not_opened_since", "value": 366},
    ],
)
def test_conditions_outside_the_vocabulary_are_refused(condition: dict[str, object]) -> None:
    with pytest.raises(rules.BadCondition):
        rules.check_conditions([condition])


def test_every_stop_has_its_reason_and_every_condition_is_a_stop_or_an_audience() -> None:
    implied = {rules.Condition.NO_PAYMENT, rules.Condition.CHANNEL_PRESENT}
    assert set(rules.Condition) == rules.AUDIENCE | set(rules.STOPS) | implied


@pytest.mark.parametrize(
    ("renewed", "expiring", "kept"),
    [(75, 100, True), (74, 100, False), (3, 4, False), (4, 5, True), (0, 0, False)],
)
def test_the_norm_is_75_percent_of_at_least_five(renewed: int, expiring: int, kept: bool) -> None:
    assert rules.keeps_norm(renewed=renewed, expiring=expiring, target=Decimal(75), min_expiring=5) is kept


@given(st.integers(0, 500), st.integers(1, 500), st.decimals(1, 100, places=2))
def test_what_is_missing_reaches_the_norm_and_one_less_does_not(
    renewed: int, expiring: int, target: Decimal
) -> None:
    missing = rules.missing_to_norm(renewed=renewed, expiring=expiring, target=target)
    assert Decimal(renewed + missing) * 100 >= target * expiring
    if missing:
        assert Decimal(renewed + missing - 1) * 100 < target * expiring


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 18), date(2026, 7, 19), date(2026, 10, 18)),
        (date(2026, 3, 31), date(2025, 11, 29), date(2026, 2, 28)),
        (date(2024, 3, 31), date(2023, 11, 30), date(2024, 2, 29)),
        (date(2026, 1, 1), date(2025, 9, 2), date(2025, 12, 1)),
    ],
)
def test_the_window_ends_when_the_grace_is_over(today: date, first: date, last: date) -> None:
    assert rules.norm_window(today, months=3, grace_days=30) == (first, last)
