"""Money over the API."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payment
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import prepare_project
from clientela.modules.products.models import Product


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


def test_invoices(call: Call, anna: User, boris: User, vera_policy: Policy, now: datetime) -> None:
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    status, bill = call(anna, "post", "/invoices", {"project_id": project.pk})
    assert (status, bill["due"], bill["state"]) == (201, "8533.99", "open")
    assert bill["link"].endswith(f"/pay/{project.pay_token}/")
    assert call(anna, "post", "/invoices", {"project_id": project.pk})[1]["id"] == bill["id"]
    path = f"/invoices/{bill['id']}"
    assert call(anna, "post", f"{path}/sending", {"channel": "sms"})[1]["state"] != "dropped"
    assert call(anna, "get", path)[1]["number"] == bill["number"]
    assert call(boris, "get", path)[0] == 404
    assert call(boris, "post", f"{path}/withdrawal", {})[0] == 404
    assert call(anna, "post", f"{path}/withdrawal", {})[1]["state"] == "withdrawn"
    assert call(anna, "post", f"{path}/sending", {"channel": "sms"})[1]["code"] == "nothing_due"
    own = {"policy_id": vera_policy.pk, "amount": "10.50", "purpose": "Доплата", "valid_until": "2020-01-01"}
    assert call(anna, "post", "/invoices", own)[1]["state"] == "expired"
    assert call(anna, "post", "/invoices", {})[0] == 422
    assert len(call(anna, "get", "/invoices")[1]["items"]) == 2


def test_plan(call: Call, anna: User, vera_policy: Policy, kasko: Product, now: datetime) -> None:
    osago = prepare_project(actor=anna, now=now, policy=vera_policy)
    path = f"/projects/{osago.pk}/plan"
    assert call(anna, "get", path)[1] == {"parts": 1, "allowed": [1]}
    assert call(anna, "put", path, {"parts": 2})[1]["code"] == "no_such_plan"
    Policy.objects.update(product=kasko)
    osago.__class__.objects.update(product=kasko)
    assert call(anna, "put", path, {"parts": 2})[1] == {"parts": 2, "allowed": [1, 2, 4]}


def test_refunds(call: Call, anna: User, boris: User, vera_policy: Policy) -> None:
    body = {"policy_id": vera_policy.pk, "amount": "8533.99", "method": "card", "slip": "0042"}
    payment = call(anna, "post", "/payments", body)[1]
    assert payment["slip"] == "0042"
    assert call(anna, "get", f"/payments/{payment['id']}/receipt")[1]["state"] == "waiting"
    path = f"/payments/{payment['id']}/refunds"
    asked = {"amount": "100", "way": "bank", "reason": "Ошибка"}
    assert call(boris, "post", path, asked)[0] == 404
    status, refund = call(anna, "post", path, asked)
    assert (status, refund["state"]) == (201, "done")
    assert call(anna, "post", path, asked | {"amount": "8433.99", "way": "same"})[1]["code"] == "other_way"
    assert (
        call(anna, "post", f"/refunds/{refund['id']}/payout", {"way": "cash"})[1]["code"] == "refund_closed"
    )
    assert call(anna, "post", f"/refunds/{refund['id']}/drop", {"reason": "x"})[0] == 409
    assert [row["id"] for row in call(anna, "get", "/refunds?state=done")[1]["items"]] == [refund["id"]]


def test_payee(call: Call, administrator: User, anna: User) -> None:
    body = {
        "name": "АО «Причал»", "inn": "7827004526", "kpp": "", "account": "40702810900000002851",
        "bank_name": "АО «Банк»", "bic": "044030827", "correspondent_account": "30101810200000000827",
        "ogrn": "1027800000084", "address": "Санкт-Петербург, Гаванская наб., 1", "licences": "СИ № 0000",
    }  # fmt: skip
    assert call(anna, "get", "/payee")[1]["account"] == ""
    assert call(anna, "put", "/payee", body)[0] == 403
    assert call(administrator, "put", "/payee", body | {"inn": "7827004527"})[1]["code"] == "invalid_payee"
    assert (
        call(administrator, "put", "/payee", body | {"ogrn": "1027800000085"})[1]["code"] == "invalid_payee"
    )
    assert call(administrator, "put", "/payee", body)[1] == body
    assert call(anna, "get", "/payee")[1] == body


@pytest.mark.parametrize(("query", "amounts"), [
    ("", ["300.00", "200.00", "100.00"]), ("method=cash", ["200.00"]), ("since=2026-11-12", ["300.00"]),
    ("until=2026-11-10", ["100.00"]), ("least=200&most=200", ["200.00"]), ("text=0042", ["100.00"]),
    ("state=no_receipt", []), ("agent_id=999999", []),
])  # fmt: skip
def test_payments_are_found_by_the_conditions_of_the_list(
    call: Call, anna: User, vera_policy: Policy, query: str, amounts: list[str]
) -> None:
    for day, (amount, method, slip) in enumerate(
        [("100", "card", "0042"), ("200", "cash", ""), ("300", "sbp", "")], 10
    ):
        at = datetime(2026, 11, day, 9, tzinfo=UTC)
        Payment.objects.create(
            client=vera_policy.client, policy=vera_policy, amount=Decimal(amount), method=method, slip=slip, paid_at=at,
            created_at=at,
        )  # fmt: skip
    first = call(anna, "get", f"/payments?limit=1&{query}")[1]
    found = first["items"]
    while first["next"]:
        first = call(anna, "get", f"/payments?limit=1&cursor={first['next']}&{query}")[1]
        found += first["items"]
    assert [one["amount"] for one in found] == amounts


def test_conditions_that_cannot_be_are_refused(call: Call, anna: User) -> None:
    for query in ("method=gold", "state=x", "since=never", "least=-1", "most=NaN", "agent_id=0"):
        assert call(anna, "get", f"/payments?{query}")[0] == 422
