"""The whole product with one command: ``python -m clientela.config.supervisor [--demo]``.

Starts pages, live updates and the worker (with its scheduler), starts again whatever dies, and ends everything on
Ctrl-C. It knows nothing of Django, so that it stays small.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESTART_SECONDS = 1
STOP_SECONDS = 12


@dataclass
class Child:
    """One process of the product."""

    name: str
    command: list[str]
    environment: dict[str, str] | None = None
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self._end_orphans()
        self.process = subprocess.Popen(  # noqa: S603
            self.command, cwd=ROOT, env=self.environment, start_new_session=True
        )

    def _end_orphans(self) -> None:
        """A server that was killed leaves processes that would go on to answer beside the new ones."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop_by(self, deadline: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._end_orphans()
            self.process.wait()


def granian(interface: str, target: str, host: str, port: int, *more: str) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", interface, "--host", host, "--port", str(port)]
    return [
        *command,
        "--workers",
        "1",
        "--log-level",
        "warning",
        "--workers-kill-timeout",
        "2",
        *more,
        target,
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="load the demo company on the first start")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--clients", type=int, default=50_000, help="clients of the demo company")
    options = parser.parse_args()
    host, port = options.host, options.port
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")
    os.environ.setdefault("CLIENTELA_PUBLIC_URL", f"http://{host}:{port}")
    os.environ.setdefault("CLIENTELA_LIVE_URL", f"http://{host}:{port + 1}/live/")
    prepare = [sys.executable, "manage.py", "prepare"]
    if options.demo:
        os.environ["CLIENTELA_DEMO"] = "1"
        prepare += ["--demo", "--clients", str(options.clients)]
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, _frame: stopping.append(n))
    code = subprocess.run(prepare, cwd=ROOT, check=False).returncode  # noqa: S603
    if code or stopping:
        return code or 1
    children = [
        Child(
            "web", granian("wsgi", "clientela.config.wsgi:application", host, port, "--blocking-threads", "4")
        ),
        Child("live", granian("asgi", "clientela.config.live:application", host, port + 1)),
        Child("worker", [sys.executable, "manage.py", "worker"]),
    ]
    for child in children:
        child.start()
    say(f"\nClientela: http://{host}:{port}/\nCtrl-C stops everything.\n")
    while not stopping:
        time.sleep(0.2)
        for child in children:
            if child.dead and not stopping:
                say(f"{child.name} ended, starting it again")
                time.sleep(RESTART_SECONDS)
                child.start()
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.stop_by(deadline)
    return 0


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
