"""What differs between two versions."""

from datetime import time

from clientela.modules.renewals.models import Step
from clientela.workspace.schedules.diff import Piece, count, differences, step_changes, words


def step(key="sms", **fields):
    values = {
        "name": "SMS", "day": 5, "channel": "sms", "at_time": time(12), "text": "Ваш полис заканчивается.",
        "conditions": [{"code": "line_in", "value": ["osago"]}, {"code": "no_project"}],
    } | fields  # fmt: skip
    return Step(key=key, **values)


def test_the_same_steps_differ_in_nothing():
    same = step(conditions=[{"code": "no_project"}, {"code": "line_in", "value": ["osago"]}])

    assert differences([step()], [same]) == []


def test_every_field_condition_and_text_is_one_change():
    after = step(
        day=4, at_time=time(13), text="Ваш полис скоро заканчивается.",
        conditions=[{"code": "line_in", "value": ["osago", "kasko"]}, {"code": "no_quote"}],
    )  # fmt: skip
    changes = step_changes(step(), after)

    assert [(c.kind, c.name) for c in changes] == [
        ("field", "day"), ("field", "at_time"), ("removed", "no_project"), ("changed", "line_in"),
        ("added", "no_quote"), ("text", "text"),
    ]  # fmt: skip
    assert count(differences([step()], [after])) == 6


def test_new_and_removed_steps_count_once_and_stand_in_order():
    found = differences([step("a"), step("b")], [step("c"), step("a")])

    assert [(change.state, change.step.key) for change in found] == [("new", "c"), ("gone", "b")]
    assert count(found) == 2


def test_texts_are_compared_word_by_word_and_variables_are_whole():
    assert words("Полис {number} до {end_date}.", "Ваш полис {number} до {end_date}!") == [
        Piece("old", "Полис"), Piece("new", "Ваш полис"), Piece("same", " {number} до {end_date}"),
        Piece("old", "."), Piece("new", "!"),
    ]  # fmt: skip
