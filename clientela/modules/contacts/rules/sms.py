"""How many parts an SMS takes (3GPP TS 23.038 and 23.040)."""

from dataclasses import dataclass
from typing import Literal

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_GSM = _BASIC | _EXTENDED

# Room of one message and of each part of a long one: septets, UTF-16 units.
GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67


@dataclass(frozen=True, slots=True)
class SmsSize:
    """``units`` are characters as the network counts them; ``left`` fit before one more part is needed."""

    alphabet: Literal["gsm", "ucs2"]
    units: int
    parts: int
    left: int


def sms_size(text: str) -> SmsSize:
    """Latin letters and signs of the GSM alphabet go 160 to a message, anything else 70."""
    alphabet: Literal["gsm", "ucs2"]
    if _GSM.issuperset(text):
        alphabet, single, part = "gsm", GSM_SINGLE, GSM_PART
        units = len(text) + sum(map(_EXTENDED.__contains__, text))
    else:
        alphabet, single, part = "ucs2", UCS2_SINGLE, UCS2_PART
        units = len(text.encode("utf-16-be", "replace")) // 2
    if units <= single:
        return SmsSize(alphabet, units, 1, single - units)
    if units == len(text):
        parts = -(-units // part)
        return SmsSize(alphabet, units, parts, parts * part - units)
    parts, used = 1, 0
    for char in text:  # no character is cut in two
        width = 2 if (char in _EXTENDED if alphabet == "gsm" else char > "\uffff") else 1
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return SmsSize(alphabet, units, parts, part - used)
