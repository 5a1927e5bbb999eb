"""Every name in the tables of events and jobs leads to a function."""

import pytest
from django.utils.module_loading import import_string

from clientela.config.schedule import TABLE
from clientela.foundation.jobs import operations as jobs
from clientela.foundation.outbox import operations as outbox


@pytest.mark.parametrize("path", sorted({h for handlers in outbox._handlers.values() for h in handlers}))
def test_handlers_exist(path: str) -> None:
    assert callable(import_string(path))


@pytest.mark.parametrize("path", sorted(jobs._kinds.values()))
def test_jobs_exist(path: str) -> None:
    assert callable(import_string(path))


def test_regular_jobs_are_registered() -> None:
    assert {entry.kind for entry in TABLE} <= jobs._kinds.keys()
