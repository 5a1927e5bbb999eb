"""The filter of the board: the address is its only memory."""

from datetime import date

import pytest
from django.http import QueryDict

from clientela.modules.renewals.models import Renewal
from clientela.workspace.renewals.filters import BoardFilter

TODAY = date(2026, 11, 18)


def read(query: str) -> BoardFilter:
    return BoardFilter.read(QueryDict(query))


def names(wanted: BoardFilter, user) -> list[str]:
    terms = wanted.terms(Renewal.objects.visible_to(user), today=TODAY).order_by("end_date")
    return [term.client.last_name for term in terms.select_related("client")]


def test_the_usual_filter_has_an_empty_address():
    assert read("") == BoardFilter()
    assert BoardFilter().query == ""


def test_what_is_read_is_written_back_the_same():
    query = "from=30&to=5&line=kasko&line=osago&branch=2&agent=7&state=nothing&reach=vk&year=1&q=%D0%9E%D1%80&order=-price"
    assert read(query).query == query


def test_days_stand_either_way_round():
    assert read("from=5&to=30") == read("from=30&to=5")
    assert (read("from=5&to=30").first, read("from=5&to=30").last) == (30, 5)


@pytest.mark.parametrize(
    "query",
    [
        "from=x&to=",
        "line=ship&state=dead&reach=pigeon&order=luck",
        "agent=abc&agent=-1&agent=99999999999999999999&agent=²",
        "year=2",
        "q=%00",
    ],
)
def test_what_cannot_be_understood_is_left_out(query):
    assert read(query) == BoardFilter()


def test_days_are_kept_within_the_horizon():
    assert (read("from=9999").first, read("to=-9999").last) == (60, -130)


def test_without_takes_one_condition_away():
    wanted = read("from=17&state=nothing&line=osago")

    assert wanted.without("days").query == "line=osago&state=nothing"
    assert wanted.without("state").query == "from=17&line=osago"
    assert wanted.narrowed.query == "line=osago"


def test_each_condition_narrows(anna, board):
    assert names(read(""), anna) == ["Абрамова", "Белова", "Волкова", "Громова", "Дроздова"]
    assert names(read("from=17&to=2"), anna) == ["Белова", "Волкова", "Громова"]
    assert names(read("from=60&to=46"), anna) == ["Ежова"]
    assert names(read("state=quoted&state=lost"), anna) == ["Волкова", "Дроздова"]
    assert names(read("line=kasko"), anna) == []
    assert names(read("year=1&line=osago&from=1"), anna) == ["Абрамова"]


def test_a_channel_means_that_it_is_usable(anna, make_term):
    make_term(anna.agent, "Сетева", left=4, reach=4)
    make_term(anna.agent, "Звонова", left=5, reach=1 | 8)

    assert names(read("reach=vk"), anna) == ["Сетева"]
    assert names(read("reach=sms&reach=call"), anna) == ["Звонова"]
    assert names(read("reach=sms&reach=vk"), anna) == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("белов", ["Белова"]),
        ("БЕЛОВА", ["Белова"]),
        ("Белова Вера", ["Белова"]),
        ("елова", []),
        ("XXX 0000000002", ["Белова"]),
        ("ХХХ0000000002", ["Белова"]),  # Cyrillic letters, as printed
        ("0000000002", ["Белова"]),
        ("XXX 000000000", ["Абрамова", "Белова", "Волкова", "Громова", "Дроздова"]),
        ("—", []),
    ],
)
def test_search_by_surname_or_number(anna, board, typed, found):
    assert names(BoardFilter(q=typed), anna) == found
