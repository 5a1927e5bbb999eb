"""Texts of the book: Markdown to safe HTML, and the words search compares."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "h3", "h4", "blockquote", "hr", "a", "code", "table", "thead",
         "tbody", "tr", "th", "td"}  # fmt: skip
_WORD = re.compile(r"[0-9a-zа-я]+")
_HEADING = re.compile(r"<(/?)h[1-6]>")
MOST_WORDS = 8
SHORTEST_STEM = 3
# Endings of Russian nouns, adjectives and verbs, the longest first: what is left begins most forms of the word.
_ENDINGS = (
    "иями", "ями", "ами", "ого", "его", "ому", "ему", "ыми", "ими", "ией", "ать", "ять", "ить", "еть", "ешь", "ишь",
    "ов", "ев", "ей", "ой", "ый", "ий", "ая", "яя", "ое", "ее", "ые", "ие", "ых", "их", "ах", "ях", "ам", "ям", "ом",
    "ем", "ою", "ею", "ую", "юю", "ия", "ии", "ию", "ть", "ет", "ит", "ут", "ют", "ат", "ят",
    "а", "я", "о", "е", "у", "ю", "ы", "и", "ь", "й",
)  # fmt: skip


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
    """Text as search compares it: lower case, ё as е, words only, a space before each."""
    return "".join(f" {word}" for word in _WORD.findall(text.lower().replace("ё", "е")))


def stems(text: str) -> list[str]:
    """Beginnings to look for: each of the first eight words without its ending, so that any form fits."""
    found = list(dict.fromkeys(_WORD.findall(text.lower().replace("ё", "е"))))
    return [_stem(word) for word in found[:MOST_WORDS]]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def excerpt(body: str, wanted: list[str], *, length: int = 160) -> str:
    """The piece of the plain text around the first word that fits; the beginning where none does."""
    text = as_plain(body)
    folded = text.lower().replace("ё", "е")
    places = [at for stem in wanted if (at := folded.find(stem)) >= 0]
    first = max(0, min(places) - length // 3) if places else 0
    if first:
        first = text.find(" ", first) + 1
    piece = text[first : first + length]
    if first + length < len(text):
        piece = piece.rpartition(" ")[0] or piece
    piece = piece.strip()
    return f"{'… ' if first else ''}{piece}{' …' if first + length < len(text) else ''}"
