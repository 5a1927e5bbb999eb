"""What `deliver_sm` brings: receipts, and messages of clients, whole or in parts. No I/O here."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

import smpp34

from clientela.integrations.smpp import text
from clientela.integrations.smpp.tags import Tag
from clientela.modules.contacts.ports import IncomingMessage, Receipt, ReceiptOutcome

_TYPE_MASK = 0x3C
_SMSC_RECEIPT = 0x04
_INTERMEDIATE = 0x20
_HAS_HEADER = 0x40

_STATES: dict[int, ReceiptOutcome] = {
    1: "accepted",
    2: "delivered",
    3: "expired",
    4: "undelivered",
    5: "undelivered",
    6: "accepted",
    8: "rejected",
}
_STATUSES: dict[str, ReceiptOutcome] = {
    "ENROUTE": "accepted",
    "ACCEPTD": "accepted",
    "DELIVRD": "delivered",
    "EXPIRED": "expired",
    "DELETED": "undelivered",
    "UNDELIV": "undelivered",
    "REJECTD": "rejected",
}
_FIELD = re.compile(r"\b(id|stat|err|done date):\s*(\S+)", re.IGNORECASE)

# Answers the SMSC: stored (no argument), or an error status that makes it deliver again.
Confirm = Callable[..., None]


def tlv_values(pdu: smpp34.DeliverSm) -> dict[int, bytes]:
    return {tlv.tag: tlv.value for tlv in pdu.tlvs}


def phone(address: str) -> str:
    """E.164 where the address is a whole number; short numbers and names stay as they are."""
    digits = address.removeprefix("+")
    return f"+{digits}" if digits.isdecimal() and len(digits) >= 10 else address


def is_receipt(pdu: smpp34.DeliverSm) -> bool:
    """By the message type, or by the receipt's TLV for an SMSC that leaves the type at zero."""
    kind = pdu.esm_class & _TYPE_MASK
    if kind in (_SMSC_RECEIPT, _INTERMEDIATE):
        return True
    tags = tlv_values(pdu)
    return Tag.RECEIPTED_MESSAGE_ID in tags and Tag.MESSAGE_STATE in tags


def read_receipt(
    pdu: smpp34.DeliverSm, *, now: datetime, smsc_time: tzinfo | None = None, ids_in_decimal: bool = False
) -> Receipt | None:
    """The receipt, from its TLVs first and its text second; None when it says nothing we can use.

    `smsc_time` is the zone of "done date"; without it the receipt is dated by its arrival.
    `ids_in_decimal`: this SMSC answers submits with a hexadecimal id and writes it in decimal here.
    """
    tags = tlv_values(pdu)
    # The text of a receipt is ASCII whatever the data coding says; its end quotes our message.
    words = re.split(r"\btext:", pdu.short_message.decode("latin-1"), maxsplit=1, flags=re.IGNORECASE)[0]
    fields = {name.lower(): value for name, value in _FIELD.findall(words)}
    state = tags.get(Tag.MESSAGE_STATE)
    outcome = _STATES.get(state[0]) if state else _STATUSES.get(fields.get("stat", "").upper())
    if outcome is None:
        return None
    tagged = tags.get(Tag.RECEIPTED_MESSAGE_ID)
    provider_id = tagged.rstrip(b"\0").decode("latin-1") if tagged else fields.get("id")
    if provider_id and ids_in_decimal and not tagged and provider_id.isdecimal():
        provider_id = f"{int(provider_id):x}"
    reference = tags.get(Tag.USER_MESSAGE_REFERENCE)
    error = tags.get(Tag.NETWORK_ERROR_CODE)
    detail = [fields.get("stat", ""), f"err:{fields['err']}" if "err" in fields else ""]
    if error:
        detail.append(f"network:{error.hex()}")
    return Receipt(
        channel="sms",
        outcome=outcome,
        at=_done_date(fields.get("done date", ""), smsc_time) or now,
        provider_id=provider_id or None,
        message_id_low16=int.from_bytes(reference, "big") if reference else None,
        to_address=phone(pdu.source_addr),
        detail=" ".join(part for part in detail if part),
    )


def _done_date(value: str, zone: tzinfo | None) -> datetime | None:
    if zone is None or not value.isdecimal() or len(value) not in (10, 12):
        return None
    pattern = "%y%m%d%H%M" if len(value) == 10 else "%y%m%d%H%M%S"
    return datetime.strptime(value, pattern).replace(tzinfo=zone).astimezone(UTC)


@dataclass(slots=True)
class _Long:
    """Parts of a long message that have come so far."""

    total: int
    since: datetime
    first: smpp34.DeliverSm
    parts: dict[int, str] = field(default_factory=dict)
    waiting: list[Confirm] = field(default_factory=list)

    def text(self) -> str:
        return "".join(self.parts.get(number, "…") for number in range(1, self.total + 1))


@dataclass(slots=True)
class Assembler:
    """Joins the parts of clients' long messages and names every message for good.

    A part is confirmed to the SMSC with the whole message, so that a crash loses nothing; a part
    whose sisters do not come within `hold` is confirmed alone (an SMSC with a window of one waits
    for that), and after `give_up` the message is taken as it is.

    The network may deliver a message again: the same words between the same addresses within
    `repeat_window` are the same message.
    """

    hold: timedelta = timedelta(seconds=3)
    give_up: timedelta = timedelta(minutes=5)
    repeat_window: timedelta = timedelta(minutes=10)
    _long: dict[tuple[str, str, int, int], _Long] = field(default_factory=dict)
    _named: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        return bool(self._long)

    def add(
        self, pdu: smpp34.DeliverSm, confirm: Confirm, now: datetime
    ) -> tuple[IncomingMessage, list[Confirm]] | None:
        """The message this PDU completes, with the confirmations to give once it is stored."""
        tags = tlv_values(pdu)
        body = pdu.short_message or tags.get(Tag.MESSAGE_PAYLOAD, b"")
        place = None
        if pdu.esm_class & _HAS_HEADER:
            place, body = text.split_header(body)
        elif Tag.SAR_TOTAL_SEGMENTS in tags:
            sar = (
                Tag.SAR_MSG_REF_NUM,
                Tag.SAR_TOTAL_SEGMENTS,
                Tag.SAR_SEGMENT_SEQNUM,
            )
            reference, total, number = (int.from_bytes(tags.get(tag, b"\1"), "big") for tag in sar)
            place = (reference, total, number)
        words = text.decode(body, pdu.data_coding)
        if place is None or place[1] <= 1:
            return self._whole(pdu, words, now), [confirm]
        reference, total, number = place
        key = (pdu.source_addr, pdu.destination_addr, reference, total)
        long = self._long.setdefault(key, _Long(total, now, pdu))
        long.parts[number] = words
        long.waiting.append(confirm)
        if len(long.parts) < total:
            return None
        del self._long[key]
        return self._whole(pdu, long.text(), now), long.waiting

    def overdue(self, now: datetime) -> list[tuple[IncomingMessage, list[Confirm]]]:
        """Messages given up as incomplete; also confirms parts that were held long enough."""
        ready = []
        for key, long in list(self._long.items()):
            if now - long.since >= self.give_up:
                del self._long[key]
                ready.append((self._whole(long.first, long.text(), now), long.waiting))
            elif now - long.since >= self.hold:
                for confirm in long.waiting:
                    confirm()
                long.waiting.clear()
        return ready

    def _whole(self, pdu: smpp34.DeliverSm, words: str, now: datetime) -> IncomingMessage:
        return IncomingMessage(
            channel="sms",
            external_id=self._name(pdu, words, now),
            from_address=phone(pdu.source_addr),
            to_address=pdu.destination_addr,
            text=words,
            at=now,
        )

    def _name(self, pdu: smpp34.DeliverSm, words: str, now: datetime) -> str:
        given = tlv_values(pdu).get(Tag.RECEIPTED_MESSAGE_ID)
        if given:
            return given.rstrip(b"\0").decode("latin-1")
        digest = hashlib.sha256(
            "\0".join((pdu.source_addr, pdu.destination_addr, words)).encode("utf-8", "replace")
        ).hexdigest()[:24]
        known = self._named.get(digest)
        if known and now - known[1] < self.repeat_window:
            return known[0]
        self._named = {
            key: value for key, value in self._named.items() if now - value[1] < self.repeat_window
        }
        # Counted from fixed moments, so that a process that restarts gives the same name.
        bucket = int(now.timestamp() // self.repeat_window.total_seconds())
        name = f"{digest}-{bucket}"
        self._named[digest] = (name, now)
        return name
