"""The wizard from the file to the undo, as a person walks it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clientela.foundation.imports.models import ImportRun
from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Placement

HX = {"HX-Request": "true"}
TEXT = (
    "ФИО;дата рожд.;Телефон;Полис;начало;Окончание полиса;Премия\n"
    "Гарипов Марсель Айдарович;14.03.1988;8 917 000 21 40;ХХХ 0412345678;29.11.2025;28.11.2026;8533,99\n"
    "Лебедева Ольга Петровна;02.09.1999;8 987 000 40 15;ХХХ 0412345679;18.12.2025;17.12.2026;4100\n"
    "Хузин Ильнур Раисович;31.02.1979;8 960 000 33 81;ХХХ 0412345680;05.12.2025;04.12.2026;5200\n"
)


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def sent(text: str | bytes = TEXT, name: str = "autosalon_oct.csv", **answers: str) -> dict[str, Any]:
    content = text.encode() if isinstance(text, str) else text
    data = {"file": SimpleUploadedFile(name, content), "target": "portfolio", "branch": "kazan"}
    return {**data, "product": "osago", "existing": "fill", **answers}


def work() -> None:
    """The worker's part."""
    job = Job.objects.filter(state=Job.State.QUEUED).latest("id")
    due = max(job.not_before, timezone.now()) + timedelta(seconds=1)
    assert run_next(worker="test", now=due, lease=timedelta(seconds=60), only=job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error


def go(browser: Browser, step: str, run: ImportRun, **data: str) -> Any:
    return browser.post(reverse(f"imports:{step}", args=[run.pk]), data)


def page(browser: Browser, name: str, run: ImportRun) -> str:
    answer = browser.get(reverse(f"imports:{name}", args=[run.pk]))
    assert answer.status_code == 200, answer
    return answer.content.decode().replace("\xa0", " ")


@pytest.fixture
def head(sign_in: Callable[[User], Browser], branch_head: User, osago: Any) -> Browser:
    return sign_in(branch_head)


@pytest.fixture
def run(head: Browser) -> ImportRun:
    answer = head.post(reverse("imports:create"), sent())
    run = ImportRun.objects.get()
    assert answer["Location"] == reverse("imports:columns", args=[run.pk])
    return run


def chosen(run: ImportRun) -> dict[str, str]:
    run.refresh_from_db()
    return {code: how["from"] for code, how in run.mapping["definition"]["fields"].items()}


def test_every_step_from_the_file_to_the_undo(head: Browser, run: ImportRun) -> None:
    assert (run.rows, run.source, run.answers) == (
        3, "autosalon_oct", {"branch": "kazan", "product": "osago", "existing": "fill"},
    )  # fmt: skip
    assert chosen(run) == {
        "client.full_name": "ФИО", "client.birth_date": "дата рожд.", "client.phone": "Телефон",
        "policy.number": "Полис", "policy.start_date": "начало", "policy.end_date": "Окончание полиса",
        "policy.premium": "Премия",
    }  # fmt: skip
    columns = page(head, "columns", run)
    assert "Гарипов Марсель Айдарович" in columns
    assert "8 917 000 21 40" not in columns  # phones are masked: 8 9•••0

    assert go(head, "check", run)["Location"] == reverse("imports:check", args=[run.pk])
    assert "import-progress" in page(head, "check", run)
    work()
    done = head.get(reverse("imports:progress", args=[run.pk]), headers=HX)
    assert done["HX-Redirect"] == reverse("imports:check", args=[run.pk])
    run.refresh_from_db()
    counts = ("created", "changed", "same", "refused")
    assert [run.check_result[name] for name in counts] == [2, 0, 0, 1]
    assert Client.objects.count() == 0
    checked = page(head, "check", run)
    assert "31.02.1979" in checked
    assert "Лебедева Ольга Петровна" in checked
    assert page(head, "columns", run)  # reopened
    assert page(head, "layout", run)

    assert go(head, "load", run)["Location"] == reverse("imports:load", args=[run.pk])
    assert "import-progress" in page(head, "load", run)
    work()
    run.refresh_from_db()
    assert [run.counts[name] for name in counts] == [2, 0, 0, 1]
    assert sorted(Client.objects.values_list("last_name", "branch__code")) == [
        ("Гарипов", "kazan"), ("Лебедева", "kazan"),
    ]  # fmt: skip
    assert Policy.objects.count() == 2
    assert reverse("imports:errors", args=[run.pk]) in page(head, "result", run)
    file = head.get(reverse("imports:errors", args=[run.pk]))
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "Хузин Ильнур Раисович;31.02.1979" in lines[1]

    assert go(head, "undo", run)["Location"] == reverse("imports:load", args=[run.pk])
    work()
    run.refresh_from_db()
    assert (run.state, Client.objects.count(), Policy.objects.count()) == ("undone", 0, 0)
    assert page(head, "result", run)
    assert "autosalon_oct.csv" in head.get(reverse("imports:list")).content.decode()


def test_a_pause_is_kept_and_gone_on_from(head: Browser, run: ImportRun) -> None:
    go(head, "check", run)
    work()
    go(head, "load", run)
    go(head, "pause", run)
    run.refresh_from_db()
    assert run.job is not None
    assert run.job.state == Job.State.PAUSED
    assert reverse("imports:resume", args=[run.pk]) in page(head, "load", run)
    go(head, "resume", run)
    work()
    run.refresh_from_db()
    assert (run.state, Client.objects.count()) == ("done", 2)


def test_nothing_is_loaded_before_the_check(head: Browser, run: ImportRun) -> None:
    assert go(head, "load", run)["Location"] == reverse("imports:columns", args=[run.pk])
    assert (Job.objects.filter(kind="imports.run").count(), Client.objects.count()) == (0, 0)


def test_a_select_is_kept_and_takes_the_field_from_another_column(head: Browser, run: ImportRun) -> None:
    url = reverse("imports:choose", args=[run.pk, 4])
    answer = head.post(url, {"field": "client.birth_date"}, headers=HX)
    assert answer.status_code == 200
    assert "toast" in answer["HX-Trigger"]
    fields = chosen(run)
    assert fields["client.birth_date"] == "начало"
    assert "policy.start_date" not in fields
    assert "дата рожд." not in fields.values()
    head.post(url, {"field": ""}, headers=HX)
    assert "client.birth_date" not in chosen(run)


@pytest.mark.parametrize(("index", "field"), [(0, "client.nonsense"), (99, "client.phone")])
def test_an_unknown_field_or_column_changes_nothing(
    head: Browser, run: ImportRun, index: int, field: str
) -> None:
    before = chosen(run)
    assert head.post(reverse("imports:choose", args=[run.pk, index]), {"field": field}).status_code == 422
    assert chosen(run) == before


def test_a_check_without_any_column_says_what_lacks(head: Browser, run: ImportRun) -> None:
    for index in range(7):
        head.post(reverse("imports:choose", args=[run.pk, index]), {"field": ""}, headers=HX)
    assert go(head, "check", run).status_code == 422
    run.refresh_from_db()
    assert (run.state, Job.objects.filter(kind="imports.check").count()) == ("mapping", 0)


def test_a_mapping_kept_under_a_name_reads_the_next_file(head: Browser, run: ImportRun) -> None:
    head.post(reverse("imports:choose", args=[run.pk, 6]), {"field": ""}, headers=HX)
    assert head.post(reverse("imports:keep_mapping", args=[run.pk]), {"name": "--"}).status_code == 422
    go(head, "keep_mapping", run, name="Автосалон")
    head.post(reverse("imports:create"), sent(name="nov.csv"))
    second = ImportRun.objects.latest("id")
    assert second.mapping["code"] == "автосалон"
    assert chosen(second) == chosen(run)


def test_a_file_read_another_way_and_back(head: Browser, run: ImportRun) -> None:
    before = chosen(run)
    url = reverse("imports:layout", args=[run.pk])
    bad = head.post(url, {"encoding": "utf-8", "separator": "::", "header_row": "1"})
    late = head.post(url, {"encoding": "utf-8", "separator": ";", "header_row": "30"})
    assert (bad.status_code, late.status_code) == (422, 422)
    assert (chosen(run), run.rows) == (before, 3)
    assert head.post(url, {"encoding": "utf-8", "separator": ";", "header_row": "2"}).status_code == 302
    run.refresh_from_db()
    assert run.rows == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty.csv"), (b"%PDF-1.7\n\x00\x01\x02\x00binary", "policy.pdf"), (b"PK\x03\x04broken", "table.xlsx"), (b"a;b\n", "head.csv")],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_at_the_field(head: Browser, content: bytes, name: str) -> None:
    answer = head.post(reverse("imports:create"), sent(content, name))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["file"]
    assert ImportRun.objects.count() == 0


def test_a_branch_out_of_sight_is_refused_at_the_field(head: Browser, ulyanovsk: Any) -> None:
    answer = head.post(reverse("imports:create"), sent(branch="ulyanovsk"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["branch"])
    assert ImportRun.objects.count() == 0


def test_foreign_runs_are_not_there(
    sign_in: Any, make_user: Any, renewals_manager: User, anna: User, ulyanovsk: Any, run: ImportRun
) -> None:
    other = make_user(Role.BRANCH_HEAD, "Олег", "Дымов")
    Placement.objects.create(user=other, branch=ulyanovsk)
    stranger = sign_in(other)
    for name in ("open", "columns", "layout", "check", "load", "progress", "result", "errors"):
        assert stranger.get(reverse(f"imports:{name}", args=[run.pk])).status_code == 404
    for name in ("answer", "take_mapping", "keep_mapping", "check", "load", "pause", "resume", "undo"):
        assert go(stranger, name, run).status_code == 404
    assert stranger.post(reverse("imports:choose", args=[run.pk, 0]), {"field": ""}).status_code == 404
    run.refresh_from_db()
    assert (run.state, len(chosen(run)), Job.objects.filter(kind__startswith="imports.").count()) == (
        "mapping",
        7,
        0,
    )
    assert "autosalon_oct.csv" not in stranger.get(reverse("imports:list")).content.decode()
    assert "autosalon_oct.csv" in sign_in(renewals_manager).get(reverse("imports:list")).content.decode()
    assert sign_in(anna).get(reverse("imports:list")).status_code == 403
