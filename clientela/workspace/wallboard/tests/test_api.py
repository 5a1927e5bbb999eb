"""The line over the API: figures, people, staffing, screens."""

from datetime import timedelta

import pytest

from clientela.modules.calls.models import Call
from clientela.modules.routing.models import Station, WallScreen


@pytest.fixture
def ask(sign_in):
    """``ask(anna, "get", "/line", body)``."""

    def one(user, method, path, body=None):
        headers = {"Idempotency-Key": f"{method}{path}"}
        return getattr(sign_in(user), method)(
            f"/api/v1{path}", body or {}, headers=headers,
            **({} if method == "get" else {"content_type": "application/json"}),
        )  # fmt: skip

    return one


def test_figures_and_people_of_the_line(
    ulyanovsk, ask, branch_head, centre_operator, anna, vera, kazan, at_work, call_of, now
):
    at_work(anna)
    call_of(vera, ago=3600, wait=10, talk=120, person=anna, outcome="agreed")
    call_of(vera, ago=3500, wait=30, state="ended", ended_at=now, outcome="missed")
    waits = call_of(vera, ago=15)
    line = ask(branch_head, "get", "/line").json()
    assert (line["queue"], line["waiting"], line["within"], line["aim"]) == (f"branch:{kazan.pk}", 1, 20, 80)
    total = line["total"]
    assert (total["offered"], total["answered"], total["level"], total["asa"], total["aht"]) == (
        2,
        1,
        0.5,
        10,
        120,
    )
    assert [(one["slot"], one["offered"]) for one in line["half_hours"]] == [(19, 2)]
    (person,) = ask(branch_head, "get", "/line/people").json()
    assert (person["person_id"], person["state"], person["answered"], person["agreed"]) == (
        anna.pk, "available", 1, 1,
    )  # fmt: skip
    (one,) = ask(branch_head, "get", "/line/waiting").json()
    assert (one["kind"], one["record_id"], one["overdue"]) == ("call", waits.pk, False)
    assert ask(centre_operator, "get", "/line").json()["total"]["offered"] == 2
    assert ask(centre_operator, "get", f"/line?queue=branch:{ulyanovsk.pk}").status_code == 404
    assert ask(centre_operator, "get", "/line/people").status_code == 403
    assert ask(anna, "get", "/line").status_code == 403


def test_states_and_calls_are_changed_by_who_runs_the_line(
    ask, branch_head, anna, boris, lilia, vera, at_work, call_of
):
    at_work(anna, lilia)
    body = {"state": "break", "reason": "Обед"}
    assert ask(branch_head, "put", f"/line/people/{anna.pk}/state", body).json()["state"] == "break"
    assert ask(branch_head, "put", f"/line/people/{boris.pk}/state", body).status_code == 404
    assert (
        ask(lilia, "put", f"/line/people/{anna.pk}/state", body | {"state": "available"}).status_code == 403
    )
    assert Station.objects.get(user=anna).state == "break"
    call = call_of(vera)
    call.lines.create(line="x", role="client", state="up", asked_at=call.started_at)
    path = f"/calls/{call.pk}/assignment"
    assert ask(branch_head, "post", path, {"person_id": boris.pk}).status_code == 422
    assert ask(branch_head, "post", path, {"person_id": lilia.pk}).json()["person_id"] == lilia.pk
    assert Call.objects.get(pk=call.pk).offered_to == lilia


def test_staffing_by_the_link_s_own_words(ask, branch_head, anna, lilia, vera, at_work, call_of):
    at_work(anna, lilia)
    for weeks in (1, 3):
        call_of(vera, ago=weeks * 7 * 86400 - 86400, wait=5, talk=200)
    found = ask(branch_head, "get", "/staffing").json()
    assert (found["day"], found["history"], found["aht"], found["thin"]) == (
        "2026-11-19", ["2026-10-29", "2026-11-12"], 200, False,
    )  # fmt: skip
    asked = ask(branch_head, "get", "/staffing?aht=180&calls=20:100,21:x&shrinkage=0").json()
    ten = next(one for one in asked["half_hours"] if one["slot"] == 20)
    assert (ten["needed"], ten["have"], ten["gap"], round(ten["level"], 5)) == (14, 2, 12, 0.88835)
    assert ask(branch_head, "get", "/staffing?aim=0").status_code == 422


def test_a_screen_is_made_and_taken_back(ask, client, branch_head, team_lead, kazan, now):
    body = {"name": "Зал", "queue": f"branch:{kazan.pk}"}
    assert ask(team_lead, "post", "/line/screens", body).status_code == 404
    made = ask(branch_head, "post", "/line/screens", body).json()
    assert client.get(made["url"]).status_code == 200
    assert [one["id"] for one in ask(branch_head, "get", "/line/screens").json()] == [made["id"]]
    assert ask(team_lead, "delete", f"/line/screens/{made['id']}").status_code == 404
    assert ask(branch_head, "delete", f"/line/screens/{made['id']}").status_code == 204
    assert client.get(made["url"]).status_code == 404
    assert WallScreen.objects.get().revoked_at - now < timedelta(seconds=1)
