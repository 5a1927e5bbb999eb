"""A mail that may be made to harm the reader, as a mail object of bounded cost. No I/O here.

Long headers are cut before anybody parses them (the standard library is quadratic in their parameters), and what is
nested or split beyond any honest mail is not taken apart: it is kept whole, as a file.
"""

import email
import re
from collections.abc import Sequence
from email._policybase import Compat32
from itertools import islice

from imap_tools import MailMessage

HEADER = 16_384
TEXT, HTML = 200_000, 500_000
FILES = 100
_MULTIPARTS, _ENCLOSED = 60, 20
_DEPTH = 400
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
# Elements that hold nothing, or that the next of their kind ends.
_FLAT = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "option",
        "tr",
        "td",
        "th",
    }
)
_FOLD = re.compile(r"\r?\n")
_MULTIPART = re.compile(rb"boundary", re.IGNORECASE)
_ENCLOSING = re.compile(rb"message\s*/\s*(rfc822|global|partial|external-body)", re.IGNORECASE)


class _Cut(Compat32):
    """The policy of the standard library, with headers unfolded and of at most `HEADER` characters."""

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        kept, room = [], HEADER
        for line in sourcelines:
            kept.append(line[:room])
            room -= len(line)
            if room <= 0:
                break
        name, value = super().header_source_parse(kept)
        # Who decodes a folded header loses the space at the fold (RFC 5322, 2.2.3).
        return name, _FOLD.sub("", value)


_POLICY = _Cut()


def is_tangled(raw: bytes) -> bool:
    """Whether the mail nests or splits beyond any honest one."""
    return _over(_MULTIPART, raw, _MULTIPARTS) or _over(_ENCLOSING, raw, _ENCLOSED)


def _over(pattern: re.Pattern[bytes], raw: bytes, most: int) -> bool:
    return sum(1 for _ in islice(pattern.finditer(raw), most + 1)) > most


def opened(raw: bytes) -> MailMessage:
    """The mail taken apart; of a tangled one the headers alone."""
    mail = MailMessage.from_bytes(b"")
    if is_tangled(raw):
        head = re.split(rb"\r?\n\r?\n", raw[: 64 * HEADER], maxsplit=1)[0]
        mail.obj = email.message_from_bytes(head + b"\r\n\r\n", policy=_POLICY)
        for name in ("Content-Type", "Content-Transfer-Encoding"):
            del mail.obj[name]
    else:
        mail.obj = email.message_from_bytes(raw, policy=_POLICY)
    return mail


def is_deep(html: str) -> bool:
    """Whether elements nest beyond any honest page: to put such a one in order takes the square of its length."""
    depth = 0
    for found in _TAG.finditer(html):
        if found[2].lower() in _FLAT:
            continue
        depth = max(0, depth + (-1 if found[1] else 1))
        if depth > _DEPTH:
            return True
    return False


def without_tags(html: str) -> str:
    """What stands between the tags of a page that nobody puts in order."""
    return re.sub(r"\s+", " ", _ANY_TAG.sub(" ", html)).strip()
