"""Surnames one slip away from what was typed.

A whole word is asked of the vocabulary of surnames. For an unfinished one, and for cards the vocabulary has not
learned yet, surnames are read off the index of names by skipping: one probe of the b-tree for each different
surname under a few likely beginnings, never more than ``MOST`` of them.
"""

from collections.abc import Iterable

from django.db import connection

from clientela.modules.clients.surnames import CONFUSED, SHORTEST, near, similar_surnames

MOST = 1500
BEGINNING = 3
_LAST = "\U0010ffff"


def beginnings(word: str) -> list[str]:
    """How the right surname may begin if one slip happened in its first letters, or later."""
    head = word[:BEGINNING]
    found = [head, head[1] + head[0] + head[2:], head[0] + word[2:3] + head[1]]
    found += [word[:index] + word[index + 1 : BEGINNING + 1] for index in range(BEGINNING)]
    for index, letter in enumerate(head):
        for pair in CONFUSED:
            if letter in pair:
                found.append(head[:index] + pair.replace(letter, "") + head[index + 1 :])
    return [text for text in dict.fromkeys(found) if len(text) == BEGINNING]


def surnames_under(heads: Iterable[str]) -> set[str]:
    """Different first words of folded names under these beginnings, up to ``MOST``."""
    heads = list(heads)
    postgres = connection.vendor == "postgresql"
    collate = ' COLLATE "C"' if postgres else ""
    word = "split_part(s.key, ' ', 1)" if postgres else "substr(s.key, 1, instr(s.key || ' ', ' ') - 1)"
    values = ", ".join(["(%s)"] * len(heads))

    def first(lowest: str, head: str) -> str:
        return (
            f"(SELECT c.name_key FROM clients_client c WHERE c.name_key >= {lowest} "
            f"AND c.name_key < {head} || '{_LAST}' ORDER BY c.name_key LIMIT 1)"
        )

    statement = f"""
    WITH RECURSIVE s(head, key) AS (
        SELECT v.head, {first("v.head", "v.head")} FROM (
            SELECT CAST(column1 AS text){collate} AS head FROM (VALUES {values}) AS x
        ) v
        UNION ALL
        SELECT s.head, {first(f"({word} || '!')", "s.head")} FROM s WHERE s.key IS NOT NULL
    )
    SELECT s.key FROM s WHERE s.key IS NOT NULL LIMIT {MOST}
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, heads)
        return {key.split(" ", 1)[0] for (key,) in cursor.fetchall()}


def similar(word: str) -> list[str]:
    """Surnames that ``word``, perhaps unfinished, is one slip away from; whole words first."""
    if len(word) < SHORTEST:
        return []
    if known := similar_surnames(word):
        return known
    whole, begun = [], []
    for surname in sorted(surnames_under(beginnings(word))):
        if near(word, surname):
            whole.append(surname)
        elif any(near(word, surname[: len(word) + extra]) for extra in (0, 1, -1)):
            begun.append(surname)
    return (whole + begun)[:20]
