from clientela.foundation.ui.daytrack import Dot, Group, Period, layout, position

MARKS = [
    {"day": 5, "channel": "sms", "state": "drop", "label": "SMS"},
    {"day": 30, "channel": "email", "state": "open", "label": "E-mail"},
    {"day": 30, "channel": "vk", "state": "open", "label": "VK"},
    {"day": 17, "channel": "operator", "state": "plan", "label": "Operator"},
]


def test_position_runs_from_the_first_day_to_zero() -> None:
    assert [position(day) for day in (45, 30, 17, 5, 0)] == [0.0, 33.33, 62.22, 88.89, 100.0]
    assert position(30, span=30) == 0.0
    assert [position(60), position(-4)] == [0.0, 100.0]


def test_touches_of_one_day_join_and_todays_group_is_marked() -> None:
    at = layout(MARKS, today=17)
    assert at.groups == (
        Group(30, 33.33, False, (Dot("email", "open", "E-mail"), Dot("vk", "open", "VK"))),
        Group(17, 62.22, True, (Dot("operator", "plan", "Operator"),)),
        Group(5, 88.89, False, (Dot("sms", "drop", "SMS"),)),
    )
    assert at.gone == at.today == 62.22


def test_an_ended_term_has_walked_the_track_and_has_no_pin() -> None:
    at = layout(MARKS, today=-3)
    assert (at.gone, at.today) == (100.0, None)


def test_a_run_is_done_up_to_today_and_planned_after() -> None:
    runs = [{"first": 29, "last": 17}]
    assert layout([], 21, runs=runs).periods == (Period(35.56, 17.77, True), Period(53.33, 8.89, False))
    assert layout([], 40, runs=runs).periods == (Period(35.56, 26.66, False),)
    assert layout([], 3, runs=runs).periods == (Period(35.56, 26.66, True),)


def test_no_marks() -> None:
    assert layout([], today=45).groups == ()
