"""SIGKILL of the sender at every step of a sending: each client gets each message once."""

import json
import signal
import subprocess
import sys

import pytest

from tests.faults.conftest import ROOT, company
from tests.faults.sender import TEXT
from tests.servers.smsc_control import RemoteSmsc

CLIENTS = 15

pytestmark = [pytest.mark.fault, pytest.mark.server]


def sender(environment: dict[str, str], *words: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.sender", *words], cwd=ROOT, env=environment, check=False
    ).returncode


@pytest.mark.parametrize("moment", ["claimed", "half", "answered", "stored"])
def test_a_sender_that_is_killed(environment: dict[str, str], smsc: RemoteSmsc, moment: str) -> None:
    company(environment, "make", "--clients", str(CLIENTS))
    assert sender(environment, "ask", str(CLIENTS)) == 0

    assert sender(environment, moment) == -signal.SIGKILL
    assert sender(environment, "to-the-end") == 0

    told = json.loads(company(environment, "tell"))
    assert told["messages"] == {"delivered": 2 * CLIENTS}, told
    state = smsc.state()
    got = sorted(item["text"] for item in state["inbox"])
    firsts = range(1, CLIENTS + 1)
    assert got == sorted(TEXT.format(number=number * 10 + copy) for number in firsts for copy in (0, 1))
    assert [item for item in state["accepted"] if item[-1] != 1] == []
