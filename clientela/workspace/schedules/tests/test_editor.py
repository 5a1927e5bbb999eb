"""The editor in the browser: who may look, who may change, and that every change is kept at once."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clientela.foundation.audit.models import Entry
from clientela.modules.renewals.models import Schedule, ScheduleVersion, Step, Touch
from clientela.modules.renewals.queries.texts import variables
from clientela.workspace.schedules.queries.preview import OFFERED
from clientela.workspace.schedules.tests.conftest import TODAY, TOMORROW

HX = {"HX-Request": "true"}
PAST_THE_DOOR = 6  # session, person, and what the navigation counts once a minute


def plain(response) -> str:
    """The words of an answer with ordinary spaces."""
    html = response.content.decode().replace("\u00a0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def at(draft):
    """``at("save_step", "motor-5-sms")``: an address of the draft."""

    def address(name, *args):
        return reverse(f"schedules:{name}", args=[draft.schedule_id, draft.number, *args])

    return address


@pytest.fixture
def manager(sign_in, renewals_manager):
    return sign_in(renewals_manager)


def form_of(step: Step, **changes) -> dict:
    data = {
        "lang": "ru",
        "name": step.name,
        "day": step.day,
        "at_time": f"{step.at_time:%H:%M}",
        "text": step.text,
    }
    if step.until_day is not None:
        data["until_day"] = step.until_day
    if step.subject:
        data["subject"] = step.subject
    for condition in step.conditions:
        data[f"has.{condition['code']}"] = "1"
        if "value" in condition:
            data[f"value.{condition['code']}"] = condition["value"]
    return data | changes


def state_of(version) -> list:
    return list(version.steps.order_by("key").values())


# --- looking -----------------------------------------------------------------------------------------------


def test_the_addresses_are_the_agreed_ones():
    assert reverse("schedules:list") == "/schedules/"
    assert reverse("schedules:editor", args=[2]) == "/schedules/2/"


def test_the_list_shows_what_is_in_force_and_what_comes_in_both_languages(
    sign_in, renewals_manager, draft, at, base
):
    browser = sign_in(renewals_manager)
    browser.post(at("move_step", "motor-5-sms"), {"day": 4}, headers=HX)

    shown = plain(browser.get("/schedules/"))
    assert "Базовое информирование" in shown
    assert "Версия 1 с 01.01.2026" in shown
    assert "Версия 2 черновик 1 изменение" in shown

    renewals_manager.language = "en"
    renewals_manager.save()
    shown = plain(browser.get("/schedules/"))
    assert "Version 1 since 1 Jan 2026" in shown
    assert "Version 2 draft 1 change " in shown


def test_tomorrows_figures_come_after_the_page(manager, anna, osago, ending, base, centre):
    ending(anna.agent, osago, days=31)

    shown = manager.get("/schedules/figures/").content.decode()

    assert re.findall(r'id="figure-(\d+)".*?<span[^>]*>(\d+)</span>', shown) == [
        (str(base.pk), "0"),
        (str(centre.pk), "2"),
    ]


def test_everybody_who_sees_renewals_may_look_and_nobody_else_gets_a_button(
    sign_in, anna, marketer, auditor, centre, draft
):
    for person in (anna, marketer, auditor):
        browser = sign_in(person)
        response = browser.get(f"/schedules/{centre.pk}/?version=2")
        assert response.status_code == 200
        html = response.content.decode()
        for only_for_editors in ("data-move", "removal", "Запустить версию"):
            assert only_for_editors not in html


def test_a_stranger_is_sent_to_the_door(client, centre):
    assert client.get(f"/schedules/{centre.pk}/").status_code == 302


@pytest.mark.parametrize(
    "who", ["anna", "team_lead", "branch_head", "centre_operator", "marketer", "quality", "auditor"]
)
def test_only_who_may_edit_schedules_changes_anything(request, sign_in, who, draft, at):
    browser = sign_in(request.getfixturevalue(who))
    before = state_of(draft)

    for address, data in [
        (at("save_step", "motor-5-sms"), {"name": "x"}), (at("move_step", "motor-5-sms"), {"day": 3}),
        (at("copy_step", "motor-5-sms"), {}), (at("delete_step", "motor-5-sms"), {}), (at("add_step"), {"channel": "sms"}),
        (at("add_condition", "motor-5-sms"), {"code": "no_quote"}),
        (at("remove_condition", "motor-5-sms", "no_project"), {}), (at("draft"), {}),
        (at("launch"), {"day": TOMORROW.isoformat()}), (at("retire"), {}), (at("restore_step", "token"), {}),
        (reverse("schedules:create"), {"name": "x"}),
    ]:  # fmt: skip
        assert browser.post(address, data, headers=HX).status_code == 403, address

    assert state_of(draft) == before
    assert Schedule.objects.count() == 2
    assert set(ScheduleVersion.objects.values_list("number", "state")) == {(1, "active"), (2, "draft")}


def test_a_version_in_force_is_read_only_even_by_hand(manager, centre):
    version = centre.versions.get()
    before = state_of(version)
    step = version.steps.get(key="motor-5-sms")

    for name, args, data in [
        ("save_step", [step.key], form_of(step, day=3)), ("move_step", [step.key], {"day": 3}),
        ("delete_step", [step.key], {}), ("copy_step", [step.key], {}), ("add_step", [], {"channel": "sms"}),
        ("add_condition", [step.key], {"code": "no_quote"}), ("remove_condition", [step.key, "no_project"], {}),
    ]:  # fmt: skip
        response = manager.post(reverse(f"schedules:{name}", args=[centre.pk, 1, *args]), data, headers=HX)
        assert response.status_code == 409
        assert "действует" in response.content.decode()

    assert state_of(version) == before


def test_the_editor_opens_the_draft_for_work_and_the_version_in_force_to_read(manager, centre, draft):
    shown = manager.get(f"/schedules/{centre.pk}/").content.decode()
    assert 'data-move="' in shown
    assert "Запустить версию 2" in shown

    shown = manager.get(f"/schedules/{centre.pk}/?version=1").content.decode()
    assert "data-move" not in shown
    assert "Открыть черновик" in shown


def test_a_draft_is_made_from_the_version_in_force_with_the_step_in_hand(manager, centre):
    address = reverse("schedules:draft", args=[centre.pk, 1])

    response = manager.post(address, {"step": "motor-5-sms"})

    assert response.status_code == 302
    assert response.url == f"/schedules/{centre.pk}/?version=2&step=motor-5-sms"
    assert centre.versions.get(number=2).steps.count() == 7


def test_unknown_things_are_not_found(manager, centre, draft, at):
    for address in (
        "/schedules/999/", f"/schedules/{centre.pk}/?version=9", reverse("schedules:plan", args=[centre.pk, 9]),
        at("results", "nothing"), at("terms") + "?step=nothing", at("terms") + "?step=motor-5-sms&what=nothing",
    ):  # fmt: skip
        assert manager.get(address).status_code == 404, address


# --- changing ----------------------------------------------------------------------------------------------


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


# --- texts -------------------------------------------------------------------------------------------------


def test_the_variables_offered_are_those_a_touch_can_fill(vera_renewal):
    assert set(OFFERED) == set(variables(vera_renewal))


def test_the_preview_shows_a_client_of_the_portfolio_and_the_size(manager, draft, at, vera_renewal):
    text = "{greeting}, Ваш полис {product} заканчивается {end_date}."

    response = manager.post(
        at("preview", "motor-5-sms"), {"text": text, "client": vera_renewal.pk}, headers=HX
    )

    shown = plain(response)
    assert "Вера Николаевна, Ваш полис ОСАГО заканчивается 05.12.26." in shown
    assert "Орлова Вера Николаевна" in shown
    assert "56 знаков · 1 сообщение" in shown
    assert "без ссылок, NDA соблюдён" in shown
    assert draft.steps.get(key="motor-5-sms").text != text


def test_a_link_past_the_agent_breaks_the_nda(manager, draft, at, vera_renewal):
    data = {"text": "Купите на www.prichal.example", "client": vera_renewal.pk}

    shown = plain(manager.post(at("preview", "motor-5-sms"), data, headers=HX))

    assert "www.prichal.example" in shown
    assert "NDA соблюдён" not in shown


def test_an_unknown_variable_is_told_before_anything_is_sent(manager, draft, at, vera_renewal):
    data = {"text": "Здравствуйте, {name}", "client": vera_renewal.pk}

    assert "{name}" in plain(manager.post(at("preview", "motor-5-sms"), data, headers=HX))


def test_a_preview_never_shows_a_client_of_another_scope(sign_in, anna, centre, vera_renewal, boris_renewal):
    address = reverse("schedules:preview", args=[centre.pk, 1, "motor-5-sms"])

    shown = plain(sign_in(anna).post(address, {"client": boris_renewal.pk}, headers=HX))

    assert "Зимин" not in shown


def test_another_client_is_the_next_one_and_then_the_first_again(manager, draft, at, anna, osago, ending):
    first, second = (ending(anna.agent, osago, days=31) for _ in range(2))
    address = at("preview", "motor-30-sms") + "?next=1"

    shown = [plain(manager.post(address, {"client": one.pk}, headers=HX)) for one in (first, second)]

    assert second.client.name in shown[0]
    assert first.client.name in shown[1]


# --- counts and lists ----------------------------------------------------------------------------------------


def test_the_plan_of_tomorrow_has_a_list_behind_every_figure(manager, draft, at, anna, osago, ending):
    term = ending(anna.agent, osago, days=31)
    held = ending(anna.agent, osago, days=31, norm_kept=True)

    shown = manager.get(at("plan"), headers=HX).content.decode()
    assert re.search(r'id="n-motor-30-sms"[^>]*>1</span>', shown)
    assert "Агент держит норму" in shown

    listed = plain(manager.get(at("terms") + "?channel=sms", headers=HX))
    assert term.client.name in listed
    assert held.client.name not in listed
    listed = plain(manager.get(at("terms") + "?reason=norm_kept", headers=HX))
    assert held.client.name in listed
    assert term.client.name not in listed


def test_lists_behind_figures_stay_in_the_scope(sign_in, anna, draft, at, osago, ending, boris, volga):
    ending(boris.agent, osago, days=31, centre=volga)

    shown = plain(sign_in(anna).get(at("terms") + "?channel=sms"))

    assert "Клиентов" not in shown


def test_the_check_compares_the_draft_with_the_version_in_force(manager, draft, at, anna, osago, ending):
    ending(anna.agent, osago, days=31)
    manager.post(at("move_step", "motor-30-sms"), {"day": 33}, headers=HX)

    shown = manager.get(at("check") + f"?day={TOMORROW.isoformat()}", headers=HX)

    row = re.search(r"SMS</span></span></td>.*?</tr>", shown.content.decode(), re.S).group()
    assert re.findall(r'<td class="r[^"]*">(?:<a[^>]*>)?(\d+)', row) == ["1", "0", "0"]
    far = (TODAY + timedelta(days=90)).isoformat()
    assert manager.get(at("check") + f"?day={far}", headers=HX).status_code == 422


def test_what_a_step_gave_is_counted_from_its_touches(manager, draft, at, anna, osago, ending, now):
    yesterday = TODAY - timedelta(days=1)
    for state, paid in (("delivered", False), ("replied", True), ("failed", False), ("dropped", False)):
        term = ending(anna.agent, osago, days=29, paid_at=now if paid else None)
        Touch.objects.create(
            renewal=term, step_key="centre.motor-30-sms", term_end=term.end_date, day=30, channel="sms", state=state,
            due_on=yesterday, due_at=now - timedelta(days=1), created_at=now, sent_at=now - timedelta(days=1),
        )  # fmt: skip

    shown = plain(manager.get(at("results", "motor-30-sms"), headers=HX))
    assert "Отправлено 3" in shown
    assert "Доставлено 66,7 % 2" in shown
    assert "Ответили 33,3 % 1" in shown
    assert "Продлили 33,3 % 1" in shown
    assert "1 не доставлено" in shown
    listed = plain(manager.get(at("terms") + "?step=motor-30-sms&what=renewed", headers=HX))
    assert listed.count("Клиентов") == 1


# --- starting ------------------------------------------------------------------------------------------------


def test_a_version_starts_in_two_steps_from_tomorrow_on(manager, draft, at, centre):
    manager.post(at("move_step", "motor-5-sms"), {"day": 4}, headers=HX)

    first = plain(manager.get(at("launch"), headers=HX))
    assert "День: 5 → 4" in first
    second = manager.get(at("launch") + f"?day={TOMORROW.isoformat()}", headers=HX)
    assert "Запустить версию 2 с 19 ноября" in plain(second)
    draft.refresh_from_db()
    assert draft.state == "draft"

    response = manager.post(at("launch"), {"day": TOMORROW.isoformat()}, headers=HX)

    assert response["HX-Redirect"].startswith(f"/schedules/{centre.pk}/?version=2")
    draft.refresh_from_db()
    assert (draft.state, draft.active_from) == ("active", TOMORROW)
    assert "с 19.11" in plain(manager.get(f"/schedules/{centre.pk}/?version=2"))


@pytest.mark.parametrize("days", [0, -1, 400])
def test_a_version_cannot_start_today_or_before(manager, draft, at, days):
    day = (TODAY + timedelta(days=days)).isoformat()

    assert manager.post(at("launch"), {"day": day}, headers=HX).status_code == 422
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_version_whose_text_cannot_be_filled_does_not_start(manager, draft, at):
    Step.objects.filter(version=draft, key="motor-5-sms").update(text="{nobody}")

    response = manager.post(at("launch"), {"day": TOMORROW.isoformat()}, headers=HX)

    assert response.status_code == 422
    assert "SMS с телефоном центра" in plain(response)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_an_empty_version_does_not_start(manager, draft, at):
    draft.steps.all().delete()

    response = manager.post(at("launch"), {"day": TOMORROW.isoformat()}, headers=HX)

    assert response.status_code == 422
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_version_can_be_taken_out_before_its_day(manager, draft, at, centre):
    manager.post(at("launch"), {"day": TOMORROW.isoformat()})

    assert manager.post(at("retire")).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "retired"
    in_force = reverse("schedules:retire", args=[centre.pk, 1])
    manager.post(in_force)
    assert centre.versions.get(number=1).state == "active"


def test_a_new_schedule_opens_with_an_empty_draft(manager, centre):
    response = manager.post(reverse("schedules:create"), {"name": "Имущество, филиал"}, headers=HX)

    made = Schedule.objects.get(name="Имущество, филиал")
    assert response["HX-Redirect"] == f"/schedules/{made.pk}/"
    assert made.code == "schedule-1"
    assert "Пустая версия" in plain(manager.get(f"/schedules/{made.pk}/"))
    assert manager.post(reverse("schedules:create"), {"name": ""}, headers=HX).status_code == 422


# --- what it costs -------------------------------------------------------------------------------------------


def test_pages_ask_the_database_little_whatever_the_portfolio(
    manager, draft, at, anna, osago, ending, django_assert_max_num_queries
):
    for _ in range(5):
        ending(anna.agent, osago, days=31)
    with django_assert_max_num_queries(PAST_THE_DOOR + 5):
        manager.get("/schedules/")
    with django_assert_max_num_queries(PAST_THE_DOOR + 15):
        manager.get(f"/schedules/{draft.schedule_id}/?step=motor-30-sms")
    with django_assert_max_num_queries(PAST_THE_DOOR + 17):  # seven steps, five statements around them
        manager.get(at("plan"), headers=HX)
    with django_assert_max_num_queries(PAST_THE_DOOR + 7):  # the steps are counted by now
        manager.get(at("plan"), headers=HX)
