"""Looking for a text in everything the database keeps."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection


def columns() -> Iterator[tuple[str, str]]:
    """Every column of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for column in connection.introspection.get_table_description(cursor, table):
                yield table, column.name


def places_of(*texts: str) -> set[str]:
    """``table.column`` of each place where one of ``texts`` stands, as the database itself keeps it."""
    found = set()
    quote = connection.ops.quote_name
    for table, column in list(columns()):
        condition = " OR ".join([f"CAST({quote(column)} AS text) LIKE %s"] * len(texts))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT EXISTS (SELECT 1 FROM {quote(table)} WHERE {condition})",
                [f"%{text}%" for text in texts],
            )
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


def in_files_of_the_base(texts: Iterable[str]) -> set[str]:
    """Those of ``texts`` whose bytes stand in SQLite's files, free pages and the log among them."""
    assert connection.vendor == "sqlite"
    path = Path(str(settings.DATABASES["default"]["NAME"]))
    stored = b"".join(one.read_bytes() for one in path.parent.glob(path.name + "*"))
    return {text for text in texts if text.encode() in stored}
