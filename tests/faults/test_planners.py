"""Several planners at the same moment plan each touch once."""

import json

import pytest

from tests.faults.nursery import Nursery

pytestmark = [pytest.mark.fault, pytest.mark.server]


def test_four_planners_at_once(nursery: Nursery) -> None:
    nursery.run("company", "make", "--clients", "500")

    planners = [nursery.bear("company", "plan") for _ in range(4)]

    assert [(planner.wait(), planner.said()) for planner in planners] == [(0, "")] * 4
    told = json.loads(nursery.run("company", "tell"))
    assert (told["terms"], told["touches"]) == (500, {"planned": 500})
