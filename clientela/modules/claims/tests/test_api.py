"""Claims over the API."""

from clientela.modules.accounts.models import User
from clientela.modules.claims.models import Claim
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contracts.models import Policy


def test_claim_and_dispute(call: Call, anna: User, boris: User, vera_policy: Policy) -> None:
    path = f"/policies/{vera_policy.pk}/claims"
    body = {"occurred_on": "2026-11-01", "description": "лобовое стекло", "number": "У-1"}
    status, claim = call(anna, "post", path, body)
    assert (status, claim["number"], claim["status"]) == (201, "У-1", "open")
    assert call(anna, "post", path, body)[1]["code"] == "claim_exists"
    assert call(anna, "post", path, {"occurred_on": "2020-01-01"})[1]["code"] == "outside_cover"
    assert call(boris, "post", path, body)[0] == 404
    assert call(boris, "put", f"/claims/{claim['id']}/dispute")[0] == 404
    assert call(anna, "put", f"/claims/{claim['id']}/dispute")[1]["disputed_since"] is not None
    assert call(anna, "delete", f"/claims/{claim['id']}/dispute")[1]["disputed_since"] is None
    assert [row["id"] for row in call(anna, "get", "/claims")[1]["items"]] == [claim["id"]]
    assert call(boris, "get", "/claims")[1]["items"] == []
    assert Claim.objects.count() == 1
