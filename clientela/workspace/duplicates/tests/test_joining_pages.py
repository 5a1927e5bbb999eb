"""The rules that join: looked at, switched on, what they joined, and taking it back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import run_next
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.resolution.models import JoinRules, JoinRun, LinkModel, Pair
from clientela.workspace.quotes.tests.test_window import text_of

RULES = {"on": "on", "threshold": "99,9", "source": ["web"]}
SignIn = Callable[[User], Browser]


@pytest.fixture
def two(make_client: Any, anna: User, now: datetime) -> list[Client]:
    """Two cards that a site made of one person, a certain pair."""
    cards = [make_client(anna.agent, "Зорина", "Вера") for _ in range(2)]
    ContactPoint.objects.bulk_create(
        ContactPoint(client=card, kind="phone", value="+79170004199", source="shop", created_at=now)
        for card in cards
    )
    Pair.objects.create(
        low_card=cards[0].pk, high_card=cards[1].pk, probability=0.99991, weight=13, certain=True, seen_by_job=1,
        model=LinkModel.objects.create(parameters={}, cards=2, made_at=now, is_active=True),
    )  # fmt: skip
    return cards


def work(kind: str) -> None:
    job = Job.objects.get(kind=kind, state="queued")
    run_next(worker="w", now=job.not_before, lease=timedelta(minutes=5), only=job.pk)


def seen_on(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def test_rules_are_looked_at_switched_on_and_what_they_did_is_undone(
    two: list[Client], administrator: User, sign_in: SignIn, now: datetime
) -> None:
    browser = sign_in(administrator)
    page = text_of(browser.get("/duplicates/rules/", RULES))
    assert "Объединится 1 клиент, на 1 карточку меньше" in page
    assert not JoinRules.objects.exists()
    refused = browser.post("/duplicates/rules/", RULES)
    assert refused.status_code == 422
    assert "Сначала посмотрите" in text_of(refused)
    browser.post("/duplicates/rules/", RULES | {"seen": seen_on(page), "note": "С сайта"})
    version = JoinRules.objects.get()
    assert (version.on, version.threshold, version.sources, version.made_by) == (
        True,
        0.999,
        ["web"],
        administrator,
    )
    work("resolution.join")
    assert Client.objects.filter(pk__in=[card.pk for card in two]).count() == 1
    joined = text_of(browser.get("/duplicates/joins/"))
    assert f'action="/duplicates/{Pair.objects.get().pk}/undoing/"' in joined
    run = JoinRun.objects.get()
    browser.post("/duplicates/joins/undoing/", {"run": run.pk})
    assert "отменяется" in text_of(browser.get("/duplicates/joins/"))
    work("resolution.unjoin")
    assert Client.objects.filter(pk__in=[card.pk for card in two]).count() == 2
    assert "отменено" in text_of(browser.get(f"/duplicates/joins/?run={run.pk}"))


def test_what_the_rules_leave_is_told(two: list[Client], administrator: User, sign_in: SignIn) -> None:
    page = text_of(sign_in(administrator).get("/duplicates/rules/", RULES | {"source": ["own"]}))
    assert "не объединят ничего" in page
    assert "карточка из источника, который без человека не объединяют" in page


@pytest.mark.parametrize("threshold", ["", "много", "-1", "NaN", "1e400", "100"])
def test_nonsense_for_a_probability_is_refused(administrator: User, sign_in: SignIn, threshold: str) -> None:
    browser = sign_in(administrator)
    assert browser.get("/duplicates/rules/", {"threshold": threshold}).status_code == 200
    assert browser.post("/duplicates/rules/", RULES | {"threshold": threshold}).status_code == 422


def test_who_only_merges_sees_the_rules_and_changes_nothing(
    two: list[Client], branch_head: User, anna: User, sign_in: SignIn
) -> None:
    browser = sign_in(branch_head)
    assert "Показать, что объединится" not in text_of(browser.get("/duplicates/rules/"))
    assert browser.post("/duplicates/rules/", RULES).status_code == 403
    assert browser.post("/duplicates/joins/undoing/", {"run": 1}).status_code == 403
    assert browser.get("/duplicates/joins/").status_code == 200
    assert browser.get("/duplicates/joins/?run=77").status_code == 404
    assert sign_in(anna).get("/duplicates/rules/").status_code == 403


def test_the_api_plans_switches_on_and_takes_back(
    two: list[Client], administrator: User, sign_in: SignIn, now: datetime
) -> None:
    browser = sign_in(administrator)
    assert browser.get("/api/v1/duplicate-rules").json()["on"] is False
    plan = browser.get("/api/v1/duplicate-rules/plan?threshold=0.999&sources=web").json()
    assert (plan["clients"], plan["cards_fewer"]) == (1, 1)
    body = {"on": True, "threshold": 0.999, "sources": ["web"]}

    def post(path: str, body: dict[str, Any], key: str) -> Any:
        return browser.post(
            f"/api/v1/{path}", body, content_type="application/json", HTTP_IDEMPOTENCY_KEY=key
        )

    assert post("duplicate-rules", body, "a").status_code == 409
    assert post("duplicate-rules", body | {"seen": plan["seen"]}, "b").status_code == 201
    work("resolution.join")
    run = browser.get("/api/v1/duplicate-joins").json()["items"][0]
    assert run["finished_at"]
    assert post("duplicate-joins/undoing", {"run": run["id"]}, "c").status_code == 202
    work("resolution.unjoin")
    assert browser.get("/api/v1/duplicate-joins").json()["items"][0]["undone_at"]
