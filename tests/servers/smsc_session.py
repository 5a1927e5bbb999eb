"""One client's link at the SMSC simulator, and the text of messages as the simulator reads it.

Shares no code with the SMPP adapter, so that a mistake cannot cancel itself out.
"""

import asyncio
import struct
from typing import TYPE_CHECKING

import smpp34
from smpplib.gsm import GSM_CHARACTER_TABLE

if TYPE_CHECKING:
    from tests.servers.smsc import Delivery, Smsc

_RESPONSE = 0x80000000
_SUBMIT, _DELIVER, _UNBIND, _ENQUIRE = 0x04, 0x05, 0x06, 0x15
_BINDS = {0x01: False, 0x02: True, 0x09: True}  # does the client take deliver_sm?
_BIND_FAILED = 0x0D
_INVALID_BIND_STATUS = 0x04
_WINDOW = 50


def decode(body: bytes, data_coding: int) -> str:
    if data_coding == 8:
        return body.decode("utf-16-be")
    out, shift = [], 0
    for code in body:
        if code == 0x1B:
            shift = 128
        else:
            out.append(GSM_CHARACTER_TABLE[code + shift])
            shift = 0
    return "".join(out)


def user_data(pdu: smpp34.SubmitSm) -> tuple[tuple[int, int, int] | None, bytes]:
    """`((reference, total, number) or None, text bytes)`."""
    body = pdu.short_message
    if pdu.esm_class & 0x40:
        size = body[0]
        if body[1:3] == b"\x00\x03":
            return (body[3], body[4], body[5]), body[size + 1 :]
        if body[1:3] == b"\x08\x04":
            return (body[3] << 8 | body[4], body[5], body[6]), body[size + 1 :]
    return None, body


def split_incoming(text: str, reference: int) -> list[bytes]:
    """UCS-2 bodies of a subscriber's message; parts carry a 16-bit reference."""
    data = text.encode("utf-16-be")
    if len(data) <= 140:
        return [data]
    pieces = [data[start : start + 132] for start in range(0, len(data), 132)]
    head = struct.Struct(">BBBHBB")
    return [head.pack(6, 8, 4, reference, len(pieces), n) + piece for n, piece in enumerate(pieces, 1)]


class Esme(asyncio.Protocol):
    """A connected client."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self._buffer = bytearray()
        self._sequence = 0
        self._receives = False
        self._transport: asyncio.Transport | None = None
        self.bound = False
        self.outstanding: dict[int, Delivery] = {}

    @property
    def has_room(self) -> bool:
        return self.bound and self._receives and len(self.outstanding) < _WINDOW

    def deliver(self, delivery: "Delivery") -> None:
        self._sequence += 1
        self.outstanding[self._sequence] = delivery
        self._write(delivery.pdu(self._sequence))

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()
        self._gone()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._smsc.esmes.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()

    def _gone(self) -> None:
        self.bound = False
        self._smsc.esmes.discard(self)
        kept, self.outstanding = list(self.outstanding.values()), {}
        self._smsc.put_back(kept)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _answer(self, command: int, sequence: int, status: int = 0, body: bytes = b"") -> None:
        self._write(struct.pack(">IIII", 16 + len(body), command | _RESPONSE, status, sequence) + body)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 16:
            length, command, status, sequence = struct.unpack_from(">IIII", self._buffer)
            if length < 16:  # what follows cannot be told apart
                self.cut()
                return
            if len(self._buffer) < length:
                return
            pdu = bytes(self._buffer[:length])
            del self._buffer[:length]
            self._handle(command, status, sequence, pdu)

    def _handle(self, command: int, status: int, sequence: int, pdu: bytes) -> None:
        if command in _BINDS:
            self._bind(command, sequence, pdu[16:])
        elif command == _SUBMIT:
            if not self.bound:
                self._answer(command, sequence, _INVALID_BIND_STATUS)
                return
            message = smpp34.decode(pdu)
            assert isinstance(message, smpp34.SubmitSm)
            answer = self._smsc.submit(message)
            if answer is not None:
                self._answer(command, sequence, answer[0], answer[1].encode() + b"\0")
        elif command == _DELIVER | _RESPONSE:
            self._confirmed(sequence, status)
        elif command == _ENQUIRE:
            self._answer(command, sequence)
        elif command == _UNBIND:
            self.bound = False
            self._answer(command, sequence)
            if self._transport is not None:
                self._transport.close()

    def _bind(self, command: int, sequence: int, body: bytes) -> None:
        system_id, password = (part.decode("latin-1") for part in body.split(b"\0")[:2])
        if not self._smsc.may_bind(system_id, password):
            self._answer(command, sequence, _BIND_FAILED)
            if self._transport is not None:
                self._transport.close()
            return
        self.bound, self._receives = True, _BINDS[command]
        self._smsc.binds += 1
        self._answer(command, sequence, body=b"SIMULATOR\0")
        self._smsc.pump()

    def _confirmed(self, sequence: int, status: int) -> None:
        delivery = self.outstanding.pop(sequence, None)
        if delivery is None:
            return
        if status:
            self._smsc.refused(delivery)
        elif delivery.kind == "receipt":
            self._smsc.receipts_confirmed += 1
        self._smsc.pump()
