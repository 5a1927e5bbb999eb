"""What stands in a message."""

import re
from collections.abc import Sequence

from clientela.foundation.names import mentions

MOST_WORDS = 6

REACTIONS = ("👍", "❤️", "😂", "🎉", "😮", "🙏")


def folded(text: str) -> str:
    """The text as search compares it."""
    return text.casefold().replace("ё", "е")


def searched(text: str) -> list[str]:
    """Words looked for, at most ``MOST_WORDS``; shorter than two letters are left out."""
    return [word for word in folded(text).split() if len(word) > 1][:MOST_WORDS]


def named(text: str, first: str, last: str, email: str) -> str:
    """What the text says after @ to call this person; empty if it does not."""
    for said in mentions(text):
        words = said.split()
        if "@" in said:
            if said.lower() == email:
                return said
        elif len(words) == 2 and {word.casefold() for word in words} == {first.casefold(), last.casefold()}:
            return said
        elif words[0].casefold() == last.casefold():
            return words[0]
    return ""


def pieces(text: str, called: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in parts, each with whether it calls somebody."""
    if not called:
        return [(text, False)]
    names = "|".join(re.escape(f"@{said}") for said in sorted(called, key=len, reverse=True))
    parts = re.split(f"({names})", text)
    return [(part, bool(place % 2)) for place, part in enumerate(parts) if part]
