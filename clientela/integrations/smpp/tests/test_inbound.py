from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import smpp34

from clientela.integrations.smpp.inbound import Assembler, Confirm, is_receipt, read_receipt
from clientela.integrations.smpp.tags import Tag
from clientela.modules.contacts.ports import Receipt

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WORDS = b"id:%s sub:001 dlvrd:001 submit date:2611221155 done date:2611221159 stat:%s err:%s text:id:9 stat:X"


def _pdu(body: bytes, *, esm_class: int = 0, coding: int = 0, **tags: bytes) -> smpp34.DeliverSm:
    tlvs = [smpp34.Tlv(Tag[name], value) for name, value in tags.items()]
    return smpp34.DeliverSm(
        "79990000010", "0999", body, esm_class=esm_class, data_coding=coding, tlvs=tlvs, sequence_number=1
    )


def _confirms(log: list[str], name: str) -> Confirm:
    return lambda: log.append(name)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (b"DELIVRD", "delivered"),
        (b"UNDELIV", "undelivered"),
        (b"DELETED", "undelivered"),
        (b"EXPIRED", "expired"),
        (b"REJECTD", "rejected"),
        (b"ACCEPTD", "accepted"),
    ],
)
def test_a_receipt_in_words_only(status: bytes, outcome: str) -> None:
    pdu = _pdu(WORDS % (b"00a1", status, b"012"), esm_class=4)

    receipt = read_receipt(pdu, now=NOW)

    assert is_receipt(pdu)
    assert receipt == Receipt(
        channel="sms",
        outcome=outcome,  # type: ignore[arg-type]
        at=NOW,
        provider_id="00a1",
        to_address="+79990000010",
        detail=f"{status.decode()} err:012",
    )


def test_parameters_win_over_words_and_bring_our_reference() -> None:
    pdu = _pdu(
        WORDS % (b"1", b"ENROUTE", b"000"),
        esm_class=4,
        RECEIPTED_MESSAGE_ID=b"00a1\0",
        MESSAGE_STATE=b"\x02",
        USER_MESSAGE_REFERENCE=b"\x01\x02",
        NETWORK_ERROR_CODE=b"\x03\x00\x11",
    )

    receipt = read_receipt(pdu, now=NOW)

    assert receipt is not None
    assert (receipt.outcome, receipt.provider_id, receipt.message_id_low16) == ("delivered", "00a1", 258)
    assert receipt.detail == "ENROUTE err:000 network:030011"


def test_a_receipt_may_carry_its_parameters_alone() -> None:
    pdu = _pdu(b"", RECEIPTED_MESSAGE_ID=b"7\0", MESSAGE_STATE=b"\x05")

    receipt = read_receipt(pdu, now=NOW)

    assert is_receipt(pdu)
    assert receipt is not None
    assert (receipt.outcome, receipt.provider_id, receipt.message_id_low16) == ("undelivered", "7", None)


def test_the_date_is_read_in_the_zone_of_the_smsc() -> None:
    pdu = _pdu(WORDS % (b"1", b"DELIVRD", b"000"), esm_class=4)

    receipt = read_receipt(pdu, now=NOW, smsc_time=ZoneInfo("Europe/Moscow"))

    assert receipt is not None
    assert receipt.at == datetime(2026, 11, 22, 8, 59, tzinfo=UTC)


def test_decimal_ids_are_turned_into_those_of_the_submit() -> None:
    pdu = _pdu(WORDS % (b"161", b"DELIVRD", b"000"), esm_class=4)

    receipt = read_receipt(pdu, now=NOW, ids_in_decimal=True)

    assert receipt is not None
    assert receipt.provider_id == "a1"


def test_words_without_a_state_say_nothing() -> None:
    assert read_receipt(_pdu(b"id:1 stat:UNKNOWN", esm_class=4), now=NOW) is None
    assert not is_receipt(_pdu(b"id:1 stat:DELIVRD"))


def test_a_short_message_is_whole_at_once() -> None:
    log: list[str] = []
    whole = Assembler().add(_pdu("Да".encode("utf-16-be"), coding=8), _confirms(log, "a"), NOW)

    assert whole is not None
    message, confirms = whole
    assert (message.text, message.from_address, message.to_address) == ("Да", "+79990000010", "0999")
    assert (len(confirms), log) == (1, [])


def test_parts_in_any_order_are_joined_and_confirmed_together() -> None:
    log: list[str] = []
    assembler = Assembler()
    second = _pdu(b"\x05\x00\x03\x07\x02\x02 world", esm_class=0x40)
    first = _pdu(b"\x05\x00\x03\x07\x02\x01Hello", esm_class=0x40)

    assert assembler.add(second, _confirms(log, "second"), NOW) is None
    assert assembler.busy
    whole = assembler.add(first, _confirms(log, "first"), NOW)

    assert whole is not None
    assert whole[0].text == "Hello world"
    for confirm in whole[1]:
        confirm()
    assert log == ["second", "first"]
    assert not assembler.busy


def test_parts_by_sar_and_payload_are_read_too() -> None:
    assembler = Assembler()
    sar = {"SAR_MSG_REF_NUM": b"\x00\x07", "SAR_TOTAL_SEGMENTS": b"\x02"}
    assert assembler.add(_pdu(b"one ", **sar, SAR_SEGMENT_SEQNUM=b"\x01"), lambda: None, NOW) is None
    whole = assembler.add(_pdu(b"two", **sar, SAR_SEGMENT_SEQNUM=b"\x02"), lambda: None, NOW)
    payload = assembler.add(_pdu(b"", MESSAGE_PAYLOAD=b"long"), lambda: None, NOW)

    assert whole is not None
    assert whole[0].text == "one two"
    assert payload is not None
    assert payload[0].text == "long"


def test_a_part_is_held_then_confirmed_alone_then_given_up() -> None:
    log: list[str] = []
    assembler = Assembler()
    assembler.add(_pdu(b"\x05\x00\x03\x07\x03\x02 middle ", esm_class=0x40), _confirms(log, "part"), NOW)

    assert assembler.overdue(NOW + timedelta(seconds=2)) == []
    assert log == []
    assert assembler.overdue(NOW + timedelta(seconds=3)) == []
    assert log == ["part"]
    [(message, confirms)] = assembler.overdue(NOW + timedelta(minutes=5))
    assert (message.text, confirms) == ("… middle …", [])
    assert not assembler.busy


def test_the_same_words_are_the_same_message_for_ten_minutes() -> None:
    assembler = Assembler()

    def name(body: bytes, minutes: float, **tags: bytes) -> str:
        whole = assembler.add(_pdu(body, **tags), lambda: None, NOW + timedelta(minutes=minutes))
        assert whole is not None
        return whole[0].external_id

    first = name(b"yes", 0)
    assert name(b"yes", 9.9) == first
    assert name(b"no", 1) != first
    assert name(b"yes", 10) != first
    # A process that starts again names it the same way.
    assembler = Assembler()
    assert name(b"yes", 1) == first
    assert name(b"yes", 2, RECEIPTED_MESSAGE_ID=b"mo-17\0") == "mo-17"
