"""Handing a portfolio over, run as the worker runs it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import ask, run_next
from clientela.foundation.outbox.models import Event
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Agent
from clientela.modules.renewals.models import Renewal
from clientela.workspace.admin import transfer

LEASE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _at_now(now):
    with time_machine.travel(now, tick=False):
        yield


def run(now):
    assert run_next(worker="w", now=now, lease=LEASE)
    return Job.objects.get(kind=transfer.KIND)


@pytest.fixture
def portfolio(anna, vera, vera_renewal, make_client, make_policy, make_renewal, osago, kasko, boris_renewal):
    """Anna's two clients: a running term, a long ended one, a late one, a cancelled one."""
    second = make_client(anna.agent, "Сафин", "Ильдар", phone="+79170006018")
    old = make_policy(second, osago, number="ХХХ 1", end=date(2024, 5, 1))
    late = make_policy(second, kasko, number="ХХХ 2", end=date(2026, 11, 10))
    cancelled = make_policy(second, kasko, number="ХХХ 3", end=date(2027, 1, 10), status="cancelled")
    make_renewal(late)
    return {"running": vera_renewal.policy, "old": old, "late": late, "cancelled": cancelled}


def test_everything_that_lives_moves_and_history_stays(administrator, anna, boris, portfolio, now):
    assert transfer.preview(anna.agent) == transfer.Preview(clients=2, policies=1, renewals=2)
    job = transfer.request_transfer(
        actor=administrator, now=now, agent=anna.agent, to=boris.agent, reason="уволен"
    )
    assert (job.total, Client.objects.filter(agent=anna.agent).count()) == (2, 2)

    job = run(now)

    assert (job.state, job.done, job.result) == ("done", 2, {"clients": 2, "policies": 2})
    his = boris.agent
    moved = set(Client.objects.values_list("agent", "branch", "centre"))
    assert moved == {(his.pk, his.branch_id, None)}
    owners = {name: Policy.objects.get(pk=policy.pk).agent_id for name, policy in portfolio.items()}
    assert owners == {"running": his.pk, "late": his.pk, "old": anna.agent.pk, "cancelled": anna.agent.pk}
    assert set(Renewal.objects.values_list("agent", "branch", "centre")) == {(his.pk, his.branch_id, None)}
    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == [
        "agent.transfer", "client.handed_over", "client.handed_over", "agent.transferred",
    ]  # fmt: skip
    entry = Entry.objects.filter(action="client.handed_over").first()
    assert (entry.changes, entry.reason) == ({"agent": ["Анна Соколова", "Борис Ершов"]}, "уволен")
    assert (
        Event.objects.filter(name="organisation.PortfolioTransferred").get().topics
        == "clients renewals organisation"
    )


def test_a_crash_between_chunks_goes_on_from_the_checkpoint(
    administrator, anna, boris, portfolio, now, monkeypatch
):
    monkeypatch.setattr(transfer, "CHUNK", 1)
    transfer.request_transfer(actor=administrator, now=now, agent=anna.agent, to=boris.agent)
    real, calls = transfer.refresh, []

    def dies_once(**kwargs):
        calls.append(kwargs)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return real(**kwargs)

    monkeypatch.setattr(transfer, "refresh", dies_once)
    job = run(now)
    assert (job.state, job.done) == ("failed", 1)
    assert Client.objects.filter(agent=anna.agent).count() == 1
    Job.objects.update(state="queued")
    job = run(now)
    assert (job.state, job.result) == ("done", {"clients": 2, "policies": 2})
    assert Entry.objects.filter(action="client.handed_over").count() == 2


def test_a_cancelled_hand_over_says_how_far_it_came(administrator, anna, boris, portfolio, now, monkeypatch):
    monkeypatch.setattr(transfer, "CHUNK", 1)
    job = transfer.request_transfer(actor=administrator, now=now, agent=anna.agent, to=boris.agent)
    real = transfer.hand_over_clients

    def asked_to_stop(ids, **kwargs):
        ask(Job.objects.get(pk=job.pk), "cancel")
        return real(ids, **kwargs)

    monkeypatch.setattr(transfer, "hand_over_clients", asked_to_stop)
    job = run(now)
    assert (job.state, job.done) == ("cancelled", 1)
    assert Client.objects.filter(agent=anna.agent).count() == 1


def test_a_portfolio_goes_to_another_working_agent_only(administrator, anna, boris, portfolio, now):
    with pytest.raises(transfer.WrongReceiver):
        transfer.request_transfer(actor=administrator, now=now, agent=anna.agent, to=anna.agent)
    Agent.objects.filter(pk=boris.agent.pk).update(is_active=False)
    boris.agent.refresh_from_db()
    with pytest.raises(transfer.WrongReceiver):
        transfer.request_transfer(actor=administrator, now=now, agent=anna.agent, to=boris.agent)
    assert (Job.objects.count(), Entry.objects.count()) == (0, 0)


def test_one_hand_over_of_a_portfolio_at_a_time(administrator, anna, boris, portfolio, now):
    transfer.request_transfer(actor=administrator, now=now, agent=anna.agent, to=boris.agent)
    with pytest.raises(transfer.AlreadyRunning):
        transfer.request_transfer(actor=administrator, now=now, agent=anna.agent, to=boris.agent)
    assert Job.objects.count() == 1


def test_only_who_manages_the_organisation_or_the_branch_hands_over(
    branch_head, team_lead, auditor, anna, boris, portfolio, now
):
    for actor in (anna, team_lead, auditor):
        with pytest.raises(PermissionDenied):
            transfer.request_transfer(actor=actor, now=now, agent=anna.agent, to=boris.agent)
    with pytest.raises(PermissionDenied):
        transfer.request_transfer(actor=branch_head, now=now, agent=boris.agent, to=anna.agent)
    with pytest.raises(transfer.WrongReceiver):
        transfer.request_transfer(actor=branch_head, now=now, agent=anna.agent, to=boris.agent)
    assert (Job.objects.count(), Entry.objects.count()) == (0, 0)


@pytest.fixture
def lilia(kazan):
    return Agent.objects.create(code="AG-003", last_name="Закирова", first_name="Лилия", branch=kazan)


def test_a_head_hands_over_within_the_branch_and_follows_it_on_the_card(
    branch_head, anna, boris, lilia, portfolio, now, sign_in
):
    mine = sign_in(branch_head)
    card, address = (
        reverse(f"organisation:{name}", args=[anna.agent.pk]) for name in ("agent", "agent_transfer")
    )
    assert address in mine.get(card).content.decode()
    page = mine.get(address).content.decode()
    assert "AG-003" in page
    assert "AG-002" not in page
    refused = mine.post(address, {"to": "AG-002"})
    assert (refused.status_code, Job.objects.count()) == (422, 0)
    assert 'value="Закирова Лилия · AG-003"' in page
    assert mine.post(address, {"to": "Закирова Лилия · AG-003", "reason": "отпуск"}).status_code == 302
    shown = mine.get(card).content.decode()
    assert "Анна Соколова → Лилия Закирова: передано клиентов: 0 из 2." in shown
    assert address not in shown
    run(now)
    assert set(Client.objects.filter(agent=lilia).values_list("last_name", flat=True)) == {"Орлова", "Сафин"}
    assert Entry.objects.filter(actor=branch_head, action="client.handed_over").count() == 2


def test_nobody_else_finds_the_page(anna, boris, team_lead, branch_head, auditor, sign_in):
    address = reverse("organisation:agent_transfer", args=[anna.agent.pk])
    for person, status in [(anna, 403), (team_lead, 404), (auditor, 404)]:
        assert sign_in(person).get(address).status_code == status
    assert (
        sign_in(branch_head).get(reverse("organisation:agent_transfer", args=[boris.agent.pk])).status_code
        == 404
    )
