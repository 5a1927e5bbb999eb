"""Refused rows mended in the browser: at the cell, in one go, as a part of the same import."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clientela.foundation.imports.models import ImportRun, RowError
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.workspace.imports.tests.test_wizard import HX, TEXT, go, page, sent, work

ROWS = TEXT + (
    "Козлова Инна Олеговна;12.12.1980;8 960 000 33 82;ХХХ 0412345681;05.12.2025;не знаю;5300\n"
    "Юсупов Рустам Ильич;завтра;8 960 000 33 83;ХХХ 0412345682;32.12.2025;04.12.2026;5400\n"
)


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def head(sign_in: Any, branch_head: Any, osago: Any) -> Browser:
    return sign_in(branch_head)


@pytest.fixture
def run(head: Browser) -> ImportRun:
    """Two rows in, three refused for four cells."""
    head.post(reverse("imports:create"), sent(ROWS))
    run = ImportRun.objects.get()
    for step in ("check", "load"):
        go(head, step, run)
        work()
    run.refresh_from_db()
    assert (run.counts["created"], run.counts["refused"], RowError.objects.filter(fatal=True).count()) == (
        2,
        3,
        4,
    )
    return run


def cell(run: ImportRun, value: str) -> RowError:
    return next(one for one in RowError.objects.filter(run=run) if one.value == value)


def type_in(browser: Browser, error: RowError, value: str) -> Any:
    return browser.post(reverse("imports:fix", args=[error.run_id, error.pk]), {"value": value}, headers=HX)


def work_all() -> None:
    """The worker does what is queued, in its order."""
    now = timezone.now() + timedelta(minutes=1)
    while run_next(worker="test", now=now, lease=timedelta(seconds=60)):
        pass
    assert not Job.objects.exclude(state=Job.State.DONE).exists()


def test_the_page_shows_the_wrong_cells_as_given_by_cause(head: Browser, run: ImportRun) -> None:
    html = page(head, "result", run)
    assert html.count('name="value"') == 4
    for given in ("31.02.1979", "не знаю", "завтра", "32.12.2025", "Козлова Инна Олеговна"):
        assert given in html
    assert "Загрузить исправленные, 0" in html
    one = head.get(reverse("imports:result", args=[run.pk]), {"cause": "date_none|client.birth_date"})
    assert one.content.decode().count('name="value"') == 1


def test_a_value_is_checked_at_its_cell(head: Browser, run: ImportRun) -> None:
    error = cell(run, "31.02.1979")
    wrong = type_in(head, error, "30.02.1979")
    assert wrong.status_code == 422
    html = wrong.content.decode()
    assert 'value="30.02.1979"' in html
    assert 'aria-invalid="true"' in html
    assert "Такого дня нет" in html
    assert RowError.objects.get(pk=error.pk).fixed == ""

    right = type_in(head, error, " 28.02.1979 ")
    assert right.status_code == 200
    assert "Загрузить исправленные, 1" in right.content.decode().replace("\xa0", " ")
    assert RowError.objects.get(pk=error.pk).fixed == "28.02.1979"
    assert "Загрузить исправленные, 0" in type_in(head, error, "").content.decode().replace("\xa0", " ")


def test_a_dash_leaves_out_what_is_not_needed(head: Browser, run: ImportRun) -> None:
    assert type_in(head, cell(run, "не знаю"), "—").status_code == 422  # no policy without its end
    assert type_in(head, cell(run, "31.02.1979"), "—").status_code == 200
    go(head, "again", run)
    work()
    assert Client.objects.get(last_name="Хузин").birth_date is None


def test_a_row_is_ready_when_each_of_its_cells_is(head: Browser, run: ImportRun) -> None:
    type_in(head, cell(run, "завтра"), "01.02.1980")
    assert "Загрузить исправленные, 0" in page(head, "result", run)
    type_in(head, cell(run, "32.12.2025"), "05.12.2025")
    assert "Загрузить исправленные, 1" in page(head, "result", run)


def mend(browser: Browser, run: ImportRun) -> ImportRun:
    """Two of the three rows brought in again."""
    type_in(browser, cell(run, "31.02.1979"), "28.02.1979")
    type_in(browser, cell(run, "не знаю"), "04.12.2026")
    answer = go(browser, "again", run)
    part = ImportRun.objects.get(mends=run)
    assert answer["Location"] == reverse("imports:load", args=[part.pk])
    return part


def test_the_mended_go_in_at_once_by_the_same_pipeline(head: Browser, run: ImportRun) -> None:
    part = mend(head, run)
    assert "import-progress" in page(head, "load", part)
    work()
    part.refresh_from_db()
    assert (part.counts["created"], part.counts["refused"]) == (2, 0)
    assert Client.objects.get(last_name="Хузин").birth_date == date(1979, 2, 28)
    assert Policy.objects.get(client__last_name="Козлова").end_date == date(2026, 12, 4)

    whole = page(head, "result", run)
    assert whole.count('name="value"') == 2  # the row that nobody mended
    assert reverse("imports:result", args=[part.pk]) in whole
    assert "Исправленные строки файла «autosalon_oct.csv»" in page(head, "result", part)
    file = b"".join(head.get(reverse("imports:errors", args=[run.pk])).streaming_content).decode("utf-8-sig")
    assert "Юсупов" in file
    assert "Хузин" not in file
    assert go(head, "again", run)["Location"] == reverse("imports:result", args=[run.pk])
    assert ImportRun.objects.count() == 2


def test_what_is_refused_again_is_mended_where_it_was(head: Browser, run: ImportRun) -> None:
    """A value that got round the check at its cell."""
    part = mend(head, run)
    work()
    type_in(head, cell(run, "завтра"), "01.02.1980")
    RowError.objects.filter(pk=cell(run, "32.12.2025").pk).update(fixed="05.13.2025")
    go(head, "again", run)
    work()
    second = ImportRun.objects.exclude(pk__in=[run.pk, part.pk]).get()
    assert (second.counts["created"], second.counts["refused"]) == (0, 1)
    assert "не принято снова: 1" in page(head, "result", run)
    assert page(head, "result", second).count('name="value"') == 1
    type_in(head, cell(second, "05.13.2025"), "05.12.2025")
    go(head, "again", second)
    work()
    assert Client.objects.filter(last_name="Юсупов").exists()


def test_taking_the_import_back_takes_back_what_was_mended(head: Browser, run: ImportRun) -> None:
    part = mend(head, run)
    work()
    assert Client.objects.count() == 4
    assert go(head, "undo", run).status_code == 302
    work_all()
    assert (Client.objects.count(), Policy.objects.count()) == (0, 0)
    states = dict(ImportRun.objects.values_list("pk", "state"))
    assert states == {run.pk: "undone", part.pk: "undone"}


def test_a_part_taken_back_alone_can_be_mended_again(head: Browser, run: ImportRun) -> None:
    part = mend(head, run)
    work()
    go(head, "undo", part)
    work_all()
    assert sorted(Client.objects.values_list("last_name", flat=True)) == ["Гарипов", "Лебедева"]
    html = page(head, "result", run)
    assert html.count('name="value"') == 4
    assert "Загрузить исправленные, 2" in html


def test_only_who_sees_the_import_mends_it(
    head: Browser, run: ImportRun, sign_in: Any, make_user: Any, anna: Any
) -> None:
    other = make_user("branch_head", "Нина", "Котова")
    error = cell(run, "31.02.1979")
    assert type_in(sign_in(other), error, "28.02.1979").status_code == 404
    assert go(sign_in(other), "again", run).status_code == 404
    assert type_in(sign_in(anna), error, "28.02.1979").status_code == 403
    assert RowError.objects.get(pk=error.pk).fixed == ""
    assert ImportRun.objects.count() == 1


def test_without_scripts_the_page_comes_back(head: Browser, run: ImportRun) -> None:
    error = cell(run, "31.02.1979")
    address = reverse("imports:fix", args=[run.pk, error.pk])
    assert "Такого дня нет" in head.post(address, {"value": "30.02.1979"}, follow=True).content.decode()
    assert 'value="28.02.1979"' in head.post(address, {"value": "28.02.1979"}, follow=True).content.decode()


def test_a_program_mends_them_too(head: Browser, run: ImportRun) -> None:
    base = f"/api/v1/imports/{run.pk}"

    def put(error: dict[str, Any], value: str) -> Any:
        address = f"{base}/errors/{error['id']}"
        return head.put(address, json.dumps({"value": value}), content_type="application/json")

    errors = {error["value"]: error for error in head.get(f"{base}/errors").json()["items"]}
    wrong = put(errors["31.02.1979"], "30.02.1979")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "still_wrong")
    assert head.post(f"{base}/mended", headers={"Idempotency-Key": "a"}).status_code == 409
    assert put(errors["31.02.1979"], "28.02.1979").json()["fixed"] == "28.02.1979"

    answer = head.post(f"{base}/mended", headers={"Idempotency-Key": "b"})
    part = answer.json()
    assert (answer.status_code, part["state"], part["rows"], part["mends"]) == (202, "running", 1, run.pk)
    work()
    assert head.get(f"/api/v1/imports/{part['id']}").json()["counts"]["created"] == 1
    assert put(errors["31.02.1979"], "27.02.1979").status_code == 409
