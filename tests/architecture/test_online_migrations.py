"""New migrations run while people work: squawk reads the SQL that each of them means on PostgreSQL.

Those in ``migrations_before.txt`` were there before anybody worked with the product. One that is refused here is written with
``foundation/online.py``, or in two steps of which the first release needs only the one.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.servers.postgres import start_postgres

HERE, ROOT = Path(__file__).parent, Path(__file__).resolve().parents[2]
SQUAWK = Path(sys.executable).with_name("squawk")
# How types are chosen is the models' affair; a killed migration is made whole by Django's transaction or ``online``;
# the timeout for locks is set by ``manage.py migrate`` itself.
NOT_ABOUT_LOCKS = (
    "prefer-robust-stmts", "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity",
    "prefer-text-field", "prefer-timestamptz", "ban-char-field", "require-timeout-settings", "transaction-nesting",
)  # fmt: skip
# A column that is new and empty refers to nothing yet: PostgreSQL looks at no row of either table.
_NEW_REFERENCE = re.compile(r"^(ALTER TABLE .* ADD COLUMN .* NULL CONSTRAINT .* REFERENCES )", re.M)
# A text of limited length becomes a text: PostgreSQL writes no row and looks at none. Of a document that is not so, which is why
# these are named.
_RELABELLED = re.compile(r'^(ALTER TABLE .* ALTER COLUMN .* TYPE text USING "\w+"::text;)$', re.M)
# A document is unique by its index now, which the migration after next asks for.
_UNIQUE_ANEW = re.compile(r'^(ALTER TABLE .* DROP CONSTRAINT "clients_document_once";)$', re.M)
RELABEL = {
    "clients-0013_sealed_numbers", "bonus_malus-0002_sealed_licences", "imports-0004_sealed_rows",
    "documents-0006_sealed_papers",
}  # fmt: skip
_WRITE = """
import os, pathlib, sys
import django
django.setup()
from django.db import connection
from django.db.migrations.loader import MigrationLoader
loader, before = MigrationLoader(connection), set(pathlib.Path(sys.argv[1]).read_text().splitlines())
for app, name in sorted(loader.disk_migrations):
    migration = loader.disk_migrations[app, name]
    if migration.__module__.startswith("clientela.") and f"{app} {name}" not in before:
        statements = loader.collect_sql([(migration, False)])
        if migration.atomic:
            statements = ["BEGIN;", *statements, "COMMIT;"]
        pathlib.Path(sys.argv[2], f"{app}-{name}.sql").write_text("\\n".join(statements) + "\\n")
"""


def complaints(folder: Path) -> str:
    """What squawk says of the files of a folder; empty when it has nothing to say."""
    for file in folder.glob("*.sql"):
        waived = r"-- squawk-ignore adding-foreign-key-constraint\n\1"
        text = _NEW_REFERENCE.sub(waived, file.read_text())
        if file.stem in RELABEL:
            text = _UNIQUE_ANEW.sub(r"-- squawk-ignore ban-drop-constraint\n\1", text)
            text = _RELABELLED.sub(r"-- squawk-ignore changing-column-type\n\1", text)
        file.write_text(text)
    files = [str(file) for file in sorted(folder.glob("*.sql"))]
    if not files:
        return ""
    words = [
        str(SQUAWK),
        "--pg-version=13",
        "--reporter=gcc",
        f"--exclude={','.join(NOT_ABOUT_LOCKS)}",
        *files,
    ]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout if done.returncode else ""


@pytest.mark.server
def test_nobody_waits_for_a_new_migration(tmp_path: Path) -> None:
    server, name = start_postgres(), f"online_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as base:
        base.execute(f"CREATE DATABASE {name}")
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "clientela.config.settings",
        "CLIENTELA_DATABASE_URL": server.rsplit("/", 1)[0] + f"/{name}",
    }  # fmt: skip
    words = [sys.executable, "-c", _WRITE, str(HERE / "migrations_before.txt"), str(tmp_path)]
    subprocess.run(words, cwd=ROOT, env=environment, check=True)
    assert complaints(tmp_path) == ""


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("CREATE INDEX i ON clients_client (name_key);", "require-concurrent-index-creation"),
        ("ALTER TABLE clients_client ADD CONSTRAINT u UNIQUE (name_key);", "disallowed-unique-constraint"),
        ("ALTER TABLE clients_client ALTER COLUMN kind TYPE integer;", "changing-column-type"),
        ("ALTER TABLE clients_client ALTER COLUMN kind SET NOT NULL;", "adding-not-nullable-field"),
        ("ALTER TABLE clients_client RENAME COLUMN kind TO sort;", "renaming-column"),
        ("ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES c (id);", "adding-foreign-key-constraint"),
    ],
)  # fmt: skip
def test_what_would_lock_is_seen(statement: str, rule: str, tmp_path: Path) -> None:
    (tmp_path / "one.sql").write_text(f"BEGIN;\n{statement}\nCOMMIT;\n")
    assert rule in complaints(tmp_path)


def test_what_makes_nobody_wait_may_pass(tmp_path: Path) -> None:
    (tmp_path / "one.sql").write_text(
        "BEGIN;\n"
        'CREATE TABLE "new" ("id" bigint NOT NULL PRIMARY KEY, "name" varchar(20) NOT NULL);\n'
        'CREATE INDEX "new_name" ON "new" ("name");\n'
        'ALTER TABLE "clients_client" ADD COLUMN "mark" varchar(5) DEFAULT \'\' NOT NULL;\n'
        'ALTER TABLE "clients_client" ADD COLUMN "of_id" bigint NULL CONSTRAINT "fk" REFERENCES "new"("id");\n'
        "COMMIT;\n"
    )
    (tmp_path / "two.sql").write_text('CREATE INDEX CONCURRENTLY "i" ON "clients_client" ("mark");\n')
    assert complaints(tmp_path) == ""
