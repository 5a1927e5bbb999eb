"""Surnames one slip away from a typed word, by a vocabulary of what is left of each without one letter."""

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Surname, SurnameKey

SHORTEST = 4
LONGEST = 80
MOST = 20
CONFUSED = ("ао", "еи", "иы", "еэ", "бп", "вф", "дт", "зс", "гк", "жш", "щш", "цс", "йи", "ея")


def deletions(word: str) -> set[str]:
    """``word`` itself and ``word`` without each of its letters."""
    return {word} | {word[:index] + word[index + 1 :] for index in range(len(word))}


def near(one: str, other: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours makes ``other`` of ``one``."""
    if one == other:
        return True
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    rest, other_rest = one[start:], other[start:]
    if rest[1:] == other_rest[1:]:
        return True
    return len(rest) > 1 and rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:]


def likelihood(typed: str, surname: str) -> int:
    """How easily ``surname`` was mistyped so, smaller is easier: letters that sound alike, neighbours, the rest."""
    if typed == surname:
        return 0
    different = [(a, b) for a, b in zip(typed, surname, strict=False) if a != b]
    if len(typed) != len(surname):
        return 2
    if len(different) == 1:
        return 1 if any(set(different[0]) == set(pair) for pair in CONFUSED) else 3
    return 2


def similar_surnames(word: str) -> list[str]:
    """Surnames of the vocabulary at most one slip from a whole ``word``, the likeliest first; one statement."""
    if not SHORTEST <= len(word) <= LONGEST:
        return []
    rows = SurnameKey.objects.filter(key__in=listed(sorted(deletions(word))))
    found = {one for one in rows.values_list("surname__word", flat=True) if near(word, one)}
    return sorted(found, key=lambda one: (likelihood(word, one), one))[:MOST]


def known_surnames() -> dict[str, int]:
    """The vocabulary: each word and its number."""
    return dict(Surname.objects.values_list("word", "pk"))
