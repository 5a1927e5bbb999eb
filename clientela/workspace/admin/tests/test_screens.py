"""The administration screens as people see them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.foundation.outbox.models import Delivery, Event
from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Agent, Branch, NormTarget, Placement, Team
from clientela.modules.renewals.models import NormResult


@pytest.fixture
def company(
    anna, boris, team_lead, branch_head, centre_operator, administrator, auditor, vera, boris_client, now
):
    NormResult.objects.create(
        agent=anna.agent, line="osago", window_from=now.date(), window_to=now.date(), expiring=40, renewed=29,
        excluded=0, target=75, kept=False, computed_at=now,
    )  # fmt: skip


def text(response):
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_tree_counts_people_and_shows_a_branch(company, sign_in, administrator, kazan):
    browser = sign_in(administrator)
    page = text(browser.get(reverse("organisation:tree")))
    assert "Причал Страхование 5" in page  # two agents, a lead, a head, an operator
    branch = browser.get(reverse("organisation:tree"), {"node": f"branch-{kazan.pk}"})
    shown = text(branch)
    assert "Соколова Анна" in shown
    assert "73" in shown
    assert "Ершов" not in shown
    assert "Власова Ирина" in shown


def test_a_lead_sees_the_own_part_and_no_verbs(company, sign_in, team_lead, ulyanovsk, kazan_team):
    browser = sign_in(team_lead)
    page = browser.get(reverse("organisation:tree"))
    assert "Ульяновск" not in text(page)
    assert reverse("organisation:branch_new") not in page.content.decode()
    assert browser.get(reverse("organisation:tree"), {"node": f"branch-{ulyanovsk.pk}"}).status_code == 404
    assert "Соколова Анна" in text(
        browser.get(reverse("organisation:tree"), {"node": f"team-{kazan_team.pk}"})
    )


def test_agents_are_filtered_sorted_and_searched(company, sign_in, administrator, kazan):
    browser = sign_in(administrator)

    def listed(**query):
        return re.findall(
            r"data-open>([^<]+)<", browser.get(reverse("organisation:agents"), query).content.decode()
        )

    assert listed() == ["Ершов Борис", "Соколова Анна"]
    assert listed(order="-name") == ["Соколова Анна", "Ершов Борис"]
    assert listed(order="nonsense") == ["Ершов Борис", "Соколова Анна"]
    assert listed(branch=kazan.pk) == ["Соколова Анна"]
    assert listed(q="сокол") == ["Соколова Анна"]
    assert listed(q="АГД-73") == ["Ершов Борис"]
    assert listed(q="Анна Соколова") == ["Соколова Анна"]
    assert listed(kind="broker") == []
    Agent.objects.filter(code="AG-002").update(is_active=False)
    assert listed() == ["Соколова Анна"]
    assert listed(state="off") == ["Ершов Борис"]
    assert len(listed(state="all")) == 2


def test_lists_take_the_same_number_of_statements_at_any_length(
    company, sign_in, administrator, make_user, kazan
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = sign_in(administrator)
    counts = {}
    for size in (2, 30):
        for number in range(Agent.objects.count(), size):
            user = make_user("agent", "Имя", f"Фамилия{number}")
            Agent.objects.create(user=user, code=f"X{number}", last_name=f"Фамилия{number}", branch=kazan)
        for name in ("agents", "people", "tree"):
            browser.get(reverse(f"organisation:{name}"))
            with CaptureQueriesContext(connection) as captured:
                browser.get(reverse(f"organisation:{name}"))
            counts.setdefault(name, []).append(len(captured))
    assert all(short == long for short, long in counts.values()), counts


def test_an_agent_opens_and_keeps_the_own_card_only(company, sign_in, anna, boris):
    browser = sign_in(anna)
    mine = browser.get(reverse("organisation:my_agent"))
    assert mine.url == reverse("organisation:agent", args=[anna.agent.pk])
    page = text(browser.get(mine.url))
    assert "Карточка для клиентов" in page
    assert "Передать портфель" not in page
    assert browser.get(reverse("organisation:agent", args=[boris.agent.pk])).status_code == 404
    fields = {
        "last_name": "Соколова",
        "first_name": "Анна",
        "phone": "8 917 200-05-05",
        "email": "anna@prichal.example",
    }
    bad = browser.post(reverse("organisation:agent_contacts", args=[anna.agent.pk]), fields | {"phone": "12"})
    assert bad.status_code == 422
    assert 'value="12"' in bad.content.decode()
    assert (
        browser.post(reverse("organisation:agent_contacts", args=[anna.agent.pk]), fields).status_code == 302
    )
    assert (
        browser.post(reverse("organisation:agent_contacts", args=[boris.agent.pk]), fields).status_code == 404
    )
    assert list(Agent.objects.order_by("code").values_list("phone", flat=True)) == [
        "+79172000505",
        "+79172000202",
    ]
    assert browser.get(reverse("organisation:agents")).status_code == 403


def test_an_administrator_makes_a_person_and_helps_them_in(
    company, sign_in, administrator, kazan, kazan_team
):
    browser = sign_in(administrator)
    fields = {
        "last_name": "Ткаченко",
        "first_name": "Роман",
        "email": "r@prichal.example",
        "role": "team_lead",
    }
    refused = browser.post(reverse("organisation:person_new"), fields)
    assert refused.status_code == 422
    assert "нужна команда" in refused.content.decode()
    assert (
        browser.post(reverse("organisation:person_new"), fields | {"team": kazan_team.pk}).status_code == 302
    )
    person = User.objects.get(email="r@prichal.example")
    assert Placement.objects.get(user=person).branch == kazan
    link = text(browser.post(reverse("organisation:person_password_link", args=[person.pk])))
    assert re.search(r"/account/password/reset/key/\w+-[\w-]+/", link)
    off = reverse("organisation:person_activity", args=[person.pk])
    browser.post(off, {"active": "0"})
    person.refresh_from_db()
    assert person.is_active is False
    browser.post(reverse("organisation:person_activity", args=[administrator.pk]), {"active": "0"})
    administrator.refresh_from_db()
    assert administrator.is_active is True
    changed = fields | {"role": "branch_head", "branch": kazan.pk}
    assert browser.post(reverse("organisation:person", args=[person.pk]), changed).status_code == 302
    person.refresh_from_db()
    assert person.role == "branch_head"


def test_a_refused_place_changes_nothing_of_the_person(company, sign_in, administrator, team_lead):
    browser = sign_in(administrator)
    fields = {"last_name": "X", "first_name": "Y", "email": team_lead.email, "role": "centre_operator"}
    assert browser.post(reverse("organisation:person", args=[team_lead.pk]), fields).status_code == 422
    team_lead.refresh_from_db()
    assert (team_lead.last_name, team_lead.role) == ("Галиев", "team_lead")


def test_branches_teams_and_centres_are_made_on_pages(company, sign_in, administrator, kazan, volga):
    browser = sign_in(administrator)
    branch = {
        "name": "Самара", "code": "samara", "city": "Самара", "region_code": "RU-SAM", "time_zone": "Europe/Samara",
        "regions": ["RU-SAM"], "is_active": "on",
    }  # fmt: skip
    assert browser.post(reverse("organisation:branch_new"), branch).status_code == 302
    assert browser.post(reverse("organisation:branch_new"), branch).status_code == 422
    samara = Branch.objects.get(code="samara")
    assert (
        browser.post(
            reverse("organisation:branch", args=[samara.pk]), branch | {"name": "Самара 2"}
        ).status_code
        == 302
    )
    assert (
        browser.post(reverse("organisation:team_new", args=[samara.pk]), {"name": "Волга"}).status_code == 302
    )
    team = Team.objects.get(branch=samara)
    assert browser.post(reverse("organisation:team", args=[team.pk]), {"name": "Волга 2"}).status_code == 302
    assert browser.post(reverse("organisation:team_removal", args=[team.pk])).status_code == 302
    centre = {"name": "Поволжье", "code": "volga", "phone": "+78462000999", "time_zone": "Europe/Samara"}
    both = {"branches": [kazan.pk, samara.pk]}
    assert browser.post(reverse("organisation:centre", args=[volga.pk]), centre | both).status_code == 302
    assert (volga.branches.count(), Team.objects.filter(branch=samara).count()) == (2, 0)


def test_norms_are_set_and_taken_back(company, sign_in, administrator, team_lead, anna):
    browser = sign_in(administrator)
    fields = {"line": "osago", "percent": "70", "window_months": "3", "grace_days": "30", "min_expiring": "5"}
    assert browser.post(reverse("organisation:norms"), fields | {"agent": "AG-001"}).status_code == 302
    assert browser.post(reverse("organisation:norms"), fields | {"agent": "AG-999"}).status_code == 422
    assert browser.post(reverse("organisation:norms"), fields | {"percent": "101"}).status_code == 422
    target = NormTarget.objects.get(agent=anna.agent)
    assert "AG-001" in browser.get(reverse("organisation:norms"), {"edit": target.pk}).content.decode()
    assert sign_in(team_lead).post(reverse("organisation:norms"), fields).status_code == 403
    assert browser.post(reverse("organisation:norm_removal", args=[target.pk])).status_code == 302
    assert NormTarget.objects.filter(agent=anna.agent).count() == 0


def test_a_hand_over_shows_its_size_and_becomes_a_job(company, sign_in, administrator, anna, boris):
    browser = sign_in(administrator)
    url = reverse("organisation:agent_transfer", args=[anna.agent.pk])
    assert "Клиенты 1" in text(browser.get(url))
    assert browser.post(url, {"to": "AG-001"}).status_code == 422
    assert browser.post(url, {"to": "AG-002", "reason": "отпуск"}).status_code == 302
    assert Job.objects.get().args == {"agent": anna.agent.pk, "to": boris.agent.pk, "reason": "отпуск"}


def test_the_journal_finds_by_person_action_object_and_day(company, sign_in, auditor, anna, boris, vera, now):
    record(actor=anna, now=now, action="client.read", obj=vera, address="10.16.4.27")
    record(
        actor=boris,
        now=now - timedelta(days=3),
        action="client.changed",
        obj=vera,
        changes={"city": ["Казань", "Уфа"], "inn": ["1", "2"]},
    )
    record(actor=None, now=now, action="sign_in.failed", obj=anna)
    browser = sign_in(auditor)

    def found(**query):
        page = browser.get(reverse("audit:journal"), query).content.decode()
        return len(re.findall(r"data-open>", page))

    assert found() == 3
    assert found(who=anna.pk) == 1
    assert found(action="client.changed") == 1
    assert found(object_type="clients.client", object_id=vera.pk) == 2
    assert found(since="2026-11-18") == 2
    assert found(until="2026-11-15") == 1
    assert found(q="орлова") == 2
    assert found(q="Ершов") == 1
    assert found(since="junk", who="x") == 3
    entry = Entry.objects.get(action="client.changed")
    page = text(browser.get(reverse("audit:journal"), {"entry": entry.pk}))
    assert "city Казань Уфа" in page
    assert "inn ••• •••" in page
    assert browser.get(reverse("audit:journal"), {"entry": entry.pk + 999}).status_code == 404


def test_the_journal_goes_back_page_by_page(company, sign_in, auditor, anna, now, monkeypatch):
    monkeypatch.setattr("clientela.workspace.admin.journal.PAGE", 2)
    for number in range(5):
        record(actor=anna, now=now, action="client.read", object_name=f"n{number}")
    browser, seen, query = sign_in(auditor), [], {}
    for _page in range(3):
        page = browser.get(reverse("audit:journal"), query).content.decode()
        seen += re.findall(r">(n\d)<", page)
        older = re.search(r"before=(\d+)", page)
        query = {"before": older[1]} if older else {}
    assert seen == ["n4", "n3", "n2", "n1", "n0"]


def test_the_journal_is_exported_and_that_is_journaled(company, sign_in, auditor, anna, vera, now):
    record(actor=anna, now=now, action="client.changed", obj=vera, changes={"city": ["Казань", "=Уфа"]})
    response = sign_in(auditor).get(reverse("audit:export"), {"action": "client.changed"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "id;at;who;action;kind;object id;object;changes;reason;address;digest"
    assert "2026-11-18T07:42:00+00:00;Анна Соколова;Изменение карточки;Клиент;" in lines[1]
    assert "city: Казань → =Уфа" in lines[1]
    assert len(lines) == 2
    assert Entry.objects.filter(action="audit.exported", actor=auditor).count() == 1


def test_the_chain_is_checked_by_a_job(company, sign_in, auditor, anna, now):
    from django.utils import timezone

    record(actor=anna, now=now, action="client.read")
    browser = sign_in(auditor)
    browser.post(reverse("audit:verification"))
    browser.post(reverse("audit:verification"))
    assert Job.objects.count() == 1
    assert run_next(worker="w", now=timezone.now(), lease=timedelta(minutes=1))
    assert "Цепочка цела: 1 запись" in text(browser.get(reverse("audit:journal")))
    Entry.objects.update(action="client.changed")
    browser.post(reverse("audit:verification"))
    run_next(worker="w", now=timezone.now(), lease=timedelta(minutes=1))
    assert f"Цепочка нарушена: entry {Entry.objects.get().pk}" in text(browser.get(reverse("audit:journal")))


@pytest.fixture
def queue(company, administrator, now):
    failed = enqueue(kind="audit.seal", title="Seal the journal", now=now, schedule_key="audit.seal:5@1")
    Job.objects.filter(pk=failed.pk).update(
        state="failed", started_at=now, finished_at=now + timedelta(seconds=2), done=213,
        error="Traceback …\n  File x\nValueError: row 214: unknown product КСМ-2",
    )  # fmt: skip
    asked = enqueue(kind="organisation.transfer", title="Передача", now=now, actor=administrator, total=200)
    Job.objects.filter(pk=asked.pk).update(state="running", started_at=now, done=50)
    event = Event.objects.create(name="clients.ClientChanged", payload={}, at=now)
    delivery = Delivery.objects.create(
        event=event, handler="clientela.modules.renewals.handlers.on_x", state="failed", attempts=12,
        next_attempt_at=now, error="Traceback\nKeyError: 'x'",
    )  # fmt: skip
    return failed, asked, delivery


def test_the_monitor_says_what_failed_and_steers(queue, sign_in, renewals_manager, now):
    failed, asked, delivery = queue
    browser = sign_in(renewals_manager)
    page = text(browser.get(reverse("jobs:monitor"), {"job": failed.pk}))
    assert "ValueError: row 214: unknown product КСМ-2" in page
    assert "213" in page
    assert "on_x KeyError: &#x27;x&#x27;" in page
    assert "25 %" in text(browser.get(reverse("jobs:monitor"), {"job": asked.pk, "part": "1"}))
    browser.post(reverse("jobs:pause", args=[asked.pk]))
    browser.post(reverse("jobs:resume", args=[failed.pk]))
    browser.post(reverse("jobs:retry", args=[delivery.pk]))
    browser.post(reverse("jobs:start", args=[failed.pk]))
    failed.refresh_from_db()
    asked.refresh_from_db()
    delivery.refresh_from_db()
    assert (asked.state, asked.wish, failed.state, delivery.state) == (
        "running",
        "pause",
        "queued",
        "pending",
    )
    assert Job.objects.filter(kind="audit.seal", schedule_key=None).count() == 1
    browser.post(reverse("jobs:cancel", args=[failed.pk]))
    failed.refresh_from_db()
    assert failed.state == "cancelled"
    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == [
        "job.paused", "job.resumed", "delivery.retried", "job.started", "job.cancelled",
    ]  # fmt: skip


def test_what_has_ended_cannot_be_steered(queue, sign_in, renewals_manager):
    failed = queue[0]
    Job.objects.filter(pk=failed.pk).update(state="done")
    browser = sign_in(renewals_manager)
    for name in ("pause", "resume", "cancel"):
        browser.post(reverse(f"jobs:{name}", args=[failed.pk]))
    failed.refresh_from_db()
    assert (failed.state, Entry.objects.count()) == ("done", 0)


def test_who_only_reads_sees_no_buttons_and_cannot_press(queue, sign_in, auditor):
    failed, asked, delivery = queue
    browser = sign_in(auditor)
    page = browser.get(reverse("jobs:monitor"), {"job": asked.pk}).content.decode()
    assert "/pause/" not in page
    for name, pk in (
        ("pause", asked.pk),
        ("cancel", asked.pk),
        ("resume", failed.pk),
        ("retry", delivery.pk),
        ("start", failed.pk),
    ):
        assert browser.post(reverse(f"jobs:{name}", args=[pk])).status_code == 403
    assert list(Job.objects.order_by("id").values_list("state", "wish")) == [("failed", ""), ("running", "")]


def test_health_says_whether_pages_can_be_served(client, db, monkeypatch):
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok"}
    monkeypatch.setattr("clientela.workspace.admin.monitor.cache.get", lambda key: None)
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (503, {"status": "failing", "cache": "lost"})
