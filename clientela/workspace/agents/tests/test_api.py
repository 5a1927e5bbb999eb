"""An agent's figures over the API are those of the dashboard."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.foundation.api.models import Token
from clientela.foundation.api.operations import digest
from clientela.workspace.agents.tests.conftest import TODAY

PATHS = ("month", "next-terms", "coming-days", "coming-touches")


@pytest.fixture
def get(sign_in, anna):
    """``get("month?month=2026-12")``: Anna's figures as she asks for them."""

    def ask(path):
        answer = sign_in(anna).get(f"/api/v1/agents/{anna.agent.pk}/{path}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    return ask


def test_the_month_by_state_day_and_loss(get, november):
    found = get("month")

    assert (found["first"], found["last"], found["expiring"], found["activated"]) == (
        "2026-11-01",
        "2026-11-30",
        6,
        3,
    )
    assert found["states"] == {"paid": 1, "lost": 2, "quoted": 1, "project": 1, "nothing": 1}
    assert found["premium"] == {
        "paid": "4000.00", "lost": "2000.00", "quoted": "1000.00", "project": "1000.00", "nothing": "1000.00",
    }  # fmt: skip
    assert sorted((loss["reason"], loss["counts_in_norm"], loss["count"]) for loss in found["lost"]) == [
        ("sold", False, 1), ("too-dear", True, 1),
    ]  # fmt: skip
    assert found["days"][:2] == [
        {"day": "2026-11-01", "states": {"paid": 1}}, {"day": "2026-11-10", "states": {"lost": 2}},
    ]  # fmt: skip


def test_another_month(get, november):
    assert get("month?month=2026-12")["states"] == {"nothing": 1}
    assert get("month?month=1999-01")["expiring"] == 0


@pytest.mark.parametrize("month", ["2026-13", "x", "2026-1", "3026-01", "2026-11-01"])
def test_a_month_that_is_none_is_refused(sign_in, anna, month):
    assert sign_in(anna).get(f"/api/v1/agents/{anna.agent.pk}/month?month={month}").status_code == 422


def test_what_to_take_up_first(get, november):
    rows = get("next-terms")

    assert [(row["client_name"], row["days_left"], row["state"], row["reach"]) for row in rows] == [
        ("Волкова Вера", 2, "quoted", 0), ("Белова Вера", 7, "project", 11), ("Абрамова Вера", 12, "nothing", 11),
        ("Ежова Вера", 30, "nothing", 11),
    ]  # fmt: skip
    assert rows[0]["renewal_id"] == november["quoted"].pk


def test_what_clients_get(get, november):
    days = {day["day"]: day for day in get("coming-days")}
    touches = get("coming-touches")["items"]

    assert (days["2026-11-18"]["going"], days["2026-11-18"]["held"]) == (2, {"no_channel": 1})
    assert (days["2026-11-20"]["going"], days["2026-11-20"]["held"]) == (0, {"has_project": 1})
    assert len(touches) == sum(day["going"] for day in days.values())
    assert [(one["client_name"], one["channel"]) for one in touches if one["day"] == "2026-11-18"] == [
        ("Ежова Вера", "email"), ("Ежова Вера", "sms"),
    ]  # fmt: skip


def test_pages_of_touches_join_to_the_whole(get, november):
    whole, walked, cursor = get("coming-touches")["items"], [], ""
    while cursor is not None:
        page = get(f"coming-touches?limit=1&cursor={cursor}")
        walked += page["items"]
        cursor = page["next"]

    assert walked == whole
    assert len(whole) > 1


def test_a_foreign_agent_is_not_there(sign_in, boris, lilia, team_lead, anna, november):
    for path in PATHS:
        address = f"/api/v1/agents/{anna.agent.pk}/{path}"
        assert sign_in(team_lead).get(address).status_code == 200
        for stranger in (boris, lilia):
            assert sign_in(stranger).get(address).status_code == 404


def test_a_token_needs_the_scope_of_renewals(client, anna, now):
    Token.objects.create(
        user=anna, name="x", digest=digest("key"), scopes=["organisation.read"], created_at=now
    )
    for path in PATHS:
        answer = client.get(f"/api/v1/agents/{anna.agent.pk}/{path}", headers={"Authorization": "Bearer key"})
        assert answer.status_code == 403


def test_statements_do_not_grow_with_terms(get, november, term, anna):
    get("coming-touches")
    counts = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as seen:
            for path in PATHS:
                get(path)
        counts.append(len(seen))
        for number in range(30):
            term(anna.agent, f"Фамилия{number}", TODAY + timedelta(days=number))

    assert counts[0] == counts[1]
