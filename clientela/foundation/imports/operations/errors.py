"""Rows that were not taken: as a file, mended in place, brought in again alone."""

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from clientela.foundation.imports.definition import simple_column
from clientela.foundation.imports.models import ImportRun, RowError
from clientela.foundation.imports.operations.doors import ensure
from clientela.foundation.imports.operations.steering import NotNow
from clientela.foundation.imports.pipeline import Pipeline, refused_rows
from clientela.foundation.imports.problems import texts_of
from clientela.foundation.imports.reading.prepare import DEFECT, ROW
from clientela.foundation.imports.targets import field_of, get_target
from clientela.foundation.refusals import Refusal

REASONS = "_reasons"
# In the mapping of an import that brings refused rows in again: their numbers in the file they come from.
MENDED = "mended_rows"
# Typed in place of a value that the row goes in without.
DASHES = ("-", "–", "—")


def _sentences(run: ImportRun, reasons: str) -> str:
    """``code|field|column`` lines as sentences in the language in hand."""
    target = get_target(run.target)
    parts = []
    for line in reasons.split("\n"):
        code, field, *column = line.split("|")
        title, hint = texts_of(code, target)
        known = field_of(target, field) if field else None
        where = column[0] if column and column[0] else str(known.label) if known else ""
        parts.append(f"{where}: {title}" + (f" ({hint})" if hint else "") if where else str(title))
    return "; ".join(parts)


def write_error_file(run: ImportRun, sink: BinaryIO, *, kind: str = "csv") -> int:
    """Write the refused rows as they stood, with their row numbers and reasons; returns how many.

    Those that were mended and brought in again are left out.
    ``kind``: ``csv`` (UTF-8 with a mark and semicolons, which spreadsheets open) or ``xlsx``.
    """
    columns = list(run.options.get("columns", ()))
    heading = [_("Row"), _("What is wrong"), *columns]
    count = 0
    if kind == "xlsx":
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet(_("Rows not taken")[:31])
        sheet.append(heading)
        for row in _rows(run, columns):
            sheet.append([_safe(cell) for cell in row])
            count += 1
        book.save(sink)
        return count
    text = io.TextIOWrapper(sink, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";")
    writer.writerow(heading)
    for row in _rows(run, columns):
        writer.writerow([_safe(cell) for cell in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _rows(run: ImportRun, columns: list[str]) -> Any:
    mended = mended_rows(run)
    for part in refused_rows(run):
        for data in part.filter(~pl.col(ROW).is_in(mended)).iter_rows(named=True):
            yield [data[ROW], _sentences(run, data[REASONS]), *(data[name] for name in columns)]


def _safe(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula is written as text."""
    if isinstance(cell, str) and cell[:1] in ("=", "@", "\t", "\r"):
        return "'" + cell
    return "" if cell is None else cell


def build_error_file(run: ImportRun) -> None:
    """Keep the file of refused rows with the run; none when every row was taken."""
    buffer = io.BytesIO()
    if not write_error_file(run, buffer):
        run.errors_file.name = ""
        return
    storage, name = run.errors_file.storage, f"imports/{run.pk}/errors.csv"
    storage.delete(name)
    run.errors_file.name = storage.save(name, ContentFile(buffer.getvalue()))


class StillWrong(Refusal):
    """The row would be refused with this value too; ``message`` says why."""

    field = "value"

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


def fix_row(*, actor: Any, now: datetime, error: RowError, value: str) -> RowError:
    """Keep a better value for one wrong cell of a refused row: a dash for none at all; an empty one takes it back.

    Raises ``StillWrong``, and ``NotNow`` unless the import is done, the value comes from one column and the row was not
    brought in again meanwhile.
    """
    ensure(actor)
    value = value.strip()[:200]
    run = error.run
    if run.state != ImportRun.State.DONE or not fixable(error) or error.row_number in mended_rows(run):
        raise NotNow(run.state)
    if value and (why := _wrong_still(error, value, now=now)):
        raise StillWrong(why)
    error.fixed = value
    error.save(update_fields=["fixed"])
    return error


def _wrong_still(error: RowError, value: str, *, now: datetime) -> str:
    """What reading the row anew finds in the field, with all that was typed for it."""
    run = error.run
    typed = _typed(run, [error.row_number]) | {(error.row_number, _column(run, error)): value}
    pipeline = Pipeline(run, now=now)
    for part in refused_rows(run):
        row = part.filter(pl.col(ROW) == error.row_number).drop(REASONS)
        if row.height:
            cells = [
                pl.lit(_cell(text) or None, pl.String).alias(name) for (_number, name), text in typed.items()
            ]
            found = pipeline.reader.read(row.with_columns(cells), pipeline.session).problems
            mine = found.filter(pl.col("fatal") & (pl.col("field") == error.field))
            return "; ".join(
                ". ".join(filter(None, map(str, texts_of(code, pipeline.target)))) for code in mine["code"]
            )
    return ""


def _cell(typed: str) -> str:
    """What stands in the file for what was typed."""
    return "" if typed in DASHES else typed


def _column(run: ImportRun, error: RowError) -> str:
    column: str = run.mapping["definition"]["fields"][error.field]["from"]
    return column


def _typed(run: ImportRun, rows: list[int]) -> dict[tuple[int, str], str]:
    """What was typed, by row and column of the file."""
    errors = RowError.objects.filter(run=run, fatal=True, row_number__in=rows).exclude(fixed="")
    return {(error.row_number, _column(run, error)): error.fixed for error in errors}


def fixable(error: RowError) -> bool:
    """Whether the cell can be typed again: it came from one column of the file."""
    expression = error.run.mapping.get("definition", {}).get("fields", {}).get(error.field, {})
    return error.fatal and bool(simple_column(expression))


def mended_rows(run: ImportRun) -> set[int]:
    """Numbers of the refused rows that were brought in again and not taken back since."""
    later = run.mended_by.exclude(state=ImportRun.State.UNDONE).values_list("mapping", flat=True)
    return {row for mapping in later for row in mapping.get(MENDED, ())}


def fixed_rows(run: ImportRun) -> list[int]:
    """Numbers of the refused rows of which every wrong cell has a better value, those brought in again left out."""
    wrong: dict[int, list[bool]] = {}
    for row, fixed in RowError.objects.filter(run=run, fatal=True).values_list("row_number", "fixed"):
        wrong.setdefault(row, []).append(bool(fixed))
    return sorted(row for row in wrong.keys() - mended_rows(run) if all(wrong[row]))


@transaction.atomic
def retry_fixed(*, actor: Any, now: datetime, run: ImportRun) -> ImportRun:
    """Bring the mended rows in as a small import of their own, ready to be run. Raises ``NotNow`` if there are none.

    It is a part of ``run``: taking that back takes it back too.
    """
    from clientela.foundation.imports.operations.files import start_run

    ensure(actor)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)  # of two who ask at once the other finds none
    rows = fixed_rows(run)
    if run.state != ImportRun.State.DONE or not rows:
        raise NotNow(run.state)
    fixes = {place: _cell(text) for place, text in _typed(run, rows).items()}
    columns = list(run.options["columns"])
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for part in refused_rows(run):
        for data in part.filter(pl.col(ROW).is_in(rows)).drop(DEFECT, strict=False).iter_rows(named=True):
            writer.writerow([fixes.get((data[ROW], name), data[name] or "") for name in columns])
    name = f"{Path(run.file_name).stem[:200]} +{len(rows)}.csv"
    child = start_run(
        actor=actor, now=now, target=run.target, file_name=name,
        file=File(io.BytesIO(buffer.getvalue().encode()), name=name),
        wish={"separator": ",", "encoding": "utf-8", "header_row": 1},
    )  # fmt: skip
    child.mapping = {
        **child.mapping,
        "definition": run.mapping["definition"],
        "code": run.mapping.get("code", ""),
        MENDED: rows,
    }
    child.answers, child.source, child.mends = run.answers, run.source, run
    child.save(update_fields=["mapping", "answers", "source", "mends"])
    return child
