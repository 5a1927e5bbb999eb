"""Buckets, sides and shares, without a database."""

from datetime import date, time

import pytest

from clientela.modules.renewals.experiments import Arm, bucket, differing
from clientela.modules.renewals.models import Step
from clientela.modules.renewals.proportions import Difference, Proportion

IDS = range(1, 10_001)


@pytest.mark.parametrize("share", [1, 20, 50, 99])
@pytest.mark.parametrize("experiment", [1, 2, 77])
def test_the_share_of_b_is_near_the_asked_one(experiment: int, share: int) -> None:
    """Within three standard errors of a fair draw over ten thousand clients."""
    got = sum(bucket(pk, experiment) < share for pk in IDS)
    error = (10_000 * share / 100 * (1 - share / 100)) ** 0.5
    assert abs(got - 100 * share) < 3 * error
    assert {bucket(pk, experiment) for pk in IDS} == set(range(100))


def test_neighbours_and_other_experiments_tell_nothing() -> None:
    """A half of the pairs falls on the same side, for neighbours by id and for two experiments."""
    side = {pk: bucket(pk, 1) < 50 for pk in IDS}
    other = {pk: bucket(pk, 2) < 50 for pk in IDS}
    assert abs(sum(side[pk] == side[pk + 1] for pk in IDS if pk + 1 in side) - 5000) < 150
    assert abs(sum(side[pk] == other[pk] for pk in IDS) - 5000) < 150


def test_a_term_goes_by_one_side_and_only_those_that_enter_by_b() -> None:
    days = [date(2026, 12, day) for day in (9, 10, 20, 21)]
    for share in (1, 50, 99):
        b = Arm(3, share, days[1], days[2], gets_b=True)
        a = Arm(3, share, days[1], days[2], gets_b=False)
        for pk in range(1, 200):
            assert [a.takes(pk, day) for day in days] == [not b.takes(pk, day) for day in days]
            assert [b.takes(pk, day) for day in days] == [False, *[bucket(pk, 3) < share] * 2, False]
    assert Arm(3, 99, days[0], None, gets_b=True).takes(1, date(2030, 1, 1)) == (bucket(1, 3) < 99)


def step(key: str, **fields: object) -> Step:
    values = {"name": "SMS", "day": 5, "channel": "sms", "at_time": time(12), "text": "…"} | fields
    return Step(key=key, **values)


def test_versions_differ_in_what_a_client_notices() -> None:
    conditions = [{"code": "no_project"}, {"code": "no_quote"}]
    one = [step("a", conditions=conditions), step("b"), step("gone")]
    other = [
        step("a", conditions=conditions[::-1], name="Другое имя", position=9),
        step("b", day=4),
        step("new"),
    ]
    assert differing(one, one) == set()
    assert differing(one, other) == {"b", "gone", "new"}


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_share(count: int, total: int, low: float, high: float) -> None:
    """Newcombe 1998 (Statistics in Medicine 17, 857–872), table I, method 3."""
    assert [round(bound, 4) for bound in Proportion(count, total).interval] == [low, high]


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_the_interval_of_a_difference(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998 (Statistics in Medicine 17, 873–890), table II, method 10."""
    found = Difference(Proportion(*other), Proportion(*one)).interval
    assert [round(bound, 4) for bound in found] == [low, high]


def test_the_test_of_two_shares() -> None:
    """Heart attacks among physicians: 189 of 11,034 and 104 of 11,037; chi-square 25.0139, p 5.692e-07 (R)."""
    found = Difference(Proportion(104, 11_037), Proportion(189, 11_034))
    assert found.p_value == pytest.approx(5.692e-07, rel=1e-3)
    assert found.is_shown


def test_little_or_equal_shows_nothing() -> None:
    assert not Difference(Proportion(0, 0), Proportion(0, 0)).is_enough
    few = Difference(Proportion(0, 8), Proportion(8, 8))
    assert (few.is_enough, few.is_shown, few.p_value < 0.001) == (False, False, True)
    same = Difference(Proportion(300, 500), Proportion(300, 500))
    assert (same.is_enough, same.is_shown, same.p_value) == (True, False, 1.0)
    assert Difference(Proportion(5, 5), Proportion(9, 9)).p_value == 1.0
