"""Schedules, terms and touches as another program uses them."""

from datetime import timedelta
from itertools import count

import pytest

from clientela.modules.renewals.models import Schedule, ScheduleVersion, Touch


@pytest.fixture
def call(sign_in):
    """``call(anna, "get", "touches", day=…)`` gives status and body; a POST sends the words as JSON."""
    keys = count()

    def send(user, method, path, **words):
        extra = {"data": words} if method == "get" else {"data": words, "content_type": "application/json"}
        headers = {"Idempotency-Key": str(next(keys))}
        answer = getattr(sign_in(user), method)(f"/api/v1/{path}", **extra, headers=headers)
        return answer.status_code, answer.json()

    return send


def test_a_schedule_is_made_with_an_empty_draft(call, renewals_manager, anna):
    words = {"code": "kasko-early", "name": "КАСКО заранее"}
    status, draft = call(renewals_manager, "post", "schedules", **words)
    made = Schedule.objects.get(code="kasko-early")
    assert (status, draft["number"], draft["state"], draft["steps"]) == (201, 1, "draft", [])
    assert made.versions.get().pk == draft["id"]
    assert call(renewals_manager, "post", "schedules", **words)[1]["code"] == "code_taken"
    assert call(renewals_manager, "post", "schedules", **words | {"code": "Not a code"})[0] == 422
    assert call(anna, "post", "schedules", **words | {"code": "another"})[0] == 403
    assert Schedule.objects.filter(name="КАСКО заранее").count() == 1


def test_a_version_is_taken_out_before_its_day(call, renewals_manager, anna, now):
    schedule = Schedule.objects.create(code="early", name="x")
    today = now.date()
    coming, running = (
        ScheduleVersion.objects.create(
            schedule=schedule, number=number, state="active", active_from=day, created_at=now
        )
        for number, day in ((2, today + timedelta(days=4000)), (1, today - timedelta(days=4000)))
    )
    assert call(anna, "post", f"schedule-versions/{coming.pk}/retirement")[0] == 403
    assert (
        call(renewals_manager, "post", f"schedule-versions/{coming.pk}/retirement")[1]["state"] == "retired"
    )
    assert call(renewals_manager, "post", f"schedule-versions/{running.pk}/retirement")[0] == 409
    running.refresh_from_db()
    assert running.state == "active"


def test_touches_of_a_day_are_those_in_sight(call, anna, boris, auditor, vera_renewal, boris_renewal, now):
    def touch(renewal, channel, hours, state="planned"):
        at = now + timedelta(hours=hours)
        return Touch.objects.create(
            renewal=renewal, step_key=f"{channel}-{hours}", term_end=renewal.end_date, day=17, channel=channel,
            due_on=now.date(), due_at=at, state=state, created_at=now,
        )  # fmt: skip

    call_late, sms = touch(vera_renewal, "operator", 3), touch(vera_renewal, "sms", 1, "failed")
    his = touch(boris_renewal, "operator", 2)
    day = now.date().isoformat()

    def seen(user, **words):
        return [one["id"] for one in call(user, "get", "touches", day=day, **words)[1]["items"]]

    assert seen(anna) == [sms.pk, call_late.pk]
    assert seen(boris) == [his.pk]
    assert seen(auditor) == [sms.pk, his.pk, call_late.pk]
    assert seen(auditor, channel="operator") == [his.pk, call_late.pk]
    assert seen(anna, state="failed") == [sms.pk]
    assert call(anna, "get", "touches", day="2026-11-19")[1]["items"] == []
    assert call(anna, "get", "touches", day=day, channel="pigeon")[0] == 422
    assert call(anna, "get", "touches")[0] == 422


def test_terms_are_narrowed_by_branch_and_centre(
    call, auditor, volga, kazan, ulyanovsk, vera_renewal, boris_renewal
):
    def seen(**words):
        return [one["id"] for one in call(auditor, "get", "renewals", **words)[1]["items"]]

    assert seen(branch_id=kazan.pk) == [vera_renewal.pk]
    assert seen(branch_id=ulyanovsk.pk) == [boris_renewal.pk]
    assert seen(centre_id=volga.pk) == [vera_renewal.pk]
