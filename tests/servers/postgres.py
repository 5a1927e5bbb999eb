"""A PostgreSQL cluster of the test run. Usable before Django's settings are read."""

import atexit
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import Server, as_user, free_port, program, run_folder

SHARED = "CLIENTELA_TEST_POSTGRES_DSN"
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "autovacuum_naptime": "10s",
}


class Postgres:
    """A fresh cluster with trust on loopback; nothing of it survives a crash or the run."""

    def __init__(self) -> None:
        user = "postgres" if os.getuid() == 0 else None
        found = sorted(os.listdir("/usr/lib/postgresql")) if os.path.isdir("/usr/lib/postgresql") else []
        folders = [f"/usr/lib/postgresql/{version}/bin" for version in reversed(found)]
        self.folder = run_folder("pg", user)
        self.port = free_port()
        data = self.folder / "data"
        subprocess.run(
            [
                *as_user(user, "KILL"),
                program("initdb", *folders),
                *("-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"),
                *("--locale", "C.UTF-8", "--no-sync", "--no-instructions"),
            ],
            check=True,
            capture_output=True,
            cwd="/",
        )
        options = [part for name, value in _FAST.items() for part in ("-c", f"{name}={value}")]
        self._user, self._data = user, data
        self._command = [
            program("postgres", *folders),
            *("-D", str(data), "-k", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port)),
            *options,
        ]
        self._start()

    def _start(self) -> None:
        self._server = Server(self._command, self.folder, user=self._user, stop_signal="INT")
        self._server.ready(self.port)
        self._wait_until_ready(self._data / "postmaster.pid")

    def restart(self, *, away: float = 0) -> None:
        """Ends every connection, stays away for so many seconds, and comes back on the same port with its data."""
        with self.away():
            time.sleep(away)

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server is stopped, and comes back on the same port with its data."""
        self._server.stop()
        try:
            yield
        finally:
            self._start()

    def _wait_until_ready(self, status_file: Path) -> None:
        """The port opens before the server takes queries; its status file tells when it does."""
        deadline = time.monotonic() + 60
        while not status_file.read_text().rstrip().endswith("ready"):
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("PostgreSQL did not get ready")
            time.sleep(0.01)

    @property
    def dsn(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def socket_dsn(self) -> str:
        return f"postgres://postgres@:{self.port}/postgres?host={self.folder}"

    def stop(self) -> None:
        self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_postgres() -> str:
    """The address of the run's cluster, started at the first call and stopped when that process ends.

    Processes started by this one (the workers of pytest-xdist) share the cluster.
    """
    shared = os.environ.get(SHARED)
    if shared:
        return shared
    cluster = Postgres()
    atexit.register(cluster.stop)
    os.environ[SHARED] = cluster.dsn
    return cluster.dsn
