"""How loops without work wait for some."""

import threading

from django.db import DatabaseError, connection

MOST_SECONDS = 2.0


class Rest:
    """The pause of one thread's loop between two looks that found nothing.

    SQLite tells whether anybody has written since this thread asked last: while nobody has, looking again would find
    what it found before, except what has come due since; for that a pause ends after ``MOST_SECONDS`` anyway.
    PostgreSQL does not tell, there every pause is as short as was asked for.
    """

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._seen: int | None = None

    def wait(self, seconds: float) -> None:
        """Wait ``seconds``, longer while nothing was written; at once over when ``stopping`` is set."""
        waited = 0.0
        while not self._stopping.wait(seconds):
            waited += seconds
            seen, self._seen = self._seen, _writes()
            if self._seen is None or self._seen != seen or waited >= MOST_SECONDS:
                return


def _writes() -> int | None:
    """A number that changes when another connection writes to the file; nothing where the database is silent."""
    if connection.vendor != "sqlite":
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            return int(cursor.fetchone()[0])
    except DatabaseError:
        return None
