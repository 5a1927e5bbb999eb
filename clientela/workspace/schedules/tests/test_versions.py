"""Putting a version in force, taking it out, and new schedules."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from clientela.modules.renewals.models import Schedule, Step
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.schedules import BadStart, activate
from clientela.workspace.schedules.tests.conftest import TODAY, TOMORROW
from clientela.workspace.schedules.tests.helpers import HX, plain


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


def test_a_version_starts_after_the_days_that_are_planned(manager, renewals_manager, draft, at, now):
    plan_day(day=TOMORROW, now=now)

    assert 'min="2026-11-20"' in manager.get(at("launch"), headers=HX).content.decode()
    assert manager.post(at("launch"), {"day": TOMORROW.isoformat()}, headers=HX).status_code == 422
    with pytest.raises(BadStart, match=r"20\.11\.2026"):
        activate(actor=renewals_manager, now=now, version=draft, active_from=TOMORROW)
    manager.post(at("launch"), {"day": "2026-11-20"}, headers=HX)
    draft.refresh_from_db()
    assert (draft.state, draft.active_from) == ("active", date(2026, 11, 20))


def test_today_is_the_day_of_the_company_and_not_of_greenwich(renewals_manager, draft):
    after_midnight = datetime(2026, 11, 18, 22, 30, tzinfo=UTC)  # the 19th in Moscow

    with pytest.raises(BadStart, match=r"20\.11\.2026"):
        activate(actor=renewals_manager, now=after_midnight, version=draft, active_from=TOMORROW)


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
