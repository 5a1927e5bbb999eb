"""Texts of the book: Markdown to safe HTML, and the words search compares."""

import re
from functools import lru_cache
from threading import local

import nh3
from markdown_it import MarkdownIt
from snowballstemmer import stemmer

_TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "h3", "h4", "blockquote", "hr", "a", "code", "table", "thead",
         "tbody", "tr", "th", "td"}  # fmt: skip
_WORD = re.compile(r"[0-9a-zа-я]+")
_HEADING = re.compile(r"<(/?)h[1-6]>")
MOST_WORDS = 8
SHORTEST_STEM = 3
_CYRILLIC, _LATIN = re.compile(r"[а-я]+"), re.compile(r"[a-z]+")
_kept = local()  # a stemmer keeps the word it works on, so each thread has its own


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")


def as_html(body: str) -> str:
    """The text as HTML that is safe to show: no raw HTML, no pictures, links only to pages and addresses."""
    made = _HEADING.sub(r"<\1h3>", _parser().render(body))
    return nh3.clean(
        made, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip


def as_plain(body: str) -> str:
    """The words of the text in one line."""
    tokens = _parser().parse(body)
    parts = [child.content for token in tokens for child in token.children or () if child.content]
    parts += [token.content for token in tokens if token.type in ("fence", "code_block")]
    return " ".join(" ".join(parts).split())


def key_of(text: str) -> str:
    """Text as search compares it: lower case, ё as е, words only, a space before each.

    A stem that does not begin its own word, as English ones may not, stands before the word.
    """
    parts = (part for word in _words(text) for part in _parts(word))
    return "".join(f" {part}" for part in parts)


def stems(text: str) -> list[str]:
    """Beginnings to look for: the stem of each of the first eight words, so that any form fits."""
    found = list(dict.fromkeys(_words(text)))
    return [_stem(word) for word in found[:MOST_WORDS]]


def _words(text: str) -> list[str]:
    return _WORD.findall(_folded(text))


def _folded(text: str) -> str:
    return text.lower().replace("ё", "е")


def _parts(word: str) -> tuple[str, ...]:
    stem = _stem(word)
    return (word,) if word.startswith(stem) else (stem, word)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """What Snowball leaves of a Russian or an English word; the word itself where it leaves next to nothing."""
    language = "russian" if _CYRILLIC.fullmatch(word) else "english" if _LATIN.fullmatch(word) else ""
    if not language:
        return word
    if not hasattr(_kept, language):
        setattr(_kept, language, stemmer(language))
    stem: str = getattr(_kept, language).stemWord(word)
    return stem if len(stem) >= SHORTEST_STEM else word


def excerpt(body: str, wanted: list[str], *, length: int = 160) -> str:
    """The piece of the plain text around the first word that fits; the beginning where none does."""
    text = as_plain(body)
    found = (at.start() for at in _WORD.finditer(_folded(text)) if _fits(at[0], wanted))
    first = max(0, next(found, 0) - length // 3)
    if first:
        first = text.find(" ", first) + 1
    piece = text[first : first + length]
    if first + length < len(text):
        piece = piece.rpartition(" ")[0] or piece
    piece = piece.strip()
    return f"{'… ' if first else ''}{piece}{' …' if first + length < len(text) else ''}"


def _fits(word: str, wanted: list[str]) -> bool:
    return any(part.startswith(stem) for stem in wanted for part in _parts(word))
