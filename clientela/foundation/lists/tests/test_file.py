"""A list as a file says its words and hours as the request would, though it is read after the request."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook

from clientela.foundation.lists.export import list_file

AT = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


def rows() -> Iterator[list[Any]]:
    for _time in range(2):
        yield [str(gettext_lazy("Yes")), AT, "=1+1", None]


@pytest.mark.parametrize(("language", "zone", "day"), [
    ("ru", "Asia/Vladivostok", "2026-11-25 06:30"), ("en", "Europe/Moscow", "2026-11-24 23:30"),
])  # fmt: skip
def test_read_after_the_request(language: str, zone: str, day: str) -> None:
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        expected = str(gettext_lazy("Yes"))
        answer: Any = list_file("csv", [gettext_lazy("Yes")], rows(), name="вопросы")
    with translation.override("en" if language == "ru" else "ru"):
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines == [expected, *[f"{expected};{day};'=1+1;"] * 2]
    assert "filename*=utf-8''" in answer["Content-Disposition"]


def test_a_sheet_and_nothing_else() -> None:
    with timezone.override(ZoneInfo("Europe/Moscow")):
        answer: Any = list_file("xlsx", ["A"], rows(), name="a", title="Сделки")
    sheet = load_workbook(answer.file_to_stream).active
    assert sheet is not None
    assert (sheet.title, sheet["B2"].value, sheet["C2"].value) == (
        "Сделки",
        datetime(2026, 11, 24, 23, 30),
        "'=1+1",
    )
    answer.file_to_stream.close()
    with pytest.raises(Http404):
        list_file("pdf", [], [], name="a")
