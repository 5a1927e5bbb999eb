"""Several planners at the same moment plan each touch once."""

import json
import subprocess
import sys

import pytest

from tests.faults.conftest import ROOT, company

pytestmark = [pytest.mark.fault, pytest.mark.server]


def test_four_planners_at_once(environment: dict[str, str]) -> None:
    company(environment, "make", "--clients", "500")
    command = [sys.executable, "-m", "tests.faults.company", "plan"]
    planners = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [planner.communicate(timeout=120)[1] for planner in planners]
    assert [planner.returncode for planner in planners] == [0, 0, 0, 0], said
    told = json.loads(company(environment, "tell"))
    assert (told["terms"], told["touches"]) == (500, {"planned": 500})
