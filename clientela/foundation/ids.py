"""Ids as they come in queries and forms: what is no id is left out, never an error."""

from collections.abc import Iterable

GREATEST_ID = 2**63 - 1
_MOST_DIGITS = len(str(GREATEST_ID))


def id_of(text: str | None) -> int | None:
    """The id in ``text``, 1 … 2⁶³−1 in ASCII digits; None for anything else."""
    if not text or len(text) > _MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if 1 <= number <= GREATEST_ID else None


def ids_of(values: Iterable[str], most: int) -> list[int]:
    """The ids among ``values`` in their order, each once, ``most`` of them at the most."""
    found = dict.fromkeys(number for value in values if (number := id_of(value)) is not None)
    return list(found)[:most]
