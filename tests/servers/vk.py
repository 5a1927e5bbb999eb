"""A VK API and Callback API for tests, as documented at dev.vk.com: messages.send with its rules, events
that are repeated until the community's server answers "ok".
"""

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from tests.servers.vk_public import Fault, PublicSide

TOKEN = "community-token"
GROUP_ID = 77
SECRET = "callback-secret"
CONFIRMATION = "a1b2c3"
MAX_LENGTH = 4096

_MESSAGES = {
    5: "User authorization failed: invalid access_token (4).",
    6: "Too many requests per second",
    9: "Flood control",
    10: "Internal server error",
    7: "Permission to perform this action is denied",
    15: "Access denied",
    27: "Group authorization failed: method is unavailable with group auth",
    105: "Couldn't save file",
    129: "Invalid photo",
    213: "Access to status replies denied",
    100: "One of the parameters specified was missing or invalid",
    901: "Can't send messages for users without permission",
    902: "Can't send messages to this user due to their privacy settings",
    914: "Message is too long",
}


@dataclass
class Sent:
    """A message in a user's chat."""

    id: int
    peer_id: int
    text: str
    random_id: int
    attachments: tuple[str, ...] = ()


class VkServer:
    """One community. Users in `allowed` let it write to them."""

    def __init__(self) -> None:
        self.allowed: set[int] = {1001, 1002, 1003}
        self.private: set[int] = {1902}
        self.sent: list[Sent] = []
        self.requests = 0
        self.callback_url = ""
        self._faults: list[int] = []
        self._lose_answers = 0
        self._ids = count(1)
        self._events = count(1)
        self.public = PublicSide(self.event, GROUP_ID)
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                last = self.path.rpartition("/")[2]
                with server._lock:
                    if self.path.startswith("/upload/"):
                        answer = server.public.upload(last, self.headers["Content-Type"], body)
                    else:
                        form = urllib.parse.parse_qs(body.decode())
                        answer = server._call(last, {key: values[0] for key, values in form.items()})
                    lost, server._lose_answers = server._lose_answers > 0, max(server._lose_answers - 1, 0)
                if lost:
                    self.close_connection = True
                    self.connection.close()
                    return
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

            def finish(self) -> None:
                try:
                    super().finish()
                except (OSError, ValueError):
                    self.rfile.close()

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/method/"

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    # -- commands

    def fail(self, *codes: int) -> None:
        """The next calls end with these API errors."""
        self._faults += codes

    def lose_answers(self, calls: int) -> None:
        """Do the next calls, but cut the line before the answer."""
        self._lose_answers = calls

    def texts(self, user_id: int) -> list[str]:
        return [message.text for message in self.sent if message.peer_id == user_id]

    def event(self, kind: str, body: dict[str, Any], *, secret: str = SECRET) -> bytes:
        """The body of a Callback API request."""
        return json.dumps(
            {
                "group_id": GROUP_ID,
                "type": kind,
                "event_id": f"e{next(self._events)}",
                "v": "5.199",
                "object": body,
                "secret": secret,
            }
        ).encode()

    def message_new(
        self, user_id: int, text: str, *, date: int = 1760000000, reply_to: Sent | None = None
    ) -> bytes:
        """A user writes to the community."""
        number = next(self._ids)
        message: dict[str, Any] = {
            "date": date,
            "from_id": user_id,
            "id": number,
            "peer_id": user_id,
            "conversation_message_id": number,
            "out": 0,
            "text": text,
            "random_id": 0,
            "attachments": [],
            "fwd_messages": [],
        }
        if reply_to is not None:
            message["reply_message"] = {
                "id": reply_to.id,
                "from_id": -GROUP_ID,
                "peer_id": user_id,
                "text": reply_to.text,
                "random_id": reply_to.random_id,
                "conversation_message_id": reply_to.id,
                "date": date - 60,
            }
        return self.event("message_new", {"message": message, "client_info": {"keyboard": True}})

    def message_read(self, user_id: int, up_to: int) -> bytes:
        """A user has read everything up to a message."""
        return self.event("message_read", {"from_id": user_id, "peer_id": user_id, "read_message_id": up_to})

    def push(self, body: bytes, *, times: int = 1, tries: int = 5) -> str:
        """Delivers an event to the community's server until it answers "ok"; its last answer."""
        answer = ""
        for _ in range(times):
            for _ in range(tries):
                request = urllib.request.Request(
                    self.callback_url, body, {"Content-Type": "application/json"}, method="POST"
                )
                try:
                    with urllib.request.urlopen(request, timeout=5) as response:
                        answer = response.read().decode()
                except urllib.error.HTTPError as error:
                    answer = str(error.code)
                    error.close()
                if answer == "ok":
                    break
        return answer

    # -- the API

    def _call(self, method: str, form: dict[str, str]) -> dict[str, Any]:
        self.requests += 1
        token = self.public.token_for(method)
        if token and form.get("access_token") == TOKEN:
            return self._error(27, method)
        if form.get("access_token") != (token or TOKEN):
            return self._error(5, method)
        if self._faults:
            return self._error(self._faults.pop(0), method)
        if self.public.knows(method) and form.get("v"):
            try:
                return {"response": self.public.call(method, form, f"http://127.0.0.1:{self.port}/")}
            except Fault as fault:
                return self._error(fault.code, method, fault.why)
            except (KeyError, ValueError):
                return self._error(100, method)
        if method != "messages.send" or not form.get("v"):
            return self._error(100, method)
        random_id, user = form.get("random_id", ""), form.get("peer_id") or form.get("user_id") or ""
        if not random_id.isdecimal() or int(random_id) >= 2**31 or not user.isdecimal():
            return self._error(100, method)
        user_id, text = int(user), form.get("message", "")
        if user_id >= 2_000_000_000:
            return self._error(100, method, "user_id is invalid")
        if user_id in self.private:
            return self._error(902, method)
        if user_id not in self.allowed:
            return self._error(901, method)
        attachments = tuple(filter(None, form.get("attachment", "").split(",")))
        if not set(attachments) <= set(self.public.uploads):
            return self._error(100, method, "attachment is invalid")
        if not text and not attachments:
            return self._error(100, method, "message is empty or invalid")
        if len(text) > MAX_LENGTH:
            return self._error(914, method)
        for message in self.sent:
            if int(random_id) and (message.peer_id, message.random_id) == (user_id, int(random_id)):
                return {"response": message.id}
        message = Sent(next(self._ids), user_id, text, int(random_id), attachments)
        self.sent.append(message)
        return {"response": message.id}

    def _error(self, code: int, method: str, why: str = "") -> dict[str, Any]:
        words = _MESSAGES.get(code, "Error") + (f": {why}" if why else "")
        params = [{"key": "method", "value": method}]
        return {"error": {"error_code": code, "error_msg": words, "request_params": params}}
