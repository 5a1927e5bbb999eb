"""Values that an import leaves beside its rows: the file, what a rehearsal showed, refused rows."""

import shutil
from datetime import datetime

from django.db import transaction

from clientela.foundation.imports.models import ImportRun, RowError

TARGET = "group"
State = ImportRun.State
OVER = (State.DONE, State.FAILED, State.UNDONE)
OPEN = (State.MAPPING, State.CHECKED)
# What of a rehearsal holds values of rows.
SHOWN = ("rows_shown", "tidied")


def clear_traces() -> None:
    """Imports that are over keep no value; those still open keep their file, but show no row of it until checked anew.

    What a person withdrew is refused when an open file is brought in, as is everything without a consent.
    """
    for run in ImportRun.objects.filter(target=TARGET, state__in=[*OVER, *OPEN]).order_by("pk"):
        if run.state in OVER:
            clear_run(run)
        elif any(run.check_result.get(name) for name in SHOWN) or _examples(run):
            _keep(run, state=State.MAPPING)


def clear_run(run: ImportRun) -> None:
    """Take every value of a finished import away; its rows in the base and its counts stay, so it can be undone."""
    RowError.objects.filter(run=run).exclude(value="", subject="", fixed="").update(
        value="", subject="", fixed=""
    )
    if any(run.check_result.get(name) for name in SHOWN) or _examples(run):
        _keep(run, state=run.state)
    if run.file or run.errors_file:
        ImportRun.objects.filter(pk=run.pk).update(file="", errors_file="")
        run.file = run.errors_file = ""
        folder = run.folder

        def remove() -> None:
            # ``touched`` holds ids only, and an undo asks for it.
            for path in folder.glob("*") if folder.is_dir() else ():
                if path.name == "touched":
                    continue
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

        transaction.on_commit(remove)


def clear_unfinished(*, before: datetime) -> None:
    """A file that nobody brought in within a day is not kept."""
    for run in ImportRun.objects.filter(target=TARGET, state__in=OPEN, created_at__lt=before):
        ImportRun.objects.filter(pk=run.pk).update(state=State.FAILED)
        clear_run(run)


def _examples(run: ImportRun) -> bool:
    return any(one.get("example") for one in run.mapping.get("guesses", ()))


def _keep(run: ImportRun, *, state: str) -> None:
    shown = {name: value for name, value in run.check_result.items() if name not in SHOWN}
    guesses = [{**one, "example": ""} for one in run.mapping.get("guesses", ())]
    run.check_result = shown if state != State.MAPPING else {}
    run.mapping = {**run.mapping, "guesses": guesses}
    run.state = state
    run.save(update_fields=["check_result", "mapping", "state"])
