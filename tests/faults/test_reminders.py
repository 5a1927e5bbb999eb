"""kill -9 while people are reminded: each is reminded of each event once."""

import json
import subprocess
import sys

import pytest

from tests.faults.nursery import ROOT

pytestmark = [pytest.mark.fault, pytest.mark.server]
EVENTS, KILLS = 400, 6


def test_everybody_is_reminded_once(environment: dict[str, str]) -> None:
    words = [sys.executable, "-m", "tests.faults.reminding", str(EVENTS), str(KILLS)]
    said = subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    hits, *counts = json.loads(said)
    assert hits > 0
    assert counts == [EVENTS, EVENTS, 0, 0]
