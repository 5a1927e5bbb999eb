"""``manage.py prepare``: bring database, static files and (with --demo) the demo company up to date."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from clientela.foundation.dates import local_today
from clientela.foundation.imports.operations import ship_mappings
from clientela.modules.calls.operations.sounds import load_shipped as load_sounds
from clientela.modules.clients.models import Client
from clientela.modules.commission.operations import load_shipped as load_rates
from clientela.modules.contacts.operations.asking import gather
from clientela.modules.dialler.operations.lists import load_shipped as load_lists
from clientela.modules.documents.operations import load_shipped as load_papers
from clientela.modules.group.operations.setting import load_shipped as load_group
from clientela.modules.quality.operations import load_shipped as load_surveys
from clientela.modules.rating.operations.shipped import load_shipped as load_tariffs
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.modules.robot.operations.shipped import load_shipped as load_dialogues
from clientela.modules.sales.operations.funnels import load_shipped as load_funnels
from clientela.workspace.clients.adoption import load_shipped as load_views


class Command(BaseCommand):
    help = "Bring database, static files and the demo company up to date. Quick when nothing changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo company into an empty base")
        parser.add_argument("--clients", type=int, default=50_000, help="clients of the demo company")

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Creating the database …")
            call_command("migrate", verbosity=0)
            gather(now=timezone.now())
        self._static()
        ship_mappings()
        now = timezone.now()
        load_surveys(now=now)
        load_papers(now=now)
        load_lists(now=now)
        load_sounds(now=now)
        load_funnels(now=now)
        load_group(now=now)
        load_views()
        load_tariffs(now=now)
        if not options["demo"]:
            load_shipped(now=now, active_from=local_today(settings.TIME_ZONE, now))
            load_dialogues(now=now, active_from=local_today(settings.TIME_ZONE, now))
            load_rates(now=now, active_from=local_today(settings.TIME_ZONE, now))
            return
        if not Client.objects.exists():
            self.stdout.write("Loading the demo company …")
            call_command("load_demo", clients=options["clients"])
        else:
            call_command("demo_signins")

    def _static(self) -> None:
        bundle = settings.ROOT / "clientela/foundation/ui/static/ui/app.js"
        if not bundle.exists():
            raise CommandError("The bundle is not built. Run `make run`, which builds it.")
        manifest = settings.STATIC_ROOT / "staticfiles.json"
        if not manifest.exists() or manifest.stat().st_mtime < bundle.stat().st_mtime:
            self.stdout.write("Collecting static files …")
            call_command("collectstatic", interactive=False, verbosity=0, clear=True)
