"""A widget, and the visitor's page on the live application."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from clientela.config import live
from clientela.integrations.webchat.models import Widget
from clientela.modules.organisation.models import Branch

SITE = "https://prichal.example"


@pytest.fixture
def widget(ulyanovsk: Branch, kazan: Branch, now: Any) -> Widget:
    return Widget.objects.create(
        key="site", name="Причал", branch=ulyanovsk, origins=[SITE], greeting="Здравствуйте!",
        offline_text="Ответим утром.", created_at=now,
    )  # fmt: skip


class Page:
    """What a visitor's browser does."""

    def __init__(self, wire: ApplicationCommunicator) -> None:
        self._wire = wire

    async def send(self, frame: Any) -> None:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        await self._wire.send_input({"type": "websocket.receive", "text": text})

    async def hear(self) -> dict[str, Any]:
        event = await self._wire.receive_output(10)
        if event["type"] == "websocket.accept":
            return await self.hear()
        if event["type"] != "websocket.send":
            return dict(event)
        return dict(json.loads(event["text"]))

    async def ask(self, frame: Any) -> dict[str, Any]:
        await self.send(frame)
        return await self.hear()

    async def hello(self, token: str = "") -> dict[str, Any]:
        return await self.ask({"t": "hello", "token": token})

    async def introduce(self, name: str = "Глеб", phone: str = "") -> dict[str, Any]:
        return await self.ask({"t": "who", "cid": "who", "name": name, "phone": phone, "consent": True})


@asynccontextmanager
async def page(key: str = "site", origin: str = SITE) -> AsyncIterator[Page]:
    """An open connection; it breaks off at the end, as a phone in a tunnel does."""
    scope = {
        "type": "websocket", "path": f"/chat/ws/{key}/", "query_string": b"", "client": ("10.0.0.7", 5),
        "headers": [(b"origin", origin.encode()), (b"host", b"live.example")],
    }  # fmt: skip
    wire = ApplicationCommunicator(live.application, scope)
    await wire.send_input({"type": "websocket.connect"})
    try:
        yield Page(wire)
        await wire.send_input({"type": "websocket.disconnect", "code": 1006})
        await wire.wait(5)
    finally:
        wire.stop(exceptions=False)


def visit(story: Callable[[], Any]) -> Any:
    """Runs a visitor's story; the tasks of the live application end with it."""

    async def told() -> Any:
        live.hub.listeners.clear()
        live.webchat.post.pages.clear()
        try:
            return await story()
        finally:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    return asyncio.run(told())
