"""What load balancers are told while the database is away and after the last worker was killed."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from clientela.config.supervisor import Child, granian
from tests.faults.conftest import bare_environment, migrate, psql, worker
from tests.faults.web import Web, lasting_port
from tests.servers.postgres import Postgres

pytestmark = [pytest.mark.fault, pytest.mark.server]
WELL = (200, {"status": "ok"})


def _ask(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")
    except OSError:
        return 0, None


def _wait(url: str, wanted: tuple[int, Any]) -> None:
    deadline = time.monotonic() + 60
    while (told := _ask(url)) != wanted:
        assert time.monotonic() < deadline, (url, told)
        time.sleep(0.1)


def test_the_addresses_follow_the_database_and_the_worker(tmp_path: Path) -> None:
    cluster = Postgres()
    environment = bare_environment(tmp_path)
    environment["CLIENTELA_WORKER_SILENT_SECONDS"] = "5"
    environment["CLIENTELA_DATABASE_URL"] = cluster.dsn.rsplit("/", 1)[0] + "/watched"
    port = lasting_port()
    live = Child("live", granian("asgi", "clientela.config.live:application", "127.0.0.1", port), environment)
    server = None
    try:
        psql(cluster.dsn, "CREATE DATABASE watched")
        server = Web(environment)
        live.start()
        pages, updates = f"{server.url}/health", f"http://127.0.0.1:{port}/live/health"
        _wait(
            f"{pages}/ready",
            (503, {"status": "failing", "migrations": "behind", "cache": "ProgrammingError"}),
        )
        _wait(f"{updates}/ready", (503, None))
        migrate(environment)
        _wait(f"{pages}/ready", WELL)
        _wait(f"{updates}/ready", (200, None))

        silent = (503, {"status": "failing", "worker": "silent"})
        assert _ask(f"{pages}/worker") == silent
        working = worker(environment)
        _wait(f"{pages}/worker", WELL)
        os.kill(working.pid, signal.SIGKILL)
        working.wait(20)
        assert working.stdout is not None
        working.stdout.close()
        _wait(f"{pages}/worker", silent)
        assert _ask(f"{pages}/ready") == WELL  # pages do not go away with the worker

        with cluster.away():
            status, told = _ask(f"{pages}/ready")
            assert (status, set(told)) == (503, {"status", "database"}), told
            assert _ask(f"{updates}/ready") == (503, None)
            assert _ask(f"{pages}/live") == WELL
            assert _ask(f"{updates}/live") == (200, None)
        _wait(f"{pages}/ready", WELL)
        _wait(f"{updates}/ready", (200, None))
    finally:
        if server is not None:
            server.close()
        live.stop_by(0)
        cluster.stop()
