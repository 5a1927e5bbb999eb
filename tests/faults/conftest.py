"""A company in a database of its own, on both databases, with the SMSC simulator as its network."""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.servers.postgres import start_postgres
from tests.servers.smsc_control import RemoteSmsc

ROOT = Path(__file__).resolve().parents[2]


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
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def company(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "tests.faults.company", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout
