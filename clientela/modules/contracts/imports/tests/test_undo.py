"""Undo takes back the whole import and nothing else."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from clientela.foundation.imports import operations
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.jobs.operations import run_next
from clientela.foundation.outbox.models import Event
from clientela.modules.clients.models import Client, ContactPoint, Note, SourceLink
from clientela.modules.clients.operations import refresh_completeness
from clientela.modules.contracts.imports.tests.helpers import LEASE, base, bring_in, take, undo, work
from clientela.modules.contracts.imports.tests.test_portfolio import VERA
from clientela.modules.contracts.models import InsuredObject, Participant, Policy, Quote
from clientela.modules.contracts.operations import refresh_portfolio_facts
from clientela.modules.renewals.models import Renewal, Touch

pytestmark = pytest.mark.django_db

OTHER = VERA | {"id": "18", "name": "Зимин Глеб Петрович", "phone": "+79020007301", "email": "g@mail.example", "passport": "",
                "number": "N2", "vin": "XWEH2812BJ0009999", "plate": "А001АА16"}  # fmt: skip


def test_of_a_fresh_import_leaves_an_empty_base(kazan, osago):
    run = undo(bring_in([VERA, OTHER]))
    assert not any(base().values())
    assert SourceLink.objects.count() == 0
    assert run.undo_result["deleted"] == {
        "contracts.policy": 2, "contracts.insuredobject": 2, "clients.client": 2,
    }  # fmt: skip
    assert Event.objects.filter(name="contracts.PortfolioImported").count() == 2


def test_puts_back_what_was_changed_and_added(vera, vera_policy, osago):
    refresh_portfolio_facts(now=timezone.now())
    refresh_completeness()
    before = base()
    row = {"id": "17", "name": "Орлова Вера Николаевна", "phone": "+79170004108, +79170001111", "inn": "760307073214",
           "passport": "9208123441", "number": "ХХХ 0412773905", "start": "05.12.2025", "end": "05.12.2026",
           "premium": "9999", "vin": "XWEH2812BJ0001234", "plate": "Р418ТО116", "thing": "Hyundai Creta, 2021"}  # fmt: skip
    run = bring_in([row, row | {"number": "N2", "start": "06.12.2026", "end": "05.12.2027"}])
    assert base() != before
    undone = undo(run)
    after = base()
    assert after == before
    assert undone.undo_result["left"] == 0


def test_leaves_what_people_changed_since(vera, vera_policy, osago):
    run = bring_in([{"name": "Орлова Вера Николаевна", "phone": "+79170004108", "inn": "760307073214",
                     "number": "ХХХ 0412773905", "start": "05.12.2025", "end": "05.12.2026", "premium": "9999"}])  # fmt: skip
    Client.objects.filter(pk=vera.pk).update(inn="500100732259")
    undone = undo(run)
    vera.refresh_from_db()
    vera_policy.refresh_from_db()
    assert vera.inn == "500100732259"
    assert vera_policy.premium == Decimal("8533.99")
    assert (undone.undo_result["restored"], undone.undo_result["left"]) == (1, 1)
    assert undone.undo_result["deleted"] == {"clients.sourcelink": 1}
    assert undone.undo_result["rows"] == [
        {"model": "clients.client", "id": vera.pk, "reason": "changed", "column": "inn"}
    ]


def test_keeps_what_later_work_depends_on(kazan, osago, now):
    run = bring_in([VERA, OTHER, OTHER | {"number": "N3", "start": "06.12.2024", "end": "05.12.2025"}])
    vera, gleb = Client.objects.order_by("id")
    Note.objects.create(client=vera, text="Звонить вечером", created_at=now)
    Quote.objects.create(policy=Policy.objects.get(number="N2"), premium=1, created_at=now)
    undone = undo(run)
    assert sorted(Client.objects.values_list("last_name", flat=True)) == ["Зимин", "Орлова"]
    assert list(Policy.objects.values_list("number", "previous")) == [("N2", None)]
    assert InsuredObject.objects.count() == 1
    # A card that stays keeps how to reach the client.
    assert ContactPoint.objects.filter(client=vera).count() == 3
    assert ContactPoint.objects.filter(client=gleb).count() == 2
    assert undone.undo_result["kept"] == {
        "contracts.policy": 1,
        "contracts.insuredobject": 1,
        "clients.client": 2,
    }
    assert undone.undo_result["reasons"] == {
        "contracts.policy|contracts.quote": 1, "contracts.insuredobject|contracts.policy": 1,
        "clients.client|clients.note": 1, "clients.client|contracts.insuredobject": 1,
    }  # fmt: skip


def test_keeps_cards_that_people_worked_on(kazan, osago):
    run = bring_in([VERA])
    Client.objects.update(version=2)
    undo(run)
    assert (Client.objects.count(), Policy.objects.count(), Participant.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize(("touch_state", "kept"), [("planned", 0), ("sent", 1)])
def test_planned_touches_go_and_sent_ones_stay(kazan, osago, now, make_renewal, touch_state, kept):
    run = bring_in([VERA])
    renewal = make_renewal(Policy.objects.get())
    Touch.objects.create(
        renewal=renewal, step_key="base:k45", term_end=date(2026, 12, 5), day=45, channel="sms",
        due_on=date(2026, 10, 21), due_at=now, state=touch_state, created_at=now,
    )  # fmt: skip
    undo(run)
    assert (Policy.objects.count(), Renewal.objects.count(), Touch.objects.count()) == (kept, kept, kept)
    assert Client.objects.count() == kept


def test_of_a_running_import_stops_it_first(kazan, osago):
    run = take([VERA, OTHER])
    job = operations.request_run(actor=None, now=run.created_at, run=run, chunk=1)
    undo_job = operations.request_undo(actor=None, now=run.created_at, run=ImportRun.objects.get(pk=run.pk))
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert run_next(worker="x", now=run.created_at, lease=LEASE, only=job.pk) is False
    work(undo_job)
    assert not any(base().values())


def test_has_a_date(kazan, osago, now):
    run = bring_in([VERA], now=now)
    with pytest.raises(operations.NotNow):
        operations.request_undo(actor=None, now=now + timedelta(days=15), run=run)
    run.refresh_from_db()
    assert (run.state, Client.objects.count()) == ("done", 1)
    undo(run, now=now + timedelta(days=13))
    with pytest.raises(operations.NotNow):
        operations.request_undo(actor=None, now=now, run=run)


def test_needs_the_permission(kazan, osago, anna, marketer):
    from django.core.exceptions import PermissionDenied

    run = bring_in([VERA])
    for person in (anna, marketer):
        with pytest.raises(PermissionDenied):
            operations.request_undo(actor=person, now=run.created_at, run=run)
    run.refresh_from_db()
    assert (run.state, Client.objects.count(), Policy.objects.count()) == ("done", 1, 1)
