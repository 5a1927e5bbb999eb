"""kill -9 of the worker while it sends webhooks: every event arrives, and under one id."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from clientela.foundation.webhooks.tests.receiver import Receiver
from tests.faults.conftest import ROOT, worker

EVENTS, KILLS = 200, 4
MAKE = """
from django.db import transaction
from django.utils import timezone
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.webhooks.operations import create_endpoint
from clientela.modules.renewals.events import RenewalChanged
now = timezone.now()
create_endpoint(actor=None, now=now, name="1C", url="{url}", events=["renewals.RenewalChanged"])
with transaction.atomic():
    publish_all([RenewalChanged(renewal_id=n, client_id=1) for n in range({events})], now=now)
"""
TELL = """
import json
from clientela.foundation.webhooks.models import Delivery
print(json.dumps([list(row) for row in Delivery.objects.values_list("message_id", "state")]))
"""

pytestmark = [pytest.mark.fault, pytest.mark.server]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.stop()


def manage(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


def states(environment: dict[str, str]) -> dict[str, str]:
    return dict(json.loads(manage(environment, "shell", "--no-imports", "-c", TELL)))


def test_kills(environment: dict[str, str], receiver: Receiver) -> None:
    environment = environment | {"CLIENTELA_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "createcachetable")
    manage(environment, "shell", "--no-imports", "-c", MAKE.format(url=receiver.url, events=EVENTS))
    dice = random.Random(20261118)
    for _ in range(KILLS):
        victim = worker(environment)
        assert victim.stdout is not None
        victim.stdout.readline()  # ready: from here on any moment may be the last
        time.sleep(dice.uniform(0.05, 0.3))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        victim.stdout.close()
    before = len(receiver.taken)
    survivor = worker(environment)
    try:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline and set(states(environment).values()) != {"done"}:
            time.sleep(0.5)
    finally:
        survivor.terminate()
        survivor.wait(15)
        assert survivor.stdout is not None
        survivor.stdout.close()

    told = states(environment)
    ids = {taken.headers["webhook-id"] for taken in receiver.taken}
    numbers = {json.loads(taken.body)["data"]["renewal_id"] for taken in receiver.taken}
    assert 0 < before < EVENTS + KILLS  # the kills fell in the middle of the work
    assert set(told.values()) == {"done"}
    assert ids == set(told)
    assert numbers == set(range(EVENTS))
    assert EVENTS <= len(receiver.taken) <= EVENTS + KILLS
