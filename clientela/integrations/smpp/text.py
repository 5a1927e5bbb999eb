"""Text of an SMS on the wire: the GSM 03.38 alphabet, UCS-2, and long messages cut into parts.

Sources: 3GPP TS 23.038 (alphabets), TS 23.040 9.2.3.24.1 (concatenation header).
"""

from dataclasses import dataclass

GSM = 0
UCS2 = 8

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENDED = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_ENCODE: dict[str, bytes] = {char: bytes([code]) for code, char in enumerate(_BASIC) if code != _ESCAPE}
_ENCODE |= {char: bytes([_ESCAPE, code]) for char, code in _EXTENDED.items()}
_DECODE_EXTENDED = {code: char for char, code in _EXTENDED.items()}

# One message, or a part of a long one beside its six bytes of header: septets, UTF-16 units.
SINGLE = {GSM: 160, UCS2: 70}
PART = {GSM: 153, UCS2: 67}
MAX_PARTS = 255

_DATA_CODINGS = {1: "ascii", 3: "latin-1", 6: "iso8859-5", 7: "iso8859-8", UCS2: "utf-16-be"}


class TextTooLong(ValueError):
    """The text needs more than 255 parts."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text ready for `submit_sm`: one body per part, each with its header when there are several."""

    data_coding: int
    bodies: tuple[bytes, ...]

    @property
    def has_header(self) -> bool:
        return len(self.bodies) > 1


def encode_gsm(text: str) -> list[bytes] | None:
    """One or two bytes a character, or None when a character is not in the GSM alphabet."""
    try:
        return [_ENCODE[char] for char in text]
    except KeyError:
        return None


def decode_gsm(data: bytes) -> str:
    """Text of unpacked septets. An unknown escape sequence reads as its base character."""
    out = []
    escaped = False
    for code in data:
        if escaped:
            out.append(_DECODE_EXTENDED.get(code, _BASIC[code & 0x7F]))
            escaped = False
        elif code == _ESCAPE:
            escaped = True
        else:
            out.append(_BASIC[code & 0x7F])
    return "".join(out)


def decode(data: bytes, data_coding: int) -> str:
    """Text of a body without its header. What cannot be read becomes U+FFFD."""
    if data_coding == GSM or data_coding & 0xF0 == 0xF0:
        return decode_gsm(data)
    return data.decode(_DATA_CODINGS.get(data_coding, "latin-1"), errors="replace")


def encode(text: str, reference: int) -> Encoded:
    """Cut `text` into parts. `reference` ties the parts together (its low 8 bits are used).

    GSM alphabet where every character is in it, UCS-2 otherwise. A character is never cut in two.
    Raises `TextTooLong`.
    """
    units = encode_gsm(text)
    if units is not None:
        data_coding, width, whole = GSM, 1, b"".join(units)
    else:
        data_coding, width, whole = UCS2, 2, text.encode("utf-16-be", errors="replace")
    if len(whole) <= SINGLE[data_coding] * width:
        return Encoded(data_coding, (whole,))
    if units is None:
        units = [char.encode("utf-16-be", errors="replace") for char in text]
    bodies = _pack(units, PART[data_coding] * width)
    if len(bodies) > MAX_PARTS:
        raise TextTooLong(f"{len(bodies)} parts")
    total = len(bodies)
    return Encoded(
        data_coding,
        tuple(
            bytes((5, 0, 3, reference & 0xFF, total, number)) + body for number, body in enumerate(bodies, 1)
        ),
    )


def _pack(units: list[bytes], size: int) -> list[bytes]:
    bodies: list[bytes] = []
    body = bytearray()
    for unit in units:
        if len(body) + len(unit) > size:
            bodies.append(bytes(body))
            body.clear()
        body += unit
    bodies.append(bytes(body))
    return bodies


def split_header(data: bytes) -> tuple[tuple[int, int, int] | None, bytes]:
    """`((reference, total, number) or None, body)` of a body that begins with a user data header."""
    end = 1 + data[0] if data else 0
    if not data or end > len(data):
        return None, data
    position = 1
    concatenation = None
    while position + 1 < end:
        kind, size = data[position], data[position + 1]
        value = data[position + 2 : position + 2 + size]
        if kind == 0 and len(value) == 3:
            concatenation = (value[0], value[1], value[2])
        elif kind == 8 and len(value) == 4:
            concatenation = (int.from_bytes(value[:2], "big"), value[2], value[3])
        position += 2 + size
    return concatenation, data[end:]
