"""``manage.py load_demo``: fill an empty base with the demo company."""

import time
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clientela.demo.load import load, make_company
from clientela.demo.signins import lines
from clientela.foundation.dates import local_today
from clientela.modules.clients.models import Client


class Command(BaseCommand):
    help = "Load the demo company «Причал Страхование» into an empty base."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clients", type=int, default=50_000)
        parser.add_argument("--agents", type=int, default=300)
        parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same company")
        parser.add_argument(
            "--today", type=date.fromisoformat, default=None, help="YYYY-MM-DD; the real day if left out"
        )
        parser.add_argument("--force", action="store_true", help="even if the base has clients")

    def handle(self, *args: Any, **options: Any) -> None:
        if Client.objects.exists() and not options["force"]:
            raise CommandError("The base has clients already. Use an empty one, or --force.")
        today = options["today"] or local_today(settings.TIME_ZONE, timezone.now())
        began = time.perf_counter()
        company = make_company(
            clients=options["clients"], seed=options["seed"], today=today, agents=options["agents"]
        )
        made = time.perf_counter() - began
        load(company, self.stdout.write if options["verbosity"] > 1 else (lambda line: None))
        self.stdout.write(
            f"{len(company.people):,} clients, {len(company.portfolio.terms):,} policies "
            f"as of {today:%d.%m.%Y}: made in {made:.1f} s, in the base after {time.perf_counter() - began:.1f} s"
        )
        self.stdout.write("\n".join(lines()))
