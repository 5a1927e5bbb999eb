"""One archive of everything an installation keeps, and bringing it back.

A zip of ``manifest.json``, the database (``database.sqlite3`` or ``database.dump``) and the uploaded files under
``files/``. The database is copied while people work: by SQLite's online backup, by ``pg_dump`` for PostgreSQL. The
secret key is not in it; its fingerprint is, since second steps and webhook secrets are encrypted with the key.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from clientela.foundation.audit.operations import Verdict, verify
from clientela.modules.accounts.models import User

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files/"
PIECE = 1024 * 1024


class CannotRestore(Exception):
    """The archive is damaged or does not fit, or there is something here that it would overwrite."""


@dataclass(frozen=True)
class Restored:
    """What came back: the manifest, and the verdict on the journal."""

    manifest: dict[str, Any]
    journal: Verdict


def make(target: Path, *, now: datetime) -> dict[str, Any]:
    """Write the archive ``target`` (readable by its owner only) and return its manifest.

    It appears under its name when it is whole. Raises CalledProcessError when pg_dump fails.
    """
    part = target.with_name(target.name + ".part")
    parts: dict[str, dict[str, Any]] = {}
    with _folder() as work, open(part, "wb", opener=_private) as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            database = work / _database_name()
            _dump(database)
            parts[database.name] = _add(archive, database, database.name)
            for file in _uploaded():
                name = FILES + file.relative_to(settings.MEDIA_ROOT).as_posix()
                try:
                    parts[name] = _add(archive, file, name)
                except FileNotFoundError:
                    continue  # removed meanwhile
            manifest = {
                "format": FORMAT,
                "made_at": now.isoformat(),
                "database": connection.vendor,
                "key": _fingerprint(),
                "migrations": sorted(_applied()),
                "parts": parts,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        out.flush()
        os.fsync(out.fileno())
    part.replace(target)
    note = {"at": now.isoformat(), "size": target.stat().st_size}
    settings.BACKUP_NOTE.write_text(json.dumps(note))
    return manifest


def restore(source: Path, *, replace: bool) -> Restored:
    """Bring the archive back, up to date with this version. Everything of it is checked before anything changes.

    Raises CannotRestore; without ``replace`` also when there are people or files here already.
    """
    if not replace and not _is_empty():
        raise CannotRestore("There are people or files here already. --replace overwrites them.")
    with _folder() as work:
        manifest = _unpack(source, work)
        connection.close()
        _load(work / _database_name())
        _swap_files(work / "files")
    call_command("migrate", verbosity=0)
    return Restored(manifest, verify())


def key_fits(manifest: dict[str, Any]) -> bool:
    """Whether this installation has the key that the archive's secrets are encrypted with."""
    return bool(manifest["key"] == _fingerprint())


@contextmanager
def _folder() -> Iterator[Path]:
    """A private folder beside the data, on the same disk."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.VAR) as name:
        yield Path(name)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _fingerprint() -> str:
    return hashlib.sha256(b"backup:" + settings.SECRET_KEY.encode()).hexdigest()[:16]


def _applied() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations}


def _uploaded() -> Iterator[Path]:
    root = Path(settings.MEDIA_ROOT)
    return (path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink())


def _is_empty() -> bool:
    if next(_uploaded(), None) is not None:
        return False
    return User._meta.db_table not in connection.introspection.table_names() or not User.objects.exists()


def _add(archive: zipfile.ZipFile, file: Path, name: str) -> dict[str, Any]:
    """Copy a file in and tell its size and digest as copied."""
    with file.open("rb") as source, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as out:
        return _copy(source, out)


def _copy(source: Any, out: Any) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
        out.write(piece)
    return {"size": size, "sha256": digest.hexdigest()}


def _unpack(source: Path, work: Path) -> dict[str, Any]:
    """Check manifest and every part, and lay them out in ``work``."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
            _check(manifest, archive)
            (work / "files").mkdir()
            for name, told in manifest["parts"].items():
                place = work / name
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as packed, place.open("wb") as out:
                    if _copy(packed, out) != told:
                        raise CannotRestore(f"{name} is damaged.")
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise CannotRestore(f"This is not a whole backup: {error}") from error
    return manifest


def _check(manifest: dict[str, Any], archive: zipfile.ZipFile) -> None:
    if manifest["format"] != FORMAT:
        raise CannotRestore("A newer version of the product made this backup.")
    if manifest["database"] != connection.vendor:
        raise CannotRestore(f"The backup is of {manifest['database']}, this is {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    ours = {name.partition(".")[0] for name in known}
    unknown = [one for one in manifest["migrations"] if one not in known and one.partition(".")[0] in ours]
    if unknown:
        raise CannotRestore(f"A newer version of the product made this backup: {', '.join(unknown[:3])}.")
    names = set(manifest["parts"])
    if names | {MANIFEST} != set(archive.namelist()) or _database_name() not in names:
        raise CannotRestore("The archive does not hold what its manifest says.")
    for name in names - {_database_name()}:
        path = PurePosixPath(name)
        if not name.startswith(FILES) or path.is_absolute() or ".." in path.parts or "\\" in name:
            raise CannotRestore(f"A file would lie outside: {name}")


def _swap_files(fresh: Path) -> None:
    root = Path(settings.MEDIA_ROOT)
    old = root.with_name(root.name + ".replaced")
    shutil.rmtree(old, ignore_errors=True)
    if root.exists():
        root.rename(old)
    root.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(fresh, root)
    shutil.rmtree(old, ignore_errors=True)


def _database_name() -> str:
    return "database.dump" if connection.vendor == "postgresql" else "database.sqlite3"


def _dump(target: Path) -> None:
    if connection.vendor == "postgresql":
        _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    else:
        _copy_sqlite(str(connection.settings_dict["NAME"]), str(target))


def _load(source: Path) -> None:
    if connection.vendor == "postgresql":
        how = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction")
        name = f"--dbname={connection.settings_dict['NAME']}"
        _postgres("pg_restore", *how, name, str(source))
    else:
        _copy_sqlite(str(source), str(connection.settings_dict["NAME"]))


def _copy_sqlite(source: str, target: str) -> None:
    """SQLite's online backup: a whole copy of one moment, whoever reads or writes meanwhile."""
    with (
        closing(sqlite3.connect(source, timeout=30)) as old,
        closing(sqlite3.connect(target, timeout=30)) as new,
    ):
        old.backup(new)
        if new.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise CannotRestore("The copy of the database is damaged.")


def _postgres(program: str, *arguments: str) -> None:
    given = connection.settings_dict
    names = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    values = {name: str(given[key]) for name, key in names.items() if given.get(key)}
    subprocess.run([program, *arguments], check=True, env=os.environ | values)  # noqa: S603
