"""Whose conversation it becomes and by when it is answered: the pure rule."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clientela.foundation.hours import Hours
from clientela.modules.contacts.rules.routing import Owner, Why, answer_by, route

MOSCOW = ZoneInfo("Europe/Moscow")
OFFICE = Hours(time(9), time(18), time(9), time(9))
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("owner", "centre", "holder", "user", "why"),
    [
        (Owner(1, "АГД-16/0101"), "Поволжье", None, 1, Why.OWNER),
        (Owner(1, name="Анна", away_until=date(2026, 11, 20), substitute_id=2), "Поволжье", None, 2, Why.STANDS_IN),
        (Owner(1, away_until=date(2026, 11, 20)), "Поволжье", None, None, Why.QUEUE_OF_CENTRE),
        (Owner(None), "", None, None, Why.QUEUE_OF_BRANCH),
        (Owner(1), "Поволжье", 3, 3, Why.STAYS),
        (Owner(1, away_until=date(2026, 11, 20), substitute_id=2), "", 1, 2, Why.STANDS_IN),
    ],
    ids=["owner", "substitute", "nobody stands in", "no agent", "a colleague keeps it", "left on holiday"],
)  # fmt: skip
def test_route(owner, centre, holder, user, why):
    way = route(owner, centre=centre, branch="Казань", holder_id=holder)
    assert (way.user_id, way.reason.why) == (user, why)


def test_reasons_carry_the_facts_of_their_sentences():
    away = Owner(1, name="Анна Соколова", away_until=date(2026, 11, 20), substitute_id=2)
    assert route(away, centre="", branch="Казань").reason.to_json() == {
        "why": "stands_in", "name": "Анна Соколова", "until": "2026-11-20",
    }  # fmt: skip
    assert route(Owner(None), centre="", branch="Казань").reason.to_json()["name"] == "Казань"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (datetime(2026, 11, 18, 10, 16), datetime(2026, 11, 18, 11, 16)),
        (datetime(2026, 11, 18, 7, 0), datetime(2026, 11, 18, 10, 0)),
        (datetime(2026, 11, 18, 17, 30), datetime(2026, 11, 19, 9, 30)),
        (datetime(2026, 11, 20, 17, 40), datetime(2026, 11, 23, 9, 40)),
        (datetime(2026, 12, 31, 23, 0), datetime(2027, 1, 11, 10, 0)),
    ],
    ids=["in the morning", "before work", "over the evening", "over a weekend", "over the New Year holidays"],
)
def test_answer_by(asked, expected):
    found = answer_by(asked.replace(tzinfo=MOSCOW), zone=MOSCOW, hours=OFFICE, within=HOUR)
    assert found == expected.replace(tzinfo=MOSCOW)
