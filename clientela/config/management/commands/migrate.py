"""``manage.py migrate``: an empty base gets its tables from the models at once, any other by its migrations.

Django draws every model again for each step, so a hundred steps take half a minute where the result takes two
seconds. ``tests/architecture/test_schema`` holds both ways to the same schema; ``--step-by-step`` takes the long one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--step-by-step", action="store_true", help="run every migration on an empty base"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = [options[name] for name in ("app_label", "check_unapplied", "plan", "prune", "step_by_step")]
        connection = connections[options["database"]]
        if any(asked) or connection.introspection.table_names():
            super().handle(*args, **options)
            return
        with _models_alone():
            super().handle(*args, **options | {"run_syncdb": True})
        call_command("createcachetable", database=connection.alias, verbosity=0)
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        recorder.migration_qs.bulk_create(
            recorder.Migration(app=app, name=name) for app, name in MigrationLoader(connection).graph.nodes
        )


@contextmanager
def _models_alone() -> Iterator[None]:
    """No app has migrations while this holds."""
    known = settings.MIGRATION_MODULES
    settings.MIGRATION_MODULES = dict.fromkeys(config.label for config in apps.get_app_configs())
    try:
        yield
    finally:
        settings.MIGRATION_MODULES = known
