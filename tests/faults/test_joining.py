"""kill -9 while rules make cards one: each group once and whole, the run goes on where it was."""

import json
import subprocess
import sys

import pytest

from tests.faults.nursery import ROOT

pytestmark = [pytest.mark.fault, pytest.mark.server]
GROUPS, KILLS = 60, 6


def test_every_group_is_joined_once(environment: dict[str, str]) -> None:
    words = [sys.executable, "-m", "tests.faults.joining", str(GROUPS), str(KILLS)]
    said = subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    told = json.loads(said)
    gone = GROUPS + GROUPS // 2
    assert told.pop("hits") > 0
    assert told == {
        "cards": GROUPS, "merges": [gone, gone], "states": ["merged"],
        # The phone that a group shares, and each card's own.
        "contacts": GROUPS + GROUPS + gone, "told": gone, "events": gone, "run": [True, gone], "job": "done",
    }  # fmt: skip
