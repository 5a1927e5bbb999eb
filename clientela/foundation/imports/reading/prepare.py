"""Bringing a file to Parquet: ``_row`` (its number in the file, from 1) and one text column a heading."""

import csv
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
from openpyxl import load_workbook

from clientela.foundation.imports.reading import text
from clientela.foundation.imports.reading.header import Header, find_header

ROW = "_row"
DEFECT = "_defect"
ROW_GROUP = 50_000
SHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


class UnreadableFile(Exception):
    """The file is no table we can read."""


class EmptyFile(UnreadableFile):
    """The file has no rows."""


@dataclass(frozen=True)
class Layout:
    """How the file was read, and what a person may correct: stored as ``ImportRun.options``."""

    kind: str
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int = 1
    header_rows: int = 1
    columns: tuple[str, ...] = ()
    rows: int = 0

    def as_options(self) -> dict[str, Any]:
        return asdict(self)


def prepare(source: Path, target: Path, *, name: str, wish: dict[str, Any] | None = None) -> Layout:
    """Read ``source`` (called ``name`` by its sender) into ``target``.

    ``wish`` may fix ``encoding``, ``separator``, ``sheet`` and ``header_row`` (0: no heading).
    Raises ``UnreadableFile`` or ``EmptyFile``.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    wished = {key: value for key, value in (wish or {}).items() if value not in (None, "")}
    if Path(name.lower()).suffix in SHEETS:
        layout = _prepare_sheet(source, target, wished)
    else:
        layout = _prepare_text(source, target, wished)
    if not layout.rows:
        raise EmptyFile
    return layout


def row_count(prepared: Path) -> int:
    """Rows of a prepared file."""
    return int(pl.scan_parquet(prepared).select(pl.len()).collect().item())


def read_rows(prepared: Path, offset: int = 0, count: int | None = None) -> pl.DataFrame:
    """Rows ``offset`` … ``offset + count`` of a prepared file."""
    return pl.scan_parquet(prepared).slice(offset, count).collect()


def _prepare_text(source: Path, target: Path, wish: dict[str, Any]) -> Layout:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        plain = Path(folder) / "plain.csv"
        try:
            encoding = text.to_utf8(source, plain, wish.get("encoding"))
        except (text.TooLarge, LookupError, OSError, EOFError) as error:
            raise UnreadableFile(str(error)) from error
        lines = text.first_lines(plain)
        if not any(line.strip() for line in lines):
            raise EmptyFile
        if "\x00" in "".join(lines):
            raise UnreadableFile("not a text file")
        separator = wish.get("separator") or text.sniff_separator(lines)
        reader = csv.reader(lines, delimiter=separator)
        sample, ends = [], []
        for cells in reader:
            sample.append(list[str | None](cells))
            ends.append(reader.line_num)
        widths = [len(cells) for cells in sample if len(cells) > 1] or [1]
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        header = find_header([cells[:usual] for cells in sample], wish.get("header_row"))
        skipped = ends[header.data_from - 1] if header.data_from else 0
        # A writer that failed may still hold its file: each way has its own.
        made = Path(folder) / "strict.parquet"
        rows = _strict(plain, made, separator, header, skipped)
        if rows is None:
            made = Path(folder) / "tolerant.parquet"
            rows = _tolerant(plain, made, separator, header, skipped)
        made.replace(target)
    return Layout(
        kind="text", encoding=encoding, separator=separator, header_row=header.first + 1 if header.rows else 0,
        header_rows=header.rows, columns=header.names, rows=rows,
    )  # fmt: skip


def _strict(plain: Path, target: Path, separator: str, header: Header, skipped: int) -> int | None:
    """The fast way; None when some line is not proper CSV."""
    try:
        rows = pl.scan_csv(
            plain,
            separator=separator,
            has_header=bool(header.rows),
            skip_lines=max(skipped - 1, 0) if header.rows else 0,
            new_columns=list(header.names),
            infer_schema=False,
        )
        if rows.collect_schema().len() != len(header.names):
            return None
        _store(rows.with_row_index(ROW, offset=skipped + 1), target, list(header.names))
    except pl.exceptions.PolarsError:
        return None
    return row_count(target)


def _tolerant(plain: Path, target: Path, separator: str, header: Header, skipped: int) -> int:
    width = len(header.names)
    numbers: list[int] = []
    defects: list[str | None] = []
    columns: list[list[str | None]] = [[] for _ in range(width)]
    for number, cells, sound in text.tolerant_records(plain, separator, width, skipped):
        numbers.append(number)
        defects.append(None if sound else "too_many_cells")
        for index in range(width):
            columns[index].append((cells[index] or None) if index < len(cells) else None)
    data: dict[str, Any] = {ROW: pl.Series(numbers, dtype=pl.UInt32)}
    data |= {
        name: pl.Series(cells, dtype=pl.String) for name, cells in zip(header.names, columns, strict=True)
    }
    data[DEFECT] = pl.Series(defects, dtype=pl.String)
    _store(pl.DataFrame(data).lazy(), target, list(header.names))
    return row_count(target)


def _store(rows: pl.LazyFrame, target: Path, columns: list[str]) -> None:
    """Without rows that hold nothing."""
    if ROW in columns:
        raise UnreadableFile(f"a column may not be called {ROW}")
    filled = pl.any_horizontal(pl.col(columns).str.strip_chars().str.len_bytes() > 0)
    rows.filter(filled.fill_null(False)).sink_parquet(
        target, row_group_size=ROW_GROUP, compression="lz4", mkdir=True
    )


def _prepare_sheet(source: Path, target: Path, wish: dict[str, Any]) -> Layout:
    try:
        book = fastexcel.read_excel(source)
        sheet_name = wish.get("sheet") or _largest(book)
        grid = book.load_sheet(sheet_name, header_row=None, dtypes="string").to_polars()
    except Exception as error:  # the reader has no common base of its errors
        raise UnreadableFile(str(error)) from error
    if grid.is_empty():
        raise EmptyFile
    above = _empty_rows_above(source, sheet_name)
    given = wish.get("header_row")
    if given:
        given = max(1, given - above)
    header = find_header([list(row) for row in grid.head(30).rows()], given)
    data = grid.slice(header.data_from).rename(dict(zip(grid.columns, header.names, strict=True)))
    numbered = data.with_row_index(ROW, offset=above + header.data_from + 1)
    _store(numbered.lazy(), target, list(header.names))
    return Layout(
        kind="sheet", sheet=sheet_name, sheets=tuple(book.sheet_names),
        header_row=above + header.first + 1 if header.rows else 0, header_rows=header.rows,
        columns=header.names, rows=row_count(target),
    )  # fmt: skip


def _largest(book: fastexcel.ExcelReader) -> str:
    heights = {
        name: book.load_sheet(name, header_row=None, n_rows=0).total_height for name in book.sheet_names
    }
    return max(heights, key=lambda name: heights[name])


def _empty_rows_above(source: Path, sheet_name: str) -> int:
    """The fast reader leaves out empty rows above the table: count them, so that row numbers are the file's."""
    if source.suffix.lower() not in {".xlsx", ".xlsm"}:
        return 0
    book = load_workbook(source, read_only=True)
    try:
        for index, row in enumerate(book[sheet_name].iter_rows(max_row=200, values_only=True)):
            if any(cell is not None for cell in row):
                return index
        return 0
    finally:
        book.close()
