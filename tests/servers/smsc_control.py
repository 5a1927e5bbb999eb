"""The SMSC simulator as a process of its own, steered over HTTP on loopback."""

import json
import shutil
import signal
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.servers.process import Server, free_port, run_folder
from tests.servers.smsc import Smsc

_COMMANDS = ("go_away", "come_back", "drop", "drop_after", "throttle", "stall", "say")
_SETTINGS = ("max_tps", "receipt_delay", "receipt_form")


def serve(smsc: Smsc, control_port: int) -> None:
    """Obeys `POST /<command>` (JSON arguments), `POST /set` and `GET /state` until SIGTERM."""

    class Control(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(smsc.state())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            arguments: dict[str, Any] = json.loads(body or b"{}")
            name = self.path.strip("/")
            if name == "set":
                for key in arguments.keys() & set(_SETTINGS):
                    setattr(smsc, key, arguments[key])
            elif name in _COMMANDS:
                getattr(smsc, name)(**arguments)
            else:
                self.send_error(404)
                return
            self._reply({})

        def _reply(self, data: object) -> None:
            body = json.dumps(data).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    control = ThreadingHTTPServer(("127.0.0.1", control_port), Control)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=control.shutdown).start())
    control.serve_forever()
    control.server_close()
    smsc.stop()


class RemoteSmsc:
    """Starts the simulator as a process; every command of `Smsc` by its name."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self._control = free_port()
        self.folder = run_folder("smsc")
        root = Path(__file__).resolve().parents[2]
        self._server = Server(
            [sys.executable, "-m", "tests.servers.smsc", str(self.port), str(self._control)],
            self.folder,
            environment={"PYTHONPATH": str(root)},
        )
        self._server.ready(self._control)

    def state(self) -> dict[str, Any]:
        """As `Smsc.state`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._control}/state", timeout=10) as answer:
            return json.load(answer)

    def command(self, name: str, **arguments: Any) -> None:
        """A command of `Smsc`, or `set` with its settings."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._control}/{name}", json.dumps(arguments).encode(), method="POST"
        )
        urllib.request.urlopen(request, timeout=10).close()

    def stop(self) -> None:
        self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
