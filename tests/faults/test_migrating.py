"""kill -9 in the middle of a migration that makes an index beside the work: the next one finishes it; nobody waited."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.faults.conftest import bare_environment, create_database
from tests.faults.nursery import ROOT

ROWS, KILLS = 600_000, 3
pytestmark = [pytest.mark.fault, pytest.mark.server]

SETTINGS = """
from clientela.config.settings import *
INSTALLED_APPS = ["later"]
"""
COMMAND = "from clientela.config.management.commands.migrate import Command as Command\n"
MODELS = """
from django.db import models
class Row(models.Model):
    text = models.CharField(max_length=64)
    class Meta:
        indexes = [models.Index(fields=["text"], name="later_text")]
        constraints = [models.UniqueConstraint(fields=["text", "id"], name="later_once")]
"""
FIRST = """
from django.db import migrations, models
class Migration(migrations.Migration):
    operations = [migrations.CreateModel("Row", [
        ("id", models.BigAutoField(primary_key=True)), ("text", models.CharField(max_length=64))])]
"""
SECOND = """
from django.db import migrations, models
from clientela.foundation.online import AddIndexOnline, AddUniqueOnline
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("later", "0001_row")]
    operations = [
        AddIndexOnline("row", models.Index(fields=["text"], name="later_text")),
        AddUniqueOnline("row", models.UniqueConstraint(fields=["text", "id"], name="later_once")),
    ]
"""
WORKING = "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()"
INDEXES = "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname LIKE 'later_%' AND NOT indisprimary ORDER BY 1"  # fmt: skip


@pytest.fixture
def later(tmp_path: Path) -> dict[str, str]:
    """An installation of one app with a large table, whose second migration has not run yet."""
    for name, text in {
        "later_settings.py": SETTINGS, "later/__init__.py": "", "later/models.py": MODELS,
        "later/migrations/__init__.py": "", "later/migrations/0001_row.py": FIRST,
        "later/migrations/0002_indexes.py": SECOND, "later/management/__init__.py": "",
        "later/management/commands/__init__.py": "", "later/management/commands/migrate.py": COMMAND,
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    values = bare_environment(tmp_path) | {
        "CLIENTELA_DATABASE_URL": create_database(f"fault_later_{os.getpid()}_{random.randrange(10**6)}"),
        "DJANGO_SETTINGS_MODULE": "later_settings", "PYTHONPATH": str(tmp_path), "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    subprocess.run([*MIGRATE, "later", "0001"], cwd=ROOT, env=values, check=True)
    with psycopg.connect(values["CLIENTELA_DATABASE_URL"]) as base:
        base.execute("INSERT INTO later_row (text) SELECT md5(n::text) FROM generate_series(1, %s) n", [ROWS])
    return values


MIGRATE = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]


def test_a_killed_migration_is_finished_by_the_next(later: dict[str, str]) -> None:
    with psycopg.connect(later["CLIENTELA_DATABASE_URL"], autocommit=True) as base:
        hits = 0
        for _ in range(KILLS):
            process = subprocess.Popen(MIGRATE, cwd=ROOT, env=later)
            deadline = time.monotonic() + 60
            while process.poll() is None and not base.execute(WORKING).fetchone()[0]:
                assert time.monotonic() < deadline
                time.sleep(0.002)
            if process.poll() is None:
                # Work goes on beside it: nobody waits for the table.
                base.execute("SET lock_timeout = '1s'; INSERT INTO later_row (text) VALUES ('meanwhile')")
                process.send_signal(signal.SIGKILL)
                hits += 1
            process.wait()
            while base.execute(WORKING).fetchone()[0]:  # the server ends what nobody waits for any more
                time.sleep(0.02)
        assert hits > 0
        subprocess.run(MIGRATE, cwd=ROOT, env=later, check=True)
        assert base.execute(INDEXES).fetchall() == [("later_once", True), ("later_text", True)]
        assert base.execute("SELECT contype FROM pg_constraint WHERE conname = 'later_once'").fetchall() == [
            ("u",)
        ]
        assert base.execute("SELECT count(*) FROM later_row").fetchone() == (ROWS + hits,)
    subprocess.run(MIGRATE, cwd=ROOT, env=later, check=True)


def test_a_migration_steps_back_from_a_lock_that_somebody_holds(later: dict[str, str]) -> None:
    """Who waits for a lock makes all behind wait: it gives up after seconds, and goes on when the lock is free."""
    with psycopg.connect(later["CLIENTELA_DATABASE_URL"]) as holder:
        holder.execute("LOCK TABLE later_row IN SHARE UPDATE EXCLUSIVE MODE")
        with subprocess.Popen(MIGRATE, cwd=ROOT, env=later, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert "trying again" in process.stderr.readline()
            assert process.poll() is None
            holder.rollback()
            assert process.wait(120) == 0
