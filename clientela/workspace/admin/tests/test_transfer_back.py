"""Undoing a hand-over: what goes back, what stays and why, until when, and by whom."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from clientela.foundation.api.operations import issue_token
from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.foundation.outbox.models import Event
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import confirm_data
from clientela.modules.clients.operations.notes import add_note
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import prepare_project
from clientela.modules.organisation.models import HandOverPart
from clientela.modules.renewals.models import Renewal
from clientela.workspace.admin import transfer, transfer_back
from clientela.workspace.admin.tests.test_organisation_screens import text
from tests.access.requests import browser, call

LEASE = timedelta(minutes=1)


@pytest.fixture
def clock(now):
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def sold(clock, anna, lilia, vera, vera_renewal, make_client, make_policy, osago, kasko):
    """Anna's clients: Вера with an expiring term of hers and a policy that Лилия sold, and Сафин with one of hers."""
    second = make_client(anna.agent, "Сафин", "Ильдар", phone="+79170006018")
    return {
        "hers": vera_renewal.policy,
        "lilias": make_policy(vera, kasko, number="ХХХ 1", end=vera_renewal.end_date, agent=lilia.agent),
        "second": make_policy(second, osago, number="ХХХ 2", end=vera_renewal.end_date),
    }


def run():
    assert run_next(worker="w", now=timezone.now(), lease=LEASE)
    return Job.objects.latest("id")


@pytest.fixture
def moved(sold, administrator, anna, boris, now):
    """Everything of Anna's went to Boris."""
    transfer.request_transfer(actor=administrator, now=now, agent=anna.agent, to=boris.agent)
    return run()


def undo(actor, job):
    return transfer_back.request_undo(actor=actor, now=timezone.now(), job=job)


def owners(sold):
    return {name: Policy.objects.get(pk=policy.pk).agent.last_name for name, policy in sold.items()}


def rows():
    return list(Client.objects.order_by("id").values_list("agent", "branch", "centre"))


def test_everything_is_again_as_it_was(moved, sold, administrator, anna, boris, clock):
    his = boris.agent
    assert rows() == [(his.pk, his.branch_id, None)] * 2
    clock.shift(timedelta(hours=23))

    undo(administrator, moved)
    job = run()

    assert (job.state, job.result) == ("done", {"clients": 2, "policies": 3, "kept": 0, "kept_ids": []})
    hers = anna.agent
    assert rows() == [(hers.pk, hers.branch_id, hers.centre_id)] * 2
    assert owners(sold) == {"hers": "Соколова", "lilias": "Закирова", "second": "Соколова"}
    assert Renewal.objects.get().agent == hers
    assert not HandOverPart.objects.exists()
    entry = Entry.objects.filter(action="client.handed_back").first()
    assert (entry.actor, entry.changes) == (administrator, {"agent": ["Борис Ершов", "Анна Соколова"]})
    assert Entry.objects.filter(action="agent.transfer_undone", object_id=hers.pk).count() == 1
    told = Event.objects.filter(name="organisation.PortfolioTransferred").latest("id").payload
    assert (told["from_agent_id"], told["to_agent_id"], told["clients"]) == (his.pk, hers.pk, 2)


def by_card(boris, vera, policy):
    confirm_data(actor=boris, now=timezone.now(), client=vera)


def by_note(boris, vera, policy):
    add_note(actor=boris, now=timezone.now(), client=vera, text="просит рассрочку")


def by_project(boris, vera, policy):
    prepare_project(actor=boris, now=timezone.now(), policy=policy)


def by_hand_over(boris, vera, policy):
    Client.objects.filter(pk=vera.pk).update(agent=None)


@pytest.mark.parametrize("works", [by_card, by_note, by_project, by_hand_over])
def test_a_client_somebody_worked_with_since_stays(moved, sold, administrator, boris, vera, clock, works):
    clock.shift(timedelta(hours=1))
    works(boris, vera, sold["hers"])
    before = Client.objects.values_list("agent", "version").get(pk=vera.pk)

    undo(administrator, moved)
    job = run()

    assert job.result == {"clients": 1, "policies": 1, "kept": 1, "kept_ids": [vera.pk]}
    assert Client.objects.values_list("agent", "version").get(pk=vera.pk) == before
    assert owners(sold) == {"hers": "Ершов", "lilias": "Ершов", "second": "Соколова"}


def test_a_card_that_was_only_read_goes_back(moved, administrator, anna, boris, vera, clock):
    clock.shift(timedelta(hours=1))
    record(actor=boris, now=timezone.now(), action="client.read", obj=vera)
    undo(administrator, moved)
    assert run().result["kept_ids"] == []


def test_a_day_later_and_twice_it_is_refused(moved, sold, administrator, anna, boris, clock):
    clock.shift(timedelta(days=1))
    with pytest.raises(transfer_back.TooLate):
        undo(administrator, moved)
    assert transfer_back.undoable(anna.agent, actor=administrator, now=timezone.now()) is None
    clock.shift(-timedelta(seconds=1))
    assert transfer_back.undoable(anna.agent, actor=administrator, now=timezone.now()).clients == 2
    undo(administrator, moved)
    with pytest.raises(transfer.AlreadyRunning):
        undo(administrator, moved)
    with pytest.raises(transfer.AlreadyRunning):
        transfer.request_transfer(actor=administrator, now=timezone.now(), agent=boris.agent, to=anna.agent)
    run()
    with pytest.raises(transfer_back.TooLate):
        undo(administrator, moved)
    assert Job.objects.count() == 2


def test_what_has_not_begun_is_stopped(sold, administrator, anna, boris, now):
    job = transfer.request_transfer(actor=administrator, now=now, agent=anna.agent, to=boris.agent)
    assert undo(administrator, job) == job
    assert (job.state, Job.objects.count()) == ("cancelled", 1)
    assert set(Client.objects.values_list("agent", flat=True)) == {anna.agent.pk}
    assert Entry.objects.filter(action="agent.transfer_undone").count() == 1


def test_while_it_runs_it_is_not_undone(moved, administrator):
    Job.objects.update(state="running")
    moved.refresh_from_db()
    with pytest.raises(transfer.AlreadyRunning):
        undo(administrator, moved)
    assert Job.objects.count() == 1


def test_a_crash_on_the_way_back_goes_on(sold, administrator, anna, boris, now, monkeypatch):
    monkeypatch.setattr(transfer, "CHUNK", 1)
    transfer.request_transfer(actor=administrator, now=now, agent=anna.agent, to=boris.agent)
    job = run()
    real, calls = transfer_back.refresh, []

    def dies_once(**kwargs):
        calls.append(kwargs)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return real(**kwargs)

    monkeypatch.setattr(transfer_back, "refresh", dies_once)
    back = undo(administrator, job)
    run()
    assert list(Client.objects.filter(agent=anna.agent).values_list("last_name", flat=True)) == ["Орлова"]
    Job.objects.filter(pk=back.pk).update(state="queued")
    assert run().result == {"clients": 2, "policies": 3, "kept": 0, "kept_ids": []}
    assert Entry.objects.filter(action="client.handed_back").count() == 2


def test_only_who_may_move_both_portfolios(
    moved, branch_head, team_lead, auditor, anna, boris, lilia, sign_in
):
    for actor in (anna, boris, team_lead, auditor, branch_head):
        with pytest.raises(PermissionDenied):
            undo(actor, moved)
        assert transfer_back.undoable(anna.agent, actor=actor, now=timezone.now()) is None
    address = reverse("organisation:transfer_undo", args=[moved.pk])
    for person, status in [(anna, 403), (team_lead, 404), (branch_head, 404)]:
        assert sign_in(person).post(address).status_code == status
    assert Job.objects.count() == 1


def test_on_the_screen(sold, branch_head, anna, lilia, vera, clock, sign_in):
    mine = sign_in(branch_head)
    card = reverse("organisation:agent", args=[anna.agent.pk])
    sent = mine.post(
        reverse("organisation:agent_transfer", args=[anna.agent.pk]), {"to": "AG-003"}, follow=True
    )
    job = Job.objects.get()
    address = reverse("organisation:transfer_undo", args=[job.pk])
    assert f'data-undo="{address}"' in sent.content.decode()
    run()
    clock.shift(timedelta(minutes=5))
    shown = mine.get(card)
    assert "Передача: Анна Соколова → Лилия Закирова: передано клиентов: 2. Вернуть можно до" in text(shown)
    assert address in shown.content.decode()
    confirm_data(actor=lilia, now=timezone.now(), client=vera)

    answer = mine.post(address, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == card
    assert "Возврат: Лилия Закирова → Анна Соколова: передано клиентов: 0 из 2." in text(mine.get(card))
    run()

    page = text(mine.get(card))
    assert "Возврат: Лилия Закирова → Анна Соколова: вернулось клиентов: 1." in page
    assert "1 остался: с клиентом уже работали. Орлова Вера Николаевна" in page


def test_by_the_api(moved, administrator, boris, anna, now):
    def send(who, key, *scopes):
        token = issue_token(actor=who, now=now, name="x", scopes=scopes)[1]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        answer = call(browser(), "post", f"/api/v1/hand-overs/{moved.pk}/undo", {}, **headers)
        return answer.status_code, answer.json()

    both = ("organisation.read", "organisation.write")
    assert send(administrator, "0", "organisation.read")[0] == 404
    assert send(anna, "1", "clients.read")[0] == 403
    status, job = send(administrator, "2", *both)
    assert (status, job["kind"], job["total"]) == (202, "organisation.transfer_back", 2)
    assert send(administrator, "3", *both)[0] == 409
    run()
    assert set(Client.objects.values_list("agent", flat=True)) == {anna.agent.pk}
    assert send(administrator, "4", *both)[0] == 409
