"""The day over the API is the day of the screen: the same tasks in the same order, the same figures."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.foundation.api.models import Token
from clientela.foundation.api.operations import digest
from clientela.modules.organisation.models import Absence
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.workspace.today.tests.conftest import TODAY
from clientela.workspace.today.tests.helpers import tasks
from clientela.workspace.today.tests.test_side import norm


@pytest.fixture
def get(sign_in):
    """``get(anna, "/today")``: the body of a good answer to this person."""

    def ask(user, path):
        answer = sign_in(user).get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    return ask


def rows(body):
    return [(task["kind"], task["client_name"].split()[0]) for task in body["items"]]


def test_the_tasks_are_those_of_the_screen_in_its_order_and_say_why(get, sign_in, anna, day, now):
    body = get(anna, "/today/tasks")

    assert rows(body) == tasks(sign_in(anna).get("/"))
    call, answer = body["items"][:2]
    assert call["why"] == "осталось 5 дней и по плану сегодня звонок"
    assert [(one["fact"], one["points"]) for one in call["reasons"]] == [
        ("days", 50), ("call_due", 20), ("opened", 12), ("bare", 8),
    ]  # fmt: skip
    assert (call["score"], call["urgent"], call["days_left"], call["callable_now"]) == (90, True, 5, True)
    assert call["touch_id"] is not None
    assert (answer["detail"], answer["channel"]) == ("«Можно оплатить половину сейчас?»", "sms")
    assert answer["message_id"] is not None
    assert answer["renewal_id"] == Renewal.objects.get(client__last_name="Тихонова").pk
    assert get(anna, "/today") == {
        "day": "2026-11-18", "total": 4, "counts": {"calls": 1, "answers": 1, "expiring": 2, "events": 0},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("show", "kinds"), [("calls", ["call"]), ("expiring", ["project", "offer"]), ("answers", ["answer"])]
)
def test_a_segment_has_its_own_tasks(get, anna, day, show, kinds):
    assert [task["kind"] for task in get(anna, f"/today/tasks?show={show}")["items"]] == kinds


def test_a_task_done_between_two_pages_moves_nothing(get, anna, day):
    first = get(anna, "/today/tasks?limit=2")
    Renewal.objects.filter(client__last_name="Валиев").update(state="lost")
    second = get(anna, f"/today/tasks?limit=2&cursor={first['next']}")

    assert rows(first) + rows(second) == [
        ("call", "Валиев"), ("answer", "Тихонова"), ("project", "Кузьмин"), ("offer", "Белова"),
    ]  # fmt: skip
    assert second["next"] is None


def test_an_operator_calls_first_whom_it_is_day_for(
    get, sign_in, centre_operator, anna, osago, ending, call, day, now
):
    call(ending(anna.agent, osago, "Дальний", days=1, time_zone="Asia/Kamchatka"))
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        body = get(centre_operator, "/today/tasks?show=calls")
        screen = tasks(sign_in(centre_operator).get("/"))
        first = get(centre_operator, "/today/tasks?show=calls&limit=1")
        second = get(centre_operator, f"/today/tasks?show=calls&cursor={first['next']}")

    assert rows(body) == screen == [("call", "Валиев"), ("call", "Дальний")]
    assert [(task["callable_now"], task["local_time"]) for task in body["items"]] == [
        (True, "12:42"), (False, "21:42"),
    ]  # fmt: skip
    assert rows(second) == [("call", "Дальний")]


def test_the_day_is_that_of_the_persons_zone(client, anna, osago, ending, now):
    """At 21:42 in Moscow it is tomorrow in Kamchatka already, for a program that holds a token too."""
    anna.time_zone = "Asia/Kamchatka"
    anna.save()
    Token.objects.create(user=anna, name="x", digest=digest("key"), scopes=["renewals.read"], created_at=now)
    with time_machine.travel(now + timedelta(hours=11), tick=False):
        body = client.get("/api/v1/today", headers={"Authorization": "Bearer key"}).json()
    assert body["day"] == "2026-11-19"


def test_only_the_own_tasks_and_those_of_the_absent(get, lilia, boris, anna, day, now):
    assert get(lilia, "/today")["total"] == get(boris, "/today")["total"] == 0
    Absence.objects.create(person=anna, substitute=lilia, first_day=TODAY, last_day=TODAY, created_at=now)
    assert {task["for_whom"] for task in get(lilia, "/today/tasks")["items"]} == {"Анна Соколова"}
    assert get(boris, "/today/tasks")["items"] == []


def test_a_token_needs_the_scope_of_renewals(client, anna, now, day):
    Token.objects.create(user=anna, name="x", digest=digest("key"), scopes=["clients.read"], created_at=now)
    for path in ("", "/tasks", "/events", "/figures", "/tomorrow", "/health"):
        answer = client.get(f"/api/v1/today{path}", headers={"Authorization": "Bearer key"})
        assert answer.status_code == 403, path


def test_the_events_of_the_week(get, anna, boris, vera, vera_policy, now):
    vera.birth_date = TODAY.replace(year=1984) + timedelta(days=2)
    vera.policies_in_force = 1
    vera.save()

    [event] = get(anna, "/today/events")

    assert (event["about"], event["day"], event["client_id"], event["renewal_id"]) == (
        "birthday", "2026-11-20", vera.pk, None,
    )  # fmt: skip
    assert event["fact"].startswith("42 года")
    assert get(boris, "/today/events") == []


def test_an_agent_has_norms_and_a_lead_the_team(get, anna, branch_head, day):
    norm(anna.agent, "kasko", 78, 100, True)
    norm(anna.agent, "osago", 67, 100, False)

    own, team = get(anna, "/today/figures"), get(branch_head, "/today/figures")

    assert own["month"] == {"nothing": 1}
    assert [(row["line"], row["renewed"], row["missing"]) for row in own["norms"]] == [
        ("kasko", 78, 0), ("osago", 67, 8),
    ]  # fmt: skip
    assert own["team"] is None
    assert (team["norms"], team["team"]["kept"], team["team"]["judged"]) == (None, 1, 2)
    [worst] = team["team"]["worst"]
    assert (worst["agent_id"], worst["agent_name"], Decimal(worst["share"])) == (
        anna.agent.pk,
        "Анна Соколова",
        67,
    )


def test_todays_touches_by_channel_and_outcome(get, anna, boris, day, osago, ending, call):
    call(ending(anna.agent, osago, days=40), channel="sms", state="failed")

    assert get(anna, "/today/figures")["touches"] == [
        {"channel": "operator", "outcome": "waits", "count": 1}, {"channel": "sms", "outcome": "failed", "count": 1},
    ]  # fmt: skip
    assert get(anna, "/today/figures")["failed"] == 1
    assert get(boris, "/today/figures")["touches"] == []


def test_what_tomorrow_sends(get, anna, boris, osago, ending, now):
    load_shipped(now=now, active_from=TODAY - timedelta(days=100))
    ending(anna.agent, osago, days=31)
    ending(anna.agent, osago, days=31, state="paid", paid_at=now)

    found = get(anna, "/today/tomorrow")
    assert found["day"] == "2026-11-19"
    assert (found["going"], found["clients"]) == ({"sms": 1, "email": 1}, 1)
    assert found["held"] == {"paid": 3, "no_channel": 1}
    assert get(boris, "/today/tomorrow")["clients"] == 0


def test_how_the_system_is(get, sign_in, administrator, anna, db):
    found = get(administrator, "/today/health")
    assert (found["failed_jobs"], found["stuck"], found["planned_touches"]) == (0, False, None)
    assert sign_in(anna).get("/api/v1/today/health").status_code == 403


def test_the_statements_do_not_grow_with_the_tasks(sign_in, anna, day, osago, ending):
    browser, counts = sign_in(anna), []
    browser.get("/api/v1/today/tasks")
    for _time in range(2):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            browser.get("/api/v1/today/tasks")
        counts.append(len(seen))
        for number in range(20):
            ending(anna.agent, osago, days=3 + number % 10)

    assert counts[0] == counts[1]
