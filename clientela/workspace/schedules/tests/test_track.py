"""Where steps stand on the board."""

from datetime import time

from clientela.modules.renewals.models import Step
from clientela.workspace.schedules.track import LEAD, WIDTH, board, limits_of, position
from clientela.workspace.schedules.words import Names


def step(day, channel="sms", until=None, codes=(), **fields):
    return Step(
        pk=fields.pop("pk", day), key=f"{channel}-{day}-{until}", name=channel, day=day, until_day=until, channel=channel,
        at_time=time(12), conditions=[{"code": code} for code in codes], **fields,
    )  # fmt: skip


def drawn(*steps):
    return board(list(steps), {}, Names())


def blocks(found):
    return {block.step.key: block for lane in found.lanes for block in lane.blocks}


def test_days_run_from_forty_five_to_zero():
    assert [position(day, 45) for day in (45, 30, 0)] == [0, 33.333, 100]


def test_lanes_are_channels_in_their_order_with_only_those_used():
    found = drawn(step(17, "operator", 1), step(30), step(30, "email"))

    assert [lane.channel for lane in found.lanes] == ["sms", "email", "operator"]
    assert [(lane.top, lane.height) for lane in found.lanes] == [(0, 46), (46, 46), (92, 46)]
    assert found.height == 138


def test_a_block_begins_at_its_day_and_a_late_one_ends_at_it():
    found = blocks(drawn(step(30), step(1)))

    assert found["sms-30-None"].left == round(33.333 - LEAD, 3)
    assert not found["sms-30-None"].turned
    late = found["sms-1-None"]
    assert late.turned
    assert round(late.left + WIDTH, 3) == round(position(1, 45) + LEAD, 3)


def test_steps_of_one_day_stand_under_each_other():
    found = drawn(step(30, pk=1), step(30, pk=2, position=1), step(10, pk=3))

    assert found.lanes[0].height == 8 + 2 * 38
    assert [block.top for block in found.lanes[0].blocks] == [8, 46, 8]


def test_a_period_is_a_bar_and_says_what_it_waits_for():
    bar = blocks(drawn(step(29, "robot", 17, codes=["not_opened_since", "no_payment"])))["robot-29-17"]

    assert bar.period
    assert (bar.left, bar.width) == (position(29, 45), round(position(17, 45) - position(29, 45), 3))
    assert bar.conditional
    assert bar.chip


def test_standing_conditions_do_not_make_a_diamond():
    assert not blocks(drawn(step(30, codes=["centre_supported", "agent_below_norm"])))[
        "sms-30-None"
    ].conditional
    assert blocks(drawn(step(30, codes=["no_project"])))["sms-30-None"].conditional


def test_the_board_is_longer_when_a_step_is():
    assert drawn(step(58)).span == 60


def test_numbers_near_the_days_of_steps_give_way():
    ticks = {
        tick["day"]: tick["strong"]
        for tick in drawn(step(30), step(17, "email"), step(29, "robot", 17)).ticks
    }

    assert ticks == {
        45: True,
        40: False,
        35: False,
        30: True,
        25: False,
        20: False,
        17: True,
        10: False,
        5: False,
        0: True,
    }


def test_the_bands_have_their_limits_on_the_days_of_the_steps_without_the_robot():
    steps = [step(45), step(30), step(29, "robot", 17), step(17, "operator", 1), step(5)]

    assert limits_of(steps) == [45, 30, 17, 5]
    assert [(band["name"], band["left"]) for band in drawn(*steps).bands] == [
        ("far", 0), ("mid", position(30.5, 45)), ("soon", position(17.5, 45)), ("now", position(5.5, 45)),
    ]  # fmt: skip
