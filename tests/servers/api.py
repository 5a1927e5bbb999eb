"""An API of JSON over HTTP for tests: what a vendor's does is told by its own class, the faults of a line are the same."""

import contextlib
import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class JsonApi:
    """Listens on a free port. ``_act`` answers a request; ``_trouble`` is what a broken answer says."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self._faults: list[str] = []
        self._lock = threading.Lock()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._answer("POST", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def do_GET(self) -> None:
                self._answer("GET", {})

            def do_DELETE(self) -> None:
                self._answer("DELETE", {})

            def _answer(self, method: str, body: dict[str, Any]) -> None:
                with api._lock:
                    api.requests.append((method, self.path))
                    fault = api._faults.pop(0) if api._faults and api._may_fail(method, self.path) else ""
                    status, found = 500, api._trouble()
                    if fault != "before":
                        status, found = api._act(method, self.path, body, self.headers)
                    if fault == "after":
                        status, found = 500, api._trouble()
                if fault == "cut":
                    self.close_connection = True
                    self.connection.close()
                    return
                data = json.dumps(found).encode() if found else b""
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

            def handle(self) -> None:
                with contextlib.suppress(OSError, ValueError):  # the client went away
                    super().handle()

            def finish(self) -> None:
                try:
                    super().finish()
                except (OSError, ValueError):
                    self.rfile.close()

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def fail(self, *faults: str) -> None:
        """The next requests: ``before`` answers 500 and does nothing, ``after`` does it and answers 500, ``cut`` does it
        and cuts the line; an empty word is an ordinary answer.
        """
        self._faults += faults

    def _may_fail(self, method: str, path: str) -> bool:
        return True

    def _act(self, method: str, path: str, body: dict[str, Any], headers: Any) -> tuple[int, dict[str, Any]]:
        raise NotImplementedError

    def _trouble(self) -> dict[str, Any]:
        raise NotImplementedError


def bring(url: str, body: bytes, **headers: str) -> int:
    """Bring a notice to the product once; the status of its answer."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(
        url, body, {"Content-Type": "application/json; charset=utf-8"} | told, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
