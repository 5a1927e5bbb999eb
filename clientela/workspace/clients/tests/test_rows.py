"""The list: filter, order, pages, counts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, Tag
from clientela.modules.contacts.models import Message
from clientela.workspace.clients.columns import COLUMNS, DEFAULT
from clientela.workspace.clients.filters import ClientFilter
from clientela.workspace.clients.queries import rows
from clientela.workspace.clients.tests.conftest import TODAY


def names(user: User, text: str = "", **more: object) -> list[str]:
    wanted = ClientFilter.read(QueryDict(text))
    found = rows.page(user, wanted, today=TODAY, columns=DEFAULT, **more)
    return [row.name.split()[-1] if row.name.count(" ") == 1 else row.name.split()[1] for row in found.rows]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("name", ["Алла", "Егор", "Вера", "Яков"]),
        ("-name", ["Яков", "Вера", "Егор", "Алла"]),
        ("end", ["Яков", "Вера", "Алла", "Егор"]),
        ("-end", ["Алла", "Вера", "Яков", "Егор"]),
        ("-premium", ["Алла", "Вера", "Яков", "Егор"]),
        ("nonsense", ["Алла", "Егор", "Вера", "Яков"]),
    ],
)
def test_order_and_scope(anna: User, book: dict[str, Client], order: str, expected: list[str]) -> None:
    assert names(anna, f"order={order}") == expected


@pytest.mark.parametrize("order", ["name", "-name", "end", "-end", "premium", "-policies"])
def test_pages_meet_without_gap_or_double(anna: User, book: dict[str, Client], order: str) -> None:
    wanted = ClientFilter(order=order)
    whole = [row.id for row in rows.page(anna, wanted, today=TODAY, columns=()).rows]
    forward, after = [], ""
    while True:
        part = rows.page(anna, wanted, today=TODAY, columns=(), after=after, size=1)
        forward += [row.id for row in part.rows]
        after = part.after
        if not after:
            break
    assert forward == whole
    back = rows.page(anna, wanted, today=TODAY, columns=(), before=part.before, size=10)
    assert [row.id for row in back.rows] == whole[:-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ending=17", ["Вера", "Яков"]),
        ("ending=7", ["Яков"]),
        ("line=osago", ["Вера"]),
        ("line=osago&line=kasko", ["Алла", "Вера", "Яков"]),
        ("loyalty=prospect", ["Егор"]),
        ("temperature=cold", ["Егор"]),
        ("profitability=profitable", ["Алла", "Вера", "Яков"]),
        ("tag=зима", ["Вера"]),
        ("tag=зима&tag=лето", []),
        ("fresh=unknown", ["Егор", "Вера", "Яков"]),
        ("fresh=stale", ["Алла"]),
        ("silent=90", ["Алла", "Егор", "Яков"]),
        ("kind=company", []),
        ("q=орлова", ["Вера"]),
        ("q=Вера Орлова", ["Вера"]),
        ("q=Ёлк", ["Егор"]),
        ("q=8 917 000 41 08", ["Вера"]),
        ("q=000-41-08", ["Вера"]),
        ("q=4108", ["Вера"]),
        ("q=орлова 4108", ["Вера"]),
        ("q=орлова 4109", []),
        ("q=Р418ТО", ["Алла", "Вера", "Яков"]),
        ("q=vera.orlova@", ["Вера"]),
        ("q=jhkjdf", ["Вера"]),
        ("q=нет такого", []),
    ],
)
def test_filters(anna: User, book: dict[str, Client], now: datetime, query: str, expected: list[str]) -> None:
    Tag.objects.create(name="лето")
    book["vera"].tags.add(Tag.objects.create(name="зима"))
    Client.objects.filter(pk=book["Алла"].pk).update(data_confirmed_at=now - timedelta(days=400))
    Message.objects.create(
        client=book["vera"], direction="in", channel="sms", address="+79170004108", text="?", state="received",
        not_before=now, created_at=datetime.now(tz=now.tzinfo) - timedelta(days=1),
    )  # fmt: skip
    assert names(anna, query) == expected
    assert rows.bounded_count(rows.listed(anna, ClientFilter.read(QueryDict(query)), TODAY)).value == len(
        expected
    )


def test_the_address_keeps_the_filter() -> None:
    query = QueryDict("loyalty=loyal&loyalty=regular&ending=45&tag=зима&order=-end&silent=90&q= орлова  вера")
    wanted = ClientFilter.read(query)
    assert ClientFilter.read(QueryDict(wanted.query)) == wanted
    assert wanted.without("loyalty").loyalty == ()
    assert ClientFilter().query == ""
    broken = ClientFilter.read(
        QueryDict("ending=x&silent=-3&agent=z&loyalty=king&fresh=never&tag=%20&order=1")
    )
    assert broken == ClientFilter()


def test_a_page_costs_two_statements(
    anna: User, book: dict[str, Client], statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    rows.page(anna, ClientFilter(), today=TODAY, columns=DEFAULT)  # the scope is read once a request
    with statements() as sent:
        rows.page(anna, ClientFilter(), today=TODAY, columns=DEFAULT)
    assert len(sent) == 2, sent
    with statements() as sent:
        rows.page(anna, ClientFilter(), today=TODAY, columns=list(COLUMNS))
    assert len(sent) == 5, sent


def test_a_row(anna: User, book: dict[str, Client]) -> None:
    found = rows.page(anna, ClientFilter(q="орлова"), today=TODAY, columns=list(COLUMNS)).rows[0]
    assert (found.name, found.age, found.policies, found.premium, found.days_left) == (
        "Орлова Вера Николаевна", 42, 1, Decimal("8533.99"), 17,
    )  # fmt: skip
    assert (found.phone, found.agent, found.branch, found.tags) == (
        "+79170004108",
        "Соколова Анна",
        "Казань",
        (),
    )


def test_counts_stop_at_a_thousand(anna: User, vera: Client, now: datetime, monkeypatch) -> None:
    monkeypatch.setattr(rows, "BOUND", 3)
    Client.objects.bulk_create(
        Client(
            last_name=f"Н{n}",
            name_key=f"н{n}",
            agent=anna.agent,
            branch=vera.branch,
            created_at=now,
            updated_at=now,
        )
        for n in range(5)
    )
    assert rows.bounded_count(Client.objects.all()).value == 4


def test_neighbours(anna: User, book: dict[str, Client]) -> None:
    def around(name: str, order: str) -> tuple[object, ...]:
        found = rows.neighbours(anna, ClientFilter(order=order), book[name], today=TODAY)
        return found.previous_id, found.next_id, found.position, found.total.value

    assert around("vera", "name") == (book["Егор"].pk, book["Яков"].pk, 3, 4)
    assert around("Алла", "name") == (None, book["Егор"].pk, 1, 4)
    assert around("vera", "-end") == (book["Алла"].pk, book["Яков"].pk, 2, 4)
    assert around("boris_client", "name") == (None, None, None, 4)
