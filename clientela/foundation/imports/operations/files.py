"""Taking a file in: keep it, read it, guess its columns."""

import hashlib
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.imports.guess import Guess, guess
from clientela.foundation.imports.models import ImportRun, Mapping
from clientela.foundation.imports.operations.doors import ensure
from clientela.foundation.imports.queries import best_mapping
from clientela.foundation.imports.reading import Layout, UnreadableFile, prepare, read_rows
from clientela.foundation.imports.targets import get_target

GUESS_ROWS = 20_000


def start_run(
    *,
    actor: Any,
    now: datetime,
    target: str,
    file: File,
    file_name: str,
    wish: dict[str, Any] | None = None,
    mapping: Mapping | None = None,
) -> ImportRun:
    """Keep a file and propose a mapping: ``mapping`` if given, a saved one whose headings match, or a guess.

    Raises ``UnreadableFile``, ``EmptyFile`` or ``UnknownTarget``; nothing is kept then.
    """
    ensure(actor)
    get_target(target)
    digest, size = hashlib.sha256(), 0
    for block in file.chunks():
        digest.update(block)
        size += len(block)
    file.seek(0)
    run = ImportRun.objects.create(
        target=target, source="", file_name=Path(file_name).name[:255], file_sha256=digest.hexdigest(),
        file_size=size, created_by=actor, created_at=now,
    )  # fmt: skip
    remove_files(run)
    try:
        suffix = "".join(Path(run.file_name).suffixes[-2:])[:20]
        run.file.save(f"{run.pk}/source{suffix}", file, save=True)
        _read(
            run,
            now=now,
            wish=(wish or (mapping.definition.get("file") if mapping else None)),
            mapping=mapping,
        )
    except UnreadableFile:
        remove_files(run)
        run.delete()
        raise
    record(actor=actor, now=now, action="import.started", obj=run)
    return run


def set_layout(*, actor: Any, now: datetime, run: ImportRun, wish: dict[str, Any]) -> ImportRun:
    """Read the file another way: another sheet, encoding, separator or row of headings. The mapping is guessed anew."""
    ensure(actor)
    if run.state not in {ImportRun.State.MAPPING, ImportRun.State.CHECKED}:
        raise ValueError("the file is already in use")
    _read(run, now=now, wish=wish, mapping=None)
    return run


def _read(run: ImportRun, *, now: datetime, wish: dict[str, Any] | None, mapping: Mapping | None) -> None:
    layout = prepare(Path(run.file.path), run.prepared, name=run.file_name, wish=wish)
    target = get_target(run.target)
    sample = read_rows(run.prepared, 0, GUESS_ROWS)
    guesses = guess(sample, target, today=local_today(settings.TIME_ZONE, now))
    known = mapping or best_mapping(run.target, layout.columns)
    proposal = known.definition if known else definition_of(guesses)
    with transaction.atomic():
        run.options, run.rows = layout.as_options(), layout.rows
        run.mapping = {
            "code": known.code if known else "",
            "definition": proposal,
            "guesses": [made.as_dict() for made in guesses],
        }
        run.source = run.source or (known.source if known else _source_of(run.file_name))
        run.answers = run.answers or dict(known.definition.get("answers", {}) if known else {})
        run.state, run.check_result, run.counts = ImportRun.State.MAPPING, {}, {}
        run.save()


def definition_of(guesses: list[Guess]) -> dict[str, Any]:
    """The mapping that takes every guess as it is."""
    fields: dict[str, Any] = {}
    for made in guesses:
        if made.field:
            fields[made.field] = {"from": made.column} | (
                {"dates": made.dates} if made.dates == "mdy" else {}
            )
    return {"fields": fields}


def _source_of(file_name: str) -> str:
    """A name for the system the file comes from: the file's own, without digits and months of this delivery."""
    stem = Path(file_name).name.split(".")[0]
    words = [
        word for word in stem.replace("-", "_").split("_") if word and not any(c.isdigit() for c in word)
    ]
    return ("_".join(words) or stem)[:60].lower()


def remove_files(run: ImportRun) -> None:
    """Remove everything kept on disk of a run."""
    shutil.rmtree(run.folder, ignore_errors=True)


def layout_of(run: ImportRun) -> Layout:
    """How the file was read."""
    options = dict(run.options)
    for name in ("columns", "sheets"):
        options[name] = tuple(options.get(name, ()))
    return Layout(**options)
