"""PostgreSQL goes away twice while the worker plans, dispatches and sends: it goes on by itself, once for each client."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.faults.conftest import migrate, own_environment, psql
from tests.faults.nursery import Nursery
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
        migrate(environment)
        nursery = Nursery(environment)
        try:
            sent_through(nursery, cluster, smsc)
        finally:
            nursery.close()
    finally:
        cluster.stop()


def sent_through(nursery: Nursery, cluster: Postgres, smsc: RemoteSmsc) -> None:
    nursery.run("company", "make", "--clients", str(CLIENTS))
    smsc.command("set", max_tps=40)
    worker = nursery.bear("worker")
    for sent in (CLIENTS // 10, CLIENTS // 3):
        wait_until_sent(smsc, sent)
        cluster.restart(away=1)
    deadline = time.monotonic() + 90
    told: dict[str, object] = {}
    while time.monotonic() < deadline and told.get("touches") != {"delivered": CLIENTS}:
        time.sleep(0.5)
        told = json.loads(nursery.run("company", "tell"))
    assert worker.alive, worker.said()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert (told["touches"], told["messages"]) == ({"delivered": CLIENTS}, {"delivered": CLIENTS}), told
    texts = [item["text"] for item in smsc.state()["inbox"]]
    assert (len(texts), len(set(texts))) == (CLIENTS, CLIENTS)


def wait_until_sent(smsc: RemoteSmsc, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(smsc.state()["inbox"]) < count:
        assert time.monotonic() < deadline, smsc.state()
        time.sleep(0.05)
