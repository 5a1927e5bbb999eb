"""An empty base made from the models at once is the base that all migrations make."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.servers.postgres import start_postgres

ROOT = Path(__file__).resolve().parents[2]
# Its key has another width in Django's own migrations than in its models; nothing of ours is in it.
DJANGOS = "auth_group_permissions"


def migrate(folder: Path, *words: str, database: str = "") -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "clientela.config.settings"}
    environment["CLIENTELA_VAR"] = str(folder)
    environment.pop("CLIENTELA_DATABASE_URL", None)
    if database:
        environment["CLIENTELA_DATABASE_URL"] = database
    folder.mkdir()
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks", *words],
        cwd=ROOT,
        env=environment,
        check=True,
    )


def of_sqlite(folder: Path, *words: str) -> tuple[list[str], list[object]]:
    migrate(folder, *words)
    with closing(sqlite3.connect(folder / "clientela.sqlite3")) as base:
        statements = base.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        return sorted(in_no_order(sql) for (sql,) in statements), applied(base.execute)


def of_postgres(folder: Path, *words: str) -> tuple[list[str], list[object]]:
    server = start_postgres()
    name = f"schema_{os.getpid()}_{len(words)}"
    with psycopg.connect(server, autocommit=True) as base:
        base.execute(f"CREATE DATABASE {name}")
    address = server.rsplit("/", 1)[0] + f"/{name}"
    migrate(folder, *words, database=address)
    with psycopg.connect(address) as base:
        found = [line for query in CATALOGUE for (line,) in base.execute(query)]
        return sorted(line for line in found if DJANGOS not in line), applied(base.execute)


CATALOGUE = (
    """SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, numeric_precision,
         numeric_scale, collation_name, is_nullable, column_default, is_identity)
       FROM information_schema.columns WHERE table_schema = 'public'""",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), condeferrable, condeferred)
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
)


def applied(execute: Callable[[str], object]) -> list[object]:
    return sorted(execute("SELECT app, name FROM django_migrations"))  # type: ignore[call-overload,no-any-return]


def in_no_order(sql: str) -> str:
    """A CREATE TABLE with its columns and constraints sorted: those added later stand last."""
    head, found, body = sql.partition("(")
    if not found or not head.startswith("CREATE TABLE"):
        return sql
    parts, depth = [""], 0
    for sign in body.rpartition(")")[0]:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return head + "; ".join(sorted(re.sub(r"\s+", " ", part).strip() for part in parts))


@pytest.mark.server
@pytest.mark.parametrize("made", [of_sqlite, of_postgres], ids=["sqlite", "postgres"])
def test_both_ways_to_an_empty_base_end_alike(
    made: Callable[..., tuple[list[str], list[object]]], tmp_path: Path
) -> None:
    at_once = made(tmp_path / "once")
    step_by_step = made(tmp_path / "steps", "--step-by-step")
    assert at_once[1] == step_by_step[1]
    assert set(at_once[0]) ^ set(step_by_step[0]) == set()
    assert at_once[0] == step_by_step[0]
