"""kill -9 in the middle of an import, again and again: resumed, the base is what an undisturbed import makes."""

import gzip
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import psycopg
import pytest

from clientela.modules.contracts.imports.tests.helpers import data_file, text_of
from tests.servers.postgres import start_postgres

ROOT = Path(__file__).resolve().parents[5]
FILE = "clientela.sqlite3"
KILLS = 4  # a job that is taken over more often is given up
pytestmark = [pytest.mark.fault, pytest.mark.server]

PREPARE = """
from clientela.foundation.imports.models import Mapping
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Product
Branch.objects.create(code="kazan", name="Казань", region_code="RU-TA", city="Казань", time_zone="Europe/Moscow")
Product.objects.create(code="osago", line="osago", name="ОСАГО", message_name="ОСАГО")
Mapping.objects.create(target="portfolio", name="plain", code="plain", source="plain", definition={"fields": {
    field: {"from": name} for name, field in {
        "id": "client.external_id", "name": "client.full_name", "phone": "client.phone", "number": "policy.number",
        "start": "policy.start_date", "end": "policy.end_date", "premium": "policy.premium", "vin": "object.vin",
    }.items()
}})
"""
TELL = """
import hashlib, json
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.outbox.models import Event
from clientela.modules.contracts.imports.tests.helpers import base
run = ImportRun.objects.get()
print("TOLD", json.dumps({
    "state": run.state, "counts": run.counts, "events": Event.objects.filter(name="contracts.PortfolioImported").count(),
    "base": {name: [len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()] for name, rows in base().items()},
}))
"""


class Place:
    """An installation of its own."""

    def __init__(self, folder: Path, server: str | None, like: "Place | None" = None) -> None:
        folder.mkdir(parents=True)
        self.folder, self.server = folder, server
        self.name = f"import_{os.getpid()}_{random.randrange(10**6)}"
        self.environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "clientela.config.settings", "CLIENTELA_VAR": str(folder),
            "CLIENTELA_SECRET_KEY": "fault-test", "CLIENTELA_CLAIM_LEASE_SECONDS": "1", "CLIENTELA_LOG_LEVEL": "CRITICAL",
            "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        self.environment.pop("CLIENTELA_DATABASE_URL", None)
        if server:
            self.environment["CLIENTELA_DATABASE_URL"] = self.address
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(
                    f"CREATE DATABASE {self.name} TEMPLATE {like.name if like else 'template1'}"
                )
        elif like:
            shutil.copy(like.folder / FILE, folder / FILE)
        if like is None:
            self.manage("migrate", "-v0")
            self.shell(PREPARE)

    @property
    def address(self) -> str:
        assert self.server
        return self.server.rsplit("/", 1)[0] + f"/{self.name}"

    def manage(self, *words: str) -> str:
        with self.start(*words) as running:
            said, _ = running.communicate(timeout=300)
        assert running.returncode == 0, (self.folder / "errors.txt").read_text()[-3000:]
        return said

    def shell(self, code: str) -> str:
        return self.manage("shell", "-v0", "-c", code)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        with (self.folder / "errors.txt").open("w") as errors:
            return subprocess.Popen(
                [sys.executable, "manage.py", *words],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def done(self) -> int:
        """How many rows are in for good."""
        query = "SELECT done FROM jobs_job"
        if self.server:
            with psycopg.connect(self.address) as base:
                found = base.execute(query).fetchone()
        else:
            with closing(sqlite3.connect(self.folder / FILE, timeout=20)) as base:
                found = base.execute(query).fetchone()
        return int(found[0]) if found else 0

    def tell(self) -> dict[str, object]:
        line = re.search(r"^TOLD (.*)$", self.shell(TELL), re.MULTILINE)
        assert line is not None
        return json.loads(line[1])


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def ready(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An empty installation to copy."""
    server = start_postgres() if request.param == "postgres" else None
    return Place(tmp_path_factory.mktemp("imports") / "ready", server)


@pytest.fixture
def places(ready: Place, tmp_path: Path) -> tuple[Place, Place]:
    calm, stormy = (Place(tmp_path / name, ready.server, ready) for name in ("calm", "stormy"))
    return calm, stormy


def storm(place: Place, *words: str, rows: int) -> list[int]:
    """Kill the import ``KILLS`` times somewhere on its way, then let it end; how far it was each time."""
    dice, reached = random.Random(20261118), [0]
    running = place.start("import_file", *words)
    assert running.stdout is not None
    running.stdout.readline()  # the file is read, the work begins
    for _ in range(KILLS):
        goal = reached[-1] + rows // (KILLS + 4)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and running.poll() is None and place.done() < goal:
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 0.1))
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()
        reached.append(place.done())
        running = place.start("import_file", "--resume", "1")
        assert running.stdout is not None
    running.communicate(timeout=300)
    assert running.returncode == 0, (
        f"{reached} of {rows}: {(place.folder / 'errors.txt').read_text()[-3000:]}"
    )
    return reached[1:]


def compare(calm: Place, stormy: Place, file: Path, *words: str, rows: int) -> None:
    """One import is left in peace, the other is killed again and again."""
    words = (str(file), *words, "--branch", "kazan", "--chunk", str(rows // 60))
    peaceful = calm.start("import_file", *words)
    reached = storm(stormy, *words, rows=rows)
    said, _ = peaceful.communicate(timeout=300)
    assert peaceful.returncode == 0, said
    assert all(0 < done < rows for done in reached), reached
    assert reached == sorted(reached)
    told = stormy.tell()
    assert (told["state"], told["events"]) == ("done", 1)
    assert told == calm.tell()


def test_killed_four_times(places: tuple[Place, Place], tmp_path: Path) -> None:
    rows = [
        {"id": f"{n // 2}" if n % 3 else "", "name": f"Клиент{'абвгдежзик'[n % 10]} {'абвгдежзик'[n // 2 % 10]}",
         "phone": f"+7917{n // 2:07}", "number": f"N{n // 3}", "start": f"01.01.{2020 + n % 3}",
         "end": f"31.12.{2020 + n % 3}", "premium": "x" if n % 500 == 250 else str(100 + n), "vin": f"XWEH2812BJ{n // 2:07}"}
        for n in range(9000)
    ]  # fmt: skip
    file = tmp_path / "portfolio.csv"
    file.write_bytes(text_of(rows))
    compare(*places, file, "--mapping", "plain", "--product", "osago", rows=len(rows))


@pytest.mark.data
@pytest.mark.skipif(data_file("spanish_motor.csv.gz") is None, reason="the folder of real data is not here")
def test_the_real_portfolio_killed_on_its_way(places: tuple[Place, Place], tmp_path: Path) -> None:
    whole, rows = data_file("spanish_motor.csv.gz"), 20_000
    assert whole is not None
    file = tmp_path / "portfolio.csv"
    with gzip.open(whole, "rb") as source:
        file.write_bytes(b"".join(islice(source, rows + 1)))
    compare(*places, file, "--mapping", "spanish_motor", rows=rows)
