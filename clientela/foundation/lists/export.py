"""Lists as files: CSV streamed row by row, XLSX written without holding the sheet in memory."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

MOST_XLSX_ROWS = 100_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    def write(self, text: str) -> str:
        return text


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe; other values stay."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Lines of a CSV that spreadsheets open by a double click: UTF-8 mark first, semicolons, comma in numbers."""
    writer = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")
    yield "\ufeff" + writer.writerow([safe_cell(str(name)) for name in head])
    for row in rows:
        yield writer.writerow([_text(value) for value in row])


def _text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return safe_cell(value)


def xlsx_file(head: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str) -> IO[bytes]:
    """An open temporary file with one sheet, at its beginning; after ``MOST_XLSX_ROWS`` rows the last one says that more follow."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    names = []
    for name in head:
        cell = WriteOnlyCell(sheet, value=str(name))
        cell.font = Font(bold=True)
        names.append(cell)
    sheet.append(names)
    for number, row in enumerate(rows):
        if number >= MOST_XLSX_ROWS:
            sheet.append([_("There are more rows than these. CSV has all of them.")])
            break
        sheet.append([_plain(value) for value in row])
    file = NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115
    book.save(file)
    file.seek(0)
    return file


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return safe_cell(value)
