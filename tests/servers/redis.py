"""A Redis of the test run: memory only."""

import shutil

from tests.servers.process import Server, free_port, program, run_folder


class Redis:
    def __init__(self) -> None:
        self.port = free_port()
        self.folder = run_folder("redis")
        self._server = Server(
            [
                program("redis-server"),
                *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            ],
            self.folder,
        )
        self._server.ready(self.port)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
