"""SIGKILL of the sender at every step of a sending: each client gets each message once."""

import json
import signal

import pytest

from tests.faults.nursery import Nursery
from tests.faults.sender import TEXT
from tests.servers.smsc_control import RemoteSmsc

CLIENTS = 15

pytestmark = [pytest.mark.fault, pytest.mark.server]


@pytest.mark.parametrize("moment", ["claimed", "half", "answered", "stored"])
def test_a_sender_that_is_killed(nursery: Nursery, smsc: RemoteSmsc, moment: str) -> None:
    nursery.run("company", "make", "--clients", str(CLIENTS))
    nursery.run("sender", "ask", str(CLIENTS))

    assert nursery.bear("sender", moment).wait() == -signal.SIGKILL
    nursery.run("sender", "to-the-end")

    told = json.loads(nursery.run("company", "tell"))
    assert told["messages"] == {"delivered": 2 * CLIENTS}, told
    state = smsc.state()
    got = sorted(item["text"] for item in state["inbox"])
    firsts = range(1, CLIENTS + 1)
    assert got == sorted(TEXT.format(number=number * 10 + copy) for number in firsts for copy in (0, 1))
    assert [item for item in state["accepted"] if item[-1] != 1] == []
