"""An SMTP server that can be told to refuse at any stage or to cut the line."""

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.process import close_listener

Stage = Literal["CONNECT", "MAIL", "RCPT", "DATA", "CONTENT"]
CUT = "cut"


@dataclass
class Accepted:
    """One mail as it was taken. `parameters` are those of MAIL and RCPT, in order."""

    sender: str
    recipients: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    content: bytes = b""


class ScriptedSmtp:
    """Takes every mail; `answer` puts other answers in its way. Own thread; safe from any thread."""

    def __init__(self, *, dsn: bool = True) -> None:
        self.accepted: list[Accepted] = []
        self.connections = 0
        self._extensions = ["8BITMIME", "DSN"] if dsn else ["8BITMIME"]
        self._answers: dict[Stage, deque[str]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted-smtp", daemon=True)
        self._thread.start()
        self._links: set[asyncio.StreamWriter] = set()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result(5)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def answer(self, stage: Stage, *answers: str) -> None:
        """The next answers at that stage, e.g. "451 4.7.1 later" or `CUT`; then normal ones again.

        At CONTENT, `CUT` takes the mail and cuts the line before the answer.
        """
        self._answers.setdefault(stage, deque()).extend(answers)

    def cut_idle(self) -> None:
        """Close the connections that are open, as a server does with idle ones."""
        self._loop.call_soon_threadsafe(lambda: [link.close() for link in list(self._links)])

    def stop(self) -> None:
        """Ends the server. Safe to call twice."""
        if not self._thread.is_alive():
            return

        async def close() -> None:
            await close_listener(self._server)
            for link in list(self._links):
                link.close()
            await asyncio.sleep(0.01)

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._links.add(writer)
        self.connections += 1
        try:
            if await self._say(writer, "CONNECT", "220 scripted.test ESMTP"):
                await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._links.discard(writer)
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, stage: Stage | None, normal: str) -> bool:
        """Sends the answer of this stage; false when the line was cut."""
        script = self._answers.get(stage) if stage else None
        words = script.popleft() if script else normal
        if words == CUT:
            writer.transport.abort()
            return False
        writer.write(f"{words}\r\n".encode())
        await writer.drain()
        return True

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail = Accepted("")
        going = True
        while going:
            line = (await reader.readuntil(b"\r\n")).decode().strip()
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                lines = ["scripted.test", *self._extensions]
                going = await self._say(
                    writer, None, "\r\n".join([*(f"250-{x}" for x in lines[:-1]), f"250 {lines[-1]}"])
                )
            elif verb == "MAIL":
                mail = Accepted(rest.split(":", 1)[1].split(" ")[0].strip("<>"))
                mail.parameters += rest.split(" ")[1:]
                going = await self._say(writer, "MAIL", "250 2.1.0 Ok")
            elif verb == "RCPT":
                mail.recipients.append(rest.split(":", 1)[1].split(" ")[0].strip("<>"))
                mail.parameters += rest.split(" ")[1:]
                going = await self._say(writer, "RCPT", "250 2.1.5 Ok")
            elif verb == "DATA":
                going = await self._content(reader, writer, mail)
            elif verb == "QUIT":
                await self._say(writer, None, "221 2.0.0 Bye")
                going = False
            else:
                going = await self._say(writer, None, "250 2.0.0 Ok")

    async def _content(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mail: Accepted
    ) -> bool:
        script = self._answers.get("DATA")
        refused = script[0] if script else ""
        going = await self._say(writer, "DATA", "354 go on")
        if not going or refused:
            return going
        raw = await reader.readuntil(b"\r\n.\r\n")
        mail.content = raw[:-3].replace(b"\r\n..", b"\r\n.")
        script = self._answers.get("CONTENT")
        if not script or script[0] == CUT:
            self.accepted.append(mail)
        return await self._say(writer, "CONTENT", f"250 2.0.0 Ok: queued as {len(self.accepted)}")
