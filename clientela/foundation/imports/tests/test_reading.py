"""Files as people send them: encodings, separators, titles, merged headings, broken lines."""

import gzip
import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from clientela.foundation.imports.reading import EmptyFile, UnreadableFile, prepare, read_rows

TEXT = "ФИО;Телефон;Город\nОрлова Вера Николаевна;89170004108;Казань\nЗимин Глеб Петрович;;Ульяновск\n"
NAMES = ("ФИО", "Телефон", "Город")


def table(folder: Path, content: bytes, name: str = "a.csv", **wish):
    source = folder / name
    source.write_bytes(content)
    layout = prepare(source, folder / "rows.parquet", name=name, wish=wish)
    return layout, read_rows(folder / "rows.parquet")


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp1251", "koi8-r", "cp866", "utf-16", "utf-16-le", "iso8859-5", "mac-cyrillic"],
)
def test_encodings(tmp_path, encoding):
    layout, rows = table(tmp_path, (TEXT * 3).encode(encoding))
    assert layout.columns == NAMES
    assert rows.row(0) == (2, "Орлова Вера Николаевна", "89170004108", "Казань")


def test_western_european(tmp_path):
    _layout, rows = table(tmp_path, "Nombre;Ciudad\nJosé Núñez;Málaga\nIñigo;León\n".encode("cp1252"))
    assert rows.rows() == [(2, "José Núñez", "Málaga"), (3, "Iñigo", "León")]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(tmp_path, separator, end):
    layout, rows = table(tmp_path, TEXT.replace(";", separator).replace("\n", end).encode())
    assert (layout.separator, layout.rows) == (separator, 2)
    assert rows["Город"].to_list() == ["Казань", "Ульяновск"]


def test_gzip(tmp_path):
    layout, rows = table(tmp_path, gzip.compress(TEXT.encode("cp1251")), "a.csv.gz")
    assert (layout.encoding, layout.rows, rows["ФИО"][1]) == ("cp1251", 2, "Зимин Глеб Петрович")


def test_titles_above_and_blank_lines_between(tmp_path):
    layout, rows = table(
        tmp_path, ("Портфель за октябрь\n\n" + TEXT.replace("Казань\n", "Казань\n;;\n\n")).encode()
    )
    assert (layout.header_row, layout.columns) == (3, NAMES)
    assert rows["_row"].to_list() == [4, 7]


def test_no_heading(tmp_path):
    layout, rows = table(tmp_path, b"Orlova;89170004108;12.04.1984\nZimin;89020007301;30.08.1979\n")
    assert (layout.header_row, layout.columns, layout.rows) == (0, ("A", "B", "C"), 2)
    assert rows.row(0) == (1, "Orlova", "89170004108", "12.04.1984")


def test_quotes_and_line_breaks_inside_values(tmp_path):
    _, rows = table(tmp_path, b'a;b\n"x;1";"two\nlines"\n"say ""hi""";z\n')
    assert rows.rows() == [(2, "x;1", "two\nlines"), (3, 'say "hi"', "z")]


def test_a_stray_quote_spoils_its_own_row_only(tmp_path):
    text = 'ФИО;Город;N\nООО "Ромашка;Казань;1\nАО "Мир" и "Труд";Самара;2\n"Орлова; Вера";Уфа;3\nПетров;Пермь;4;лишнее\n'
    _, rows = table(tmp_path, text.encode())
    assert rows.rows() == [
        (2, 'ООО "Ромашка', "Казань", "1", None), (3, 'АО "Мир" и "Труд"', "Самара", "2", None),
        (4, "Орлова; Вера", "Уфа", "3", None), (5, "Петров", "Пермь", "4", "too_many_cells"),
    ]  # fmt: skip


def test_bytes_of_no_letter_do_not_stop_the_file(tmp_path):
    layout, _rows = table(tmp_path, TEXT.encode() + b"\xd0\xff\xfe;1;2\n")
    assert layout.rows == 3


def test_repeated_and_missing_headings(tmp_path):
    layout, _ = table(tmp_path, "Тел;Тел;;Имя\n1;2;3;Анна\n".encode())
    assert layout.columns == ("Тел", "Тел (2)", "C", "Имя")


@pytest.mark.parametrize("content", [b"", b"\n\n", "ФИО;Город\n".encode()])
def test_empty(tmp_path, content):
    with pytest.raises(EmptyFile):
        table(tmp_path, content)


@pytest.mark.parametrize(("content", "name"), [(b"PK\x03\x04nonsense", "a.xlsx"), (b"\x00\x01\x02" * 50, "a.csv"),
                                               (b"\x1f\x8bnot gzip at all", "a.csv.gz")])  # fmt: skip
def test_unreadable(tmp_path, content, name):
    with pytest.raises(UnreadableFile):
        table(tmp_path, content, name)


def sheet(rows: list[list[object]], *merged: str, second: list[list[object]] | None = None) -> bytes:
    book = Workbook()
    page = book.active
    for row in rows:
        page.append(row)
    for area in merged:
        page.merge_cells(area)
    if second:
        other = book.create_sheet("Октябрь")
        for row in second:
            other.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_sheet_with_titles_and_merged_heading(tmp_path):
    content = sheet(
        [
            [], ["Портфель за октябрь"], [], ["№", "Клиент", None, "Полис", None], [None, "ФИО", "Телефон", "Номер", "С"],
            [1, "Орлова Вера", 79170004108, "ХХХ 1", date(2026, 12, 5)], [], [2, "Зимин Глеб", 9020007301.0, 17, 46000],
        ],
        "A2:E2", "A4:A5", "B4:C4", "D4:E4",
    )  # fmt: skip
    layout, rows = table(tmp_path, content, "a.xlsx")
    assert layout.columns == ("№", "Клиент ФИО", "Клиент Телефон", "Полис Номер", "Полис С")
    assert (layout.header_row, layout.header_rows, layout.rows) == (4, 2, 2)
    assert rows.rows() == [
        (6, "1", "Орлова Вера", "79170004108", "ХХХ 1", "2026-12-05 00:00:00"),
        (8, "2", "Зимин Глеб", "9020007301", "17", "46000"),
    ]


def test_the_largest_sheet_is_taken_and_another_can_be_asked_for(tmp_path):
    content = sheet([["Справка"]], second=[["ФИО"], ["Орлова"], ["Зимин"]])
    layout, _rows = table(tmp_path, content, "a.xlsx")
    assert (layout.sheet, layout.sheets, layout.rows) == ("Октябрь", ("Sheet", "Октябрь"), 2)
    layout, _ = table(
        tmp_path, sheet([["ФИО"], ["Анна"]], second=[["X"], ["1"], ["2"]]), "a.xlsx", sheet="Sheet"
    )
    assert (layout.sheet, layout.columns, layout.rows) == ("Sheet", ("ФИО",), 1)


def test_a_person_may_name_the_row_of_headings(tmp_path):
    layout, rows = table(tmp_path, ("x;y;z\n" + TEXT).encode(), header_row=2)
    assert (layout.columns, rows["_row"].to_list()) == (NAMES, [3, 4])
