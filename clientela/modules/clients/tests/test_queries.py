"""Who may touch a client, and who it may be."""

from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import DjangoAssertNumQueries

from clientela.modules.accounts.models import User
from clientela.modules.clients import operations, queries
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import Typed


def test_require(anna: User, boris: User, auditor: User, vera: Client) -> None:
    queries.require(anna, "clients.write", vera.pk)
    queries.require(None, "clients.write", vera.pk)
    for stranger in (boris, auditor):
        with pytest.raises(PermissionDenied):
            queries.require(stranger, "clients.write", vera.pk)
    queries.require(auditor, "clients.read", vera.pk)


def test_by_contact(anna: User, boris: User, vera: Client) -> None:
    assert list(queries.by_contact(anna, values=["+79170004108"])) == [vera]
    assert list(queries.by_contact(anna, tail="0004108")) == [vera]
    assert list(queries.by_contact(boris, tail="0004108")) == []


def test_duplicates_are_rated(
    anna: User, vera: Client, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    operations.add_document(actor=anna, now=now, client=vera, kind="passport", number="9208410041")
    typed = Typed(
        last_name="Орлова", first_name="Вера", middle_name="Николаевна", birth_date=date(1984, 4, 12),
        document="9208410041", phone="+79990000000",
    )  # fmt: skip
    with django_assert_max_num_queries(4):
        found = queries.possible_duplicates(anna, typed)
    assert [(row.client, row.matches, row.percent) for row in found] == [
        (vera, ("document", "name", "birth_date"), 99)
    ]


@pytest.mark.parametrize(("typed", "percent"), [
    (Typed(phone="+79170004108"), 40),
    (Typed(last_name="Орлова", first_name="Вера"), None),
    (Typed(last_name="орлова", first_name="вера", birth_date=date(1984, 4, 12)), 50),
    (Typed(email="vera.orlova@mail.example", last_name="Орлова", first_name="Вера"), 65),
    (Typed(last_name="Орлова"), None),
    (Typed(), None),
])  # fmt: skip
def test_how_sure(anna: User, vera: Client, typed: Typed, percent: int | None) -> None:
    found = queries.possible_duplicates(anna, typed)
    assert [row.percent for row in found] == ([percent] if percent else [])


def test_foreign_clients_and_the_card_itself_are_no_duplicates(anna: User, boris: User, vera: Client) -> None:
    typed = Typed(phone="+79170004108")
    assert queries.possible_duplicates(boris, typed) == []
    assert queries.possible_duplicates(anna, typed, exclude_id=vera.pk) == []


def test_stale(anna: User, vera: Client, boris_client: Client, now: datetime) -> None:
    operations.confirm_data(actor=anna, now=now, client=vera)
    assert list(queries.stale(Client.objects.all(), before=date(2026, 11, 1))) == [boris_client]
    assert list(queries.stale(Client.objects.all(), before=date(2026, 12, 1))) == [boris_client, vera]
