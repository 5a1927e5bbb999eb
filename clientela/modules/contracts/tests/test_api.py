"""Policies, quotes and projects over the API."""

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contracts.models import InsuredObject, Policy, Project, Quote


def test_read(call: Call, anna: User, vera_policy: Policy, boris_policy: Policy) -> None:
    status, page = call(anna, "get", "/policies?ends_from=2026-12-01&ends_to=2026-12-31")
    assert (status, [row["number"] for row in page["items"]]) == (200, ["ХХХ 0412773905"])
    assert page["items"][0]["premium"] == "8533.99"
    assert call(anna, "get", "/policies?ends_to=2026-11-30")[1]["items"] == []
    status, one = call(anna, "get", f"/policies/{vera_policy.pk}")
    assert (status, one["insured_object"]["plate"], one["participants"]) == (200, "Р418ТО116", [])
    assert (
        call(anna, "get", f"/clients/{vera_policy.client_id}/objects")[1][0]["title"] == "Hyundai Creta, 2021"
    )
    vera_policy.insured_object.body_number = "SXE100012345"
    vera_policy.insured_object.save()
    (thing,) = call(anna, "get", f"/clients/{vera_policy.client_id}/objects")[1]
    assert thing["body_number"] == "SXE100012345"


def test_quote(call: Call, anna: User, vera_policy: Policy) -> None:
    base = f"/policies/{vera_policy.pk}/quotes"
    status, quote = call(anna, "post", base, {"premium": "8100.50", "note": "КБМ 0,63"})
    assert (status, quote["premium"], quote["created_by_id"]) == (201, "8100.50", anna.pk)
    assert call(anna, "post", f"/quotes/{quote['id']}/withdrawal")[1]["withdrawn_at"] is not None
    status, problem = call(anna, "post", f"/quotes/{quote['id']}/withdrawal")
    assert (status, problem["code"]) == (409, "quote_withdrawn")
    assert [row["id"] for row in call(anna, "get", base)[1]] == [quote["id"]]
    assert call(anna, "post", base, {"premium": "-1"})[0] == 422


def test_project_to_policy(call: Call, anna: User, vera_policy: Policy) -> None:
    base = f"/policies/{vera_policy.pk}/projects"
    status, problem = call(anna, "post", base, {"premium": "8000"})
    assert (status, problem["code"]) == (422, "reason_required")
    assert problem["detail"] == "Напишите, почему цена не как в прошлом году."
    status, project = call(anna, "post", base, {})
    assert (status, project["premium"], project["start_date"], project["state"]) == (
        201, "8533.99", "2026-12-06", "open",
    )  # fmt: skip
    assert "pay_token" not in project
    status, problem = call(anna, "post", base, {})
    assert (status, problem["code"]) == (409, "project_exists")
    path = f"/projects/{project['id']}"
    assert (
        call(anna, "put", f"{path}/price", {"premium": "8000", "reason": "скидка"})[1]["premium"] == "8000.00"
    )
    assert call(anna, "post", f"{path}/offer")[1]["state"] == "offered"
    status, policy = call(anna, "post", f"{path}/issue")
    assert (status, policy["previous_id"], policy["renewal_year"], policy["premium"]) == (
        201, vera_policy.pk, 1, "8000.00",
    )  # fmt: skip
    status, problem = call(anna, "post", f"{path}/withdrawal", {"reason": "поздно"})
    assert (status, problem["code"]) == (409, "project_closed")


def test_cancel_and_sell(call: Call, anna: User, vera_policy: Policy) -> None:
    path = f"/policies/{vera_policy.pk}/cancellation"
    assert call(anna, "post", path, {"on": "2020-01-01", "reason": "x"})[0] == 409
    assert call(anna, "post", path, {"on": "2026-11-18", "reason": "продажа"})[1]["status"] == "cancelled"
    sale = call(anna, "post", f"/objects/{vera_policy.insured_object_id}/sale", {"sold_on": "2026-11-01"})
    assert (sale[0], sale[1]["sold_on"]) == (200, "2026-11-01")


@pytest.mark.parametrize(("method", "path", "body"), [
    ("get", "/policies/{p}", None), ("post", "/policies/{p}/quotes", {"premium": "1"}),
    ("post", "/policies/{p}/projects", {}), ("post", "/policies/{p}/cancellation", {"on": "2026-11-18", "reason": "x"}),
    ("post", "/objects/{o}/sale", {"sold_on": "2026-11-01"}), ("get", "/policies/{p}/quotes", None),
])  # fmt: skip
def test_a_foreign_policy_is_not_there(
    call: Call, boris: User, vera_policy: Policy, method: str, path: str, body: dict[str, str] | None
) -> None:
    answer = call(boris, method, path.format(p=vera_policy.pk, o=vera_policy.insured_object_id), body)
    assert (answer[0], answer[1]["code"]) == (404, "not_found")
    vera_policy.refresh_from_db()
    assert (vera_policy.status, Quote.objects.count(), Project.objects.count()) == ("issued", 0, 0)
    assert InsuredObject.objects.filter(sold_on__isnull=False).count() == 0
