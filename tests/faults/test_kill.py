"""kill -9 of the worker fifty times at random while it plans, dispatches and sends: nothing lost, nothing doubled."""

import json
import random
import signal
import time

import pytest

from tests.faults.conftest import company, worker
from tests.servers.smsc_control import RemoteSmsc

CLIENTS, KILLS = 300, 50

pytestmark = [pytest.mark.fault, pytest.mark.server]


def test_fifty_kills(environment: dict[str, str], smsc: RemoteSmsc) -> None:
    company(environment, "make", "--clients", str(CLIENTS))
    dice = random.Random(20261118)
    smsc.command("set", max_tps=60)
    for _ in range(KILLS):
        victim = worker(environment)
        assert victim.stdout is not None
        victim.stdout.readline()  # ready: from here on any moment may be the last
        time.sleep(dice.uniform(0.02, 0.5))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        victim.stdout.close()
    smsc.command("set", max_tps=0)
    survivor = worker(environment)
    try:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            time.sleep(1)
            told = json.loads(company(environment, "tell"))
            if told["messages"] == {"delivered": CLIENTS} and told["touches"] == {"delivered": CLIENTS}:
                break
    finally:
        survivor.terminate()
        survivor.wait(15)
        assert survivor.stdout is not None
        survivor.stdout.close()
    told = json.loads(company(environment, "tell"))
    assert (told["terms"], told["touches"], told["messages"]) == (
        CLIENTS,
        {"delivered": CLIENTS},
        {"delivered": CLIENTS},
    )
    texts = [item["text"] for item in smsc.state()["inbox"]]
    numbers = sorted(text.split("№ ")[1].split(" зак")[0] for text in texts)
    assert numbers == [f"ХХХ {i:010}" for i in range(CLIENTS)]
