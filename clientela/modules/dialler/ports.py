"""What calling lists ask of those who want a client called."""

from collections.abc import Callable

Words = Callable[[str], str]

_words: dict[str, Words] = {}


def register(origin: str, words: Words) -> None:
    """Let ``words`` say what a code means by which the guard of ``origin`` stops its calls."""
    _words[origin] = words


def words_of(origin: str, code: str) -> str:
    """The sentence of an asker's code; the code itself where nobody knows it."""
    return _words[origin](code) if origin in _words else code
