"""The list as a file."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client as Browser
from openpyxl import load_workbook

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs import operations as jobs
from clientela.foundation.jobs.models import Job
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.workspace.clients import exporting
from clientela.workspace.clients.views import export as views


@pytest.fixture
def browser(sign_in: Callable[[User], Browser], branch_head: User) -> Browser:
    return sign_in(branch_head)


def test_csv(browser: Browser, vera: Client, vera_policy: Policy, boris_client: Client) -> None:
    Client.objects.filter(pk=vera.pk).update(last_name="=HYPERLINK(1)", city="Казань")
    page = browser.post("/clients/export/", {"query": "", "format": "csv"})
    lines = b"".join(page.streaming_content).decode().split("\r\n")
    assert lines[0] == (
        "\ufeffНомер;Клиент;Категория;Прибыльность;Полисы;Премия за год;Ближайший срок;Последний контакт;Полнота"
    )
    assert lines[1] == f"{vera.pk};'=HYPERLINK(1) Вера Николаевна;Потенциальный;;0;0,00;;;0"
    assert lines[2:] == [""]
    assert page.headers["Content-Disposition"].startswith('attachment; filename="clients-')
    assert Entry.objects.get().changes == {"format": [None, "csv"], "rows": [None, 1], "ids": [None, 0]}


def test_xlsx_of_the_chosen_rows(
    browser: Browser, vera: Client, make_client: Callable[..., Client], anna: User
) -> None:
    other = make_client(anna.agent, "Абрамова", "Алла")
    make_client(anna.agent, "Яшин", "Яков")
    page = browser.post("/clients/export/", {"ids": [other.pk, vera.pk], "format": "xlsx", "query": "q=яшин"})
    sheet = load_workbook(BytesIO(b"".join(page.streaming_content))).active
    assert [row[1] for row in sheet.iter_rows(values_only=True)] == [
        "Клиент", "Абрамова Алла", "Орлова Вера Николаевна",
    ]  # fmt: skip


def test_a_long_list_becomes_a_job(
    browser: Browser, branch_head: User, boris: User, vera: Client, make_client: Callable[..., Client], anna: User,
    sign_in: Callable[[User], Browser], now: datetime, tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(views, "AT_ONCE", 1)
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    monkeypatch.setattr(exporting, "CHUNK", 2)
    monkeypatch.setitem(jobs._kinds, "clients.export", "clientela.workspace.clients.exporting.run_export")
    for number in range(4):
        make_client(anna.agent, f"Клиент{number}", "Иван")
    page = browser.post("/clients/export/", {"query": "order=-name", "format": "csv"})
    job = Job.objects.get()
    assert (page.status_code, page.headers["Location"]) == (302, f"/clients/exports/{job.pk}/")
    assert "Ждёт своей очереди" in browser.get(f"/clients/exports/{job.pk}/").content.decode()
    assert browser.get(f"/clients/exports/{job.pk}/file/").status_code == 404
    assert jobs.run_next(worker="w", now=job.not_before, lease=timedelta(minutes=1)) is True
    job.refresh_from_db()
    assert job.error == ""
    assert (job.state, job.total, job.result["name"][-4:]) == ("done", 5, ".csv")
    assert "Файл готов" in browser.get(f"/clients/exports/{job.pk}/").content.decode()
    text = b"".join(browser.get(f"/clients/exports/{job.pk}/file/").streaming_content).decode()
    assert [line.split(";")[1] for line in text.split("\r\n")[1:-1]] == [
        "Орлова Вера Николаевна", "Клиент3 Иван", "Клиент2 Иван", "Клиент1 Иван", "Клиент0 Иван",
    ]  # fmt: skip
    for path in ("", "file/"):
        assert sign_in(boris).get(f"/clients/exports/{job.pk}/{path}").status_code in {403, 404}


def test_without_the_permission_nothing_leaves(
    anna: User, vera: Client, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(anna)
    for method in (browser.get, browser.post):
        assert method("/clients/export/", {"format": "csv"}).status_code == 403
    assert not Entry.objects.exists()
    assert not Job.objects.exists()
    assert "/clients/export/" not in browser.get("/clients/").content.decode()
