"""What the editor shows, over the API."""

from datetime import timedelta

import pytest

from clientela.modules.contacts.models import CommunicationPolicy, Message
from clientela.modules.renewals.models import ScheduleVersion, Step, Touch
from clientela.modules.renewals.operations.schedules import delete_step, save_step
from clientela.workspace.schedules.queries.day_plan import day_plan
from clientela.workspace.schedules.queries.versions import steps_of, versions_of
from clientela.workspace.schedules.tests.conftest import TODAY, TOMORROW


@pytest.fixture
def sms(draft):
    """The SMS of the draft thirty days before the end."""
    return draft.steps.get(key="motor-30-sms")


# --- a text on a client --------------------------------------------------------------------------------


def test_a_typed_text_is_shown_on_the_named_client(call, renewals_manager, draft, sms, vera_renewal):
    CommunicationPolicy.objects.create(
        weekday_from="09:00", weekday_to="21:00", weekend_from="10:00", weekend_to="19:00",
        created_at=vera_renewal.opened_at,
    )  # fmt: skip
    body = {"renewal_id": vera_renewal.pk, "text": "{greeting}, полис {product} до {end_date}."}
    status, shown = call(renewals_manager, "post", f"/steps/{sms.pk}/preview", body)
    assert (status, shown["text"], shown["error"]) == (200, "Вера Николаевна, полис ОСАГО до 05.12.26.", "")
    assert (shown["renewal_id"], shown["client_name"]) == (vera_renewal.pk, "Орлова Вера Николаевна")
    assert shown["size"] == {"alphabet": "ucs2", "units": 41, "parts": 1, "left": 29}
    assert [(check["code"], check["passed"]) for check in shown["checks"]] == [
        ("agent_nda", True), ("length", True),
    ]  # fmt: skip
    assert shown["verdict"]["decision"] == "send"
    assert shown["at"].startswith("2026-11-19T")
    assert Step.objects.get(pk=sms.pk).text == sms.text
    assert not Message.objects.exists()


def test_the_stored_text_is_shown_on_the_next_one_who_gets_it(
    call, renewals_manager, anna, osago, ending, sms
):
    first, second = (ending(anna.agent, osago, days=31) for _ in range(2))
    path = f"/steps/{sms.pk}/preview"
    shown = call(renewals_manager, "post", path, {})[1]
    assert (shown["renewal_id"], "Иван Петрович" in shown["text"]) == (first.pk, True)
    assert call(renewals_manager, "post", path, {"after": first.pk})[1]["renewal_id"] == second.pk
    assert call(renewals_manager, "post", path, {"after": second.pk})[1]["renewal_id"] == first.pk
    english = call(renewals_manager, "post", path, {"language": "en", "text": "Dear {client_name}"})[1]
    assert english["text"] == f"Dear {first.client.name}"


def test_what_cannot_be_filled_is_said(call, renewals_manager, sms, vera_renewal):
    body = {"renewal_id": vera_renewal.pk, "text": "Здравствуйте, {name}"}
    shown = call(renewals_manager, "post", f"/steps/{sms.pk}/preview", body)[1]
    assert (shown["text"], "{name}" in shown["error"], shown["verdict"]) == ("", True, None)
    body["text"] = "Купите на www.prichal.example"
    checks = call(renewals_manager, "post", f"/steps/{sms.pk}/preview", body)[1]["checks"]
    assert {"agent_nda": False}.items() <= {check["code"]: check["passed"] for check in checks}.items()


def test_a_preview_never_shows_a_foreign_client(call, anna, boris, sms, boris_renewal, vera_renewal):
    path = f"/steps/{sms.pk}/preview"
    assert call(anna, "post", path, {"renewal_id": boris_renewal.pk})[0] == 404
    assert call(anna, "post", path, {"renewal_id": 10**9})[0] == 404
    assert call(anna, "post", "/steps/999999/preview", {})[0] == 404
    assert call(anna, "post", path, {"language": "fr"})[0] == 422
    assert "Зимин" not in call(anna, "post", path, {})[1]["client_name"]


# --- the plan of a day ---------------------------------------------------------------------------------


def test_the_plan_of_a_draft_is_counted_as_the_editor_counts_it(
    call, renewals_manager, boris, anna, osago, ending, draft, sms
):
    going, held = ending(anna.agent, osago, days=31), ending(anna.agent, osago, days=31, norm_kept=True)
    status, plan = call(renewals_manager, "get", f"/schedule-versions/{draft.pk}/plan")
    assert (status, plan["day"]) == (200, TOMORROW.isoformat())
    version = versions_of(draft.schedule, TODAY).get(draft.number)
    shown = day_plan(renewals_manager, steps_of(version), day=TOMORROW, today=TODAY)
    assert (plan["going"], plan["people"]) == (shown.going, shown.people)
    assert (plan["channels"], plan["held"]) == (dict(shown.channels()), dict(shown.reasons()))
    (step,) = [one for one in plan["steps"] if one["key"] == "motor-30-sms"]
    assert step | {"name": ""} == {
        "step_id": sms.pk, "key": "motor-30-sms", "name": "", "channel": "sms", "going": 1,
        "held": {"norm_kept": 1}, "known": True,
    }  # fmt: skip
    listed = call(renewals_manager, "get", f"/steps/{sms.pk}/planned-terms")[1]["items"]
    assert [(row["id"], row["reason"], row["reason_text"]) for row in listed] == [
        (going.pk, "", ""), (held.pk, "norm_kept", "Агент держит норму"),
    ]  # fmt: skip
    for query, found in (("held=true", held), ("held=false", going), ("reason=norm_kept", held)):
        rows = call(renewals_manager, "get", f"/steps/{sms.pk}/planned-terms?{query}")[1]["items"]
        assert [row["id"] for row in rows] == [found.pk]
    assert call(boris, "get", f"/schedule-versions/{draft.pk}/plan")[1]["going"] == 0
    assert call(boris, "get", f"/steps/{sms.pk}/planned-terms")[1]["items"] == []


def test_only_days_with_open_terms_are_counted(call, renewals_manager, draft, sms):
    for path in (f"/schedule-versions/{draft.pk}/plan", f"/steps/{sms.pk}/planned-terms"):
        for ahead, status in ((0, 422), (1, 200), (15, 200), (16, 422)):
            day = (TODAY + timedelta(days=ahead)).isoformat()
            assert call(renewals_manager, "get", f"{path}?day={day}")[0] == status, ahead
    assert call(renewals_manager, "get", f"/steps/{sms.pk}/planned-terms?reason=weather")[0] == 422
    assert call(renewals_manager, "get", "/schedule-versions/999999/plan")[0] == 404


# --- results -------------------------------------------------------------------------------------------


def test_what_a_step_gave_and_the_terms_behind_it(
    call, renewals_manager, boris, anna, osago, ending, sms, now
):
    found = {}
    for state in ("delivered", "replied", "failed", "dropped"):
        paid = now if state == "replied" else None
        found[state] = term = ending(anna.agent, osago, days=29, paid_at=paid)
        Touch.objects.create(
            renewal=term, step_key="centre.motor-30-sms", term_end=term.end_date, day=30, channel="sms", state=state,
            due_on=TODAY - timedelta(days=1), due_at=now - timedelta(days=1), created_at=now,
            sent_at=now - timedelta(days=1),
        )  # fmt: skip
    path = f"/steps/{sms.pk}"
    assert call(renewals_manager, "get", f"{path}/results") == (
        200, {"sent": 3, "delivered": 2, "opened": 1, "replied": 1, "failed": 1, "renewed": 1},
    )  # fmt: skip

    def behind(user, what):
        return {row["id"] for row in call(user, "get", f"{path}/result-terms?what={what}")[1]["items"]}

    assert behind(renewals_manager, "renewed") == {found["replied"].pk}
    assert behind(renewals_manager, "failed") == {found["failed"].pk}
    assert len(behind(anna, "sent")) == 3
    assert behind(boris, "sent") == set()
    assert call(boris, "get", f"{path}/results")[1]["sent"] == 0
    assert call(anna, "get", f"{path}/result-terms?what=eaten")[0] == 422


# --- differences ---------------------------------------------------------------------------------------


def test_versions_are_told_apart_step_by_step(call, renewals_manager, anna, centre, base, draft, sms, now):
    path = f"/schedule-versions/{draft.pk}/changes"
    in_force = centre.versions.get(number=1)
    assert call(anna, "get", path)[1] == {
        "version_id": draft.pk, "base_id": in_force.pk, "count": 0, "steps": [],
    }  # fmt: skip
    who = {"actor": renewals_manager, "now": now}
    save_step(**who, version=draft, step=sms, day=28, text=sms.text + " Ждём.")
    gone = draft.steps.get(key="motor-5-sms")
    delete_step(**who, step=gone)
    status, told = call(anna, "get", path)
    assert (status, told["count"]) == (200, 3)
    assert [(step["state"], step["key"]) for step in told["steps"]] == [
        ("changed", "motor-30-sms"), ("gone", "motor-5-sms"),
    ]  # fmt: skip
    day, text = told["steps"][0]["changes"]
    assert (day["kind"], day["name"], day["before"], day["after"]) == ("field", "day", 30, 28)
    assert (text["kind"], text["pieces"][-1]) == ("text", {"state": "new", "text": " Ждём."})
    backwards = call(anna, "get", f"/schedule-versions/{in_force.pk}/changes?against={draft.pk}")[1]
    assert [(step["state"], step["key"]) for step in backwards["steps"]] == [
        ("changed", "motor-30-sms"), ("new", "motor-5-sms"),
    ]  # fmt: skip
    alone = call(anna, "get", f"/schedule-versions/{in_force.pk}/changes")[1]
    assert (alone["base_id"], alone["steps"]) == (None, [])
    other = ScheduleVersion.objects.get(schedule=base)
    assert call(anna, "get", f"{path}?against={other.pk}")[0] == 404


def test_a_person_without_renewals_sees_nothing_of_it(call, make_user, draft, sms):
    nobody = make_user("nobody", "Без", "Роли")
    for method, path in (
        ("post", f"/steps/{sms.pk}/preview"), ("get", f"/steps/{sms.pk}/planned-terms"),
        ("get", f"/steps/{sms.pk}/results"), ("get", f"/steps/{sms.pk}/result-terms"),
        ("get", f"/schedule-versions/{draft.pk}/plan"), ("get", f"/schedule-versions/{draft.pk}/changes"),
    ):  # fmt: skip
        assert call(nobody, method, path)[0] == 403
