"""Words and names that came from outside, made safe to keep, to sort and to show.

What a database refuses (NUL, halves of surrogate pairs) goes, and what makes a text read other than it is written:
marks of direction everywhere, everything invisible in names.
"""

import re
import unicodedata

NAME = 120
# U+FEFF and the marks that begin, end or override a direction (Unicode Bidirectional Algorithm, 2.1–2.6).
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_PATH = re.compile(r"[/\\:*?\"<>|]+")
_SPACE = re.compile(r"\s+")


def plain(text: str, limit: int | None = None) -> str:
    """A text of several lines."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:limit]


def one_line(text: str, limit: int) -> str:
    """A name or a subject: visible characters on one line."""
    visible = "".join(
        char
        for char in _SPACE.sub(" ", text)
        if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return visible.strip()[:limit]


def file_name(name: str) -> str:
    """A name to save a file under: no folders, not hidden, its ending kept however long it is."""
    visible = _PATH.sub("_", one_line(name, 4 * NAME)).lstrip(". ")
    stem, dot, ending = visible.rpartition(".")
    if len(visible) > NAME and dot and 0 < len(ending) <= 10:
        visible = f"{stem[: NAME - len(ending) - 1]}.{ending}"
    return visible[:NAME] or "file"
