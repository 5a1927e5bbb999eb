"""A registry of drivers' classes for tests: answers as recorded, and fails by surname.

Run as a process of its own: ``python -m tests.servers.nsis PORT``.
"""

import json
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers.process import as_user, free_port, wait_for_port

TOKEN = "nsis-token-of-the-tests"
ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "clientela/integrations/nsis/tests/recorded"
PATH = "/kbm/v1/classes"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != PATH or self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self._say(401, {"code": "UNAUTHORIZED"})
        surname = question["driver"]["lastName"]
        if surname == "Медленный":
            time.sleep(1.5)
        if surname == "Капающий":
            return self._drip()
        if surname == "Падающий":
            return self._say(500, {"code": "INTERNAL"})
        if surname == "Битый":
            return self._say(200, {"class": "99"})
        if surname == "Невнятный":
            return self._write(200, b"<html>")
        for path in RECORDED.glob("*.json"):
            recorded = json.loads(path.read_text())
            if recorded["request"] == question:
                return self._say(recorded["status"], recorded["answer"])
        return self._say(400, {"code": "NOT_RECORDED"})

    def _say(self, status: int, answer: dict[str, str]) -> None:
        self._write(status, json.dumps(answer).encode())

    def _write(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(40):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Nsis:
    """The registry's process; ``url`` is what the adapter is given."""

    def __init__(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        command = [*as_user(None, "KILL"), sys.executable, "-m", "tests.servers.nsis", str(port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        wait_for_port(port)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Handler).serve_forever()
