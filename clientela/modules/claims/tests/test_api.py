"""Claims over the API."""

from clientela.modules.accounts.models import User
from clientela.modules.claims.models import Claim
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contracts.models import Policy


def test_claim_and_dispute(call: Call, anna: User, boris: User, vera_policy: Policy) -> None:
    path = f"/policies/{vera_policy.pk}/claims"
    body = {"occurred_on": "2026-11-01", "description": "лобовое стекло", "number": "У-1"}
    status, claim = call(anna, "post", path, body)
    assert (status, claim["number"], claim["status"]) == (201, "У-1", "reported")
    assert call(anna, "post", path, body)[1]["code"] == "claim_exists"
    assert call(anna, "post", path, {"occurred_on": "2020-01-01"})[1]["code"] == "outside_cover"
    assert call(boris, "post", path, body)[0] == 404
    assert call(boris, "put", f"/claims/{claim['id']}/dispute")[0] == 404
    assert call(anna, "put", f"/claims/{claim['id']}/dispute")[1]["disputed_since"] is not None
    assert call(anna, "delete", f"/claims/{claim['id']}/dispute")[1]["disputed_since"] is None
    assert [row["id"] for row in call(anna, "get", "/claims")[1]["items"]] == [claim["id"]]
    assert call(boris, "get", "/claims")[1]["items"] == []
    assert Claim.objects.count() == 1


def test_an_adjuster_works_on_it_and_an_agent_does_not(
    call: Call, anna: User, adjuster: User, vera_policy: Policy
) -> None:
    body = {
        "occurred_on": "2026-11-01", "kind": "collision", "payout": "bank", "payee": "Орлова Вера",
        "bic": "044525225", "account": "40817810899910004312", "participants": [{"name": "Иван", "plate": "А123ВС116"}],
    }  # fmt: skip
    status, answer = call(anna, "post", f"/policies/{vera_policy.pk}/claims", body | {"kind": "fire"})
    assert (status, answer["code"]) == (422, "not_of_line")
    status, answer = call(
        anna, "post", f"/policies/{vera_policy.pk}/claims", body | {"account": "40817810899910004313"}
    )
    assert (status, answer["code"]) == (422, "payout_wrong")
    key = Claim.objects.count()
    status, claim = call(anna, "post", f"/policies/{vera_policy.pk}/claims", body)
    assert (status, key) == (201, 0)
    path = f"/claims/{claim['id']}"
    whole = call(anna, "get", path)[1]
    assert (whole["account"], whole["participants"][0]["plate"]) == ("•••• 4312", "А123ВС116")
    assert call(adjuster, "get", path)[1]["account"] == "40817810899910004312"
    for method, below, told in (
        ("put", "/work", None),
        ("put", "/papers", {"wanted": "x"}),
        ("delete", "/papers", None),
        ("post", "/settlement", {"status": "refused", "reason": "x"}),
    ):
        assert call(anna, method, path + below, told)[0] == 403, below
    assert call(adjuster, "put", f"{path}/work")[1]["assignee_id"] == adjuster.pk
    assert call(adjuster, "put", f"{path}/papers", {"wanted": " "})[1]["code"] == "wanted_missing"
    assert call(adjuster, "put", f"{path}/papers", {"wanted": "Справка о ДТП"})[1]["status"] == "waiting"
    assert call(adjuster, "delete", f"{path}/papers")[1]["status"] == "work"
    assert call(adjuster, "post", f"{path}/settlement", {"status": "refused"})[1]["code"] == "reason_missing"
    paid = {"status": "paid", "amount": "71700"}
    assert call(adjuster, "post", f"{path}/settlement", paid)[1]["status"] == "paid"
    assert call(adjuster, "post", f"{path}/settlement", paid)[1]["code"] == "already_settled"
    assert call(adjuster, "get", f"{path}/photos") == (200, [])
    assert [one["status"] for one in call(anna, "get", path)[1]["steps"]] == [
        "reported", "work", "waiting", "work", "paid",
    ]  # fmt: skip
    assert call(adjuster, "get", "/claims?mine=true&status=paid")[1]["items"][0]["id"] == claim["id"]
    assert call(adjuster, "get", "/claims?late=true")[1]["items"] == []
