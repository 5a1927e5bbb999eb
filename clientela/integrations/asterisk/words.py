"""What Asterisk's words mean in ours. No I/O here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from clientela.foundation.phones import normalize
from clientela.modules.calls.ports import Ending, Who

# RFC 3261 section 21 and RFC 8197, as operators use them.
_BY_SIP = {
    404: Ending.WRONG_NUMBER,
    408: Ending.NO_ANSWER,
    410: Ending.WRONG_NUMBER,
    480: Ending.UNREACHABLE,
    484: Ending.WRONG_NUMBER,
    486: Ending.BUSY,
    487: Ending.NO_ANSWER,
    500: Ending.CONGESTION,
    502: Ending.CONGESTION,
    503: Ending.CONGESTION,
    504: Ending.CONGESTION,
    600: Ending.BUSY,
    403: Ending.REJECTED,
    603: Ending.REJECTED,
    604: Ending.WRONG_NUMBER,
    607: Ending.REJECTED,
    608: Ending.REJECTED,
}
# ITU-T Q.850, for an Asterisk that does not tell the SIP code.
_BY_CAUSE = {
    1: Ending.WRONG_NUMBER,
    3: Ending.UNREACHABLE,
    16: Ending.NORMAL,
    17: Ending.BUSY,
    18: Ending.NO_ANSWER,
    19: Ending.UNREACHABLE,
    20: Ending.UNREACHABLE,
    21: Ending.REJECTED,
    22: Ending.WRONG_NUMBER,
    27: Ending.UNREACHABLE,
    28: Ending.WRONG_NUMBER,
    34: Ending.CONGESTION,
    38: Ending.CONGESTION,
    41: Ending.CONGESTION,
    42: Ending.CONGESTION,
    44: Ending.CONGESTION,
}
REASONS = {
    Ending.NORMAL: "normal",
    Ending.BUSY: "busy",
    Ending.NO_ANSWER: "no_answer",
    Ending.REJECTED: "rejected",
    Ending.UNREACHABLE: "no_answer",
    Ending.WRONG_NUMBER: "unallocated",
    Ending.CONGESTION: "congestion",
    Ending.FAILED: "failure",
}
_WHO: dict[str, Who] = {"HUMAN": "person", "MACHINE": "machine"}


def ending(event: Mapping[str, Any], *, answered: bool) -> Ending:
    """How a channel ended; one that was answered ended well unless its network failed."""
    sip, cause = int(event.get("tech_cause") or 0), int(event.get("cause") or 0)
    if answered:
        return Ending.FAILED if cause in (38, 41, 44) else Ending.NORMAL
    if sip >= 400:
        return _BY_SIP.get(sip, Ending.FAILED)
    return _BY_CAUSE.get(cause, Ending.FAILED)


def cause(event: Mapping[str, Any]) -> str:
    """The network's own word."""
    sip = int(event.get("tech_cause") or 0)
    return f"SIP {sip}" if sip >= 400 else f"Q.850 {int(event.get('cause') or 0)}"


def moment(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)


def caller(number: str, region: str) -> str:
    """E.164, the operator's own digits where they are no number of the plan, or empty when withheld."""
    if not any(char.isdecimal() for char in number):
        return ""
    return normalize(number, region) or number


def who(args: list[str]) -> Who:
    """Who answered, by the status of AMD that the dialplan hands over."""
    return _WHO.get(args[1], "unknown") if len(args) > 1 else "unknown"


def dial_string(to: str, *, trunk: str, desk: str) -> str:
    if to.startswith("desk:"):
        return desk.format(station=to.removeprefix("desk:"))
    return trunk.format(number=to, digits=to.removeprefix("+"))


def caller_id(number: str, name: str) -> str:
    """As Asterisk reads it; quotes and brackets would end the name early."""
    name = "".join(char for char in name if char not in '"<>\\' and char.isprintable())
    return f'"{name}" <{number}>'
