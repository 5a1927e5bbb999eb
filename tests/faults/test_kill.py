"""kill -9 of the worker fifty times at random while it plans, dispatches and sends: nothing lost, nothing doubled."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import start_postgres
from tests.servers.smsc_control import RemoteSmsc

ROOT = Path(__file__).resolve().parents[2]
CLIENTS, KILLS = 300, 50

pytestmark = [pytest.mark.fault, pytest.mark.server]


@pytest.fixture
def smsc() -> Iterator[RemoteSmsc]:
    server = RemoteSmsc()
    server.command("set", receipt_delay=0.3)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest, smsc: RemoteSmsc) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        values = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "clientela.config.settings",
            "CLIENTELA_VAR": folder,
            "CLIENTELA_SECRET_KEY": "fault-test",
            "CLIENTELA_TRANSPORT_SMS": "clientela.integrations.smpp.transport.from_environment",
            "CLIENTELA_SMPP_HOST": "127.0.0.1",
            "CLIENTELA_SMPP_PORT": str(smsc.port),
            "CLIENTELA_SMPP_SYSTEM_ID": "clientela",
            "CLIENTELA_SMPP_PASSWORD": "secret",
            "CLIENTELA_CLAIM_LEASE_SECONDS": "2",
            "CLIENTELA_UNCERTAIN_WINDOW_SECONDS": "4",
            "CLIENTELA_LOG_LEVEL": "ERROR",
        }
        values.pop("CLIENTELA_DATABASE_URL", None)
        if request.param == "postgres":
            name = f"fault_{os.getpid()}_{random.randrange(10**6)}"
            base = start_postgres()
            psql(base, f"CREATE DATABASE {name}")
            values["CLIENTELA_DATABASE_URL"] = base.rsplit("/", 1)[0] + f"/{name}"
        yield values


def psql(dsn: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def company(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "tests.faults.company", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


def worker(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


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
