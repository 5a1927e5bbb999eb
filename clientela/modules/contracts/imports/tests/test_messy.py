"""Files as agents and partners send them: the bad rows are explained, the rest is in."""

import csv
import io
from datetime import date, datetime

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from clientela.foundation.imports import operations
from clientela.foundation.imports.models import ImportRun, Mapping, RowError
from clientela.foundation.imports.queries import error_groups
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contracts.imports.tests.helpers import outcomes, take, work
from clientela.modules.contracts.models import Policy

pytestmark = pytest.mark.django_db
GIVEN = ["Вера", "Анна", "Глеб", "Олег", "Ирина"]
PATRONYMIC = ["Николаевна", "Сергеевна", "Петрович", "Ильич", "Олеговна"]


def load(content: bytes, name: str, **answers: str) -> ImportRun:
    """The way of the wizard when a person agrees to every guess."""
    run = operations.start_run(
        actor=None, now=timezone.now(), target="portfolio", file=_file(content), file_name=name
    )
    operations.set_definition(
        actor=None, now=timezone.now(), run=run, definition=run.mapping["definition"],
        answers={"branch": "kazan", "product": "osago"} | answers, source="partner", code=run.mapping["code"],
    )  # fmt: skip
    work(operations.request_run(actor=None, now=timezone.now(), run=run))
    run.refresh_from_db()
    return run


def _file(content: bytes):
    from django.core.files.base import ContentFile

    return ContentFile(content)


def person(number: int) -> str:
    letters = "абвгдежзик"
    surname = "Тест" + "".join(letters[int(digit)] for digit in f"{number:05}")
    return f"{surname} {GIVEN[number % 5]} {PATRONYMIC[number % 5]}"


def messy_sheet(count: int) -> bytes:
    """A merged title and heading, dates of four kinds, phones as numbers, one bad row in a thousand, duplicates."""
    book = Workbook()
    page = book.active
    page.append(["Портфель агента за октябрь"])
    page.merge_cells("A1:H1")
    page.append([])
    page.append(["№ п/п", "Страхователь", None, None, "Полис", None, None, None])
    page.append([None, "ФИО", "Дата рожд.", "Сот.", "№ полиса", "Начало", "Окончание", "Премия, руб."])
    for area in ("A3:A4", "B3:D3", "E3:H3"):
        page.merge_cells(area)
    for number in range(count):
        born = date(1960 + number % 40, 1 + number % 12, 1 + number % 28)
        start = date(2026, 1 + number % 12, 1 + number % 28)
        writings = [
            start,
            start.strftime("%d.%m.%Y"),
            start.isoformat(),
            datetime(start.year, start.month, start.day, 9),
        ]
        bad = number % 1000 == 500
        page.append([
            number + 1, person(number).upper() if number % 7 == 0 else person(number),
            "31.02.1990" if bad else born.strftime("%d.%m.%y") if number % 3 else born, 79170000000 + number,
            f"ХХХ {4000000000 + number:010}", writings[number % 4], date(2027, 6, 1), f"{1000 + number},50",
        ])  # fmt: skip
    page.append([count + 1, person(0), date(1960, 1, 1), 79170000000, "ХХХ 4000000000", date(2026, 1, 1),
                 date(2027, 6, 1), "1000,50"])  # fmt: skip
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_messy_sheet(kazan, osago):
    run = load(messy_sheet(2000), "агент_октябрь.xlsx")
    guesses = {made["column"]: made["field"] for made in run.mapping["guesses"]}
    assert guesses == {
        "№ п/п": "", "Страхователь ФИО": "client.full_name", "Страхователь Дата рожд.": "client.birth_date",
        "Страхователь Сот.": "client.phone", "Полис № полиса": "policy.number", "Полис Начало": "policy.start_date",
        "Полис Окончание": "policy.end_date", "Полис Премия, руб.": "policy.premium",
    }  # fmt: skip
    assert outcomes(run.counts) == {"created": 1998, "same": 1, "refused": 2}
    assert (Client.objects.count(), Policy.objects.count(), ContactPoint.objects.count()) == (
        1998,
        1998,
        1998,
    )
    assert [
        (error.row_number, error.column, error.code, error.value, error.subject)
        for error in RowError.objects.order_by("row_number")
    ] == [
        (505, "Страхователь Дата рожд.", "date_none", "31.02.1990", person(500)),
        (1505, "Страхователь Дата рожд.", "date_none", "31.02.1990", person(1500)),
    ]
    first = Client.objects.get(name_key=person(0).lower())
    assert (first.name, first.birth_date, first.sex) == (person(0), date(1960, 1, 1), "f")
    assert Policy.objects.get(number="ХХХ 4000000001").start_date == date(2026, 2, 2)
    assert [(group["code"], group["count"]) for group in error_groups(run)] == [("date_none", 2)]


def test_a_file_of_windows_with_a_mark_and_broken_rows(kazan, osago):
    text = (
        "Отчёт сформирован 01.10.2026\r\n"
        "Фамилия;Имя;Отчество;Телефон;ИНН;E-mail;Номер договора;Дата начала;Дата окончания;Премия\r\n"
        "Орлова;Вера;Николаевна;8 (917) 000-41-08;760307073214;vera@mail.example;N1;01.01.2026;31.12.2026;1 000,00\r\n"
        "Зимин;Глеб;Петрович;+7 902 000 73 01;760307073215;;N2;01.01.2026;31.12.2026;2000\r\n"
        'Сад;ООО "Вишнёвый;;917000-4;;krylova@;N3;01.01.2026;31.12.2026;3000\r\n'
        "Крылова;Инна;;;;krylova@;N4;01.01.2026;31.12.2026;3000\r\n"
        "Котова;Юлия;;;;;N5;31.12.2026;01.01.2026;3000\r\n"
        "Котова;Юлия;;;;;N6;01.01.2026;31.12.2026;3000;лишнее\r\n"
    )
    run = load(text.encode("cp1251"), "dogovory.csv")
    assert run.options["encoding"] == "cp1251"
    assert outcomes(run.counts) == {"created": 2, "refused": 4}
    assert sorted(RowError.objects.values_list("row_number", "code", "fatal")) == [
        (4, "inn_check_digit", True), (5, "email_format", False), (5, "phone_short", True), (6, "email_format", False),
        (7, "ends_before", True), (8, "too_many_cells", True),
    ]  # fmt: skip
    assert sorted(Client.objects.values_list("last_name", flat=True)) == ["Крылова", "Орлова"]
    with_mark = load(b"\xef\xbb\xbf" + text.encode(), "dogovory.csv")
    assert outcomes(with_mark.counts) == {"same": 2, "refused": 4}


def test_refused_rows_as_files(kazan, osago):
    run = load(messy_sheet(1001), "октябрь.xlsx")
    buffer = io.BytesIO()
    assert operations.write_error_file(run, buffer) == 1
    rows = list(csv.reader(io.StringIO(buffer.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert rows[0][2:5] == ["№ п/п", "Страхователь ФИО", "Страхователь Дата рожд."]
    assert rows[1][0] == "505"
    assert "Страхователь Дата рожд.: " in rows[1][1]
    assert rows[1][4] == "31.02.1990"
    with run.errors_file.open() as kept:
        assert kept.read() == buffer.getvalue()
    sheet = io.BytesIO()
    assert operations.write_error_file(run, sheet, kind="xlsx") == 1
    assert load_workbook(sheet).active["E2"].value == "31.02.1990"


def test_mended_file_goes_in_by_itself(kazan, osago):
    """The downloaded file, mended and sent back, is read by the same mapping; only its rows are new."""
    run = load(messy_sheet(1001), "октябрь.xlsx")
    operations.save_mapping(actor=None, now=timezone.now(), run=run, name="Партнёр")
    buffer = io.BytesIO()
    operations.write_error_file(run, buffer)
    mended = buffer.getvalue().decode("utf-8-sig").replace("31.02.1990", "28.02.1990")
    again = load(mended.encode(), "errors.csv")
    assert again.mapping["code"] == "партнёр"
    assert outcomes(again.counts) == {"created": 1}
    assert Client.objects.count() == 1001


def test_mending_in_place(kazan, osago):
    run = load(messy_sheet(1001), "октябрь.xlsx")
    error = RowError.objects.get()
    assert operations.fixed_rows(run) == []
    operations.fix_row(actor=None, now=timezone.now(), error=error, value=" 28.02.1990 ")
    assert operations.fixed_rows(run) == [505]
    child = operations.retry_fixed(actor=None, now=timezone.now(), run=run)
    assert (child.mends, child.rows, child.source) == (run, 1, "partner")
    work(operations.request_run(actor=None, now=timezone.now(), run=child))
    child.refresh_from_db()
    assert outcomes(child.counts) == {"created": 1}
    assert Client.objects.get(name_key=person(500).lower()).birth_date == date(1990, 2, 28)


def test_only_so_many_problems_are_kept_in_the_base(kazan, osago, monkeypatch):
    from clientela.foundation.imports import pipeline

    monkeypatch.setattr(pipeline, "KEPT_ERRORS", 3)
    rows = [{"name": person(n), "born": "31.02.1990" if n % 2 else "вчера"} for n in range(10)]
    run = take(rows)
    work(operations.request_run(actor=None, now=timezone.now(), run=run, chunk=4))
    run.refresh_from_db()
    assert RowError.objects.count() == 3
    assert run.counts["problems"] == {
        "date_none|client.birth_date|1": 5, "date_format|client.birth_date|1": 5,
    }  # fmt: skip
    assert operations.write_error_file(run, io.BytesIO()) == 10


def test_an_installation_comes_with_the_shipped_mappings(db, monkeypatch):
    monkeypatch.setattr("clientela.config.management.commands.prepare.Command._static", lambda self: None)
    for _ in range(2):
        call_command("prepare")
        assert Mapping.objects.get(shipped=True).code == "spanish_motor"


def test_a_saved_mapping_comes_up_when_the_headings_match(kazan, osago):
    run = take([{"name": "Орлова Вера", "phone": "89170004108"}])
    operations.save_mapping(actor=None, now=timezone.now(), run=run, name="Автосалоны")
    mapping = Mapping.objects.get()
    assert mapping.definition["headers"] == ["name", "phone"]
    again = operations.start_run(
        actor=None,
        now=timezone.now(),
        target="portfolio",
        file=_file(b"phone;NAME;x\n1;2;3\n"),
        file_name="b.csv",
    )
    assert (again.mapping["code"], again.mapping["definition"]) == (mapping.code, mapping.definition)


def test_formulas_stay_texts(kazan, osago):
    run = take([{"name": "=HYPERLINK(1)", "born": "вчера"}])
    work(operations.request_run(actor=None, now=timezone.now(), run=run))
    buffer = io.BytesIO()
    operations.write_error_file(run, buffer)
    assert "'=HYPERLINK(1)" in buffer.getvalue().decode()
