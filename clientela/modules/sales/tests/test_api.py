"""Sales over the API."""

from collections.abc import Callable
from typing import Any

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.sales.models import Deal, Funnel


@pytest.fixture
def ask(client: Any) -> Callable[..., Any]:
    """``ask(anna, "post", "/deals", {...})``"""
    keys = iter(range(100))

    def send(user: User, method: str, path: str, body: Any = None) -> Any:
        client.force_login(user)
        headers = {"Idempotency-Key": f"sales-{next(keys)}"}
        return getattr(client, method)(
            f"/api/v1{path}", body, content_type="application/json", headers=headers
        )

    return send


def test_a_campaign_response_is_a_deal_that_moves(
    ask: Callable[..., Any], sales: None, anna: User, boris: User, vera: Client
) -> None:
    body = {
        "client_id": vera.pk,
        "origin": "campaign",
        "origin_number": 12,
        "funnel": "kasko",
        "source": "Рассылка",
    }
    first = ask(anna, "post", "/deals", body)
    assert (first.status_code, ask(anna, "post", "/deals", body).json()["id"]) == (201, first.json()["id"])
    path = f"/deals/{first.json()['id']}"
    stages = {one.name: one.pk for one in Funnel.objects.get(code="kasko").stages.all()}
    missing = ask(anna, "post", f"{path}/moves", {"stage": stages["Расчёт"], "version": 1})
    assert (missing.status_code, missing.json()["code"]) == (422, "fields_missing")
    fields = {"subject": "Kia Ceed", "drivers": "сам", "amount": "52900"}
    moved = ask(anna, "post", f"{path}/moves", {"stage": stages["Расчёт"], "version": 1, "fields": fields})
    assert (moved.json()["stage_name"], moved.json()["chance"]) == ("Расчёт", 48 - 3)
    stale = ask(anna, "post", f"{path}/losses", {"reason": "nothing"})
    assert stale.status_code == 404
    late = ask(anna, "post", f"{path}/moves", {"stage": stages["Решение"], "version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "moved_meanwhile")
    assert ask(boris, "get", path).status_code == 404
    assert [one["id"] for one in ask(anna, "get", "/deals?funnel=kasko").json()["items"]] == [
        Deal.objects.get().pk
    ]
    figures = ask(anna, "get", "/funnels/kasko/figures").json()
    assert figures["stages"][0]["conversion"] == 100
    assert ask(anna, "get", "/scripts").json()[0]["number"] == 1
    assert len(ask(anna, "get", "/funnels").json()) == 6
