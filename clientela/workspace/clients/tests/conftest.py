"""What the tests of client pages share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

# What PostgreSQL needs around a query that may not run for long.
AROUND = ("SAVEPOINT", "RELEASE SAVEPOINT", "SET LOCAL statement_timeout")


@pytest.fixture
def statements() -> Callable[[], AbstractContextManager[list[str]]]:
    """``with statements() as sent``: afterwards ``sent`` holds every statement about data."""

    @contextmanager
    def capture() -> Iterator[list[str]]:
        sent: list[str] = []
        with CaptureQueriesContext(connection) as captured:
            yield sent
        sent += [query["sql"] for query in captured if not query["sql"].startswith(AROUND)]

    return capture
