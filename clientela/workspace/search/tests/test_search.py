"""Search from anywhere: what is found, in what order, and by whom."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from clientela.foundation.identifiers import policy_number_key
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import add_document, record_read, update_client
from clientela.modules.clients.operations.surnames import learn_surnames
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.workspace.search import typos
from clientela.workspace.search.queries import find, recent


@pytest.fixture
def book(
    anna: User, make_client: Callable[..., Client], vera: Client, vera_policy: Policy, boris_policy: Policy,
    now: datetime,
) -> dict[str, Client]:  # fmt: skip
    for policy in (vera_policy, boris_policy):
        Policy.objects.filter(pk=policy.pk).update(number_key=policy_number_key(policy.number))
    InsuredObject.objects.filter(client=vera).update(vin="XWEH241ABM0001234")
    add_document(actor=anna, now=now, client=vera, kind="passport", number="9208410041")
    update_client(actor=anna, now=now, client=vera, version=1, details={"inn": "760307073214"})
    people = {"vera": vera}
    for last, first in (("Орлов", "Дмитрий"), ("Орловская", "Яна"), ("Ёлкин", "Егор")):
        people[first] = make_client(anna.agent, last, first)
    return people


def names(user: User, text: str) -> list[str]:
    return [hit.client.first_name for hit in find(user, text).clients]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("орлов", ["Дмитрий", "Вера", "Яна"]),
        ("ОРЛОВА", ["Вера"]),
        ("вера орлова", ["Вера"]),
        ("орлова вер", ["Вера"]),
        ("jhkjdf dth", ["Вера"]),
        ("елкин", ["Егор"]),
        ("+7 917 000 41 08", ["Вера"]),
        ("0004108", ["Вера"]),
        ("41-08", ["Вера"]),
        ("орл 4108", ["Вера"]),
        ("орл 4109", []),
        ("vera.orl", ["Вера"]),
        ("vera.orlova@", ["Вера"]),
        ("92 08 410041", ["Вера"]),
        ("760307073214", ["Вера"]),
        ("арлова", ["Вера"]),
        ("орлвоа", ["Вера"]),
        ("зимин", []),
        ("0007301", []),
        ("нет", []),
    ],
)
def test_clients(anna: User, book: dict[str, Client], text: str, expected: list[str]) -> None:
    assert names(anna, text) == expected


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ххх 0412773905", ["ХХХ 0412773905"]),
        ("XXX04127739", ["ХХХ 0412773905"]),
        ("0412773905", ["ХХХ 0412773905"]),
        ("р418то", ["ХХХ 0412773905"]),
        ("P418TO116", ["ХХХ 0412773905"]),
        ("XWEH241AB", ["ХХХ 0412773905"]),
        ("ххх 0412779999", []),
    ],
)
def test_policies(anna: User, book: dict[str, Client], text: str, numbers: list[str]) -> None:
    assert [hit.policy.number for hit in find(anna, text).policies] == numbers


def test_each_person_finds_only_their_own(boris: User, administrator: User, book: dict[str, Client]) -> None:
    assert names(boris, "орлова") == []
    assert names(boris, "9208410041") == []
    assert [hit.client.first_name for hit in find(boris, "зимин").clients] == ["Глеб"]
    assert find(boris, "р418то").policies[0].policy.client.first_name == "Глеб"
    assert {hit.client.first_name for hit in find(administrator, "зимин").clients} == {"Глеб"}
    assert names(administrator, "4108") == [], "few digits are not looked for in the whole base"


@pytest.mark.parametrize(
    ("text", "statements"),
    [("орлова", 1), ("0004108", 2), ("орл 4108", 3), ("9208410041", 3), ("р418то", 2), ("vera.orlova@", 1),
     ("зюзюка", 3)],
)  # fmt: skip
def test_one_statement_a_kind_of_key(
    anna: User, book: dict[str, Client], text: str, statements: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    find(anna, "я")
    with django_assert_max_num_queries(statements):
        find(anna, text)


def test_similar_surnames_are_read_off_the_index(book: dict[str, Client]) -> None:
    assert typos.surnames_under(["орл", "елк"]) == {"орлов", "орлова", "орловская", "елкин"}
    assert typos.similar("арлова") == ["орлова"]
    assert typos.similar("арл") == []


def test_a_slip_in_a_surname_is_found_by_the_vocabulary(
    anna: User, boris: User, book: dict[str, Client], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    learn_surnames()
    assert typos.similar("арлова") == ["орлова"]
    find(anna, "я")
    with django_assert_num_queries(3):
        assert names(anna, "ролова") == ["Вера"], "a slip in the first letters, too"
    assert names(anna, "рлова вера") == ["Вера"]
    assert names(anna, "вера орлоав") == ["Вера"], "the surname after the name"
    assert names(anna, "рлова глеб") == []
    assert names(boris, "ролова") == [], "a vocabulary shows nobody's card"


def test_recent(anna: User, book: dict[str, Client], now: datetime) -> None:
    for name in ("vera", "Егор", "vera"):
        record_read(actor=anna, now=now.replace(second=len(recent(anna))), client=book[name])
    assert {row.first_name for row in recent(anna)} == {"Вера", "Егор"}


def test_palette(anna: User, sign_in: Callable[[User], Browser], book: dict[str, Client]) -> None:
    page = sign_in(anna).get("/search/palette/", {"q": "орл 4108"}, headers={"HX-Request": "true"})
    text = page.content.decode()
    assert f'data-href="/clients/{book["vera"].pk}/"' in text
    assert "<mark>Орл</mark>ова Вера Николаевна" in text
    assert "+7 917 000-<b>41-08</b>" in text
    empty = sign_in(anna).get("/search/palette/", {"q": ""}, headers={"HX-Request": "true"}).content.decode()
    assert 'data-href="/clients/"' in empty


def test_names_are_escaped(
    anna: User, sign_in: Callable[[User], Browser], make_client: Callable[..., Client]
) -> None:
    make_client(anna.agent, "<b>Зло", "Иван")
    for path in ("/search/palette/", "/search/"):
        text = sign_in(anna).get(path, {"q": "b зло"}).content.decode()
        assert "<b>Зло" not in text
        text = sign_in(anna).get(path, {"q": "<script>"}).content.decode()
        assert "<script>" not in text.replace("<script src", "").replace("<script type", "")


def test_page(anna: User, sign_in: Callable[[User], Browser], book: dict[str, Client]) -> None:
    page = sign_in(anna).get("/search/", {"q": "орлова"})
    assert page.status_code == 200
    assert "Орлова Вера Николаевна" in page.content.decode().replace("<mark>", "").replace("</mark>", "")
