"""Renewal prices: what expires in sixty days is priced from current tariffs in one job.

    python -m benchmarks.renewal_prices [--terms 50000]

Works on the database of ``CLIENTELA_DATABASE_URL`` (the demo company's, or a copy of it): OSAGO terms with a driver are
made until there are enough, the job prices them, and everything it made is taken back. Prints seconds and rows a second.
"""

import argparse
import os
import time
from datetime import date, timedelta
from decimal import Decimal

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")
    django.setup()
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--terms", type=int, default=50_000)
    _measure(arguments.parse_args().terms)


def _measure(terms: int) -> None:
    from django.db import transaction
    from django.utils import timezone

    from clientela.foundation.dates import add_years
    from clientela.foundation.jobs.models import Job
    from clientela.foundation.jobs.operations import Run
    from clientela.modules.bonus_malus.models import Lookup
    from clientela.modules.clients.models import Client
    from clientela.modules.contracts.models import InsuredObject, Participant, Policy, Project
    from clientela.modules.products.models import Product
    from clientela.modules.quotes.operations.renewal_prices import run_prices
    from clientela.modules.rating.operations.shipped import load_shipped

    now = timezone.now()
    load_shipped(now=now)
    product = Product.objects.get(code="osago")
    client = Client.objects.filter(city="Казань", kind="person", birth_date__isnull=False).order_by("pk")[0]
    end = date(2031, 6, 1)

    class Undo(Exception):
        """Takes everything back."""

    try:
        with transaction.atomic():
            thing = InsuredObject.objects.create(client=client, kind="vehicle", title="x", power=Decimal(123))
            made = Policy.objects.bulk_create(
                (
                    Policy(
                        number=f"B{place}", number_key=f"B{place}", product=product, client=client, agent_id=client.agent_id,
                        branch_id=client.branch_id, insured_object=thing, renewal_year=1, start_date=add_years(end, -1),
                        end_date=end + timedelta(days=place % 30), premium=Decimal(9000), created_at=now, updated_at=now,
                    )
                    for place in range(terms)
                ),
                batch_size=2000,
            )  # fmt: skip
            since = date(2012, 1, 1)
            Participant.objects.bulk_create(
                (
                    Participant(policy=one, role="driver", name=client.name, birth_date=client.birth_date,
                                experience_since=since)
                    for one in made
                ),
                batch_size=2000,
            )  # fmt: skip
            Lookup.objects.create(
                driver_key="benchmark", on=end, last_name=client.last_name, first_name=client.first_name,
                middle_name=client.middle_name, birth_date=client.birth_date, state="known", klass="10", created_at=now,
            )  # fmt: skip
            args = {"since": end.isoformat(), "until": (end + timedelta(days=30)).isoformat()}
            job = Job.objects.create(
                kind="quotes.prices",
                title="x",
                args=args,
                state="running",
                claimed_by="bench",
                created_at=now,
                not_before=now,
            )
            began = time.perf_counter()
            parts = run_prices(Run(job, worker="bench", lease=timedelta(minutes=5)), now=now)
            took = time.perf_counter() - began
            shown = Project.objects.filter(policy=made[0]).get()
            print(
                f"{terms} terms in {took:.1f} s, {terms / took:.0f} rows/s; {dict(parts)}; premium {shown.premium}"
            )
            raise Undo
    except Undo:
        pass


if __name__ == "__main__":
    main()
