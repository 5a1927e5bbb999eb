"""The journal and the job monitor as people see them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.foundation.outbox.models import Delivery, Event
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
    assert "Город Казань Уфа" in page
    assert "ИНН ••• •••" in page
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


def test_changed_fields_are_told_in_words(company, sign_in, auditor, anna, vera, now):
    changes = {"city": ["Казань", "Уфа"], "birth_date": [None, "1980-01-02"], "x": [1, 2]}
    entry = record(actor=anna, now=now, action="client.changed", obj=vera, changes=changes)
    page = sign_in(auditor).get(reverse("audit:journal"), {"entry": entry.pk}).content.decode()
    words = {"Город", "Дата рождения", "x"}
    detail = re.search(r'<span class="block truncate">([^<]*Дата рождения[^<]*)', page)
    assert detail is not None
    assert set(detail[1].split(", ")) == words
    assert set(re.findall(r'<td class="py-1.5 pr-2 text-ink-2">([^<]+)', page)) == words


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
    monkeypatch.setattr("clientela.foundation.health.cache.get", lambda key: None)
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (503, {"status": "failing", "cache": "lost"})
