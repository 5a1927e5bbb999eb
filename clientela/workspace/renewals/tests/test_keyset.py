"""Pages by key: nothing twice, nothing missed, both ways, whatever the order."""

from datetime import date

import pytest

from clientela.modules.renewals.models import Renewal
from clientela.workspace.renewals.keyset import Key, page_of
from clientela.workspace.renewals.queries.board import ordered


@pytest.fixture
def many(anna, make_term):
    states = ["nothing", "paid", "quoted", "project", "lost"]
    for number in range(23):
        make_term(
            anna.agent, f"Фамилия{number % 7}", left=number % 4, state=states[number % 5], premium=str(1000 + number % 6),
            next_premium=str(1000 + number % 3) if number % 2 else None,
        )  # fmt: skip


def walk(order_code: str) -> tuple[list[int], list[int], list[int]]:
    terms, order = ordered(Renewal.objects.select_related("client"), order_code)
    whole = [term.pk for term in terms.order_by(*[f"{'-' if k.descending else ''}{k.name}" for k in order])]
    forward, page = [], page_of(terms, order, size=5)
    forward += [term.pk for term in page.rows]
    while page.after:
        page = page_of(terms, order, after=page.after, size=5)
        forward += [term.pk for term in page.rows]
    back = [term.pk for term in page.rows]
    while page.before:
        page = page_of(terms, order, before=page.before, size=5)
        back = [term.pk for term in page.rows] + back
    return whole, forward, back


@pytest.mark.parametrize(
    "code", ["risk", "end", "-end", "price", "-price", "change", "-change", "name", "-name"]
)
def test_pages_cover_the_list_once_both_ways(many, code):
    whole, forward, back = walk(code)

    assert len(whole) == 23
    assert forward == whole
    assert back == whole


def test_unpriced_terms_come_last_whichever_way_prices_changed(many):
    for code in ("change", "-change"):
        terms, order = ordered(Renewal.objects.all(), code)
        priced = [term.next_premium is not None for term in page_of(terms, order, size=50).rows]
        assert priced == sorted(priced, reverse=True)


def test_a_cursor_of_another_order_gives_the_first_page(many):
    terms, order = ordered(Renewal.objects.all(), "price")
    cursor = page_of(terms, order, size=5).after
    other, by_end = ordered(Renewal.objects.all(), "end")

    assert page_of(other, by_end, after=cursor, size=5).rows == page_of(other, by_end, size=5).rows


@pytest.mark.parametrize(
    "cursor", ["x", "////", "e30", "W10", "WyJpZCIsIngiXQ", "WyJpZCIsIjllOTk5OTk5Il0", "я" * 9]
)
def test_a_broken_cursor_gives_the_first_page(many, cursor):
    order = [Key("id", int)]

    assert page_of(Renewal.objects.all(), order, after=cursor, size=2).rows == list(
        Renewal.objects.order_by("id")[:2]
    )


def test_an_empty_list_has_no_neighbours(db):
    page = page_of(Renewal.objects.all(), [Key("end_date", date), Key("id", int)])

    assert (page.rows, page.after, page.before) == ([], "", "")
