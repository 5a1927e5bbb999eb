"""Changes of the schema that people may work through: on PostgreSQL no statement here makes anybody wait for a table.

The migration that uses them is not atomic. Each may be cut anywhere and run again: what a killed one left is done anew.
On SQLite, where one process writes at a time anyway, they are Django's own operations in a transaction.
"""

from typing import Any

from django.db import transaction
from django.db.migrations import operations
from django.db.models import UniqueConstraint


class _Online:
    """What runs on SQLite in a transaction, and on PostgreSQL statement by statement outside any."""

    atomic = False

    def database_forwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        model = after.apps.get_model(app_label, self.model_name)  # type: ignore[attr-defined]
        if not self.allow_migrate_model(editor.connection.alias, model):  # type: ignore[attr-defined]
            return
        if editor.connection.vendor == "postgresql":
            self.online(model, editor)
            return
        with transaction.atomic(using=editor.connection.alias):
            super().database_forwards(app_label, editor, before, after)  # type: ignore[misc]

    def online(self, model: Any, editor: Any) -> None:
        raise NotImplementedError


class AddIndexOnline(_Online, operations.AddIndex):
    """``CREATE INDEX CONCURRENTLY``."""

    def online(self, model: Any, editor: Any) -> None:
        if not _stands(self.index.name, editor):
            editor.execute(self.index.create_sql(model, editor, concurrently=True), params=None)


class RemoveIndexOnline(operations.RemoveIndex):
    """``DROP INDEX CONCURRENTLY``."""

    atomic = False

    def database_forwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        if editor.connection.vendor == "postgresql":
            _drop(self.name, editor)
        else:
            super().database_forwards(app_label, editor, before, after)


class RemoveUniqueOnline(_Online, operations.RemoveConstraint):
    """``DROP INDEX CONCURRENTLY`` of a unique constraint with a condition, which is but an index."""

    def online(self, model: Any, editor: Any) -> None:
        _drop(self.name, editor)


class AddUniqueOnline(_Online, operations.AddConstraint):
    """A unique index made beside the work; a plain constraint then takes it over, which is a matter of the catalogue."""

    def online(self, model: Any, editor: Any) -> None:
        constraint = self.constraint
        assert isinstance(constraint, UniqueConstraint)
        quote, name = editor.quote_name, constraint.name
        if _is_constraint(name, editor):
            return
        if not _stands(name, editor):
            made = str(constraint.create_sql(model, editor))
            if made.startswith("ALTER TABLE"):
                columns = [quote(model._meta.get_field(field).column) for field in constraint.fields]
                made = f"CREATE UNIQUE INDEX {quote(name)} ON {quote(model._meta.db_table)} ({', '.join(columns)})"
            editor.execute(made.replace("UNIQUE INDEX", "UNIQUE INDEX CONCURRENTLY", 1), params=None)
        if str(constraint.create_sql(model, editor)).startswith("ALTER TABLE"):
            table = quote(model._meta.db_table)
            editor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {quote(name)} UNIQUE USING INDEX {quote(name)}"
            )


def _stands(name: str, editor: Any) -> bool:
    """Whether the index is there and whole; one that was cut short is dropped."""
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [editor.quote_name(name)]
        )
        found = cursor.fetchone()
    if found and not found[0]:
        _drop(name, editor)
    return bool(found and found[0])


def _drop(name: str, editor: Any) -> None:
    editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {editor.quote_name(name)}")


def _is_constraint(name: str, editor: Any) -> bool:
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s", [name])
        return cursor.fetchone() is not None
