"""Changing a draft: every change is kept at once, or refused beside its field."""

import json

import pytest

from clientela.foundation.audit.models import Entry
from clientela.workspace.schedules.tests.helpers import HX, form_of, plain, state_of


def test_the_panel_saves_fields_conditions_and_text_at_once(manager, draft, at):
    step = draft.steps.get(key="motor-5-sms")
    data = form_of(step, name="SMS 3", day=4, at_time="13:30", text="{greeting}, полис до {end_date}.")
    data["value.line_in"] = ["osago"]

    response = manager.post(at("save_step", step.key), data, headers=HX)

    assert response.status_code == 200
    assert "plan-changed" in json.loads(response["HX-Trigger"])
    step.refresh_from_db()
    assert (step.name, step.day, f"{step.at_time:%H:%M}", step.text) == (
        "SMS 3",
        4,
        "13:30",
        "{greeting}, полис до {end_date}.",
    )
    assert step.conditions[0] == {"code": "line_in", "value": ["osago"]}
    assert "5 изменений" in plain(response)
    assert Entry.objects.filter(action="schedule.step").count() == 1


def test_saving_the_same_again_writes_nothing(manager, draft, at):
    step = draft.steps.get(key="motor-5-sms")

    assert manager.post(at("save_step", step.key), form_of(step), headers=HX).status_code == 200

    assert not Entry.objects.filter(action="schedule.step").exists()


def test_the_english_text_is_kept_apart(manager, draft, at):
    step = draft.steps.get(key="motor-30-email")
    data = form_of(
        step, lang="en", text="{greeting}, your policy ends on {end_date}.", subject="Your policy ends"
    )

    manager.post(at("save_step", step.key), data, headers=HX)

    russian = step.text
    step.refresh_from_db()
    assert (step.text, step.text_en, step.subject_en) == (
        russian, "{greeting}, your policy ends on {end_date}.", "Your policy ends",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"day": "400"}, "day", "Напишите число от 0 до 365."),
        ({"day": ""}, "day", "Напишите число от 0 до 365."),
        ({"name": ""}, "name", "Обязательное поле."),
        ({"text": "Полис {nummer}"}, "text", "{nummer}"),
        ({"text": "Полис {number"}, "text", ""),
        ({"text": " "}, "text", ""),
        ({"value.line_in": []}, "condition-line_in", ""),
    ],
)
def test_a_wrong_value_is_refused_beside_its_field_and_nothing_changes(
    manager, draft, at, changes, field, words
):
    step = draft.steps.get(key="motor-5-sms")
    before = state_of(draft)

    response = manager.post(at("save_step", step.key), form_of(step, **changes), headers=HX)

    assert response.status_code == 422
    html = response.content.decode()
    assert f'id="err-{field}"' in html
    assert words in html
    assert state_of(draft) == before
    assert not Entry.objects.filter(action="schedule.step").exists()


def test_a_period_cannot_run_backwards(manager, draft, at):
    step = draft.steps.get(key="motor-17-operator")

    response = manager.post(at("save_step", step.key), form_of(step, until_day=20), headers=HX)

    assert response.status_code == 422
    assert 'id="err-until_day"' in response.content.decode()


def test_steps_move_by_days_and_to_days(manager, draft, at):
    def day():
        return draft.steps.get(key="motor-5-sms").day

    manager.post(at("move_step", "motor-5-sms"), {"by": 2}, headers=HX)
    assert day() == 7
    manager.post(at("move_step", "motor-5-sms"), {"by": -30}, headers=HX)
    assert day() == 0
    manager.post(at("move_step", "motor-5-sms"), {"day": 12}, headers=HX)
    assert day() == 12


def test_a_period_moves_whole_or_by_its_end(manager, draft, at):
    def days():
        step = draft.steps.get(key="motor-17-operator")
        return step.day, step.until_day

    manager.post(at("move_step", "motor-17-operator"), {"by": 3}, headers=HX)
    assert days() == (20, 4)
    manager.post(at("move_step", "motor-17-operator"), {"by": -90}, headers=HX)
    assert days() == (16, 0)
    manager.post(at("move_step", "motor-17-operator"), {"day": 16, "until_day": 5}, headers=HX)
    assert days() == (16, 5)


def test_a_copy_is_a_new_step_in_hand(manager, draft, at):
    response = manager.post(at("copy_step", "motor-5-sms"), headers=HX)

    copy = draft.steps.get(name="SMS с телефоном центра, копия")
    original = draft.steps.get(key="motor-5-sms")
    assert (copy.day, copy.text, copy.conditions) == (original.day, original.text, original.conditions)
    assert response["HX-Replace-Url"].endswith(f"step={copy.key}")


def test_a_new_step_is_for_whom_the_others_are(manager, draft, at):
    manager.post(at("add_step"), {"channel": "operator"}, headers=HX)

    step = draft.steps.get(name="Новый шаг")
    assert (step.channel, step.day, step.until_day) == ("operator", 14, 7)
    assert [c["code"] for c in step.conditions] == ["line_in", "centre_supported", "agent_below_norm"]


@pytest.mark.parametrize("channel", ["sms", "email", "vk", "robot"])
def test_a_new_step_of_any_channel_can_be_saved(manager, draft, at, channel):
    assert manager.post(at("add_step"), {"channel": channel}, headers=HX).status_code == 200
    assert draft.steps.filter(name="Новый шаг", channel=channel).count() == 1


def test_a_removed_step_comes_back_once_as_it_was(manager, draft, at):
    before = draft.steps.filter(key="motor-5-sms").values().get()

    response = manager.post(at("delete_step", "motor-5-sms"), headers=HX)

    assert not draft.steps.filter(key="motor-5-sms").exists()
    undo = json.loads(response["HX-Trigger"])["toast"]["undo_url"]
    assert manager.post(undo, headers=HX).status_code == 200
    after = draft.steps.filter(key="motor-5-sms").values().get()
    assert {**after, "id": before["id"]} == before
    assert manager.post(undo, headers=HX).status_code == 409
    assert draft.steps.filter(key="motor-5-sms").count() == 1


def test_the_last_step_can_be_removed(manager, draft, at):
    for step in draft.steps.all():
        response = manager.post(at("delete_step", step.key), headers=HX)
        assert response.status_code == 200
    assert "Пустая версия" in response.content.decode()


def test_conditions_come_with_a_value_and_go(manager, draft, at):
    def codes():
        return [c["code"] for c in draft.steps.get(key="motor-5-sms").conditions]

    manager.post(at("add_condition", "motor-5-sms"), {"code": "no_quote"}, headers=HX)
    manager.post(at("add_condition", "motor-5-sms"), {"code": "not_opened_since"}, headers=HX)
    assert codes()[-2:] == ["no_quote", "not_opened_since"]
    assert draft.steps.get(key="motor-5-sms").conditions[-1]["value"] == 6

    response = manager.post(at("remove_condition", "motor-5-sms", "no_quote"), headers=HX)
    assert "no_quote" not in codes()
    assert "новое в 2" in response.content.decode()
    assert (
        manager.post(at("add_condition", "motor-5-sms"), {"code": "no_project"}, headers=HX).status_code
        == 404
    )
    assert (
        manager.post(at("add_condition", "motor-5-sms"), {"code": "full_moon"}, headers=HX).status_code == 404
    )


def test_forms_work_without_scripts(manager, draft, at):
    step = draft.steps.get(key="motor-5-sms")

    response = manager.post(at("save_step", step.key), form_of(step, day=6))

    assert response.status_code == 302
    assert response.url.endswith("version=2&step=motor-5-sms")
    assert draft.steps.get(key=step.key).day == 6
