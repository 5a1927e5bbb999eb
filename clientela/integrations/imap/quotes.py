"""What a person wrote now, without the conversation their mail program quoted below. No I/O here."""

import re
from html.parser import HTMLParser

_SEPARATOR = re.compile(
    r"^\s*[-_]{2,}\s*(original message|forwarded message|исходное сообщение|пересылаемое сообщение|"
    r"пересланное сообщение|конец исходного сообщения)\s*[-_]*\s*:?\s*$",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"\b(wrote|writes|пишет|писала?|написала?|написал\(а\)|писал\(а\))\s*:\s*$", re.IGNORECASE
)
_ADDRESS_LINE = re.compile(r"<\S+@\S+>.{0,40}:\s*$")
_DATE = re.compile(r"\d{1,4}[./: -]\d{1,2}|\b(19|20)\d\d\b")
_HEADER_FROM = re.compile(r"^\s*[>*]*\s*(from|от|от кого)\s*:\**\s*\S", re.IGNORECASE)
_HEADER_NEXT = re.compile(r"^\s*[>*]*\s*(sent|date|to|отправлено|дата|кому|subject|тема)\s*:", re.IGNORECASE)
_SENT_FROM = re.compile(
    r"^\s*(sent from (my|outlook|yahoo)|get outlook for|отправлено (с|из) )[^!?]{0,60}$", re.IGNORECASE
)
_SIGNATURE = re.compile(r"^-- ?$")
_OUTLOOK_RULE = re.compile(r"^\s*_{20,}\s*$")


# No mail program writes an introduction longer than this; what is longer is not looked at.
_LINE = 1000


def without_quotes(text: str) -> str:
    """The new part of a reply. The whole text when nothing new would remain."""
    return split_quotes(text)[0]


def split_quotes(text: str) -> tuple[str, str]:
    """The new part of a reply, and the rest: the quoted conversation and what stands under the mail."""
    lines = text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")
    end = _end(lines)
    kept: list[str] = []
    folded: list[str] = []
    for line in lines[:end]:
        (folded if line.lstrip().startswith(">") else kept).append(line)
    while kept and (not kept[-1].strip() or (len(kept[-1]) < _LINE and _SENT_FROM.match(kept[-1]))):
        kept.pop()
    new = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in kept).strip())
    if not new:
        return text.strip(), ""
    return new, "\n".join(line.rstrip() for line in [*folded, *lines[end:]]).strip()


def _end(lines: list[str]) -> int:
    """The line where the quoted conversation or the signature begins."""
    for number, line in enumerate(lines):
        if len(line) > _LINE:
            continue
        if _SEPARATOR.match(line) or _SIGNATURE.match(line) or _OUTLOOK_RULE.match(line):
            return number
        if _HEADER_FROM.match(line) and any(
            _HEADER_NEXT.match(follower[:_LINE]) for follower in lines[number + 1 : number + 4]
        ):
            return number
        if line.rstrip().endswith(":"):
            start = _introduction(lines, number)
            if start is not None:
                return start
    return len(lines)


def _introduction(lines: list[str], last: int) -> int | None:
    """Where the "… wrote:" that ends at `last` begins; mail programs wrap it over up to three lines."""
    joined = ""
    for number in range(last, max(last - 3, -1), -1):
        if not lines[number].strip() or len(lines[number]) > _LINE:
            break
        joined = f"{lines[number].strip()} {joined}".strip()
        if _DATE.search(joined) and (_WROTE.search(joined) or _ADDRESS_LINE.search(joined)):
            return number
    return last if _WROTE.search(lines[last]) and _quoted_next(lines, last + 1) else None


def _quoted_next(lines: list[str], start: int) -> bool:
    following = next((line for line in lines[start:] if line.strip()), "")
    return following.lstrip().startswith(">")


class _TextOnly(HTMLParser):
    _BLOCKS = frozenset(
        {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr", "pre"}
    )
    _SILENT: frozenset[str] = frozenset({"style", "script", "head", "title", "blockquote"})
    _VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "col", "base", "area", "wbr"})
    _QUOTES: tuple[str, ...] = (
        "gmail_quote",
        "yahoo_quoted",
        "moz-cite-prefix",
        "mail-quote",
        "appendonsend",
        "divRplyFwdMsg",
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._muted: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._BLOCKS and not self._muted:
            self.out.append("\n")
        if tag in self._VOID:
            return
        names = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
        if self._muted or tag in self._SILENT or any(quote in names for quote in self._QUOTES):
            self._muted.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._muted:
            while self._muted.pop() != tag:
                pass
        elif tag in self._BLOCKS:
            self.out.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._muted:
            self.out.append(re.sub(r"\s+", " ", data))


def html_to_text(html: str, *, with_quotes: bool = False) -> str:
    """Readable lines of an HTML mail, without its quoted blocks. Falls back to everything if none is left."""
    parser = _TextOnly()
    if with_quotes:
        parser._SILENT = _TextOnly._SILENT - {"blockquote"}
        parser._QUOTES = ()
    parser.feed(html)
    parser.close()
    lines = [line.strip() for line in "".join(parser.out).split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return text if text or with_quotes else html_to_text(html, with_quotes=True)
