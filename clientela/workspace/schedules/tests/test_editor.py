"""Who may look at schedules, who may change them, and what the pages cost."""

import re

import pytest
from django.urls import reverse

from clientela.modules.renewals.models import Schedule, ScheduleVersion
from clientela.workspace.schedules.tests.conftest import TOMORROW
from clientela.workspace.schedules.tests.helpers import HX, PAST_THE_DOOR, form_of, plain, state_of


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
