"""Experiments for other programs."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.renewals.models import Experiment, Schedule, ScheduleVersion
from clientela.modules.renewals.operations.schedules import make_draft
from clientela.modules.renewals.operations.shipped import load_shipped

FIRST = date(2026, 11, 19)


@pytest.fixture(autouse=True)
def _at_now(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def draft(db: None, now: datetime, renewals_manager: User) -> ScheduleVersion:
    load_shipped(now=now, active_from=date(2026, 1, 1))
    base = Schedule.objects.get(code="base")
    made = make_draft(actor=renewals_manager, now=now, version=base.versions.get())
    made.steps.filter(key="osago-5-sms").update(day=4)
    return made


def post(browser: Browser, url: str, body: dict[str, Any]) -> Any:
    headers = {"Idempotency-Key": str(uuid4())}
    return browser.post(f"/api/v1{url}", body, content_type="application/json", headers=headers)


def test_start_watch_and_end(
    sign_in: Callable[[User], Browser], renewals_manager: User, draft: ScheduleVersion
) -> None:
    browser, schedule = sign_in(renewals_manager), draft.schedule_id
    made = post(
        browser, f"/schedules/{schedule}/experiments",
        {"version_id": draft.pk, "first_day": "2026-11-19", "last_day": "2026-12-19", "share": 20},
    )  # fmt: skip
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert (made.json()["share"], made.json()["lead_days"], made.json()["ended_from"]) == (20, 5, None)
    listed = browser.get(f"/api/v1/schedules/{schedule}/experiments").json()
    assert [row["id"] for row in listed["items"]] == [pk]
    assert browser.get(f"/api/v1/experiments/{pk}").json() == made.json()
    found = browser.get(f"/api/v1/experiments/{pk}/results").json()
    assert found["a"]["renewal"] == {"count": 0, "total": 0, "share": 0.0, "interval": [0.0, 1.0]}
    assert (found["renewal"]["is_enough"], found["renewal"]["p_value"]) == (False, 1.0)

    ended = post(
        browser, f"/experiments/{pk}/end", {"winner": "b", "reason": "Лучше", "from_day": "2026-11-25"}
    )

    assert (ended.status_code, ended.json()["winner"], ended.json()["ended_from"]) == (200, "b", "2026-11-25")
    draft.refresh_from_db()
    assert (draft.state, draft.active_from) == ("active", date(2026, 11, 25))
    again = post(browser, f"/experiments/{pk}/end", {"winner": "a", "reason": "Нет"})
    assert (again.status_code, again.json()["code"]) == (409, "experiment_ended")


@pytest.mark.parametrize(
    "changes",
    [{"share": 0}, {"share": 100}, {"first_day": "2026-11-18"}, {"last_day": "2026-11-18"}, {"share": 10**9}],
)
def test_wrong_values_are_422(
    sign_in: Callable[[User], Browser],
    renewals_manager: User,
    draft: ScheduleVersion,
    changes: dict[str, Any],
) -> None:
    body = {"version_id": draft.pk, "first_day": "2026-11-19"} | changes
    answer = post(sign_in(renewals_manager), f"/schedules/{draft.schedule_id}/experiments", body)
    assert answer.status_code == 422
    assert not Experiment.objects.exists()


def test_a_version_of_another_schedule_is_not_found(
    sign_in: Callable[[User], Browser], renewals_manager: User, draft: ScheduleVersion
) -> None:
    other = Schedule.objects.get(code="centre")
    body = {"version_id": draft.pk, "first_day": "2026-11-19"}
    assert post(sign_in(renewals_manager), f"/schedules/{other.pk}/experiments", body).status_code == 404
    assert not Experiment.objects.exists()


@pytest.mark.parametrize("who", ["anna", "branch_head", "centre_operator", "marketer", "auditor"])
def test_others_read_and_change_nothing(
    request: pytest.FixtureRequest,
    sign_in: Callable[[User], Browser],
    who: str,
    draft: ScheduleVersion,
    now: datetime,
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    made = Experiment.objects.create(
        schedule=draft.schedule, control=draft.schedule.versions.get(number=1), candidate=draft, first_day=FIRST,
        last_day=FIRST + timedelta(days=9), lead_days=5, created_at=now,
    )  # fmt: skip
    assert browser.get(f"/api/v1/experiments/{made.pk}/results").status_code == 200
    body = {"version_id": draft.pk, "first_day": "2026-11-19"}
    assert post(browser, f"/schedules/{draft.schedule_id}/experiments", body).status_code == 403
    assert post(browser, f"/experiments/{made.pk}/end", {"winner": "b", "reason": "x"}).status_code == 403
    made.refresh_from_db()
    assert (made.ended_from, Experiment.objects.count()) == (None, 1)


def test_the_terms_behind_a_figure_are_those_in_sight(
    sign_in: Callable[[User], Browser], renewals_manager: User, boris: User, draft: ScheduleVersion, vera_policy: Any,
    make_renewal: Callable[..., Any], marketer: User,
) -> None:  # fmt: skip
    browser = sign_in(renewals_manager)
    body = {"version_id": draft.pk, "first_day": "2026-11-19", "share": 99}
    pk = post(browser, f"/schedules/{draft.schedule_id}/experiments", body).json()["id"]
    term = make_renewal(vera_policy, centre=None)

    def seen(user: User, side: str, what: str) -> list[int]:
        answer = sign_in(user).get(f"/api/v1/experiments/{pk}/terms?side={side}&what={what}")
        return [row["id"] for row in answer.json()["items"]]

    with time_machine.travel(datetime(2026, 12, 2, 12, tzinfo=UTC), tick=False):
        sides = {side: seen(renewals_manager, side, "terms") for side in "ab"}
        assert sorted(sides.values()) == [[], [term.pk]]
        side = next(side for side, found in sides.items() if found)
        assert seen(marketer, side, "clients") == [term.pk]
        assert seen(renewals_manager, side, "sent") == []
        assert seen(boris, side, "terms") == []
    for query in ("", "?side=c", "?side=a&what=luck"):
        assert browser.get(f"/api/v1/experiments/{pk}/terms{query}").status_code == 422
    assert browser.get("/api/v1/experiments/999999/terms?side=a").status_code == 404


def test_a_version_whose_text_cannot_be_filled_does_not_start(
    sign_in: Callable[[User], Browser], renewals_manager: User, draft: ScheduleVersion
) -> None:
    browser, step = sign_in(renewals_manager), draft.steps.get(key="osago-5-sms")
    shown = browser.get(f"/api/v1/schedule-versions/{draft.pk}").json()["steps"]
    body = next(one for one in shown if one["id"] == step.pk) | {"text": "Цена {premium}"}
    refused = browser.put(f"/api/v1/steps/{step.pk}", body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_step")
    draft.steps.filter(pk=step.pk).update(text="Цена {premium}")
    start = post(browser, f"/schedule-versions/{draft.pk}/activation", {"active_from": "2026-11-19"})
    assert (start.status_code, start.json()["code"]) == (422, "bad_start")
    assert start.json()["detail"].startswith(f"{step.name}: ")
    trial = {"version_id": draft.pk, "first_day": "2026-11-19"}
    tried = post(browser, f"/schedules/{draft.schedule_id}/experiments", trial)
    assert (tried.status_code, tried.json()["code"]) == (422, "bad_experiment")
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert not Experiment.objects.exists()
