"""What each column of a stranger's file most likely is, how sure that is, and why."""

from datetime import date

import polars as pl
import pytest

from clientela.foundation.imports.guess import guess
from clientela.modules.contracts.imports import Portfolio

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
PEOPLE = [
    "Гарипов Марсель Айдарович",
    "Лебедев Никита Олегович",
    "Сафина Лейсан Маратовна",
    "Хузин Ильнур Раисович",
]


def guessed(columns: dict[str, list[str]]) -> dict[str, tuple[str, bool]]:
    rows = pl.DataFrame({"_row": list(range(2, 2 + len(next(iter(columns.values()))))), **columns})
    return {made.column: (made.field, made.doubtful) for made in guess(rows, Portfolio(), today=TODAY)}


def test_a_partner_file(osago):
    found = guessed({
        "ФИО клиента": PEOPLE,
        "дата рожд.": ["14.03.1988", "02.09.1999", "11.05.1986", "23.07.1979"],
        "Сот.": ["8 917 000 21 40", "89870004015", "9170008802", "+79600003381"],
        "тел. доп.": ["843 292-17-22", "", "", "8432923344"],
        "mail": ["m@mail.example", "", "s@mail.example", ""],
        "Паспорт": ["9204 123457", "9207 555321", "", "9711 000123"],
        "Модель": ["LADA Vesta", "Mazda 3", "Kia Sportage", "Haval F7"],
        "VIN": ["XTAGFK330LY123417", "XWEH2812BJ0001234", "", "Z94C241BBKR123456"],
        "№ п/п": ["1", "2", "3", "4"],
    })  # fmt: skip
    assert found == {
        "ФИО клиента": ("client.full_name", False), "дата рожд.": ("client.birth_date", False),
        "Сот.": ("client.phone", False), "тел. доп.": ("client.phone2", False), "mail": ("client.email", False),
        "Паспорт": ("client.passport", False), "Модель": ("object.model", False), "VIN": ("object.vin", False),
        "№ п/п": ("", False),
    }  # fmt: skip


def test_values_alone_tell_what_headings_do_not(osago):
    found = guessed({
        "A": PEOPLE, "B": ["89170002140", "89870004015", "89170008802", "89600003381"],
        "C": ["m@mail.example", "n@mail.example", "s@mail.example", "h@mail.example"],
        "D": ["XTAGFK330LY123417", "XWEH2812BJ0001234", "XWEH2812BJ0001235", "Z94C241BBKR123456"],
        "E": ["А123ВС77", "Р418ТО116", "К001КК16", "М555ММ716"],
        "F": ["ХХХ 0412773905", "ХХХ 0412773906", "ТТТ 7012773907", "ААВ 3012773908"],
        "G": ["звонить вечером", "", "не звонить", ""],
    })  # fmt: skip
    assert {column: field for column, (field, _) in found.items()} == {
        "A": "client.full_name", "B": "client.phone", "C": "client.email", "D": "object.vin", "E": "object.plate",
        "F": "policy.number", "G": "",
    }  # fmt: skip


def test_a_heading_that_fits_two_fields_is_asked_about(osago):
    found = guessed({"ФИО": PEOPLE, "Дата": ["28.11.2026", "17.12.2026", "04.12.2026", "19.12.2026"]})
    assert found["Дата"][1] is True
    assert found["ФИО"] == ("client.full_name", False)


def test_a_right_heading_with_wrong_values_is_no_match(osago):
    found = guessed({"Телефон": ["Казань", "Самара", "Уфа", "Пермь"], "ИНН": ["1", "2", "3", "5"]})
    assert found == {"Телефон": ("", False), "ИНН": ("", False)}


def test_english_and_spanish_headings(osago):
    found = guessed({
        "Surname": ["Orlova", "Zimin"], "First name": ["Vera", "Gleb"], "Date of birth": ["12/04/1984", "30/08/1979"],
        "Policy number": ["P1", "P2"], "Effective date": ["2026-01-01", "2026-02-01"], "Expiry": ["2026-12-31", "2027-01-31"],
        "Prima": ["100.5", "200"], "Matricula": ["А123ВС77", "Р418ТО116"], "Canal": ["agente", "corredor"],
    })  # fmt: skip
    assert {column: field for column, (field, _) in found.items()} == {
        "Surname": "client.last_name", "First name": "client.first_name", "Date of birth": "client.birth_date",
        "Policy number": "policy.number", "Effective date": "policy.start_date", "Expiry": "policy.end_date",
        "Prima": "policy.premium", "Matricula": "object.plate", "Canal": "policy.sales_channel",
    }  # fmt: skip


def test_month_first_dates_are_seen():
    rows = pl.DataFrame({"_row": [2, 3], "Date of birth": ["12/31/1984", "04/12/1979"]})
    assert guess(rows, Portfolio(), today=TODAY)[0].dates == "mdy"


def test_reasons_are_data(osago):
    rows = pl.DataFrame({"_row": [2, 3, 4], "Сот.": ["89170002140", "89870004015", "123"]})
    made = guess(rows, Portfolio(), today=TODAY)[0]
    assert (made.reason, made.alias, made.share, made.filled, made.example) == (
        "heading_values", "сот", 67, 100, "89170002140",
    )  # fmt: skip
