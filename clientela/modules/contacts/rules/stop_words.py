"""Words by which a client stops our messages."""

import re

_WHOLE = frozenset(
    {
        "стоп",
        "отписаться",
        "отписка",
        "отпишите",
        "отпишите меня",
        "отказ",
        "отказ от рассылки",
        "отказ от сообщений",
        "не пишите",
        "не пишите мне",
        "не присылайте",
        "хватит",
        "stop",
        "stop all",
        "stopall",
        "unsubscribe",
        "opt out",
        "optout",
        "quit",
    }
)
_FIRST = frozenset({"стоп", "stop", "отписаться", "отпишите", "unsubscribe"})
_LONGEST = 5


def is_stop(text: str) -> bool:
    """Whether a short message asks to stop: one of the phrases, or up to five words that begin with one."""
    words = re.findall(r"[^\W\d_]+", text.lower().replace("ё", "е"))
    if not words or len(words) > _LONGEST:
        return False
    return " ".join(words) in _WHOLE or words[0] in _FIRST
