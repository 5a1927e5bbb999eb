"""Shipped texts on a base that is older than they are."""

import importlib
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contracts.models import Policy
from clientela.modules.documents import operations
from clientela.modules.documents.models import Template
from clientela.modules.documents.operations import shipped

OFFER = {"kind": "offer", "product_code": "", "language": "ru"}


@pytest.fixture
def update(papers: Path, tmp_path: Path, monkeypatch: Any, now: datetime) -> Any:
    """``update("…")``: the product is updated, and ships this text of an offer."""
    count = iter(range(1, 9))

    def arrive(text: str) -> int:
        number = next(count)
        folder = tmp_path / f"shipped{number}"
        shutil.copytree(shipped.FOLDER, folder)
        (folder / "offer.ru.html").write_text(text, encoding="utf-8")
        monkeypatch.setattr(shipped, "FOLDER", folder)
        return operations.load_shipped(now=now + timedelta(days=number))

    return arrive


def offers() -> list[tuple[int, str, str]]:
    rows = Template.objects.filter(**OFFER).order_by("number")
    return [(row.number, row.state, row.html[:40]) for row in rows]


def written(actor: User, other: User, now: datetime, text: str) -> Template:
    """The company's own text in force."""
    draft = operations.edit_template(actor=actor, now=now, name="Наше", html=text, **OFFER)
    operations.propose_template(actor=actor, now=now, template=draft)
    return operations.approve_template(actor=other, now=now, template=draft)


def test_what_nobody_edited_follows_the_product(update: Any, now: datetime) -> None:
    before = Template.objects.count()
    assert operations.load_shipped(now=now) == 0
    assert update("<h1>Новое</h1>") == 1
    assert [row[:2] for row in offers()] == [(1, "retired"), (2, "active")]
    assert offers()[1][2] == "<h1>Новое</h1>"
    assert operations.load_shipped(now=now) == 0
    assert Template.objects.count() == before + 1
    assert update("<h1>Ещё новее</h1>") == 1
    assert [row[1] for row in offers()] == ["retired", "retired", "active"]
    entry = Entry.objects.filter(action="document_template.followed").latest("id")
    assert (entry.changes, entry.actor) == ({"version": [2, 3]}, None)


def test_a_document_keeps_the_version_it_was_made_from(
    update: Any, anna: User, vera_policy: Policy, now: datetime
) -> None:
    from clientela.modules.contracts.operations import prepare_project

    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    first = operations.make(
        document_id=operations.ask_document(actor=anna, now=now, kind="offer", project=project).pk, now=now
    )
    update("<h1>Новое</h1>")
    second = operations.make(
        document_id=operations.ask_document(actor=anna, now=now, kind="offer", project=project).pk, now=now
    )
    first.refresh_from_db()
    assert first.template is not None
    assert second.template is not None
    assert (first.template.number, second.template.number) == (1, 2)


def test_what_the_company_wrote_stays_and_is_told(
    update: Any, administrator: User, product_manager: User, now: datetime
) -> None:
    own = written(product_manager, administrator, now, "<p>Наше {{ product }}</p>")
    assert shipped.newer_shipped(own) == ""
    assert update("<h1>Новое</h1>") == 0
    assert offers()[-1] == (2, "active", "<p>Наше {{ product }}</p>")
    assert shipped.newer_shipped(own) == "<h1>Новое</h1>"
    taken = operations.take_shipped(actor=administrator, now=now, template=own)
    assert (taken.number, taken.html, taken.author, taken.approved_by) == (
        3,
        "<h1>Новое</h1>",
        None,
        administrator,
    )
    assert [row[1] for row in offers()] == ["retired", "retired", "active"]
    with pytest.raises(operations.NothingShipped):
        operations.take_shipped(actor=administrator, now=now, template=taken)
    # taken over it is the product's again and follows
    assert update("<h1>Ещё новее</h1>") == 1
    # and the company's own comes back from the list of versions
    own.refresh_from_db()
    back = operations.restore_template(actor=administrator, now=now, template=own)
    assert (back.number, back.html, back.state) == (5, "<p>Наше {{ product }}</p>", "active")
    assert shipped.newer_shipped(back) == ""
    assert update("<h1>Третье</h1>") == 0
    assert shipped.newer_shipped(back) == "<h1>Третье</h1>"
    with pytest.raises(operations.NotRetired):
        operations.restore_template(actor=administrator, now=now, template=back)


def test_to_keep_the_own_text_is_asked_once_for_each_shipped_one(
    update: Any, administrator: User, product_manager: User, now: datetime
) -> None:
    own = written(product_manager, administrator, now, "<p>Наше</p>")
    update("<h1>Новое</h1>")
    own = operations.keep_own(actor=product_manager, now=now, template=own)
    assert shipped.newer_shipped(own) == ""
    assert update("<h1>Новое</h1>") == 0
    update("<h1>Ещё новее</h1>")
    assert shipped.newer_shipped(own) == "<h1>Ещё новее</h1>"


def test_a_draft_in_work_is_not_lost(
    update: Any, administrator: User, product_manager: User, now: datetime
) -> None:
    draft = operations.edit_template(actor=product_manager, now=now, name="Наше", html="<p>Наше</p>", **OFFER)
    assert update("<h1>Новое</h1>") == 1
    assert [row[:2] for row in offers()] == [(1, "retired"), (2, "draft"), (3, "active")]
    operations.propose_template(actor=product_manager, now=now, template=draft)
    own = operations.approve_template(actor=administrator, now=now, template=draft)
    assert [row[1] for row in offers()] == ["retired", "active", "retired"]
    assert shipped.newer_shipped(own) == "<h1>Новое</h1>"  # it began with the older one
    assert operations.load_shipped(now=now) == 0


def test_only_who_writes_templates_takes_or_keeps(
    update: Any, anna: User, administrator: User, product_manager: User, now: datetime
) -> None:
    own = written(product_manager, administrator, now, "<p>Наше</p>")
    update("<h1>Новое</h1>")
    for act in (operations.take_shipped, operations.keep_own, operations.restore_template):
        with pytest.raises(PermissionDenied):
            act(actor=anna, now=now, template=own)
    assert offers()[-1] == (2, "active", "<p>Наше</p>")


def test_a_base_installed_earlier_learns_what_was_shipped(
    update: Any, administrator: User, product_manager: User, now: datetime
) -> None:
    """The migration: what no person wrote is the product's, what followed began with it."""
    own = written(product_manager, administrator, now, "<p>Наше</p>")
    Template.objects.update(shipped="")
    assert update("<h1>Новое</h1>") == 0  # nothing is known, so nothing is touched
    migration = importlib.import_module("clientela.modules.documents.migrations.0004_shipped_texts")
    migration.name_the_shipped(apps, None)
    own.refresh_from_db()
    assert own.shipped == Template.objects.get(**OFFER, number=1).shipped != ""
    assert shipped.newer_shipped(own) == "<h1>Новое</h1>"
    for row in Template.objects.filter(state="active").exclude(pk=own.pk):
        assert row.shipped == shipped.digest_of(row.html)
    Template.objects.filter(kind="invoice", product_code="", language="ru").update(
        html="<p>старый счёт</p>", shipped=shipped.digest_of("<p>старый счёт</p>")
    )
    assert operations.load_shipped(now=now) == 1
    assert "Счёт" in Template.objects.get(kind="invoice", product_code="", language="ru", state="active").html


def test_over_the_api(
    call: Call, update: Any, anna: User, administrator: User, product_manager: User, now: datetime
) -> None:
    own = written(product_manager, administrator, now, "<p>Наше</p>")
    path = f"/document-templates/{own.pk}"
    assert call(administrator, "get", f"{path}/shipped")[1] == {"html": ""}
    assert call(administrator, "post", f"{path}/shipped", {})[0] == 409
    update("<h1>Новое</h1>")
    assert call(anna, "get", f"{path}/shipped")[0] == 403
    assert call(administrator, "get", f"{path}/shipped")[1] == {"html": "<h1>Новое</h1>"}
    status, taken = call(administrator, "post", f"{path}/shipped", {})
    assert (status, taken["number"], taken["state"]) == (200, 3, "active")
    status, back = call(administrator, "post", f"{path}/restoration", {})
    assert (status, back["number"], back["html"]) == (200, 4, "<p>Наше</p>")
    update("<h1>Ещё новее</h1>")
    assert call(administrator, "delete", f"/document-templates/{back['id']}/shipped")[0] == 200
    assert call(administrator, "delete", f"/document-templates/{back['id']}/shipped")[0] == 409
