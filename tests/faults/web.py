"""The pages as the supervisor runs them, started again whenever they are killed."""

import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress

from clientela.config.supervisor import Child, granian


def lasting_port() -> int:
    """A free port below those that the system gives to clients: nobody takes it while the server is dead."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Web:
    """A server process with one process that answers."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._port = lasting_port()
        self.url = f"http://127.0.0.1:{self._port}"
        command = granian(
            "wsgi", "clientela.config.wsgi:application", "127.0.0.1", self._port, "--blocking-threads", "4"
        )
        self._child = Child("web", command, environment)
        self._child.start()

    @property
    def is_up(self) -> bool:
        if self._child.dead:
            self._child.start()
        try:
            urllib.request.urlopen(f"{self.url}/api/v1/clients", timeout=2).close()
        except urllib.error.HTTPError as error:
            error.close()
            return error.code < 500
        except OSError:
            return False
        return True

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + 60
        while not self.is_up:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def kill(self, dice: random.Random) -> None:
        """SIGKILL of the server or of the process that answers, and a new start, as the supervisor does it."""
        assert self._child.process is not None
        server = self._child.process
        found = subprocess.run(
            ["pgrep", "-P", str(server.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        os.kill(dice.choice([server.pid, *map(int, found)]), signal.SIGKILL)
        server.wait(20)
        self._child.start()

    def close(self) -> None:
        self._child.stop_by(0)
