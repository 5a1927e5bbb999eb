"""Statements over many rows: what they read, write and leave alone."""

from datetime import datetime, timedelta

import pytest

from clientela.foundation.bulk import insert_rows, listed, read_rows, update_rows
from clientela.foundation.jobs.models import Job
from clientela.foundation.outbox.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(now: datetime) -> list[int]:
    names = ["tests.a", 'tests."b\\', "tests.a", "tests.в"]
    return insert_rows(
        Event,
        [
            {"name": name, "payload": {"n": number}, "topics": "", "at": now + timedelta(hours=number)}
            for number, name in enumerate(names)
        ],
    )


def test_rows_are_read_by_numbers_and_by_words_in_order_of_ids(ids: list[int], now: datetime) -> None:
    one, two, three, four = ids

    assert read_rows(Event, ("id", "at"), "id", [three, one]) == [
        (one, now),
        (three, now + timedelta(hours=2)),
    ]
    assert read_rows(Event, ("id",), "name", ['tests."b\\', "tests.в"]) == [(two,), (four,)]
    assert read_rows(Event, ("id",), "id", ids, lock=True, name="tests.a") == [(one,), (three,)]
    assert read_rows(Event, ("id",), "id", []) == []


def test_a_list_of_any_length_is_one_parameter(ids: list[int]) -> None:
    many = [*ids, *range(-70_000, 0)]

    assert Event.objects.filter(id__in=listed(many)).count() == 4
    assert Event.objects.filter(name__in=listed(["tests.в", 'tests."b\\', "x"])).count() == 2
    assert Event.objects.filter(id__in=listed([])).count() == 0


def test_rows_are_written_by_id_unless_a_field_is_set_already(now: datetime) -> None:
    first, second = (
        Job.objects.create(kind="tests", title="", created_at=now, not_before=now, finished_at=at)
        for at in (None, now)
    )
    later = now + timedelta(hours=1)
    values = {"finished_at": later, "title": "new"}

    assert update_rows(Job, {first.pk: values, second.pk: values}, unless_set="finished_at") == 1
    assert list(Job.objects.order_by("id").values_list("title", "finished_at")) == [("new", later), ("", now)]
    assert update_rows(Job, {}) == 0


def test_what_is_the_same_in_all_rows_is_given_once(ids: list[int], now: datetime) -> None:
    later = now + timedelta(days=1)

    assert (
        update_rows(Event, {ids[0]: {"name": "x"}, ids[2]: {"name": "y"}}, same={"at": later, "payload": [7]})
        == 2
    )
    assert list(Event.objects.filter(at=later).order_by("id").values_list("name", "payload")) == [
        ("x", [7]),
        ("y", [7]),
    ]
