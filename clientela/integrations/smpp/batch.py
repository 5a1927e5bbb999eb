"""A batch of messages on its way: what each becomes on the wire and what its answers mean. No I/O here."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import smpp34

from clientela.integrations.smpp import text
from clientela.integrations.smpp.tags import Tag
from clientela.modules.contacts.ports import Fault, OutgoingMessage, SendOutcome, SendResult

# Answers that speak of the message or the account, by SMPP 3.4 section 5.1.3. Anything else with an
# error is the SMSC's own trouble: the message may be sent again.
_THROTTLED = frozenset({0x14, 0x58})  # ESME_RMSGQFUL, ESME_RTHROTTLED
_REJECTED: dict[int, Fault] = {
    0x0B: "address",  # ESME_RINVDSTADR
    0x50: "address",  # ESME_RINVDSTTON
    0x51: "address",  # ESME_RINVDSTNPI
    0x01: "content",  # ESME_RINVMSGLEN
    0x43: "content",  # ESME_RINVESMCLASS
    0xC2: "content",  # ESME_RINVPARLEN
    0x0A: "policy",  # ESME_RINVSRCADR
    0x15: "policy",  # ESME_RINVSERTYP
    0x48: "policy",  # ESME_RINVSRCTON
    0x49: "policy",  # ESME_RINVSRCNPI
    0x65: "policy",  # ESME_RX_P_APPN
    0x66: "policy",  # ESME_RX_R_APPN
}
# A part whose sisters went through is offered again within the batch, so that they are not sent twice.
_PART_TRIES = 4

_INTERNATIONAL, _NETWORK, _ALPHANUMERIC = 1, 3, 5
_ISDN = 1
_UDH = 0x40
_NO_SIGNS = str.maketrans("", "", " -()")

State = Literal["unsent", "unanswered", "accepted", "refused"]


@dataclass(slots=True)
class Part:
    """One `submit_sm`: a whole short message or a part of a long one."""

    destination: str
    body: bytes
    fields: dict[str, Any]
    state: State = "unsent"
    status: int = 0
    provider_id: str = ""
    tries: int = 0

    def submitted(self) -> None:
        self.tries += 1
        self.state = "unanswered"

    def answered(self, answer: asyncio.Future[tuple[int, str]]) -> None:
        if answer.cancelled() or answer.exception():
            return
        self.status, self.provider_id = answer.result()
        self.state = "refused" if self.status else "accepted"

    @property
    def throttled(self) -> bool:
        return self.state == "refused" and self.status in _THROTTLED


class Unsendable(Exception):
    """This message can never go; nothing was put on the wire."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


class Batch:
    """The parts of every message, in order."""

    def __init__(self, messages: Sequence[OutgoingMessage], *, sender: str) -> None:
        self._plans: list[tuple[OutgoingMessage, list[Part] | Unsendable]] = []
        for message in messages:
            try:
                self._plans.append((message, _parts(message, message.sender or sender)))
            except Unsendable as fault:
                self._plans.append((message, fault))

    @staticmethod
    def is_throttled(status: int) -> bool:
        return status in _THROTTLED

    @property
    def parts(self) -> list[Part]:
        return [part for _, plan in self._plans if isinstance(plan, list) for part in plan]

    @property
    def attempted(self) -> bool:
        return any(part.tries for part in self.parts)

    def due(self) -> list[Part]:
        """Parts to submit now: those not yet sent, then throttled ones whose message is half through."""
        return [
            part
            for _, plan in self._plans
            if isinstance(plan, list)
            for part in plan
            if part.state == "unsent"
            or (
                part.throttled
                and part.tries < _PART_TRIES
                and any(sister.state == "accepted" for sister in plan)
            )
        ]

    def results(self) -> list[SendResult]:
        return [
            SendResult(message.id, "rejected", fault=plan.fault, detail=str(plan))
            if isinstance(plan, Unsendable)
            else _result(message.id, plan)
            for message, plan in self._plans
        ]


def _result(message_id: int, parts: list[Part]) -> SendResult:
    ids = tuple(part.provider_id for part in parts if part.state == "accepted")
    if len(ids) == len(parts):
        return SendResult(message_id, "accepted", ids)
    outcome: SendOutcome
    fault: Fault
    refused = [part for part in parts if part.state == "refused"]
    final = next((part for part in refused if part.status in _REJECTED), None)
    if final is not None:
        outcome, fault, status = "rejected", _REJECTED[final.status], final.status
    elif refused:
        status = refused[0].status
        outcome, fault = "retry", "throttled" if refused[0].throttled else "server"
    elif any(part.state == "unsent" for part in parts):
        # A part never left, so the network cannot have put the message together.
        return SendResult(message_id, "retry", ids, "connection", "not submitted")
    else:
        return SendResult(message_id, "uncertain", ids, "connection", "no answer to the submit")
    return SendResult(message_id, outcome, ids, fault, f"command status 0x{status:08x}")


def _parts(message: OutgoingMessage, sender: str) -> list[Part]:
    destination = message.to.removeprefix("+").translate(_NO_SIGNS)
    if not (destination.isascii() and destination.isdecimal() and 3 <= len(destination) <= 15):
        raise Unsendable("address", "not a phone number")
    if not message.text:
        raise Unsendable("content", "no text")
    try:
        encoded = text.encode(message.text, message.id)
    except text.TextTooLong as error:
        raise Unsendable("content", str(error)) from error
    fields = {
        **_source(sender),
        "dest_addr_ton": _INTERNATIONAL if len(destination) > 6 else _NETWORK,
        "dest_addr_npi": _ISDN,
        "esm_class": _UDH if encoded.has_header else 0,
        "data_coding": encoded.data_coding,
        "registered_delivery": 1,
    }
    if not encoded.has_header:
        reference = (message.id & 0xFFFF).to_bytes(2, "big")
        fields["tlvs"] = [smpp34.Tlv(Tag.USER_MESSAGE_REFERENCE, reference)]
    return [Part(destination, body, fields) for body in encoded.bodies]


def _source(sender: str) -> dict[str, Any]:
    digits = sender.removeprefix("+")
    if digits.isascii() and digits.isdecimal():
        ton = _INTERNATIONAL if len(digits) > 6 else _NETWORK
        return {"source_addr": digits, "source_addr_ton": ton, "source_addr_npi": _ISDN}
    if not sender.isascii() or len(sender) > 11:
        raise Unsendable("policy", "the sender name is not 1 to 11 Latin letters and digits")
    ton = _ALPHANUMERIC if sender else 0
    return {"source_addr": sender, "source_addr_ton": ton, "source_addr_npi": 0}
