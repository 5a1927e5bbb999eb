"""Starting, watching and ending one server process."""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_STARTED_BY = "started-by"
_EXTRA_PATH = ("/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin")


class ServerMissing(RuntimeError):
    """A server program is not installed, or may not be started by this user."""


def program(name: str, *folders: str) -> str:
    """The path of a server program. Raises `ServerMissing` with the remedy."""
    path = os.pathsep.join((*folders, os.environ.get("PATH", ""), *_EXTRA_PATH))
    found = shutil.which(name, path=path)
    if found is None:
        raise ServerMissing(f"{name} is not installed: run tests/servers/install.sh")
    return found


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run_folder(name: str, owner: str | None = None) -> Path:
    """A new temporary folder, short enough for unix sockets, that `owner` can use.

    Folders that killed runs have left behind are removed on the way.
    """
    prefix = f"clientela-{name}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):  # another run may be removing it too
            if not Path("/proc", (left / _STARTED_BY).read_text()).exists():
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    (folder / _STARTED_BY).write_text(str(os.getpid()))
    if owner is not None and os.getuid() == 0:
        account = pwd.getpwnam(owner)
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def as_user(user: str | None, stop_signal: str) -> list[str]:
    """A prefix that drops root to `user` and ends the server when the test run dies."""
    prefix = [program("setpriv"), "--pdeathsig", stop_signal]
    if user is not None and os.getuid() == 0:
        prefix += ["--reuid", user, "--regid", user, "--init-groups"]
    return prefix


def wait_for_port(port: int, *, greeting: bytes = b"", seconds: float = 60) -> None:
    """Until 127.0.0.1:`port` accepts (and greets). Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as probe:
                if not greeting or probe.recv(256).startswith(greeting):
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"nothing answers on port {port}")


async def close_listener(server: asyncio.Server) -> None:
    """Closes an asyncio server without losing a connection that is being accepted just now.

    Python 3.11 leaks that connection when the server closes between accept and attach.
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(3):
        await asyncio.sleep(0)
    server.close()


class Server:
    """A server in the foreground. Its output goes to `log` in its run folder."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        *,
        user: str | None = None,
        stop_signal: str = "TERM",
        environment: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.log = folder / f"{Path(command[0]).name}.out"
        self._stop_signal = signal.Signals[f"SIG{stop_signal}"]
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [*as_user(user, stop_signal), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd="/",
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ready(self, port: int, *, greeting: bytes = b"") -> None:
        """Waits until it serves. Raises `RuntimeError` with its own words when it does not."""
        try:
            wait_for_port(port, greeting=greeting)
        except TimeoutError as error:
            self.stop()
            raise RuntimeError(f"{error}\n{self.log.read_text(errors='replace')[-2000:]}") from None

    def stop(self) -> None:
        """Ends the process, by its pid. Safe to call twice."""
        if self._process.poll() is None:
            self._process.send_signal(self._stop_signal)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
