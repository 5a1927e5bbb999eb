"""ATOL Online for tests, as its protocol v4 describes it: tokens that expire, documents known by ``external_id`` (33 with
the first one's uuid), a report that waits, fails or is done, and answers lost before or after the work.
"""

import contextlib
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOGIN, PASSWORD, GROUP = "prichal-kassa", "kassa-secret", "prichal_main"


def _error(code: int, text: str) -> dict[str, Any]:
    return {"error_id": str(uuid.uuid4()), "code": code, "text": text, "type": "system"}


class AtolServer:
    """One group. `documents` by uuid: the operation, what was sent, and the state of its report."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.tokens: list[str] = []
        self.waits = 0
        self.fails = ""
        self.invalid = False
        self._faults: list[str] = []
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._answer("POST", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def do_GET(self) -> None:
                self._answer("GET", {})

            def _answer(self, method: str, body: dict[str, Any]) -> None:
                with server._lock:
                    fault = (
                        server._faults.pop(0)
                        if server._faults and method == "POST" and "sell" in self.path
                        else ""
                    )
                    status, found = 500, {"error": _error(50, "Error")}
                    if fault != "before":
                        status, found = server._act(method, self.path, body, self.headers.get("Token", ""))
                    if fault == "after":
                        status, found = 500, {"error": _error(50, "Error")}
                if fault == "cut":
                    self.close_connection = True
                    self.connection.close()
                    return
                data = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

            def handle(self) -> None:
                with contextlib.suppress(OSError, ValueError):
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
        """The next documents: ``before`` (500, nothing done), ``after`` (500, done), ``cut`` (done, no answer)."""
        self._faults += faults

    def expire(self) -> None:
        """No token that was given out is good any more."""
        self.tokens.append("")

    def _act(self, method: str, path: str, body: dict[str, Any], token: str) -> tuple[int, dict[str, Any]]:
        _empty, _system, _version, *rest = path.split("/")
        if rest == ["getToken"]:
            if (body.get("login"), body.get("pass")) != (LOGIN, PASSWORD):
                return 401, {"error": _error(12, "WrongLoginOrPassword")}
            self.tokens.append(str(uuid.uuid4()))
            return 200, {"error": None, "token": self.tokens[-1], "timestamp": "23.11.2026 10:00:00"}
        if not token or token != (self.tokens or [""])[-1]:
            return 401, {"error": _error(11, "ExpiredToken")}
        if rest[0] != GROUP:
            return 401, {"error": _error(20, "GroupCodeToToken")}
        return self._report(rest[2]) if method == "GET" else self._register(rest[1], body)

    def _register(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.invalid:
            return 400, {"uuid": "", "status": "fail", "error": _error(32, "IncomingValidationException")}
        for number, one in self.documents.items():
            if one["body"]["external_id"] == body["external_id"]:
                return 400, {"uuid": number, "status": "fail", "error": _error(33, "IncomingExistExternalId")}
        number = str(uuid.uuid4())
        self.documents[number] = {"operation": operation, "body": body, "asked": 0}
        return 200, {"uuid": number, "status": "wait", "error": None, "timestamp": "23.11.2026 10:00:00"}

    def _report(self, number: str) -> tuple[int, dict[str, Any]]:
        one = self.documents.get(number)
        if one is None:
            return 400, {"error": _error(34, "StateCheckNotFound")}
        one["asked"] += 1
        if one["asked"] <= self.waits:
            return 200, {"uuid": number, "status": "wait", "error": None, "payload": None}
        if self.fails:
            return 200, {
                "uuid": number,
                "status": "fail",
                "error": _error(-3897, self.fails),
                "payload": None,
            }
        payload = {
            "total": one["body"]["receipt"]["total"], "fns_site": "www.nalog.gov.ru", "fn_number": "1110000100238211",
            "shift_number": 23, "receipt_datetime": "23.11.2026 10:00:00", "fiscal_receipt_number": 6,
            "fiscal_document_number": 133, "ecr_registration_number": "0000111118041361",
            "fiscal_document_attribute": 3449555941,
        }  # fmt: skip
        return 200, {"uuid": number, "status": "done", "error": None, "payload": payload}
