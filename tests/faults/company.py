"""A small company in a database of its own, for tests that kill processes.

``make`` fills it with terms whose touches are due now; ``import`` queues a file; ``token`` lets a program in;
``plan`` plans today, ``queue-plan`` opens the terms and leaves the plan to a worker; ``tell`` prints what became of everything as JSON.
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from clientela.foundation.api.operations import issue_token
from clientela.foundation.imports import operations as imports
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission, Role
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import CommunicationPolicy, Consent, MailboxCursor, Message
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Agent, Branch
from clientela.modules.products.models import Product
from clientela.modules.renewals.models import Renewal, Schedule, ScheduleVersion, Step, Touch
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.terms import open_terms

TEXT = "{greeting}, Ваш полис ОСАГО № {number} заканчивается {end_date}. Тел. {agent_phone}"
MAIL_BOX = "client"
# No import's chunk is so small in life: here each kill should fall between two of many.
CHUNK = 100


def make(clients: int, *, letters: bool) -> None:
    """Clients with addresses and consents, a policy that ends in five days, an SMS (and a letter) due since midnight."""
    now = timezone.now()
    today = timezone.localdate(now)
    channels = {"sms": "phone", "email": "email"} if letters else {"sms": "phone"}
    with transaction.atomic():
        CommunicationPolicy.objects.create(
            weekday_from=time(0), weekday_to=time(23, 59, 59), weekend_from=time(0), weekend_to=time(23, 59, 59),
            caps={}, created_at=now,
        )  # fmt: skip
        branch = Branch.objects.create(
            code="b", name="Филиал", region_code="RU-MOW", city="Москва", time_zone="Europe/Moscow"
        )
        agent = Agent.objects.create(
            code="a", last_name="Соколова", first_name="Анна", phone="+79170000001", branch=branch
        )
        osago = Product.objects.create(code="osago", line="osago", name="ОСАГО", message_name="ОСАГО")
        _schedule(list(channels), today, now)
        people = Client.objects.bulk_create(
            Client(
                last_name=f"Клиентов{i}", first_name="Иван", name_key=f"клиентов{i:05}", agent=agent, branch=branch,
                time_zone="Europe/Moscow", created_at=now, updated_at=now,
            )
            for i in range(clients)
        )  # fmt: skip
        values = {"phone": "+7900{:05}55", "email": MAIL_BOX + "+{:05}@client.test"}
        ContactPoint.objects.bulk_create(
            ContactPoint(
                client=c, kind=kind, value=values[kind].format(i), tail=f"{i:05}55", is_primary=True, created_at=now
            )
            for i, c in enumerate(people)
            for kind in channels.values()
        )  # fmt: skip
        Consent.objects.bulk_create(
            Consent(client=c, purpose="service", channel=channel, granted_at=now)
            for c in people
            for channel in channels
        )
        Policy.objects.bulk_create(
            Policy(
                number=f"ХХХ {i:010}", number_key=f"XXX{i:010}", product=osago, client=c, agent=agent, branch=branch,
                start_date=today - timedelta(days=360), end_date=today + timedelta(days=5), premium=9000,
                created_at=now, updated_at=now,
            )
            for i, c in enumerate(people)
        )  # fmt: skip


def _schedule(channels: Sequence[str], today: date, now: datetime) -> None:
    schedule = Schedule.objects.create(code="base", name="Базовое")
    version = ScheduleVersion.objects.create(
        schedule=schedule, number=1, state="active", active_from=today - timedelta(days=9), created_at=now
    )
    for channel in channels:
        Step.objects.create(
            version=version, key=channel, name=channel, day=5, channel=channel, at_time=time(0), text=TEXT,
            subject="Полис № {number}" if channel == "email" else "",
        )  # fmt: skip


def bring_in(rows: int) -> None:
    """Queue the import of a file of so many clients, each with a policy that ends in a year."""
    now = timezone.now()
    today = timezone.localdate(now)
    begins, ends = today - timedelta(days=10), today + timedelta(days=354)
    path = Path(os.environ["CLIENTELA_VAR"], "portfolio.csv")
    lines = [
        f"{n};Новиков{n} Пётр;N{n};{begins:%d.%m.%Y};{ends:%d.%m.%Y};{5000 + n}" for n in range(1, rows + 1)
    ]
    path.write_text("\n".join(["id;name;number;start;end;premium", *lines]))
    with path.open("rb") as source:
        run = imports.start_run(
            actor=None, now=now, target="portfolio", file=File(source), file_name=path.name
        )
    fields = {
        "client.external_id": "id", "client.full_name": "name", "policy.number": "number",
        "policy.start_date": "start", "policy.end_date": "end", "policy.premium": "premium",
    }  # fmt: skip
    run = imports.set_definition(
        actor=None, now=now, run=run, answers={"branch": "b", "product": "osago"}, source="old",
        definition={"fields": {field: {"from": column} for field, column in fields.items()}},
    )  # fmt: skip
    imports.request_run(actor=None, now=now, run=run, chunk=CHUNK)


def token() -> str:
    """A secret of a program that may write to clients."""
    now = timezone.now()
    manager = User.objects.create_user(
        "robot@broker.test", None, first_name="Робот", last_name="Первый", role=Role.RENEWALS_MANAGER
    )
    scopes = [Permission.CONTACTS_WRITE, Permission.CLIENTS_READ]
    return issue_token(actor=manager, now=now, name="robot", scopes=scopes)[1]


def tell() -> dict[str, object]:
    """Counts of terms, touches, messages, imported rows and mailboxes that were read."""
    run = ImportRun.objects.first()
    messages = Message.objects.filter(direction="out")
    return {
        "terms": Renewal.objects.count(),
        "touches": dict(Counter(Touch.objects.values_list("state", flat=True))),
        "messages": dict(Counter(messages.values_list("state", flat=True))),
        "open": [
            list(row)
            for row in messages.exclude(state="delivered").values_list("id", "channel", "state", "address")[
                :5
            ]
        ],
        "faults": dict(
            Counter(map(" ".join, messages.exclude(fault="").values_list("state", "fault", "detail")))
        ),
        "import": [run.state, run.counts.get("created"), run.counts.get("refused")] if run else None,
        "mailboxes": MailboxCursor.objects.count(),
        "imported": Policy.objects.filter(number__startswith="N").count(),
        "imports_told": Event.objects.filter(name="contracts.PortfolioImported").count(),
        "jobs": dict(Counter(map(" ".join, Job.objects.values_list("kind", "state")))),
        "errors": [error[-300:] for error in Job.objects.exclude(error="").values_list("error", flat=True)],
    }


def main(words: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["make", "import", "token", "plan", "queue-plan", "tell"])
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--letters", action="store_true")
    options = parser.parse_args(words)
    match options.verb:
        case "make":
            make(options.clients, letters=options.letters)
        case "import":
            bring_in(options.rows)
        case "token":
            print(token())
        case "plan":
            now = timezone.now()
            plan_day(day=timezone.localdate(now), now=now)
        case "queue-plan":
            # As the handler of an import does: a plan searches an end date once for terms.
            now = timezone.now()
            open_terms(day=timezone.localdate(now), now=now)
            enqueue(kind="renewals.plan", title="Plan a day's touches", now=now)
        case "tell":
            print(json.dumps(tell()))
