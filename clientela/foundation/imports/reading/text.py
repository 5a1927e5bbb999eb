"""Text files: compression, encoding and separator found out, then the bytes brought to UTF-8."""

import codecs
import csv
import gzip
import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

SAMPLE = 256 * 1024
BLOCK = 1024 * 1024
MAX_UNPACKED = 8 * 1024**3
SEPARATORS = ";,\t|"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What Russian, English and Western European programs write.
_CANDIDATES = ["cp1251", "koi8_r", "cp866", "cp1252", "iso8859_5", "mac_cyrillic"]
_CYRILLIC = ("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic")
_FREQUENT = frozenset("оеаинтсрвлкмдпу")


class TooLarge(Exception):
    """The unpacked file is larger than any file we take."""


@dataclass(frozen=True)
class TextFormat:
    """How the bytes of a text file are to be read."""

    encoding: str
    separator: str


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def to_utf8(path: Path, target: Path, encoding: str | None = None) -> str:
    """Write ``path`` unpacked and in UTF-8 (no mark, ``\\n`` line ends) to ``target``; tell what it was in.

    Bytes that the encoding does not know become U+FFFD and are explained row by row later.
    """
    with _open(path) as source:
        sample = source.read(SAMPLE)
    found = encoding or _encoding_of(sample)
    if found == "utf-8" and not encoding:
        try:
            _transcode(path, target, "utf-8", "strict")
            return found
        except UnicodeDecodeError:
            found = _encoding_without_mark(sample) if _not_utf8(sample) else "utf-8"
    _transcode(path, target, found, "replace")
    return found


def _transcode(path: Path, target: Path, encoding: str, errors: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    written = 0
    with _open(path) as source, target.open("w", encoding="utf-8", newline="") as sink:
        carried = ""
        while block := source.read(BLOCK):
            written += len(block)
            if written > MAX_UNPACKED:
                raise TooLarge
            text = carried + decoder.decode(block)
            # A carriage return at the end may be half of a line end.
            carried = "\r" if text.endswith("\r") else ""
            sink.write(_unix(text[:-1] if carried else text))
        sink.write(_unix(carried + decoder.decode(b"", final=True)))


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _encoding_of(sample: bytes) -> str:
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    # Of two bytes of a Russian or English letter one is 4 or 0.
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        high = sample[first:4096:2]
        if len(high) > 8 and sum(byte in (0, 4) for byte in high) > 0.8 * len(high):
            return name
    return _encoding_without_mark(sample) if _not_utf8(sample) else "utf-8"


def _not_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(sample)
    except UnicodeDecodeError:
        return True
    return False


def _encoding_without_mark(sample: bytes) -> str:
    """A Cyrillic encoding if its letters are the usual Russian ones, else what the library thinks."""
    rated = {name: _russian_share(sample.decode(name, "replace")) for name in _CYRILLIC}
    best = max(rated, key=lambda name: rated[name])
    if rated[best] > 0.5:
        return best
    guess = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    return guess.encoding if guess else "cp1251"


def _russian_share(text: str) -> float:
    """How much of the letters beyond ASCII are frequent Russian ones; capitals inside words count against."""
    letters = [char for char in text if ord(char) > 127]
    if not letters:
        return 0.0
    frequent = sum(char.lower() in _FREQUENT for char in letters)
    pairs = itertools.pairwise(text)
    wrong = sum(first.islower() and second.isupper() for first, second in pairs if ord(second) > 127)
    return (frequent - 3 * wrong) / len(letters)


def sniff_separator(lines: list[str]) -> str:
    """The separator that cuts most lines into the same, largest number of cells."""

    def evenness(separator: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        if not widths:
            return 0, 0
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(usual) / len(widths) if usual > 1 else 0), usual

    return max(SEPARATORS, key=evenness)


def first_lines(path: Path, count: int = 60) -> list[str]:
    """The first lines of a UTF-8 file."""
    with path.open(encoding="utf-8", newline="\n") as source:
        return [line for line, _ in zip(source, range(count), strict=False)]


def tolerant_records(
    path: Path, separator: str, width: int, skip: int
) -> Iterator[tuple[int, list[str], bool]]:
    """``(line number, cells, sound)`` of a file that a strict parser refuses.

    A stray quote spoils its own line only: a record is continued on later lines only if that gives
    exactly ``width`` cells.
    """
    with path.open(encoding="utf-8", newline="\n") as source:
        lines = source.readlines()
    number = skip
    while number < len(lines):
        first = number
        text = lines[number].rstrip("\n")
        number += 1
        if not text.strip():
            continue
        cells = next(csv.reader([text], delimiter=separator)) if text.count('"') % 2 == 0 else []
        if not cells:
            joined, ahead = text, number
            while ahead < len(lines) and ahead - first < 20 and joined.count('"') % 2:
                joined += "\n" + lines[ahead].rstrip("\n")
                ahead += 1
            if joined.count('"') % 2 == 0:
                whole = next(csv.reader(joined.split("\n"), delimiter=separator))
                if len(whole) == width:
                    cells, number = whole, ahead
        if not cells:
            cells = [cell.strip('"') for cell in text.split(separator)]
        yield first + 1, cells, len(cells) <= width or not any(cell.strip() for cell in cells[width:])


def copy(source: Path, target: Path) -> None:
    """A plain copy, for callers that keep the file."""
    shutil.copyfile(source, target)
