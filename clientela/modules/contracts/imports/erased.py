"""Rows of people who were erased: a file must not bring them back."""

import polars as pl

from clientela.modules.clients import erased
from clientela.modules.clients.models import Tombstone
from clientela.modules.contracts.imports.naming import names_of

_KINDS = {"client.passport": erased.PASSPORT, "client.licence": erased.LICENCE, "client.inn": erased.INN}


def known_erased() -> frozenset[str]:
    """Digests of everybody who was erased; asked for once, since rows are read ahead in a thread of their own."""
    return frozenset(Tombstone.objects.values_list("digest", flat=True))


def erased_rows(frame: pl.DataFrame, known: frozenset[str]) -> list[tuple[pl.Series, str, str]]:
    """A fault for each column by which a row is known as an erased person's."""
    if not known:
        return []
    found = []
    for code, kind in _KINDS.items():
        if code in frame.columns:
            digests = [erased.digest(kind, value) if value else "" for value in frame[code]]
            found.append((_among(digests, known), code, "erased_person"))
    if "client.birth_date" in frame.columns:
        names, born = names_of(frame)["name_key"], frame["client.birth_date"]
        digests = [erased.person(name or "", day) for name, day in zip(names, born, strict=True)]
        found.append((_among(digests, known), "client.birth_date", "erased_person"))
    return found


def _among(digests: list[str], known: frozenset[str]) -> pl.Series:
    return pl.Series([one in known for one in digests], dtype=pl.Boolean)
