"""Rows that were not taken: as a file, mended in place, brought in again alone."""

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
from django.core.files import File
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from clientela.foundation.imports.definition import simple_column
from clientela.foundation.imports.models import ImportRun, RowError
from clientela.foundation.imports.operations.doors import ensure
from clientela.foundation.imports.operations.steering import NotNow
from clientela.foundation.imports.pipeline import refused_rows
from clientela.foundation.imports.problems import texts_of
from clientela.foundation.imports.reading.prepare import DEFECT, ROW
from clientela.foundation.imports.targets import field_of, get_target

REASONS = "_reasons"


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
    for part in refused_rows(run):
        for data in part.iter_rows(named=True):
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


def fix_row(*, actor: Any, now: datetime, error: RowError, value: str) -> RowError:
    """Keep a better value for one wrong cell of a refused row; an empty one takes it back.

    Raises ``NotNow`` unless the import is done and the value comes from one column.
    """
    ensure(actor)
    if error.run.state != ImportRun.State.DONE or not fixable(error):
        raise NotNow(error.run.state)
    error.fixed = value.strip()[:200]
    error.save(update_fields=["fixed"])
    return error


def fixable(error: RowError) -> bool:
    """Whether the cell can be typed again: it came from one column of the file."""
    expression = error.run.mapping.get("definition", {}).get("fields", {}).get(error.field, {})
    return error.fatal and bool(simple_column(expression))


def fixed_rows(run: ImportRun) -> list[int]:
    """Numbers of the refused rows of which every wrong cell has a better value."""
    wrong: dict[int, list[bool]] = {}
    for row, fixed in RowError.objects.filter(run=run, fatal=True).values_list("row_number", "fixed"):
        wrong.setdefault(row, []).append(bool(fixed))
    return sorted(row for row, marks in wrong.items() if all(marks))


def retry_fixed(*, actor: Any, now: datetime, run: ImportRun) -> ImportRun:
    """Bring the mended rows in as a small import of their own, ready to be run. Raises ``NotNow`` if there are none."""
    from clientela.foundation.imports.operations.files import start_run

    ensure(actor)
    rows = fixed_rows(run)
    if run.state != ImportRun.State.DONE or not rows:
        raise NotNow(run.state)
    fixes = {
        (error.row_number, run.mapping["definition"]["fields"][error.field]["from"]): error.fixed
        for error in RowError.objects.filter(run=run, fatal=True, row_number__in=rows)
    }
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
    }
    child.answers, child.source, child.mends = run.answers, run.source, run
    child.save(update_fields=["mapping", "answers", "source", "mends"])
    RowError.objects.filter(run=run, row_number__in=rows).delete()
    return child
