"""Whose work it is, by when it is answered, when it moves on: the pure rule."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clientela.foundation.hours import Hours
from clientela.modules.routing.rules import Owner, Person, Pool, Wanted, Why, answer_by, choose, in_time

MOSCOW = ZoneInfo("Europe/Moscow")
OFFICE = Hours(time(9), time(18), time(9), time(9))
HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 18, 10, 42, tzinfo=MOSCOW)
AWAY = {"name": "Анна", "away_until": date(2026, 11, 20)}
CENTRE = "centre:1"


def person(user_id, load=0, *, queue=CENTRE, capacity=100, idle=0, skills=("language:ru",)):
    idle_since = NOW - timedelta(minutes=idle)
    return Person(user_id, queue, capacity, load, idle_since, frozenset(skills))


def wanted(owner=None, **fields):
    values = {"queue": CENTRE, "queue_name": "Поволжье", "weight": 25, "live": True} | fields
    return Wanted(owner or Owner(None), **values)


@pytest.mark.parametrize(
    ("owner", "queue", "holder", "user", "why"),
    [
        (Owner(1, "АГД-16/0101"), CENTRE, None, 1, Why.OWNER),
        (Owner(1, substitute_id=2, **AWAY), CENTRE, None, 2, Why.STANDS_IN),
        (Owner(1, **AWAY), CENTRE, None, None, Why.QUEUE_OF_CENTRE),
        (Owner(None), "branch:1", None, None, Why.QUEUE_OF_BRANCH),
        (Owner(1), CENTRE, 3, 3, Why.STAYS),
        (Owner(1, substitute_id=2, **AWAY), "branch:1", 1, 2, Why.STANDS_IN),
    ],
    ids=["owner", "substitute", "nobody stands in", "no agent", "a colleague keeps it", "left on holiday"],
)
def test_a_letter_waits_for_its_owner_whoever_is_at_the_screen(owner, queue, holder, user, why):
    choice = choose(wanted(owner, queue=queue, live=False, holder_id=holder), Pool([]), now=NOW)
    assert (choice.user_id, choice.load, choice.reasons[-1].why) == (user, 0, why)


def test_reasons_carry_the_facts_of_their_sentences():
    away = Owner(1, name="Анна Соколова", away_until=date(2026, 11, 20), substitute_id=2)
    assert choose(wanted(away, live=False), Pool([]), now=NOW).reasons[0].to_json() == {
        "why": "stands_in", "name": "Анна Соколова", "until": "2026-11-20",
    }  # fmt: skip
    assert choose(wanted(live=False), Pool([]), now=NOW).reasons[0].to_json()["name"] == "Поволжье"


@pytest.mark.parametrize(
    ("people", "user", "whys"),
    [
        ([person(1, queue="")], 1, [Why.OWNER]),
        ([person(1, 80, queue=""), person(5)], 5, [Why.OWNER_NOT_FREE, Why.BY_SKILL]),
        ([person(5)], 5, [Why.OWNER_NOT_FREE, Why.BY_SKILL]),
        ([], None, [Why.OWNER_NOT_FREE, Why.QUEUE_OF_CENTRE]),
    ],
    ids=["free", "no room", "not at the screen", "nobody"],
)
def test_a_chat_goes_to_the_owner_who_is_free_now(people, user, whys):
    choice = choose(wanted(Owner(1, name="Анна")), Pool(people), now=NOW)
    assert (choice.user_id, [reason.why for reason in choice.reasons]) == (user, whys)
    assert choice.load == (25 if user else 0)


@pytest.mark.parametrize(
    ("people", "user"),
    [
        ([person(1, 50), person(2, 25)], 2),
        ([person(1, 25, capacity=50), person(2, 40)], 2),
        ([person(1, idle=5), person(2, idle=50)], 2),
        ([person(1, skills=[]), person(2, 75)], 2),
        ([person(1, 90), person(2, 76)], None),
        ([person(1, queue="branch:1"), person(2, queue="")], None),
        ([person(9)], None),
    ],
    ids=[
        "least loaded", "of the own capacity", "longest idle", "who has the skill", "no room", "another queue",
        "who let it pass",
    ],
)  # fmt: skip
def test_the_queue_by_skill_load_and_idle_time(people, user):
    one = wanted(skills=frozenset({"language:ru"}), passed=[9])
    assert choose(one, Pool(people), now=NOW).user_id == user


def test_a_pool_fills_up_and_spreads():
    pool = Pool([person(1, capacity=50, idle=9), person(2, capacity=50, idle=3)])
    given = [choose(wanted(), pool, now=NOW).user_id for _ in range(5)]
    assert given == [1, 2, 1, 2, None]


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


@pytest.mark.parametrize(("live", "hour"), [(True, 23), (False, 10)])
def test_calls_move_on_by_the_clock_and_letters_in_working_time(live, hour):
    night = datetime(2026, 11, 18, 22, 0, tzinfo=MOSCOW)
    found = in_time(night, 3600, live=live, zone=MOSCOW, hours=OFFICE)
    assert found == datetime(2026, 11, 18 if live else 19, hour, 0, tzinfo=MOSCOW)
    assert in_time(night, None, live=live, zone=MOSCOW, hours=OFFICE) is None
