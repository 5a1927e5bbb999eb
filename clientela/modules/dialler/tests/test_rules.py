"""When a client is called again, who comes first, what an answer may be: on any clock."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clientela.foundation.hours import Hours
from clientela.modules.dialler.rules.attempts import BadRules, Made, Rules, may_call, narrowed, next_attempt
from clientela.modules.dialler.rules.order import Place
from clientela.modules.dialler.rules.outcomes import DATED, OVER, Outcome, of_call
from clientela.modules.dialler.rules.questions import BadAnswer, BadQuestion, Question, clean, parsed

MOSCOW, VLADIVOSTOK = ZoneInfo("Europe/Moscow"), ZoneInfo("Asia/Vladivostok")
NOON = datetime(2026, 11, 18, 12, tzinfo=MOSCOW)  # a Wednesday
FAR = NOON + timedelta(days=30)


def again(outcome: str, now: datetime = NOON, zone: ZoneInfo = MOSCOW, **fields: Any) -> datetime | None:
    values = {"made": Made(1, 1), "until": FAR, "spread": 0.5} | fields
    return next_attempt(outcome, now=now, zone=zone, **values)


@pytest.mark.parametrize(
    ("outcome", "local"),
    [
        (Outcome.BUSY, datetime(2026, 11, 18, 12, 15)),
        (Outcome.FAILED, datetime(2026, 11, 18, 12, 30)),
        (Outcome.NO_ANSWER, datetime(2026, 11, 18, 15, 0)),
        (Outcome.VOICEMAIL, datetime(2026, 11, 19, 10, 0)),
        (Outcome.UNSAID, datetime(2026, 11, 19, 10, 0)),
    ],
)
def test_an_attempt_is_followed_by_its_pause(outcome: str, local: datetime) -> None:
    assert again(outcome) == local.replace(tzinfo=MOSCOW)


def test_no_answer_is_tried_again_within_its_span() -> None:
    assert [again("no_answer", spread=spread) for spread in (0.0, 1.0)] == [
        NOON + timedelta(hours=2),
        NOON + timedelta(hours=4),
    ]


@pytest.mark.parametrize("outcome", sorted(OVER))
def test_what_ends_an_entry_ends_it(outcome: str) -> None:
    assert again(outcome) is None


def test_the_night_of_the_client_is_quiet() -> None:
    """At 18:50 in Vladivostok it is still morning in Moscow: the pause ends after 21:00 of the client."""
    evening = datetime(2026, 11, 18, 18, 50, tzinfo=VLADIVOSTOK)
    found = again("no_answer", now=evening, zone=VLADIVOSTOK)
    assert found == datetime(2026, 11, 19, 9, tzinfo=VLADIVOSTOK)
    assert found.astimezone(MOSCOW).hour == 2


def test_a_saturday_begins_later_and_a_wish_narrows_it() -> None:
    friday = datetime(2026, 11, 20, 20, 55, tzinfo=MOSCOW)
    assert again("busy", now=friday) == datetime(2026, 11, 21, 10, tzinfo=MOSCOW)
    wish = (time(12), time(14))
    assert again("busy", now=friday, wish=wish) == datetime(2026, 11, 21, 12, tzinfo=MOSCOW)


def test_a_list_keeps_hours_of_its_own_but_never_beyond_the_policy() -> None:
    hours = narrowed(Hours(), time(7), time(18))
    assert hours.of(date(2026, 11, 18)) == (time(9), time(18))
    late = datetime(2026, 11, 18, 17, 50, tzinfo=MOSCOW)
    assert again("busy", now=late, hours=hours) == datetime(2026, 11, 19, 9, tzinfo=MOSCOW)


def test_after_the_last_attempt_of_a_day_or_a_talk_it_is_tomorrow() -> None:
    morning = datetime(2026, 11, 19, 10, tzinfo=MOSCOW)
    assert again("no_answer", made=Made(3, 3)) == morning
    assert again("busy", made=Made(2, 2, talked_today=True)) == morning


def test_the_moment_a_client_names_counts_even_on_the_same_day() -> None:
    asked = NOON + timedelta(hours=3)
    assert again("later", asked=asked, made=Made(9, 3, talked_today=True)) == asked
    assert Outcome.LATER in DATED


def test_a_named_moment_in_the_night_moves_to_the_morning() -> None:
    night = datetime(2026, 11, 18, 23, tzinfo=MOSCOW)
    assert again("later", asked=night) == datetime(2026, 11, 19, 9, tzinfo=MOSCOW)


def test_nobody_is_tried_for_ever() -> None:
    assert again("no_answer", made=Made(9, 1)) is None
    assert again("no_answer", until=NOON + timedelta(hours=1)) is None


def test_who_was_talked_to_today_is_left_in_peace_unless_they_asked() -> None:
    talked = Made(1, 1, talked_today=True)
    assert may_call(NOON, MOSCOW, talked, asked=False, rules=Rules()) == datetime(
        2026, 11, 19, 10, tzinfo=MOSCOW
    )
    assert may_call(NOON, MOSCOW, talked, asked=True, rules=Rules()) == NOON
    assert may_call(NOON, MOSCOW, Made(2, 2), asked=False, rules=Rules()) == NOON


@pytest.mark.parametrize(
    "data",
    [
        {"busy": 0},
        {"busy": "15"},
        {"busy": True},
        {"other": 1},
        {"morning": "25:00"},
        {"no_answer_least": 500},
    ],
)
def test_numbers_that_make_no_sense_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(BadRules):
        Rules.from_json(data)


def test_rules_are_data() -> None:
    rules = Rules.from_json({"busy": 5})
    assert Rules.from_json(rules.to_json()) == rules
    assert again("busy", rules=rules) == NOON + timedelta(minutes=5)


def test_the_order_is_promise_end_premium_attempts() -> None:
    soon, late = date(2026, 11, 20), date(2026, 12, 5)
    places = [
        Place(1, ends_on=late, premium=Decimal(90_000)),
        Place(2, ends_on=soon, premium=Decimal(5_000), attempts=1),
        Place(3, ends_on=soon, premium=Decimal(5_000)),
        Place(4, ends_on=soon, premium=Decimal(70_000), attempts=4),
        Place(5, asked=True),
        Place(6),
    ]
    assert [one.id for one in sorted(places, key=lambda one: one.key)] == [5, 4, 3, 2, 1, 6]


def test_the_network_prefills_what_nobody_talked_about() -> None:
    assert [of_call(one) for one in ("busy", "rejected", "wrong_number", "failed", "talked")] == [
        Outcome.BUSY, Outcome.NO_ANSWER, Outcome.WRONG_NUMBER, Outcome.FAILED, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "said", "kept"),
    [("number", "12 500,50", "12500.5"), ("date", "2027-03-01", "2027-03-01"), ("yes_no", "yes", "yes"), ("choice", "SMS", "SMS")],
)  # fmt: skip
def test_an_answer_is_kept_in_one_form(kind: str, said: str, kept: str) -> None:
    assert clean(Question("k", "К", kind, options=("SMS", "VK")), said) == kept


@pytest.mark.parametrize(
    ("kind", "said"),
    [("number", "много"), ("number", "NaN"), ("number", "1e20"), ("date", "завтра"), ("yes_no", "да"), ("choice", "Fax"), ("text", "x" * 201)],
)  # fmt: skip
def test_what_does_not_fit_its_question_is_refused(kind: str, said: str) -> None:
    with pytest.raises(BadAnswer):
        clean(Question("k", "К", kind, options=("SMS", "VK")), said)


@pytest.mark.parametrize(
    "raw",
    [
        [{"key": "Ключ", "label": "x", "kind": "text"}],
        [{"key": "a", "label": "x", "kind": "choice", "options": ["one"]}],
        [{"key": "a", "label": "x", "kind": "text"}, {"key": "a", "label": "y", "kind": "text"}],
        [{"key": "a", "label": "", "kind": "text"}],
        ["a"],
    ],
)
def test_a_question_that_is_not_whole_is_refused(raw: list[Any]) -> None:
    with pytest.raises(BadQuestion):
        parsed(raw)


def test_moments_are_aware() -> None:
    assert again("busy", now=NOON.astimezone(UTC)) == NOON + timedelta(minutes=15)
