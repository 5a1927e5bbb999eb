"""Whether this process can serve: names of what fails, never texts of errors, which name servers and people."""

import shutil
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

_migrated: set[str] = set()


def problems() -> dict[str, str]:
    """What must work for a page to be served, as part → word of what is wrong; empty when all is well."""
    found: dict[str, str] = {}
    for part, look in PARTS.items():
        try:
            wrong = look()
        except Exception as error:  # whatever it is, the process cannot serve
            wrong = type(error).__name__
        if wrong:
            found[part] = wrong
            if part == "database":  # the others would wait for it, too
                break
    return found


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return ""


def _cache() -> str:
    cache.set("health", 1, 5)
    return "" if cache.get("health") == 1 else "lost"


def _migrations() -> str:
    """Once all are applied they stay so: the code of a process does not change, and the graph takes long to load."""
    name = str(connection.settings_dict["NAME"])
    if name in _migrated:
        return ""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "behind"
    _migrated.add(name)
    return ""


def _disk() -> str:
    free = shutil.disk_usage(settings.VAR).free
    return "full" if free < settings.DISK_FLOOR else ""


PARTS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _cache,
    "disk": _disk,
}
