"""Saved views, columns and files of any list."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import load_workbook

from clientela.foundation.lists import export
from clientela.foundation.lists.export import csv_lines, safe_cell, xlsx_file
from clientela.foundation.lists.models import SavedView
from clientela.foundation.lists.operations import (
    MOST_VIEWS,
    NameTaken,
    TooManyViews,
    columns_of,
    delete_view,
    save_columns,
    save_view,
    views_of,
)


def test_views_are_ones_own_or_shared(anna, boris):
    own = save_view(actor=anna, list_key="x", name="Мой", query="a=1")
    save_view(actor=boris, list_key="x", name="Чужой", query="b=1")
    shared = save_view(actor=boris, list_key="x", name="Общий", query="c=1", shared=True)
    save_view(actor=anna, list_key="y", name="Другой список", query="")

    assert list(views_of(anna, "x")) == [own, shared]


def test_a_name_stands_once_a_person_and_list(anna, boris):
    save_view(actor=anna, list_key="x", name="Вид", query="a=1")
    with pytest.raises(NameTaken):
        save_view(actor=anna, list_key="x", name="Вид", query="b=1")
    save_view(actor=boris, list_key="x", name="Вид", query="b=1")
    save_view(actor=anna, list_key="y", name="Вид", query="b=1")

    assert SavedView.objects.get(owner=anna, list_key="x").query == "a=1"


def test_views_are_not_without_end(anna):
    for number in range(MOST_VIEWS):
        save_view(actor=anna, list_key="x", name=str(number), query="")
    with pytest.raises(TooManyViews):
        save_view(actor=anna, list_key="x", name="ещё", query="")
    assert SavedView.objects.count() == MOST_VIEWS


def test_only_an_own_view_is_deleted(anna, boris):
    view = save_view(actor=anna, list_key="x", name="Вид", query="", shared=True)

    assert not delete_view(actor=boris, view_id=view.pk, list_key="x")
    assert not delete_view(actor=anna, view_id=view.pk, list_key="y")
    assert SavedView.objects.count() == 1
    assert delete_view(actor=anna, view_id=view.pk, list_key="x")


def test_columns_keep_the_order_of_the_list(anna):
    known, default = ("a", "b", "c"), ("a",)
    assert columns_of(anna, "x", known=known, default=default) == ["a"]
    save_columns(actor=anna, list_key="x", columns=["c", "a", "gone"])
    assert columns_of(anna, "x", known=known, default=default) == ["a", "c"]
    save_columns(actor=anna, list_key="x", columns=[])
    assert columns_of(anna, "x", known=known, default=default) == ["a"]


@pytest.mark.parametrize("text", ["=1+1", "+7 917", "-5", "@cmd", "\t=1"])
def test_no_text_becomes_a_formula(text):
    assert safe_cell(text) == f"'{text}"
    assert safe_cell("Орлова") == "Орлова"
    assert safe_cell(Decimal("-5")) == Decimal("-5")


def test_csv_as_spreadsheets_want_it():
    rows = [
        ["Орлова; Вера", Decimal("8533.99"), None, datetime(2026, 11, 18, 10, 42), date(2026, 12, 5), "=1"]
    ]

    assert "".join(csv_lines(["Клиент", "Сумма"], rows)) == (
        '\ufeffКлиент;Сумма\r\n"Орлова; Вера";8533,99;;2026-11-18 10:42;2026-12-05;\'=1\r\n'
    )


def test_xlsx_opens_with_values(tmp_path):
    file = tmp_path / "list.xlsx"
    with xlsx_file(["Клиент", "Сумма"], [["=Орлова", Decimal("8533.99")]], title="Список") as made:
        file.write_bytes(made.read())
    sheet = load_workbook(file).active

    assert list(sheet.values) == [("Клиент", "Сумма"), ("'=Орлова", 8533.99)]
    assert (sheet.title, sheet.freeze_panes) == ("Список", "A2")


@pytest.mark.parametrize("more", [[], ["Строк больше, чем здесь. В CSV есть все."]])
def test_xlsx_says_when_it_is_not_all(monkeypatch, more):
    monkeypatch.setattr(export, "MOST_XLSX_ROWS", 2)
    rows = [["Орлова"], ["Зимин"], ["Ёлкин"]][: 2 + len(more)]
    with translation.override("ru"), xlsx_file(["Клиент"], rows, title="Список") as made:
        cells = [row[0] for row in load_workbook(made).active.values]

    assert cells == ["Клиент", "Орлова", "Зимин", *more]
