"""Lists as files: CSV streamed row by row, XLSX written without holding the sheet in memory."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.http import FileResponse, Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
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


def list_file(
    kind: str, head: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str, title: str = ""
) -> HttpResponseBase:
    """A list as a file to keep: CSV as it is read, or XLSX on a sheet called ``title``; ``name`` is without its ending.

    Words and hours are those of the request, whenever the rows are read. Raises ``Http404`` for another kind of file.
    """
    head, rows = [str(one) for one in head], _spoken(rows)
    if kind == "xlsx":
        return FileResponse(xlsx_file(head, rows, title=title), as_attachment=True, filename=f"{name}.xlsx")
    if kind != "csv":
        raise Http404
    lines = csv_lines(head, rows)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.csv")
    return response


def _spoken(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The rows in the language and zone of the request: a stream is read after the request has ended."""
    told, zone = translation.get_language() or "ru", timezone.get_current_timezone()
    return _in_words(iter(rows), told, zone)


def _in_words(rows: Iterator[Sequence[Any]], told: str, zone: tzinfo) -> Iterator[Sequence[Any]]:
    while True:
        with translation.override(told), timezone.override(zone):
            row = next(rows, None)
            if row is not None:
                row = [_local(value) for value in row]
        if row is None:
            return
        yield row


def _local(value: Any) -> Any:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


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
