"""The whole test run: ``python -m tests.run`` (tests only) or ``--check`` (style, types, contracts and tests).

SQLite and PostgreSQL; browser and fault tests once, on SQLite and where they ask for it. Two processes at a time.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

PYTHON = sys.executable
TOOLS = os.path.dirname(PYTHON)
# Compiled tests are kept beside the sources, from part to part: compiling them takes a process longer than finding them.
BYTECODE = {
    "PYTHONPYCACHEPREFIX": os.path.abspath(
        os.path.join(os.path.dirname(__file__), "..", "var/cache/bytecode")
    ),
    "PYTHONDONTWRITEBYTECODE": "",
}


@dataclass(frozen=True)
class Part:
    """One command of the run with the environment it needs."""

    name: str
    command: list[str]
    env: dict[str, str]


def tool(name: str) -> str:
    return os.path.join(TOOLS, name)


CHECKS = [
    Part("format", [tool("ruff"), "format", "--check", "."], {}),
    Part("lint", [tool("ruff"), "check", "."], {}),
    Part("types", [tool("mypy"), "clientela"], {}),
    Part("imports", [tool("lint-imports"), "--no-cache"], {}),
    Part("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
]
PYTEST = [PYTHON, "-m", "pytest", "-q", "--durations=10"]
FAULTS = ["tests/faults", "tests/contract", "clientela/modules/contracts/imports/tests/test_kill.py"]
ON_POSTGRES = ["clientela/foundation", "clientela/modules", "clientela/workspace", "clientela/portal"]
# Seconds for one part; the longest takes a quarter of this on two cores.
LIMIT = 1500
TESTS = [
    Part("tests on SQLite", [*PYTEST, "-n", "2", "-m", "not browser and not fault"], {}),
    Part(
        "tests on PostgreSQL",
        [*PYTEST, "-n", "2", *ON_POSTGRES, "-m", "not fault"],
        {"CLIENTELA_TEST_DATABASE": "postgres"},
    ),
    Part("browser", [*PYTEST, "-n", "2", "tests/browser", "-m", "browser"], {}),
    Part(
        "faults",
        [*PYTEST, "-n", "2", "--dist", "loadfile", *FAULTS, "-m", "fault", "--timeout=900"],
        {},
    ),
]


def run(part: Part) -> int:
    """Exit code of a part; one that does not end is ended, with everything it started."""
    process = subprocess.Popen(part.command, env=os.environ | BYTECODE | part.env, start_new_session=True)
    try:
        return process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        print(f"--- {part.name}: not done after {LIMIT} s", flush=True)
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        return 124
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
        raise


def main() -> int:
    parts = [*CHECKS, *TESTS] if "--check" in sys.argv else TESTS
    failed = []
    for part in parts:
        print(f"\n=== {part.name}", flush=True)
        began = time.monotonic()
        code = run(part)
        if code == 5 and part.command[: len(PYTEST)] == PYTEST:
            code = 0
        print(
            f"--- {part.name}: {'ok' if code == 0 else f'failed ({code})'}, {time.monotonic() - began:.0f} s",
            flush=True,
        )
        if code:
            failed.append(part.name)
    print(
        f"\n{len(parts) - len(failed)} passed, {len(failed)} failed"
        + (f": {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
