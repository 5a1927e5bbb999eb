"""A Bot API of Telegram for tests, as documented at core.telegram.org/bots/api: updates by long polling or webhook,
messages and files both ways, and the faults that bots meet (429, 403, lost answers).
"""

import contextlib
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

TOKEN = "123456:AAH-telegram-bot-token-of-the-tests"
SECRET = "webhook-secret_1"
MAX_LENGTH = 4096
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Refused(Exception):
    """The API answers with an error."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.parameters = code, parameters


@dataclass
class Sent:
    """A message of the bot in a chat."""

    id: int
    chat_id: int
    text: str
    reply_to: int = 0
    files: dict[str, bytes] = field(default_factory=dict)


class TelegramServer:
    """One bot. It may write to `chats`; those in `blocked` have blocked it."""

    def __init__(self) -> None:
        self.chats, self.blocked = {1001, 1002, 1003}, {1403}
        self.sent: list[Sent] = []
        self.files: dict[str, bytes] = {}
        self.webhook: tuple[str, str] | None = None
        self.requests = 0
        self._updates: list[dict[str, Any]] = []
        self._flood: list[int] = []
        self._lose_answers = 0
        self._ids, self._update_ids = count(1), count(1)
        self._news = threading.Condition()
        self._stopping = False
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                    body = self._chunks()
                _, bot, method = self.path.split("/", 2)
                form, files = _fields(self.headers.get("Content-Type", ""), body)
                status, answer = server._answer(bot.removeprefix("bot"), method.lower(), form, files)
                if server._lose_answers and method.lower().startswith("send"):
                    server._lose_answers -= 1
                    self.close_connection = True
                    self.connection.close()
                    return
                self._say(status, "application/json", json.dumps(answer).encode())

            def do_GET(self) -> None:
                data = server.files.get(self.path.rpartition("/")[2])
                self._say(404 if data is None else 200, "application/octet-stream", data or b"")

            def _chunks(self) -> bytes:
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def _say(self, status: int, kind: str, data: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
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
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def waiting(self) -> int:
        """Updates that the bot has not confirmed."""
        return len(self._updates)

    def stop(self) -> None:
        with self._news:
            self._stopping = True
            self._news.notify_all()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    # -- commands

    def flood(self, *retry_after: int) -> None:
        """The next messages are refused, each with these seconds to wait."""
        self._flood += retry_after

    def lose_answers(self, calls: int) -> None:
        """Send the next messages, but cut the line before the answer."""
        self._lose_answers = calls

    def texts(self, chat_id: int) -> list[str]:
        return [message.text for message in self.sent if message.chat_id == chat_id]

    def update(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return {"update_id": next(self._update_ids), kind: dict(body)}

    def message(
        self, user_id: int, text: str = "", *, name: str = "Вера Орлова", **more: Any
    ) -> dict[str, Any]:
        """A message of a user to the bot; `more` are further fields of it."""
        first, _, last = name.partition(" ")
        person = {"id": user_id, "is_bot": False, "first_name": first, "last_name": last}
        chat = {"id": user_id, "type": "private", "first_name": first}
        message = {"message_id": next(self._ids), "date": int(time.time()), "chat": chat, "from": person}
        return message | ({"text": text} if text else {}) | more

    def writes(self, user_id: int, text: str = "", **more: Any) -> dict[str, Any]:
        """A user writes to the bot: the update that is waiting now."""
        update = self.update("message", self.message(user_id, text, **more))
        self.put(update)
        return update

    def put(self, update: dict[str, Any], *, times: int = 1) -> None:
        """Leave an update for polling, as often as told: each of them has its own number."""
        with self._news:
            self._updates.append(update)
            self._updates += [update | {"update_id": next(self._update_ids)} for _ in range(times - 1)]
            self._news.notify_all()

    def keep(self, name: str, data: bytes) -> str:
        """A file that can be fetched; its id."""
        self.files[name] = data
        return name

    def push(self, url: str, update: dict[str, Any], *, secret: str | None = SECRET) -> int:
        """Bring an update to a webhook once; the status of its answer."""
        headers = {"Content-Type": "application/json"} | ({_HEADER: secret} if secret is not None else {})
        request = urllib.request.Request(url, json.dumps(update).encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    # -- the API

    def _answer(
        self, token: str, method: str, form: dict[str, str], files: dict[str, tuple[str, bytes]]
    ) -> tuple[int, dict[str, Any]]:
        self.requests += 1
        try:
            if token != TOKEN:
                raise Refused(401, "Unauthorized")
            return 200, {"ok": True, "result": self._call(method, form, files)}
        except Refused as refused:
            answer = {"ok": False, "error_code": refused.code, "description": str(refused)}
            return refused.code, answer | ({"parameters": refused.parameters} if refused.parameters else {})

    def _call(self, method: str, form: dict[str, str], files: dict[str, tuple[str, bytes]]) -> Any:
        if method == "getupdates":
            return self._wait(int(form.get("offset") or 0), float(form.get("timeout") or 0))
        if method in ("setwebhook", "deletewebhook"):
            self.webhook = (form["url"], form.get("secret_token", "")) if form.get("url") else None
            return True
        if method == "getfile":
            name = form["file_id"]
            if name not in self.files:
                raise Refused(400, "Bad Request: file is too big")
            return {"file_id": name, "file_unique_id": name, "file_path": f"documents/{name}"}
        if method in ("sendmessage", "sendphoto", "senddocument"):
            return self._send(form, files)
        raise Refused(404, "Not Found")

    def _wait(self, offset: int, timeout: float) -> list[dict[str, Any]]:
        with self._news:
            self._updates = [one for one in self._updates if one["update_id"] >= offset]
            self._news.wait_for(lambda: self._updates or self._stopping, timeout)
            return self._updates[:100]

    def _send(self, form: dict[str, str], files: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
        chat_id, text = int(form["chat_id"]), form.get("text") or form.get("caption", "")
        if self._flood:
            seconds = self._flood.pop(0)
            raise Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if chat_id not in self.chats:
            raise Refused(400, "Bad Request: chat not found")
        if not text and not files:
            raise Refused(400, "Bad Request: message text is empty")
        if len(text) > MAX_LENGTH:
            raise Refused(400, "Bad Request: message is too long")
        reply = json.loads(form.get("reply_parameters") or "{}")
        found = Sent(next(self._ids), chat_id, text, reply.get("message_id", 0), dict(files.values()))
        self.sent.append(found)
        chat = {"id": chat_id, "type": "private", "first_name": "Вера"}
        return {"message_id": found.id, "date": int(time.time()), "chat": chat, "text": text}


def _fields(content_type: str, body: bytes) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    """The fields of a form, and its files by field: name and content."""
    if not content_type.startswith("multipart/"):
        return {key: values[0] for key, values in urllib.parse.parse_qs(body.decode()).items()}, {}
    form: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for part in (
        BytesParser(policy=HTTP)
        .parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        .walk()
    ):
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(data, bytes):
            continue
        if part.get_filename():
            files[name] = (str(part.get_filename()).encode("utf-8", "surrogateescape").decode(), data)
        else:
            form[name] = data.decode()
    return form, files
