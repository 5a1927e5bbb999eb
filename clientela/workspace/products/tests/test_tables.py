"""The pages of products and tables, and the check over the API."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clientela.foundation.jobs.operations import run_next
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.rating.models import Table, TableVersion
from clientela.modules.rating.operations import checking, versions
from clientela.modules.rating.operations.shipped import load_shipped

START = date(2099, 1, 1)


@pytest.fixture
def base(db: None) -> Table:
    load_shipped(now=timezone.now() - timedelta(days=1))
    return Table.objects.get(code="kasko.base")


def test_a_table_goes_from_its_draft_to_its_day(
    base: Table, product_manager: User, make_user: Any, sign_in: Any
) -> None:
    manager = sign_in(product_manager)
    assert "kasko.base" in manager.get("/products/").content.decode()
    page = f"/products/tables/{base.pk}/"
    assert "11,95" in manager.get(page).content.decode()
    manager.post(f"{page}draft/")
    draft = base.versions.get(number=2)
    at = f"/products/versions/{draft.pk}/"
    cells = [cell for row in draft.rows for cell in row]
    cells[2] = "12,05"
    manager.post(f"{at}rows/", {"cell": [*cells, *[""] * 7]})
    shown = manager.get(f"{page}?v=2").content.decode()
    assert "<del>11,95</del>" in shown
    asked = manager.post(f"/api/v1/tariff-versions/{draft.pk}/check", headers={"Idempotency-Key": "check"})
    assert (asked.status_code, asked.json()["is_passed"]) == (202, False)
    run_next(worker="w", now=timezone.now(), lease=timedelta(minutes=1))
    told = manager.get(f"/api/v1/tariff-versions/{draft.pk}/check").json()
    assert (told["state"], told["is_passed"], told["regression"]["failed"]) == ("done", True, 0)
    manager.post(f"{at}proposal/", {"starts_on": str(START), "reason": "Запчасти"})
    manager.post(f"{at}approval/")
    draft.refresh_from_db()
    assert draft.state == "proposed"
    second = make_user(Role.PRODUCT_MANAGER, "Лариса", "Ким", email="l.kim@prichal.example")
    sign_in(second).post(f"{at}approval/")
    draft.refresh_from_db()
    assert (draft.state, draft.starts_on, draft.approver, draft.rows[0][2]) == (
        "approved",
        START,
        second,
        "12,05",
    )


def test_another_day_is_refused_at_its_field_and_kept_with_the_authors(
    base: Table, product_manager: User, make_user: Any, sign_in: Any
) -> None:
    now = timezone.now()
    draft = versions.make_draft(actor=product_manager, now=now, table=base)
    checking.check(actor=product_manager, now=now, version=draft, cases=[], on=now.date())
    versions.propose(actor=product_manager, now=now, version=draft, starts_on=START, reason="Запчасти")
    second = make_user(Role.PRODUCT_MANAGER, "Лариса", "Ким", email="l.kim@prichal.example")
    at, page = f"/products/versions/{draft.pk}/approval/", f"/products/tables/{base.pk}/?v=2"
    client = sign_in(second)
    silent = client.post(at, {"starts_on": "2099-02-01", "reason": ""})
    assert silent.status_code == 422
    assert "автор о нём узнает" in silent.text
    assert 'value="2099-02-01"' in silent.text
    early = client.post(at, {"starts_on": "2020-02-01", "reason": "Раньше"})
    assert (early.status_code, "Раньше</textarea>" in early.text) == (422, True)
    assert client.post(at, {"starts_on": "завтра", "reason": "Раньше"}).status_code == 422
    over = client.post(
        f"/api/v1/tariff-versions/{draft.pk}/approval", {"starts_on": "2099-02-01"},
        content_type="application/json", headers={"Idempotency-Key": "day"},
    )  # fmt: skip
    assert (over.status_code, over.json()["code"]) == (422, "no_why")
    draft.refresh_from_db()
    assert (draft.state, draft.starts_on) == ("proposed", START)
    kept = client.post(
        f"/api/v1/tariff-versions/{draft.pk}/approval", {"starts_on": "2099-02-01", "comment": "Письма партнёрам"},
        content_type="application/json", headers={"Idempotency-Key": "days"},
    ).json()  # fmt: skip
    assert (kept["state"], kept["starts_on"], kept["asked_starts_on"]) == (
        "approved",
        "2099-02-01",
        "2099-01-01",
    )
    shown = client.get(page).text
    assert "автор просил 01.01.2099" in shown
    assert "действует с 01.02.2099 вместо 01.01.2099" in shown


def test_a_spreadsheet_with_a_fault_changes_nothing_and_names_the_cell(
    base: Table, product_manager: User, sign_in: Any
) -> None:
    manager = sign_in(product_manager)
    manager.post(f"/products/tables/{base.pk}/draft/")
    draft = base.versions.get(number=2)
    at = f"/products/versions/{draft.pk}/"
    content = manager.get(f"{at}file/").content
    answer = manager.post(f"{at}upload/", {"file": SimpleUploadedFile("t.xlsx", content)}, follow=True)
    assert answer.status_code == 200
    manager.post(f"{at}upload/", {"file": SimpleUploadedFile("t.xlsx", b"junk")})
    manager.post(f"{at}rows/", {"cell": ["дорого"] * 7})
    draft.refresh_from_db()
    assert draft.rows == base.versions.get(number=1).rows


def test_an_agent_reads_and_changes_nothing(base: Table, anna: User, sign_in: Any) -> None:
    agent = sign_in(anna)
    page = f"/products/tables/{base.pk}/"
    assert "11,95" in agent.get(page).content.decode()
    assert agent.post(f"{page}draft/").status_code == 403
    assert TableVersion.objects.filter(table=base).count() == 1


def test_a_table_speaks_in_words_compares_versions_and_explains_a_cell(
    product_manager: User, sign_in: Any, db: None
) -> None:
    load_shipped(now=timezone.now() - timedelta(days=1))
    manager = sign_in(product_manager)
    rates = Table.objects.get(code="accident.rate")
    assert "Смерть" in manager.get(f"/products/tables/{rates.pk}/").text
    towns = Table.objects.get(code="osago.kt")
    page = manager.get(f"/products/tables/{towns.pk}/?v=3&with=2").text
    assert "−25,0" in page
    version = towns.versions.get(number=3)
    row = next(place for place, one in enumerate(version.rows, 1) if one[0] == "novosibirsk")
    cell = manager.get(f"/products/versions/{version.pk}/cell/", {"row": row, "column": "cars"}).text
    assert all(value in cell for value in ("2,34", "3,12", "1,56"))
    for junk in (
        {},
        {"row": "0", "column": "cars"},
        {"row": "1", "column": "x"},
        {"row": "9" * 9, "column": "cars"},
    ):
        assert manager.get(f"/products/versions/{version.pk}/cell/", junk).status_code == 404
