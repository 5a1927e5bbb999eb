"""Every main screen as each role meets it: both sizes and themes, without a violation, a sideways scroll or English."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.foundation.audit.operations import record
from clientela.foundation.imports.operations import start_run
from clientela.foundation.jobs.models import Job
from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payment
from clientela.modules.calendar.operations import plan_event
from clientela.modules.calendar.ports import Draft
from clientela.modules.calls.models import Call
from clientela.modules.chat.operations.messages import say
from clientela.modules.chat.operations.rooms import open_record
from clientela.modules.commission.operations import accrue_missing
from clientela.modules.commission.operations import load_shipped as load_rates
from clientela.modules.contacts.models import Conversation, Message, Template
from clientela.modules.contacts.operations.asking import note_incoming
from clientela.modules.organisation.models import Absence
from clientela.modules.renewals.models import Renewal, Schedule
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.schedules import make_draft
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.modules.robot.operations.shipped import load_shipped as load_dialogues
from clientela.workspace.imports.tests.test_wizard import TEXT
from tests.browser.looking import look, walk

pytestmark = [pytest.mark.browser, pytest.mark.server]
Visit = Callable[..., Page]
STATES = ("nothing", "project", "quoted", "paid", "lost")


@pytest.fixture
def company(
    transactional_db: None, anna: User, renewals_manager: User, branch_head: User, make_client: Any, make_policy: Any,
    make_renewal: Any, osago: Any, kasko: Any, settings: Any, tmp_path: Any,
) -> dict[str, Any]:  # fmt: skip
    """Anna's terms in every state around the real today, and something on every screen."""
    settings.MEDIA_ROOT = tmp_path
    now, today = timezone.now(), timezone.localdate()
    load_shipped(now=now, active_from=today - timedelta(days=90))
    terms: list[Renewal] = []
    for number, state in enumerate((*STATES, *STATES)):
        client = make_client(
            anna.agent, ("Орлова", "Константинопольская", "Яковлева", "Валиева", "Тихонова")[number % 5], "Вера",
            "Николаевна", phone=f"+7917000410{number}", email=f"v{number}@mail.example", city="Казань",
            birth_date=today - timedelta(days=365 * 40),
        )  # fmt: skip
        product = kasko if number % 3 else osago
        policy = make_policy(
            client, product, number=f"ХХХ 000000000{number}", end=today + timedelta(days=4 * number)
        )
        terms.append(make_renewal(policy, state=state))
        earned = {"client": client, "policy": policy, "method": "bank", "paid_at": now, "created_at": now}
        Payment.objects.create(amount=Decimal("8533.99"), **earned)
    load_rates(now=now, active_from=today - timedelta(days=90))
    accrue_missing(now=now, first=1, last=2**40)
    plan_day(day=today, now=now)
    at = now - timedelta(minutes=26)
    asked = Message.objects.create(
        direction="in", channel="sms", client=terms[0].client, address="+79170004100", state="received",
        text="Можно оплатить половину сейчас?", external_id="in-1", not_before=at, created_at=at,
    )  # fmt: skip
    with transaction.atomic():
        note_incoming([asked], {}, now=at)
    draft = make_draft(
        actor=renewals_manager, now=now, version=Schedule.objects.get(code="centre").versions.get()
    )
    record(
        actor=anna, now=now, action="client.read", object_type="clients.client", object_id=terms[0].client_id
    )
    for kind, job_state in (
        ("audit.seal", "failed"),
        ("clients.export", "done"),
        ("renewals.plan", "running"),
    ):
        Job.objects.create(
            kind=kind,
            title="Печать журнала",
            state=job_state,
            created_at=now,
            not_before=now,
            created_by=anna,
        )
    template = Template.objects.create(
        code="hello", name="Окончание полиса", channel="sms", body="{greeting}", created_at=now
    )
    run = start_run(
        actor=branch_head, now=now, target="portfolio", file=ContentFile(TEXT.encode()), file_name="rows.csv"
    )
    away = Absence.objects.create(
        person=anna,
        substitute=branch_head,
        first_day=today,
        last_day=today + timedelta(days=9),
        created_at=now,
    )
    plan_event(
        actor=anna,
        now=now,
        draft=Draft(
            title="Осмотр", starts_at=now, ends_at=now + timedelta(hours=1), time_zone="Europe/Moscow"
        ),
    )
    room = open_record(actor=anna, now=now, record_type="client", record_id=terms[0].client_id)
    say(actor=anna, now=now, room=room, text="Кто последним говорил с клиентом?")
    load_dialogues(now=now, active_from=today)
    Call.objects.create(
        direction="in", client=terms[0].client, number="+79170004100", our_number="*0999", agent=anna.agent,
        branch=anna.agent.branch, state="ended", person=anna, started_at=at, answered_at=at, ended_at=now, outcome="talked",
    )  # fmt: skip
    return {
        "room": room.pk, "other": terms[5].client_id, "absence": away.pk, "talk": Conversation.objects.get().pk, "term": terms[0].pk, "quoted": terms[2].pk, "client": terms[0].client_id, "agent": anna.agent.pk,
        "user": anna.pk, "draft": f"{draft.schedule_id}/?version={draft.number}&step=motor-5-sms",
        "schedule": draft.schedule_id, "in_force": f"{draft.schedule_id}/?version=1&step=motor-30-email", "template": template.pk, "run": run.pk,
    }  # fmt: skip


SCREENS = {
    "anna": {
        "today": "/", "board": "/renewals/", "drawer": "/renewals/{term}/", "drawer-quote": "/renewals/{quoted}/?tab=quote",
        "loss": "/renewals/{term}/loss/", "conditions": "/renewals/conditions/", "clients": "/clients/",
        "client": "/clients/{client}/", "client-new": "/clients/new/", "agent": "/agents/{agent}/",
        "agent-table": "/agents/{agent}/?plot=table", "agent-card": "/organisation/agents/me/", "found": "/search/?q=0004100",
        "absence": "/organisation/absences/new/", "absence-ending": "/organisation/absences/{absence}/ending/",
        "schedule-in-force": "/schedules/{in_force}", "phone": "/phone/{client}/", "settings": "/settings/",
        "inbox": "/inbox/", "inbox-talk": "/inbox/{talk}/", "inbox-give": "/inbox/{talk}/assignee/",
        "calls": "/calls/", "calendar": "/calendar/", "calendar-settings": "/calendar/settings/", "chat": "/chat/",
        "chat-room": "/chat/{room}/", "alerts": "/settings/alerts/", "commission": "/commission/", "commission-table": "/commission/of/{agent}/?plot=table", "signature": "/mailboxes/signature/",
    },
    "centre_operator": {"today-operator": "/", "board-operator": "/renewals/", "wall": "/wallboard/"},
    "team_lead": {"today-lead": "/", "agents-lead": "/organisation/agents/"},
    "branch_head": {
        "today-head": "/", "imports": "/imports/", "import-new": "/imports/new/", "import-columns": "/imports/{run}/columns/",
        "line": "/supervision/", "staffing": "/staffing/", "merge-choice": "/clients/{client}/merge/",
        "commission-head": "/commission/", "commission-close": "/commission/of/{agent}/",
        "merge": "/clients/{client}/merge/{other}/", "routing": "/routing/", "letters": "/letters/",
        "privacy": "/privacy/", "privacy-person": "/privacy/clients/{client}/",
    },
    "renewals_manager": {
        "today-manager": "/", "schedules": "/schedules/", "schedule": "/schedules/{draft}", "experiments": "/schedules/{schedule}/experiments/",
        "rates": "/commission/rates/", "rate-new": "/commission/rates/new/",
        "robot": "/robot/", "dialler": "/dialler/", "feedback": "/feedback/", "macros": "/contacts/macros/",
        "templates": "/contacts/templates/", "template": "/contacts/templates/{template}/", "policy": "/contacts/policy/",
    },
    "administrator": {
        "today-administrator": "/", "organisation": "/organisation/", "people": "/organisation/people/",
        "person": "/organisation/people/{user}/", "agents": "/organisation/agents/", "norms": "/organisation/norms/",
        "hand-over": "/organisation/agents/{agent}/hand-over/",
        "privacy-rules": "/privacy/rules/", "reading": "/privacy/reading/", "readers": "/privacy/clients/{client}/readers/",
        "absences": "/organisation/absences/", "audit": "/audit/", "jobs": "/jobs/", "webhooks": "/webhooks/",
        "mailboxes": "/mailboxes/", "calls-setup": "/calls/setup/", "widgets": "/widgets/",
    },
    "auditor": {"today-auditor": "/", "audit-auditor": "/audit/"},
}  # fmt: skip


@pytest.mark.parametrize("role", SCREENS)
def test_the_screens_of_a_role(
    visit: Visit, company: dict[str, Any], request: pytest.FixtureRequest, role: str
) -> None:
    page = visit("/health/live", request.getfixturevalue(role))
    walk(page, SCREENS[role], company)


def test_the_palette_over_a_page(visit: Visit, company: dict[str, Any], anna: User) -> None:
    page = visit("/clients/", anna)
    page.keyboard.press("Control+k")
    page.keyboard.type("конст")
    expect(page.locator("#palette-list")).to_contain_text("Константинопольская")
    assert look(page, "palette-found") == []


def test_the_way_in(visit: Visit, transactional_db: None) -> None:
    page = visit("/account/login/")
    assert look(page, "sign-in") == []
    page.locator("input[type=email]").fill("nobody@prichal.example")
    page.locator("input[type=password]").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("Почта или пароль не подходят")
    assert look(page, "sign-in-refused") == []
