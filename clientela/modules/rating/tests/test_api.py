"""Premiums and tariffs over the API."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client as Browser

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.rating.models import Table, TableVersion
from clientela.modules.rating.operations.checking import check
from clientela.modules.rating.operations.versions import make_draft, propose

pytestmark = pytest.mark.usefixtures("tariffs")
FACTS = {"category": "B", "territory": "kazan", "power": 123.5, "base_rate": 5430.1, "drivers": [
    {"age": 42, "experience": 20, "kbm": "10"}]}  # fmt: skip
ASKED = {"product": "osago", "facts": FACTS, "on": "2026-12-01"}


@pytest.fixture
def agent(sign_in: Any, anna: User) -> Browser:
    browser: Browser = sign_in(anna)
    return browser


def post(browser: Browser, path: str, body: Any) -> tuple[int, Any]:
    answer = browser.post(
        f"/api/v1/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": path},
    )
    return answer.status_code, answer.json()


def test_a_premium_comes_with_its_explanation_and_verdict(agent: Browser) -> None:
    status, told = post(agent, "premiums", ASKED)
    assert status == 200
    assert told["amount"] == "7409.12"  # 5430.10 × 1.70 × 0.63 × 0.91 × 1.4
    assert told["factors"][1] | {"title": "", "why": ""} == {
        "code": "KT", "label": "КТ", "title": "", "value": "1.70", "why": "", "table": "osago.kt", "version": 3,
        "running": "9231.170", "part": "",
    }  # fmt: skip
    assert (told["verdict"], told["reasons"]) == ("accept", [])


def test_missing_and_unknown_facts_are_named(agent: Browser) -> None:
    status, told = post(agent, "premiums", ASKED | {"facts": {"category": "B", "unlimited": True}})
    assert (status, told["code"]) == (422, "missing_facts")
    status, told = post(
        agent, "premium-lists", {"items": [ASKED, ASKED | {"facts": FACTS | {"territory": "atlantis"}}]}
    )
    assert status == 200
    assert told[0]["premium"]["amount"] == "7409.12"
    assert (told[1]["problem"]["code"], told[1]["problem"]["keys"]) == ("out_of_tariff", ["territory"])


def test_questions_come_with_the_choices_of_the_day(agent: Browser) -> None:
    told = agent.get("/api/v1/products/osago/definition?on=2026-12-01").json()
    territory = next(question for question in told["questions"] if question["key"] == "territory")
    assert {"value": "kazan", "title": "Казань", "title_en": "Kazan"} in territory["choices"]
    assert len(territory["choices"]) == 85
    assert agent.get("/api/v1/products/none/definition").status_code == 404
    assert agent.get("/api/v1/products/osago/definition?on=1999-01-01").status_code == 422
    assert agent.get("/api/v1/products/osago/versions").json() == [
        {"number": 1, "state": "active", "starts_on": "2022-09-09"}
    ]


def test_tables_are_read_with_every_version(agent: Browser) -> None:
    told = agent.get("/api/v1/tariff-tables?product=osago").json()
    territory = next(table for table in told if table["code"] == "osago.kt")
    assert [version["starts_on"] for version in territory["versions"]] == [
        "2026-06-22", "2025-12-09", "2022-09-09",
    ]  # fmt: skip
    newest = agent.get(f"/api/v1/tariff-versions/{territory['versions'][0]['id']}").json()
    assert len(newest["rows"]) == 85
    assert TableVersion.objects.get(pk=newest["id"]).rows == newest["rows"]


def test_nobody_prices_without_the_permission(client: Browser) -> None:
    assert post(client, "premiums", ASKED)[0] == 401


def test_a_draft_is_written_and_held_back_until_it_is_checked(
    sign_in: Any, product_manager: User, agent: Browser
) -> None:
    assert post(agent, "tariff-drafts", {"table": "kasko.base"})[0] == 403
    manager = sign_in(product_manager)
    status, draft = post(manager, "tariff-drafts", {"table": "kasko.base"})
    assert (status, draft["number"], draft["state"]) == (201, 2, "draft")
    path = f"tariff-versions/{draft['id']}"
    rows = [*draft["rows"][:-1], [*draft["rows"][-1][:2], "4,20", *draft["rows"][-1][3:]]]
    written = manager.put(
        f"/api/v1/{path}/rows", json.dumps({"rows": rows, "changed_at": draft["changed_at"]}),
        content_type="application/json",
    )  # fmt: skip
    assert (written.status_code, written.json()["rows"][-1][2]) == (200, "4,20")
    proposal = {"starts_on": "2099-01-01", "reason": "Цены"}
    status, told = post(manager, f"{path}/proposal", proposal)
    assert (status, told["code"]) == (422, "not_checked")
    assert post(manager, f"{path}/approval", None)[0] == 409
    assert TableVersion.objects.get(pk=draft["id"]).state == "draft"


def test_the_second_person_approves_with_a_comment(
    sign_in: Any, product_manager: User, make_user: Any, now: datetime
) -> None:
    draft = make_draft(actor=product_manager, now=now, table=Table.objects.get(code="kasko.base"))
    check(actor=product_manager, now=now, version=draft, cases=[], on=now.date())
    day = date(2099, 1, 1)
    propose(actor=product_manager, now=now, version=draft, starts_on=day, reason="Цены")
    second = sign_in(make_user(Role.PRODUCT_MANAGER, "Лариса", "Ким", email="l.kim@prichal.example"))
    status, told = post(second, f"tariff-versions/{draft.pk}/approval", {"comment": "Согласна"})
    assert (status, told["state"]) == (200, "approved")
    assert Entry.objects.get(action="tariff.approved").reason == "Согласна"
