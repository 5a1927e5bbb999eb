"""``manage.py migrate``: an empty base gets its tables from the models at once, any other by its migrations.

Django draws every model again for each step, so a hundred steps take half a minute where the result takes two
seconds. ``tests/architecture/test_schema`` holds both ways to the same schema; ``--step-by-step`` takes the long one.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg.errors import LockNotAvailable

LOCK_TIMEOUT, TRIES, PAUSE = "3s", 40, 2.0


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
            self._beside_work(connection, *args, **options)
            return
        with _models_alone():
            super().handle(*args, **options | {"run_syncdb": True})
        call_command("createcachetable", database=connection.alias, verbosity=0)
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        recorder.migration_qs.bulk_create(
            recorder.Migration(app=app, name=name) for app, name in MigrationLoader(connection).graph.nodes
        )

    def _beside_work(self, connection: Any, *args: Any, **options: Any) -> None:
        """A step that would have to wait for a lock would make everybody behind it wait too: it steps back and tries again."""
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
        for left in reversed(range(TRIES)):
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable) or not left:
                    raise
                self.stderr.write("Somebody holds what is to be changed; trying again in a moment.")
                time.sleep(PAUSE)


@contextmanager
def _models_alone() -> Iterator[None]:
    """No app has migrations while this holds."""
    known = settings.MIGRATION_MODULES
    settings.MIGRATION_MODULES = dict.fromkeys(config.label for config in apps.get_app_configs())
    try:
        yield
    finally:
        settings.MIGRATION_MODULES = known
