"""kill -9 of routers that work side by side: whole decisions, nobody over the capacity, nothing given twice."""

import json
import subprocess
import sys

import pytest

from tests.faults.nursery import ROOT

pytestmark = [pytest.mark.fault, pytest.mark.server]
PIECES, KILLS = 900, 5


def test_work_is_given_once_and_fits(environment: dict[str, str]) -> None:
    words = [sys.executable, "-m", "tests.faults.routers", str(PIECES), str(KILLS)]
    said = subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    hits, given, wrong = json.loads(said)
    assert hits > 0
    assert 0 < given < PIECES  # not everything fits
    assert set(wrong.values()) == {0}, wrong
