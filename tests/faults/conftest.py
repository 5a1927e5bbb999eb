"""An installation in a database of its own, on both databases, with the SMSC simulator as its network."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults.nursery import ROOT, Nursery
from tests.servers.postgres import start_postgres
from tests.servers.smsc_control import RemoteSmsc

SQLITE = "clientela.sqlite3"


@pytest.fixture
def smsc() -> Iterator[RemoteSmsc]:
    server = RemoteSmsc()
    server.command("set", receipt_delay=0.3)
    yield server
    server.stop()


def own_environment(folder: Path, smsc: RemoteSmsc) -> dict[str, str]:
    """Settings of an installation of its own in ``folder``, on SQLite, whose SMS go to ``smsc``."""
    return bare_environment(folder) | {
        "CLIENTELA_TRANSPORT_SMS": "clientela.integrations.smpp.transport.from_environment",
        "CLIENTELA_SMPP_HOST": "127.0.0.1",
        "CLIENTELA_SMPP_PORT": str(smsc.port),
        "CLIENTELA_SMPP_SYSTEM_ID": "clientela",
        "CLIENTELA_SMPP_PASSWORD": "secret",
        "CLIENTELA_CLAIM_LEASE_SECONDS": "2",
        "CLIENTELA_UNCERTAIN_WINDOW_SECONDS": "4",
    }


def bare_environment(folder: Path) -> dict[str, str]:
    values = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "clientela.config.settings",
        "CLIENTELA_VAR": str(folder),
        "CLIENTELA_SECRET_KEY": "fault-test",
        "CLIENTELA_LOG_LEVEL": "ERROR",
    }
    values.pop("CLIENTELA_DATABASE_URL", None)
    return values


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The migrated, empty database of a kind: a file, or the name of a database. Made once."""
    made: dict[str, str] = {}

    def find(kind: str) -> str:
        if kind not in made:
            folder = tmp_path_factory.mktemp("template")
            environment = bare_environment(folder)
            name = f"fault_template_{os.getpid()}"
            if kind == "postgres":
                environment["CLIENTELA_DATABASE_URL"] = create_database(name)
            migrate(environment)
            made[kind] = name if kind == "postgres" else str(folder / SQLITE)
        return made[kind]

    return find


@pytest.fixture(params=["sqlite", "postgres"])
def environment(
    request: pytest.FixtureRequest, smsc: RemoteSmsc, tmp_path: Path, template: Callable[[str], str]
) -> dict[str, str]:
    """An empty installation of its own on each database."""
    values = own_environment(tmp_path, smsc)
    ready = template(request.param)
    if request.param == "postgres":
        name = f"fault_{os.getpid()}_{random.randrange(10**6)}"
        values["CLIENTELA_DATABASE_URL"] = create_database(name, ready)
    else:
        shutil.copy(ready, tmp_path / SQLITE)
    return values


@pytest.fixture
def nursery(environment: dict[str, str]) -> Iterator[Nursery]:
    """Processes of that installation."""
    parent = Nursery(environment)
    yield parent
    parent.close()


def migrate(environment: dict[str, str]) -> None:
    words = ("migrate", "--verbosity", "0")
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True)


def create_database(name: str, template: str = "template1") -> str:
    """The address of a new database of the run's cluster."""
    base = start_postgres()
    psql(base, f"CREATE DATABASE {name} TEMPLATE {template}")
    return base.rsplit("/", 1)[0] + f"/{name}"


def psql(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def worker(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
