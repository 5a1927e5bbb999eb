"""kill -9 in the middle of an import, again and again: resumed, the base is what an undisturbed import makes."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from clientela.modules.contracts.imports.tests.helpers import data_file, text_of
from tests.servers.postgres import start_postgres

ROOT = Path(__file__).resolve().parents[5]
KILLS = 4  # a job that is taken over more often is given up
pytestmark = [pytest.mark.fault, pytest.mark.server]

PREPARE = """
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Product
Branch.objects.create(code="kazan", name="Казань", region_code="RU-TA", city="Казань", time_zone="Europe/Moscow")
Product.objects.create(code="osago", line="osago", name="ОСАГО", message_name="ОСАГО")
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
PROGRESS = 'from clientela.foundation.jobs.models import Job; print("DONE", Job.objects.get().done)'


class Place:
    """An installation of its own."""

    def __init__(self, folder: Path, database: str | None) -> None:
        folder.mkdir(parents=True)
        self.environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "clientela.config.settings", "CLIENTELA_VAR": str(folder),
            "CLIENTELA_SECRET_KEY": "fault-test", "CLIENTELA_CLAIM_LEASE_SECONDS": "1", "CLIENTELA_LOG_LEVEL": "CRITICAL",
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self.environment.pop("CLIENTELA_DATABASE_URL", None)
        if database:
            self.environment["CLIENTELA_DATABASE_URL"] = database
        self.manage("migrate", "-v0")
        self.shell(PREPARE)

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "-v0", "-c", code)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "manage.py", "import_file", *words]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def tell(self) -> dict[str, object]:
        line = re.search(r"^TOLD (.*)$", self.shell(TELL), re.MULTILINE)
        assert line is not None
        return json.loads(line[1])


@pytest.fixture(params=["sqlite", "postgres"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Place, Place]:
    made = []
    for name in ("calm", "stormy"):
        url = None
        if request.param == "postgres":
            server, database = start_postgres(), f"import_{os.getpid()}_{random.randrange(10**6)}"
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {database}")
            url = server.rsplit("/", 1)[0] + f"/{database}"
        made.append(Place(tmp_path / name, url))
    return made[0], made[1]


def storm(place: Place, *words: str, rows: int) -> list[int]:
    """Kill the import ``KILLS`` times somewhere on its way, then let it end; how far it was each time."""
    dice, reached = random.Random(20261118), []
    running = place.start(*words)
    assert running.stdout is not None
    running.stdout.readline()  # the file is read, the work begins
    for _ in range(KILLS):
        goal = (reached[-1] if reached else 0) + rows // (KILLS + 2)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and running.poll() is None:
            found = re.search(r"DONE (\d+)", place.shell(PROGRESS))
            if found and int(found[1]) >= goal:
                break
        time.sleep(dice.uniform(0, 0.3))
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()
        found = re.search(r"DONE (\d+)", place.shell(PROGRESS))
        assert found is not None
        reached.append(int(found[1]))
        running = place.start("--resume", "1")
        assert running.stdout is not None
    said, _ = running.communicate(timeout=600)
    assert running.returncode == 0, said
    return reached


def compare(calm: Place, stormy: Place) -> None:
    expected, told = calm.tell(), stormy.tell()
    assert told["state"] == "done"
    assert told["events"] == 1
    assert told == expected


def test_killed_four_times(places: tuple[Place, Place], tmp_path: Path) -> None:
    calm, stormy = places
    rows = [
        {"id": f"{n // 2}" if n % 3 else "", "name": f"Клиент{'абвгдежзик'[n % 10]} {'абвгдежзик'[n // 2 % 10]}",
         "phone": f"+7917{n // 2:07}", "number": f"N{n // 3}", "start": f"01.01.{2020 + n % 3}",
         "end": f"31.12.{2020 + n % 3}", "premium": "x" if n % 500 == 250 else str(100 + n), "vin": f"XWEH2812BJ{n // 2:07}"}
        for n in range(12_000)
    ]  # fmt: skip
    file = tmp_path / "portfolio.csv"
    file.write_bytes(text_of(rows))
    fields = {"id": "client.external_id", "name": "client.full_name", "phone": "client.phone", "number": "policy.number",
              "start": "policy.start_date", "end": "policy.end_date", "premium": "policy.premium", "vin": "object.vin"}  # fmt: skip
    definition = {"fields": {field: {"from": name} for name, field in fields.items()}}
    for place in places:
        place.shell(
            "from clientela.foundation.imports.models import Mapping\n"
            f"Mapping.objects.create(target='portfolio', name='t', code='t', source='t', definition={definition!r})"
        )
    words = (str(file), "--mapping", "t", "--branch", "kazan", "--product", "osago", "--chunk", "200")
    calm.manage("import_file", *words)
    reached = storm(stormy, *words, rows=len(rows))
    assert all(0 < done < len(rows) for done in reached), reached
    assert reached == sorted(reached)
    compare(calm, stormy)


@pytest.mark.data
@pytest.mark.skipif(data_file("spanish_motor.csv.gz") is None, reason="the folder of real data is not here")
def test_the_real_portfolio_killed_on_its_way(places: tuple[Place, Place]) -> None:
    calm, stormy = places
    words = (
        str(data_file("spanish_motor.csv.gz")),
        "--mapping",
        "spanish_motor",
        "--branch",
        "kazan",
        "--chunk",
        "3000",
    )
    calm.manage("import_file", *words)
    reached = storm(stormy, *words, rows=105_555)
    assert len(reached) == KILLS
    compare(calm, stormy)
