"""PostgreSQL goes away twice while the worker plans, dispatches and sends: it goes on by itself, once for each client."""

import json
import os
import time
from pathlib import Path

import pytest

from tests.faults.conftest import company, own_environment, psql, worker
from tests.servers.postgres import Postgres
from tests.servers.smsc_control import RemoteSmsc

CLIENTS = 200

pytestmark = [pytest.mark.fault, pytest.mark.server]


def test_the_worker_outlives_its_database(smsc: RemoteSmsc, tmp_path: Path) -> None:
    cluster = Postgres()
    try:
        psql(cluster.dsn, "CREATE DATABASE restarted")
        environment = own_environment(tmp_path, smsc)
        environment["CLIENTELA_DATABASE_URL"] = cluster.dsn.rsplit("/", 1)[0] + "/restarted"
        company(environment, "make", "--clients", str(CLIENTS))
        smsc.command("set", max_tps=40)
        process = worker(environment)
        try:
            for _ in range(2):
                time.sleep(3)
                cluster.restart(away=1)
            deadline = time.monotonic() + 120
            told: dict[str, object] = {}
            while time.monotonic() < deadline and told.get("touches") != {"delivered": CLIENTS}:
                time.sleep(1)
                told = json.loads(company(environment, "tell"))
            assert process.poll() is None, "the worker died"
        finally:
            process.terminate()
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()
        assert (told["touches"], told["messages"]) == ({"delivered": CLIENTS}, {"delivered": CLIENTS})
        texts = [item["text"] for item in smsc.state()["inbox"]]
        assert (len(texts), len(set(texts))) == (CLIENTS, CLIENTS)
    finally:
        cluster.stop()
        assert os.environ.get("CLIENTELA_DATABASE_URL") != cluster.dsn
