"""The API of people, organisation, jobs, journal and views, as another program uses it."""

from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from clientela.foundation.api.operations import issue_token
from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.foundation.lists.models import SavedView
from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Agent, NormTarget
from tests.access.requests import browser, call


@pytest.fixture
def program(administrator, now):
    """A program with an administrator's token: ``program("post", "people", {...})`` gives status and body."""
    scopes = ["organisation.read", "organisation.write", "audit.read", "jobs.read", "jobs.write"]
    secret = issue_token(actor=administrator, now=now, name="hr", scopes=scopes)[1]
    keys = count()

    def send(method, path, body=None, secret=secret):
        response = call(
            browser(), method, f"/api/v1/{path}", body,
            **{"Authorization": f"Bearer {secret}", "Idempotency-Key": str(next(keys))},
        )  # fmt: skip
        return response.status_code, response.json() if response.content else None

    return send


def test_who_calls(program, administrator):
    status, me = program("get", "me")
    assert (status, me["id"], me["role"], len(me["permissions"])) == (
        200,
        administrator.pk,
        "administrator",
        5,
    )


def test_a_token_does_not_make_tokens_or_change_the_person(program):
    assert program("post", "me/tokens", {"name": "x", "scopes": ["jobs.read"]})[0] == 403
    assert program("patch", "me", {"language": "en"})[0] == 403


def test_a_page_makes_and_ends_tokens(sign_in, anna):
    page = sign_in(anna)
    made = call(page, "post", "/api/v1/me/tokens", {"name": "x", "scopes": ["clients.read"]})
    assert made.status_code == 201
    assert made.json()["secret"].startswith("clientela_")
    assert "secret" not in page.get("/api/v1/me/tokens").json()[0]
    assert call(page, "delete", f"/api/v1/me/tokens/{made.json()['id']}").status_code == 204
    assert page.get("/api/v1/me/tokens").json() == []
    assert call(page, "patch", "/api/v1/me", {"language": "en"}).json()["language"] == "en"


PERSON = {"email": "new@prichal.example", "first_name": "Роман", "last_name": "Ткаченко", "role": "team_lead"}


def test_people_are_made_changed_and_helped(program, kazan_team, kazan):
    assert program("post", "people", PERSON)[0] == 422
    status, made = program("post", "people", PERSON | {"team_id": kazan_team.pk})
    assert (status, made["team_id"], made["branch_id"]) == (201, kazan_team.pk, kazan.pk)
    assert program("post", "people", PERSON | {"team_id": kazan_team.pk})[0] == 422
    path = f"people/{made['id']}"
    head = PERSON | {"role": "branch_head", "branch_id": kazan.pk}
    assert program("put", path, head)[1]["role"] == "branch_head"
    status, link = program("post", f"{path}/password-link")
    assert (status, "/account/password/reset/key/" in link["link"]) == (200, True)
    assert program("post", f"{path}/unlocking")[0] == 204
    assert program("put", f"{path}/activity", {"active": False})[1]["is_active"] is False
    assert program("delete", f"{path}/second-step")[0] == 204
    assert User.objects.get(pk=made["id"]).is_active is False


def test_an_administrator_cannot_shut_themselves_out(program, administrator):
    assert program("put", f"people/{administrator.pk}/activity", {"active": False})[0] == 403
    administrator.refresh_from_db()
    assert administrator.is_active is True


def test_people_are_listed_page_by_page(program, anna, boris, branch_head):
    seen, cursor = [], ""
    while cursor is not None:
        page = program("get", f"people?limit=2&cursor={cursor}")[1]
        seen += [person["last_name"] for person in page["items"]]
        cursor = page["next"]
    assert seen == ["Власова", "Ершов", "Карпов", "Соколова"]
    assert [p["last_name"] for p in program("get", "people?role=agent")[1]["items"]] == ["Ершов", "Соколова"]


def test_agents_and_their_contacts(program, anna, boris, kazan, now):
    agent = {"code": "AG-9", "last_name": "Громов", "branch_id": kazan.pk, "phone": "89172000300"}
    status, made = program("post", "agents", agent)
    assert (status, made["phone"]) == (201, "+79172000300")
    assert program("post", "agents", agent | {"phone": "12", "code": "AG-10"})[0] == 422
    own = issue_token(actor=anna, now=now, name="x", scopes=["clients.read"])[1]
    mine, his = f"agents/{anna.agent.pk}", f"agents/{boris.agent.pk}"
    assert program("patch", f"{mine}/contacts", {"phone": "+79172000999"}, own)[1]["phone"] == "+79172000999"
    assert program("patch", f"{his}/contacts", {"phone": "+79172000999"}, own)[0] == 404
    assert program("post", f"{mine}/confirmation", None, own)[0] == 200
    assert program("get", "agents", None, own)[0] == 403
    assert Agent.objects.get(code="AG-002").phone == "+79172000202"


def test_branches_teams_centres_and_norms(program, kazan, anna):
    branch = {
        "code": "samara", "name": "Самара", "region_code": "RU-SAM", "city": "Самара", "time_zone": "Europe/Samara"
    }  # fmt: skip
    status, made = program("post", "branches", branch)
    assert status == 201
    assert program("put", f"branches/{made['id']}", branch | {"name": "Самара 2"})[1]["name"] == "Самара 2"
    assert program("put", f"branches/{kazan.pk}", branch | {"code": "kazan", "is_active": False})[0] == 422
    team = program("post", f"branches/{made['id']}/teams", {"name": "Волга"})[1]
    assert program("put", f"teams/{team['id']}", {"name": "Волга 2"})[1]["name"] == "Волга 2"
    assert program("delete", f"teams/{team['id']}")[0] == 204
    centre = {
        "code": "c",
        "name": "Ц",
        "phone": "+7",
        "time_zone": "Europe/Samara",
        "branch_ids": [made["id"]],
    }
    status, centre_made = program("post", "renewal-centres", centre)
    assert (status, centre_made["branch_ids"]) == (201, [made["id"]])
    norm = {"line": "osago", "percent": "70.5", "agent_id": anna.agent.pk}
    status, set_norm = program("put", "norms", norm)
    assert (status, set_norm["percent"]) == (200, "70.5")
    assert program("put", "norms", norm | {"percent": "100.01"})[0] == 422
    assert program("delete", f"norms/{set_norm['id']}")[0] == 204
    assert NormTarget.objects.filter(agent=anna.agent).count() == 0


def test_a_portfolio_is_handed_over(program, anna, boris, vera):
    path = f"agents/{anna.agent.pk}/hand-over"
    assert program("get", path)[1] == {"clients": 1, "policies": 0, "renewals": 0}
    status, job = program("post", path, {"to_agent_id": boris.agent.pk})
    assert (status, job["state"], job["total"]) == (202, "queued", 1)
    assert program("post", path, {"to_agent_id": boris.agent.pk})[0] == 409
    assert program("post", path, {"to_agent_id": anna.agent.pk})[0] == 422
    assert run_next(worker="w", now=timezone.now(), lease=timedelta(minutes=1))
    assert program("get", f"jobs/{job['id']}")[1]["result"] == {"clients": 1, "policies": 0}
    vera.refresh_from_db()
    assert vera.agent == boris.agent


def test_jobs_are_steered(program, now):
    job = enqueue(kind="audit.seal", title="Seal", now=now, schedule_key="audit.seal:1@x")
    assert program("post", f"jobs/{job.pk}/pause")[1]["state"] == "paused"
    assert program("post", f"jobs/{job.pk}/pause")[0] == 409
    assert program("post", f"jobs/{job.pk}/resumption")[1]["state"] == "queued"
    assert program("post", f"jobs/{job.pk}/start")[0] == 201
    assert program("post", f"jobs/{job.pk}/cancellation")[1]["state"] == "cancelled"
    assert [one["id"] for one in program("get", "jobs?state=cancelled")[1]["items"]] == [job.pk]
    assert program("post", "failed-reactions/7/retry")[0] == 404


def test_the_journal_is_read_and_checked(program, anna, vera, now):
    record(
        actor=anna,
        now=now,
        action="client.changed",
        obj=vera,
        changes={"inn": ["1", "2"], "city": [None, "Уфа"]},
    )
    items = program("get", f"audit?who={anna.pk}&object_type=clients.client&since=2026-11-18")[1]["items"]
    assert [item["changes"] for item in items] == [{"inn": ["•••", "•••"], "city": ["", "Уфа"]}]
    assert program("get", f"audit/{items[0]['id']}")[1]["object_name"] == "Орлова Вера Николаевна"
    assert program("get", "audit?since=2026-99-99")[0] == 422
    status, job = program("post", "audit/verification")
    assert (status, program("post", "audit/verification")[0]) == (202, 409)
    run_next(worker="w", now=timezone.now(), lease=timedelta(minutes=1))
    result = program("get", f"jobs/{job['id']}")[1]["result"]
    assert result == {"entries": Entry.objects.count(), "seals": 0, "broken_at": ""}


def test_views_are_kept_per_person(sign_in, anna, boris):
    page, his = sign_in(anna), sign_in(boris)
    view = {"list": "clients", "name": "Мои", "query": "city=Казань"}
    made = call(page, "post", "/api/v1/views", view)
    assert (made.status_code, made.json()["own"]) == (201, True)
    again = call(page, "post", "/api/v1/views", view, **{"Idempotency-Key": "2"})
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")
    assert his.get("/api/v1/views?list=clients").json() == []
    assert call(his, "delete", f"/api/v1/views/{made.json()['id']}").status_code == 404
    assert SavedView.objects.count() == 1
    assert call(page, "delete", f"/api/v1/views/{made.json()['id']}").status_code == 204
    assert Job.objects.count() == 0
