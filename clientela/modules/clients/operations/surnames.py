"""Keeping the vocabulary of surnames as the cards are, beside the work and never within a write of a card."""

from collections.abc import Iterator

from django.db import connection, transaction

from clientela.modules.clients.models import Surname, SurnameKey
from clientela.modules.clients.surnames import LONGEST, SHORTEST, deletions, known_surnames

CHUNK = 2000
_WORD = {
    "postgresql": "split_part(s.key, ' ', 1)",
    "sqlite": "substr(s.key, 1, instr(s.key || ' ', ' ') - 1)",
}


def _standing() -> Iterator[str]:
    """Different first words of folded names in order: one probe of the index of names for each of them."""
    word = _WORD[connection.vendor]
    first = "(SELECT c.name_key FROM clients_client c WHERE c.name_key >= {} ORDER BY c.name_key LIMIT 1)"
    statement = f"""
    WITH RECURSIVE s(key) AS (
        SELECT {first.format("%s")}
        UNION ALL
        SELECT {first.format(f"({word} || '!')")} FROM s WHERE s.key IS NOT NULL
    )
    SELECT s.key FROM s WHERE s.key IS NOT NULL LIMIT {CHUNK}
    """
    start = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [start])
            words = [key.split(" ", 1)[0] for (key,) in cursor.fetchall()]
        yield from words
        if len(words) < CHUNK:
            return
        start = words[-1] + "!"


def learn_surnames() -> dict[str, int]:
    """Add the surnames that came with cards and forget those no card has; how many of each. May be cut and run again."""
    gone = known_surnames()
    fresh = []
    for word in _standing():
        if gone.pop(word, None) is None and SHORTEST <= len(word) <= LONGEST:
            fresh.append(word)
    for start in range(0, len(fresh), CHUNK):
        _add(fresh[start : start + CHUNK])
    numbers = list(gone.values())
    for start in range(0, len(numbers), CHUNK):
        Surname.objects.filter(pk__in=numbers[start : start + CHUNK]).delete()
    return {"added": len(fresh), "forgotten": len(gone)}


def _add(words: list[str]) -> None:
    with transaction.atomic():
        rows = Surname.objects.bulk_create([Surname(word=word) for word in words])
        SurnameKey.objects.bulk_create(
            [SurnameKey(key=key, surname=row) for row in rows for key in sorted(deletions(row.word))],
            batch_size=CHUNK,
        )
