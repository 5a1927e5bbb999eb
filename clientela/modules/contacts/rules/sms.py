"""How many parts an SMS takes (3GPP TS 23.038 and 23.040)."""

from dataclasses import dataclass
from typing import Literal

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")

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
    if all(char in _BASIC or char in _EXTENDED for char in text):
        alphabet, single, part = "gsm", GSM_SINGLE, GSM_PART
        widths = [2 if char in _EXTENDED else 1 for char in text]
    else:
        alphabet, single, part = "ucs2", UCS2_SINGLE, UCS2_PART
        widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    units = sum(widths)
    if units <= single:
        return SmsSize(alphabet, units, 1, single - units)
    parts, used = 1, 0
    for width in widths:  # no character is cut in two
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return SmsSize(alphabet, units, parts, part - used)
