"""Asterisk's REST interface and its stream of events. Nothing here knows our words."""

import base64
import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.sync.client import ClientConnection, connect

from clientela.integrations.asterisk.settings import AsteriskSettings
from clientela.modules.calls.ports import ExchangeDown

Event = dict[str, Any]

logging.getLogger("httpx").setLevel("WARNING")  # a line for each request of each call would fill the log

_LARGEST_EVENT = 4 << 20
_PING_EVERY = 5.0
# Not `subscribeAll`: it takes device states too, and Asterisk stops answering for good when the state of a device
# changes while the stream closes (asterisk/asterisk#2170).
_SOURCES = "channel:,bridge:"


class Refused(Exception):
    """Asterisk understood and will not: ``status`` is the HTTP status, the message its own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status


class Ari:
    """Requests may come from any thread."""

    def __init__(self, settings: AsteriskSettings) -> None:
        self._settings = settings
        limits = httpx.Limits(max_connections=settings.threads * 4, keepalive_expiry=10)
        self._http = httpx.Client(
            base_url=f"{settings.url}/ari/",
            auth=(settings.user, settings.password),
            timeout=settings.answer_wait,
            limits=limits,
            trust_env=False,
        )

    def ask(self, method: str, *path: str, body: Any = None, **params: Any) -> Any:
        """What Asterisk answers, as JSON; None where it says nothing. Raises `Refused`, `ExchangeDown`."""
        answer = self._send(method, path, body, params)
        return answer.json() if answer.content else None

    def file(self, *path: str) -> bytes:
        """A file as it is. Raises `Refused`, `ExchangeDown`."""
        return self._send("GET", path, None, {}).content

    def _send(self, method: str, path: tuple[str, ...], body: Any, params: dict[str, Any]) -> httpx.Response:
        address = "/".join(quote(part, safe="") for part in path)
        try:
            answer = self._http.request(method, address, json=body, params=params)
        except httpx.TransportError as error:
            raise ExchangeDown(f"{type(error).__name__}: {error}") from error
        if answer.is_success:
            return answer
        if answer.status_code in (401, 403, 503):
            raise ExchangeDown(f"Asterisk answers {answer.status_code}")
        try:
            words = str(answer.json().get("message", ""))
        except ValueError:
            words = ""
        raise Refused(answer.status_code, words)

    @contextmanager
    def stream(self) -> Iterator[ClientConnection]:
        """The stream of events of every channel. Raises `ExchangeDown` when there is none."""
        settings = self._settings
        query = urlencode({"app": settings.app})
        secret = base64.b64encode(f"{settings.user}:{settings.password}".encode()).decode()
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(
                    connect(
                        f"{settings.url.replace('http', 'ws', 1)}/ari/events?{query}",
                        additional_headers={"Authorization": f"Basic {secret}"},
                        compression=None,
                        proxy=None,
                        open_timeout=settings.answer_wait,
                        ping_interval=_PING_EVERY,
                        ping_timeout=_PING_EVERY,
                        close_timeout=1,
                        max_size=_LARGEST_EVENT,
                    )
                )
            except (OSError, TimeoutError, InvalidHandshake, WebSocketException) as error:
                raise ExchangeDown(f"{type(error).__name__}: {error}") from error
            try:
                self.ask("POST", "applications", settings.app, "subscription", eventSource=_SOURCES)
            except Refused as refused:
                raise ExchangeDown(f"no events of channels: {refused}") from refused
            yield stream

    @staticmethod
    def events(stream: ClientConnection) -> Iterator[Event]:
        """Each event until the stream ends."""
        try:
            for message in stream:
                yield json.loads(message)
        except WebSocketException:
            return

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "Ari":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
