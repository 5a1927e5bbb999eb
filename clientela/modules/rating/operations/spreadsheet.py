"""A table as a spreadsheet and back."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from clientela.foundation.refusals import FileRefused
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations.versions import MOST_ROWS, HasProblems, replace_rows
from clientela.modules.rating.rules.checks import Problem

LARGEST = 5_000_000


def written(version: TableVersion) -> bytes:
    """The version as XLSX: titles, keys below them, then the rows as text, so that nothing is rounded or dated."""
    book = Workbook()
    sheet = book.active
    sheet.append([column.title for column in version.body.columns])
    sheet.append([column.key for column in version.body.columns])
    for line, row in enumerate(version.rows, start=3):
        for place, text in enumerate(row, start=1):
            cell = sheet.cell(line, place)
            cell.value, cell.data_type, cell.number_format = text, "s", "@"
    for row in sheet.iter_rows(max_row=2):
        for cell in row:
            cell.font = Font(bold=cell.row == 1, italic=cell.row == 2)
    sheet.freeze_panes = "A3"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, keys: Sequence[str]) -> list[list[str]]:
    """Rows of an XLSX in the order of ``keys``. Raises `FileRefused`."""
    if len(content) > LARGEST:
        raise FileRefused(_("The file is larger than 5 MB."))
    try:
        sheet = load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets[0]
        lines = [list(line) for line in sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 3)]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError):
        raise FileRefused(_("This is no XLSX file.")) from None
    head = [str(cell or "").strip() for cell in lines[1]] if len(lines) > 1 else []
    if lost := [key for key in keys if key not in head]:
        raise FileRefused(
            _("The second line must hold the keys of the columns; missing: %s.") % ", ".join(lost)
        )
    places = [head.index(key) for key in keys]
    rows = [[_text(line[place]) for place in places] for line in lines[2:]]
    return [row for row in rows if any(row)]


def upload(
    *, actor: Any, now: datetime, version: TableVersion, content: bytes, seen: datetime | None = None
) -> TableVersion:
    """Put the rows of an XLSX into a draft. Raises `FileRefused`, and `HasProblems` with the cell of each fault."""
    rows = read(content, [column.key for column in version.body.columns])
    try:
        return replace_rows(actor=actor, now=now, version=version, rows=rows, seen=seen)
    except HasProblems as bad:
        places = version.body.places
        raise HasProblems([_placed(one, places) for one in bad.problems]) from None


def _placed(problem: Problem, places: dict[str, int]) -> Problem:
    """The fault with the address of its cell as spreadsheets say it: D7."""
    if problem.column not in places:
        return problem
    where = f"{get_column_letter(places[problem.column] + 1)}{problem.row + 3}"
    return Problem(problem.kind, f"{where}: {problem.text}", problem.row, problem.column)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
