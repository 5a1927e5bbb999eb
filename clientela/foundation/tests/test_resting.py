"""A loop without work looks again when somebody wrote, or when its longest pause is over."""

import threading

import pytest
from django.db import connection

from clientela.foundation import resting
from clientela.foundation.resting import Rest
from clientela.modules.products.models import Line, Product


class Waits(threading.Event):
    """Counts the pauses instead of making them."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.count += 1
        if self.count == 40:
            self.set()
        return self.is_set()


def write() -> None:
    """By another connection: threads have their own."""

    def run() -> None:
        Product.objects.create(code="x", name="x", line=Line.OTHER)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.fixture
def waits(transactional_db: None) -> Waits:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite tells")
    return Waits()


def test_nobody_looks_while_nothing_was_written(waits: Waits) -> None:
    rest = Rest(waits)
    rest.wait(0.5)
    assert waits.count == 1
    rest.wait(0.5)
    assert waits.count == 1 + resting.MOST_SECONDS / 0.5
    write()
    rest.wait(0.5)
    assert waits.count == 2 + resting.MOST_SECONDS / 0.5


def test_what_was_written_during_the_look_is_not_missed(waits: Waits) -> None:
    rest = Rest(waits)
    rest.wait(0.5)
    before = waits.count
    write()
    rest.wait(0.5)
    assert waits.count == before + 1


def test_stopping_ends_the_pause(waits: Waits) -> None:
    rest = Rest(waits)
    rest.wait(0.5)
    waits.set()
    rest.wait(0.5)
    assert waits.count == 2
