"""Erlang C against published values, and what must hold whatever the numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.modules.calls.figures.erlang import people_needed, rostered, service
from clientela.modules.calls.figures.shift import Targets, reached, staffing


@pytest.mark.parametrize(
    ("calls", "seconds", "aht", "people", "waits", "level", "asa"),
    [
        (100, 1800, 180, 14, 0.17413, 0.88835, 7.836),
        (100, 1800, 180, 13, 0.28527, 0.79559, 17.116),
        (200, 3600, 240, 17, 0.25731, 0.81044, 16.842),
    ],
)
def test_known_values(calls, seconds, aht, people, waits, level, asa):
    found = service(calls, people, seconds=seconds, aht=aht, within=20)
    assert (round(found.waits, 5), round(found.level, 5), round(found.asa, 3)) == (waits, level, asa)


def test_eighty_in_twenty_needs_fourteen_and_eighteen_on_the_shift():
    needed = people_needed(100, seconds=1800, aht=180, within=20, aim=0.8)
    assert (needed, rostered(needed, 0.25), rostered(needed, 0.3)) == (14, 19, 20)
    assert (rostered(7, 0.3), rostered(0, 0.3), rostered(5, 0)) == (10, 0, 5)


def test_a_line_that_carries_its_load_by_nobody():
    found = service(100, 10, seconds=1800, aht=180, within=20)
    assert (found.waits, found.level, found.asa, found.occupancy) == (1.0, 0.0, None, 1.0)
    assert service(0, 0, seconds=1800, aht=180, within=20).level == 1.0
    assert people_needed(0, seconds=1800, aht=180, within=20, aim=0.8) == 0


def test_more_than_a_line_has_is_refused():
    with pytest.raises(ValueError, match="more people"):
        people_needed(1e6, seconds=1800, aht=180, within=20, aim=0.8)


volumes = st.floats(0.1, 2000)
handling = st.floats(10, 1200)


@given(calls=volumes, aht=handling, people=st.integers(1, 400), within=st.integers(0, 120))
def test_one_more_person_is_never_worse(calls, aht, people, within):
    fewer = service(calls, people, seconds=1800, aht=aht, within=within)
    more = service(calls, people + 1, seconds=1800, aht=aht, within=within)
    assert more.level >= fewer.level - 1e-12
    assert more.waits <= fewer.waits + 1e-12
    assert more.occupancy <= fewer.occupancy
    assert fewer.asa is None or more.asa <= fewer.asa


@given(calls=volumes, aht=handling, aim=st.floats(0.5, 0.99))
def test_needed_people_reach_the_aim_and_one_fewer_does_not(calls, aht, aim):
    needed = people_needed(calls, seconds=1800, aht=aht, within=20, aim=aim)
    assert service(calls, needed, seconds=1800, aht=aht, within=20).level >= aim
    assert service(calls, needed - 1, seconds=1800, aht=aht, within=20).level < aim
    assert people_needed(calls * 1.2, seconds=1800, aht=aht, within=20, aim=aim) >= needed


@given(st.integers(0, 500), st.floats(0, 0.9))
def test_the_shift_leaves_enough_after_shrinkage(needed, shrinkage):
    found = rostered(needed, shrinkage)
    assert found * (1 - shrinkage) >= needed - 1e-6
    assert found == 0 or (found - 1) * (1 - shrinkage) < needed


def test_a_half_hour_with_too_few_people_is_short_and_says_what_comes_of_it():
    short, enough, quiet = staffing([100, 100, 0], [18, 20, 0], Targets(aht=180, shrinkage=0.3))
    assert (short.needed, short.wanted, short.have, short.gap) == (14, 20, 18, 2)
    assert short.reached.people == 12
    assert short.reached.level < 0.8 < short.given.level == enough.reached.level
    assert (enough.gap, quiet.needed, quiet.gap) == (0, 0, 0)
    mean = (short.reached.level + enough.reached.level) / 2
    assert reached([short, enough, quiet]) == pytest.approx(mean)
    assert reached([quiet]) is None
