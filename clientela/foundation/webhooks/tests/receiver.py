"""A web server of another system on this machine, that takes messages or misbehaves as told."""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Taken:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Receiver:
    """``does`` names what it answers with: a status, or one of the misbehaviours below."""

    does: Any = 200
    answer: bytes = b'{"ok":true}'
    retry_after: str = ""
    taken: list[Taken] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                if len(raw) < length:  # who sent it was killed in the middle: no request at all
                    return
                body = raw.decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.taken.append(Taken(self.path, headers, body))
                with suppress(OSError):
                    receiver._answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?from=crm"

    def stop(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        if self.does == "silence":
            self.released.wait(20)
        elif self.does == "drip":  # one byte of the head at a time, for ever
            while not self.released.wait(0.05):
                handler.wfile.write(b"H")
        elif self.does == "noise":
            handler.wfile.write(b"\x16\x03 nothing of HTTP\r\n\r\n")
        elif self.does == "hang up":
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif self.does == "flood":
            handler.send_response(200)
            handler.end_headers()
            until = time.monotonic() + 20
            while time.monotonic() < until:
                handler.wfile.write(b"x" * 65536)
        elif self.does == "slow end":
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(b"begun")
            self.released.wait(20)
        else:
            handler.send_response(self.does)
            if 300 <= self.does < 400:
                handler.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
            if self.retry_after:
                handler.send_header("Retry-After", self.retry_after)
            handler.send_header("Content-Length", str(len(self.answer)))
            handler.end_headers()
            handler.wfile.write(self.answer)
