"""Money over the API."""

from datetime import datetime

from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payment
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import prepare_project


def test_payment_issues(call: Call, anna: User, vera_policy: Policy, now: datetime) -> None:
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    body = {"project_id": project.pk, "amount": "8000", "method": "card"}
    status, first = call(anna, "post", "/payments", body)
    assert (status, first["policy_id"]) == (201, None)
    assert call(anna, "get", f"/projects/{project.pk}/balance")[1] == {
        "due": "8533.99", "paid": "8000.00", "left": "533.99", "over": "0.00",
    }  # fmt: skip
    status, problem = call(anna, "post", "/payments", body)
    assert (status, problem["code"], problem["detail"]) == (422, "more_than_due", "К оплате только 533.99 ₽.")
    status, second = call(anna, "post", "/payments", body | {"amount": "533.99"})
    project.refresh_from_db()
    assert (status, second["policy_id"], project.state) == (201, project.next_policy_id, "issued")
    parts = call(anna, "get", f"/policies/{second['policy_id']}/instalments")[1]
    assert parts == [{"number": 1, "due_on": "2026-12-06", "amount": "8533.99", "paid": "8533.99"}]
    assert len(call(anna, "get", f"/payments?client_id={vera_policy.client_id}")[1]["items"]) == 2


def test_one_external_id_is_one_payment(call: Call, anna: User, vera_policy: Policy, now: datetime) -> None:
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    body = {"project_id": project.pk, "amount": "8533.99", "method": "bank", "external_id": "1c-77"}
    first = call(anna, "post", "/payments", body)[1]
    assert call(anna, "post", "/payments", body)[1] == first
    status, problem = call(anna, "post", "/payments", body | {"amount": "1"})
    assert (status, problem["code"], Payment.objects.count()) == (409, "payment_conflict", 1)


def test_foreign_money(call: Call, boris: User, vera_policy: Policy, now: datetime) -> None:
    project = prepare_project(actor=None, now=now, policy=vera_policy)
    body = {"project_id": project.pk, "amount": "1", "method": "card"}
    assert call(boris, "post", "/payments", body)[0] == 404
    assert (
        call(boris, "post", "/payments", {"policy_id": vera_policy.pk, "amount": "1", "method": "card"})[0]
        == 404
    )
    assert call(boris, "post", "/payments", {"amount": "1", "method": "card"})[0] == 422
    assert call(boris, "get", f"/projects/{project.pk}/balance")[0] == 404
    assert not Payment.objects.exists()
