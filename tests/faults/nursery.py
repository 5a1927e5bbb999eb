"""A parent that has loaded the product once and forks a process for every birth: fifty deaths become cheap.

``Nursery(environment)`` starts it; as a program it is that parent, and never touches the database itself.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]


class Born:
    """A process of the product. ``signal`` it, ``wait`` for its exit code, read what it ``said``."""

    def __init__(self, nursery: "Nursery", pid: int, output: Path) -> None:
        self.pid, self._nursery, self._output = pid, nursery, output
        self.code: int | None = None

    @property
    def alive(self) -> bool:
        if self.code is None:
            self.code = self._nursery.ask(poll=self.pid)
        return self.code is None

    def signal(self, number: int) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    def wait(self) -> int:
        """The exit code; minus the signal that ended it."""
        if self.code is None:
            self.code = self._nursery.ask(wait=self.pid)
        assert self.code is not None
        return self.code

    def said(self) -> str:
        return self._output.read_text()

    def wait_until_it_says(self, words: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert self.alive, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.005)


class Nursery:
    """Processes of one installation."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self._folder = tempfile.TemporaryDirectory(prefix="clientela-nursery-")
        self._births = 0
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._read() == "ready"

    def bear(self, *words: str) -> Born:
        """Start ``worker``, or a verb of ``company`` or ``sender``."""
        self._births += 1
        output = Path(self._folder.name, str(self._births))
        output.touch()
        return Born(self, self.ask(bear=words, output=str(output)), output)

    def run(self, *words: str) -> str:
        """What a process said that ended well."""
        child = self.bear(*words)
        assert child.wait() == 0, child.said()
        return child.said()

    def ask(self, **word: Any) -> Any:
        assert self._parent.stdin is not None
        self._parent.stdin.write(json.dumps(word) + "\n")
        self._parent.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._parent.stdout is not None
        return json.loads(self._parent.stdout.readline())

    def close(self) -> None:
        """Ends the parent and all that is still alive."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(20)
        self._parent.stdout.close()
        self._folder.cleanup()


def live(words: list[str], output: str) -> NoReturn:
    """What a child does: its words, and nothing of its parent's."""
    code = 1
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (descriptor, 1), (descriptor, 2)):
            os.dup2(source, target)
        act(words)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def act(words: list[str]) -> None:
    from django.core.management import call_command

    from tests.faults import company, sender

    match words:
        case ["worker"]:
            call_command("worker")
        case ["company", *rest]:
            company.main(rest)
        case ["sender", *rest]:
            sender.main(rest)
        case _:
            raise ValueError(words)


def main() -> None:
    from clientela.config import worker  # noqa: F401
    from tests.faults import company, sender  # noqa: F401

    def tell(value: object) -> None:
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()

    alive: set[int] = set()
    tell("ready")
    for line in sys.stdin:
        word = json.loads(line)
        if "bear" in word:
            pid = os.fork()
            if pid == 0:
                live(word["bear"], word["output"])
            alive.add(pid)
            tell(pid)
            continue
        pid, status = os.waitpid(word.get("wait") or word["poll"], 0 if "wait" in word else os.WNOHANG)
        alive.discard(pid)
        tell(os.waitstatus_to_exitcode(status) if pid else None)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")
    import django

    django.setup()
    main()
