"""A company in a database of its own, on both databases, with the SMSC simulator as its network."""

import os
import random
import subprocess
import sys
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


def own_environment(folder: Path, smsc: RemoteSmsc) -> dict[str, str]:
    """Settings of an installation of its own in ``folder``, on SQLite, whose SMS go to ``smsc``."""
    values = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "clientela.config.settings",
        "CLIENTELA_VAR": str(folder),
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
    return values


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest, smsc: RemoteSmsc, tmp_path: Path) -> dict[str, str]:
    """An installation of its own on each database."""
    values = own_environment(tmp_path, smsc)
    if request.param == "postgres":
        name = f"fault_{os.getpid()}_{random.randrange(10**6)}"
        base = start_postgres()
        psql(base, f"CREATE DATABASE {name}")
        values["CLIENTELA_DATABASE_URL"] = base.rsplit("/", 1)[0] + f"/{name}"
    return values


def psql(dsn: str, statement: str) -> None:
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
