"""One SMPP 3.4 session on the wire. PDUs are built and read by smpp34; nothing here knows our messages.

smpp34's own client confirms `deliver_sm` before the application has seen it, so that a receipt is
lost when the process dies in between. This session leaves the confirmation to its user.
"""

import asyncio
import logging
import struct
from collections.abc import Callable
from typing import Any

import smpp34

logger = logging.getLogger(__name__)

OK = 0x00
INVALID_COMMAND = 0x03
TEMPORARY_APP_ERROR = 0x64
PERMANENT_APP_ERROR = 0x65

GENERIC_NACK = 0x80000000
BIND_TRANSCEIVER = 0x00000009
SUBMIT_SM_RESP = 0x80000004
DELIVER_SM = 0x00000005
UNBIND = 0x00000006
ENQUIRE_LINK = 0x00000015
RESPONSE = 0x80000000

_HEADER = struct.Struct(">IIII")
_MAX_PDU = 1 << 16
_MAX_SEQUENCE = 0x7FFFFFFF


class LinkLost(ConnectionError):
    """The session ended before the answer came."""


class Refused(Exception):
    """The other side answered with an error; `status` is its SMPP command status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"command status 0x{status:08x}")
        self.status = status


def header(command: int, sequence: int, status: int = OK, body: bytes = b"") -> bytes:
    """A whole PDU with a ready body."""
    return _HEADER.pack(16 + len(body), command, status, sequence) + body


def c_string(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("latin-1")


class Session(asyncio.Protocol):
    """A TCP connection to the SMSC.

    `on_deliver(pdu)` is called for every `deliver_sm`; the user answers it with `confirm`.
    `lost` is done when the connection has ended, for whatever reason.
    """

    def __init__(self, on_deliver: Callable[["Session", smpp34.DeliverSm], None]) -> None:
        self._on_deliver = on_deliver
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._out: list[bytes] = []
        self._sequence = 0
        self._waiting: dict[int, asyncio.Future[tuple[int, str]]] = {}
        self.lost: asyncio.Future[None] = self._loop.create_future()

    @property
    def alive(self) -> bool:
        return self._transport is not None and not self.lost.done()

    # -- requests of ours

    async def bind(self, system_id: str, password: str, system_type: str = "") -> None:
        """Bind as a transceiver. Raises `Refused` or `LinkLost`."""
        fields = (system_id, password, system_type)
        body = b"".join(field.encode("latin-1") + b"\0" for field in fields) + b"\x34\0\0\0"
        await self._request(BIND_TRANSCEIVER, body)

    async def enquire(self) -> None:
        await self._request(ENQUIRE_LINK)

    async def unbind(self) -> None:
        await self._request(UNBIND)

    def submit(self, destination: str, body: bytes, **fields: Any) -> asyncio.Future[tuple[int, str]]:
        """Send one `submit_sm`; the future holds `(command status, message id)` or raises `LinkLost`."""
        sequence, answer = self._expect()
        pdu = smpp34.SubmitSm(
            destination_addr=destination, short_message=body, sequence_number=sequence, **fields
        )
        self._write(pdu.encode())
        return answer

    def forget(self, answer: asyncio.Future[tuple[int, str]]) -> None:
        """Stop waiting for an answer that did not come in time."""
        self._waiting = {number: future for number, future in self._waiting.items() if future is not answer}

    def confirm(self, sequence: int, status: int = OK) -> None:
        """Answer a `deliver_sm`. Nothing happens when the session has ended: the SMSC delivers again."""
        if self.alive:
            self._write(header(RESPONSE | DELIVER_SM, sequence, status, b"\0"))

    def close(self) -> None:
        if self._transport is not None:
            self._flush()
            self._transport.close()

    # -- the wire

    def _expect(self) -> tuple[int, asyncio.Future[tuple[int, str]]]:
        if not self.alive:
            raise LinkLost
        self._sequence = self._sequence % _MAX_SEQUENCE + 1
        answer: asyncio.Future[tuple[int, str]] = self._loop.create_future()
        self._waiting[self._sequence] = answer
        return self._sequence, answer

    async def _request(self, command: int, body: bytes = b"") -> None:
        sequence, answer = self._expect()
        self._write(header(command, sequence, body=body))
        status, _ = await answer
        if status != OK:
            raise Refused(status)

    def _write(self, pdu: bytes) -> None:
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(pdu)

    def _flush(self) -> None:
        if self._out and self._transport is not None:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            if not answer.done():
                answer.set_exception(LinkLost(str(exc or "closed by the other side")))

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= 16:
            length, command, status, sequence = _HEADER.unpack_from(buffer, start)
            if not 16 <= length <= _MAX_PDU:
                logger.error("smpp.framing", extra={"length": length})
                self.close()
                return
            if len(buffer) - start < length:
                break
            self._received(command, status, sequence, bytes(buffer[start : start + length]))
            start += length
        del buffer[:start]

    def _received(self, command: int, status: int, sequence: int, pdu: bytes) -> None:
        if command & RESPONSE:
            answer = self._waiting.pop(sequence, None)
            if answer is not None and not answer.done():
                answer.set_result((status, c_string(pdu[16:]) if command == SUBMIT_SM_RESP else ""))
        elif command == DELIVER_SM:
            self._deliver(sequence, pdu)
        elif command == ENQUIRE_LINK:
            self._write(header(RESPONSE | ENQUIRE_LINK, sequence))
        elif command == UNBIND:
            self._write(header(RESPONSE | UNBIND, sequence))
            self.close()
        else:
            self._write(header(GENERIC_NACK, sequence, INVALID_COMMAND))

    def _deliver(self, sequence: int, pdu: bytes) -> None:
        try:
            message = smpp34.decode(pdu)
        except smpp34.SmppError:
            logger.exception("smpp.unreadable_deliver_sm")
            self.confirm(sequence, PERMANENT_APP_ERROR)
            return
        assert isinstance(message, smpp34.DeliverSm)
        self._on_deliver(self, message)
