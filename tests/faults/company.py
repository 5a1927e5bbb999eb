"""A small company in a database of its own, for tests that kill processes: run as a program in that environment.

``python -m tests.faults.company make --clients 300`` fills it with terms whose touch is due now;
``… plan`` plans today; ``… tell`` prints what became of touches and messages as JSON.
"""

import argparse
import json
import os
import sys
from collections import Counter
from datetime import datetime, time, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from clientela.modules.clients.models import Client, ContactPoint  # noqa: E402
from clientela.modules.contacts.models import CommunicationPolicy, Consent, Message  # noqa: E402
from clientela.modules.contracts.models import Policy  # noqa: E402
from clientela.modules.organisation.models import Agent, Branch  # noqa: E402
from clientela.modules.products.models import Product  # noqa: E402
from clientela.modules.renewals.models import Renewal, Schedule, ScheduleVersion, Step, Touch  # noqa: E402
from clientela.modules.renewals.operations.planning import plan_day  # noqa: E402


def make(clients: int) -> None:
    """Clients with a phone and a consent, a policy that ends in five days, one SMS step at midnight, no quiet hours."""
    call_command("migrate", verbosity=0)
    now = timezone.now()
    today = timezone.localdate(now)
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
        schedule = Schedule.objects.create(code="base", name="Базовое")
        version = ScheduleVersion.objects.create(
            schedule=schedule, number=1, state="active", active_from=today - timedelta(days=9), created_at=now
        )
        Step.objects.create(
            version=version, key="five", name="SMS", day=5, channel="sms", at_time=time(0),
            text="{greeting}, Ваш полис ОСАГО № {number} заканчивается {end_date}. Тел. {agent_phone}",
        )  # fmt: skip
        people = Client.objects.bulk_create(
            Client(
                last_name=f"Клиентов{i}", first_name="Иван", name_key=f"клиентов{i:05}", agent=agent, branch=branch,
                time_zone="Europe/Moscow", created_at=now, updated_at=now,
            )
            for i in range(clients)
        )  # fmt: skip
        ContactPoint.objects.bulk_create(
            ContactPoint(
                client=c,
                kind="phone",
                value=f"+7900{i:05}55",
                tail=f"{i:05}55",
                is_primary=True,
                created_at=now,
            )
            for i, c in enumerate(people)
        )
        Consent.objects.bulk_create(
            Consent(client=c, purpose="service", channel="sms", granted_at=now) for c in people
        )
        Policy.objects.bulk_create(
            Policy(
                number=f"ХХХ {i:010}", number_key=f"XXX{i:010}", product=osago, client=c, agent=agent, branch=branch,
                start_date=today - timedelta(days=360), end_date=today + timedelta(days=5), premium=9000,
                created_at=now, updated_at=now,
            )
            for i, c in enumerate(people)
        )  # fmt: skip


def tell() -> dict[str, object]:
    """Counts of terms, touches and messages, and how far the last change is."""
    return {
        "terms": Renewal.objects.count(),
        "touches": dict(Counter(Touch.objects.values_list("state", flat=True))),
        "messages": dict(Counter(Message.objects.filter(direction="out").values_list("state", flat=True))),
        "faults": dict(
            Counter(
                f"{state} {fault} {detail}"
                for state, fault, detail in Message.objects.exclude(fault="").values_list(
                    "state", "fault", "detail"
                )
            )
        ),
        "at": datetime.now(tz=timezone.get_current_timezone()).isoformat(),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["make", "plan", "tell"])
    parser.add_argument("--clients", type=int, default=300)
    options = parser.parse_args()
    if options.verb == "make":
        make(options.clients)
    elif options.verb == "plan":
        now = timezone.now()
        plan_day(day=timezone.localdate(now), now=now)
    else:
        json.dump(tell(), sys.stdout)
