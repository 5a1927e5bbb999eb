"""Commission over the API: own pay only, closing, rates."""

from datetime import datetime
from typing import Any

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.commission import operations
from clientela.modules.commission.models import Entry, Rate, Statement
from clientela.modules.contracts.models import Policy


@pytest.fixture
def paid(vera_policy: Policy, boris_policy: Policy, make_rate: Any, make_payment: Any, now: datetime) -> None:
    """Anna has earned 853.40, Борис 100.00."""
    make_rate("osago", "10")
    make_payment(vera_policy, "8533.99")
    make_payment(boris_policy, "1000.00")
    operations.accrue_missing(now=now, first=1, last=2**40)


def test_entries_and_statements_of_ones_own(
    call: Any, anna: User, branch_head: User, boris: User, paid: None
) -> None:
    status, body = call(anna, "get", "/commission/entries?month=2026-11-18")
    assert status == 200
    assert [(row["amount"], row["percent"], row["month"], row["policy_number"]) for row in body["items"]] == [
        ("853.40", "10.000", "2026-11-01", "ХХХ 0412773905")
    ]
    assert call(anna, "get", f"/commission/entries?agent_id={boris.agent.pk}")[1]["items"] == []
    for person in (anna, branch_head):
        status, body = call(person, "get", "/commission/statements?month=2026-11-18")
        assert [(row["agent_id"], row["due"], row["tax"], row["state"]) for row in body["items"]] == [
            (anna.agent.pk, "853.40", "111.00", "open")
        ]
    assert call(anna, "get", "/commission/entries?month=2026-10-01")[1]["items"] == []
    assert call(anna, "get", "/commission/statements?month=2026-13-01")[0] == 422
    assert call(anna, "get", "/commission/statements")[0] == 422


def test_who_sees_no_commission(
    call: Any, centre_operator: User, quality: User, marketer: User, paid: None
) -> None:
    for person in (centre_operator, quality, marketer):
        for path in ("entries", "statements?month=2026-11-18", "rates"):
            assert call(person, "get", f"/commission/{path}")[0] == 403


def test_closing(call: Any, anna: User, boris: User, branch_head: User, paid: None) -> None:
    body = {"agent_id": anna.agent.pk, "month": "2026-11-30"}
    assert call(anna, "post", "/commission/statements", body)[0] == 403
    assert call(branch_head, "post", "/commission/statements", body | {"agent_id": boris.agent.pk})[0] == 404
    assert not Statement.objects.exists()
    status, closed = call(branch_head, "post", "/commission/statements", body)
    assert (status, closed["state"], closed["number"]) == (201, "closed", "АГД-16/0101/11-2026")
    status, problem = call(branch_head, "post", "/commission/statements", body)
    assert (status, problem["code"]) == (409, "already_closed")
    assert Entry.objects.get(agent=anna.agent).statement_id is not None


def test_rates(call: Any, anna: User, boris: User, renewals_manager: User, kasko: Any, db: None) -> None:
    body = {"line": "kasko", "percent": "15.5", "valid_from": "2026-01-01"}
    assert call(anna, "post", "/commission/rates", body)[0] == 403
    status, rate = call(renewals_manager, "post", "/commission/rates", body)
    assert (status, rate["percent"], rate["agent_id"]) == (201, "15.500", None)
    assert call(renewals_manager, "post", "/commission/rates", body)[0] == 409
    own = body | {"agent_id": boris.agent.pk, "product": "kasko", "term": "renewal"}
    assert call(renewals_manager, "post", "/commission/rates", own)[0] == 201
    for wrong in ({"percent": "101"}, {"product": "none"}, {"line": "boats"}, {"valid_until": "2025-01-01"}):
        assert call(renewals_manager, "post", "/commission/rates", body | {"term": "new"} | wrong)[0] == 422
    assert [row["id"] for row in call(anna, "get", "/commission/rates")[1]["items"]] == [rate["id"]]
    path = f"/commission/rates/{rate['id']}"
    assert call(anna, "put", path, {"valid_until": "2026-02-01"})[0] == 403
    assert (
        call(renewals_manager, "put", path, {"valid_until": "2026-02-01"})[1]["valid_until"] == "2026-02-01"
    )
    assert call(renewals_manager, "put", path, {"valid_until": "2025-02-01"})[0] == 422
    assert call(renewals_manager, "delete", path)[0] == 204
    assert Rate.objects.count() == 1
