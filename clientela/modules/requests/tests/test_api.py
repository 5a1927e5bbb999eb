"""Requests over the API."""

import pytest

from clientela.modules.requests.models import Request

TITOV = {"name": "Титов Глеб", "phone": "+79170005544", "product": "kasko", "partner": "Автосалон № 4"}


@pytest.fixture
def api(sign_in):
    def call(user, method, path, body=None, key="k1"):
        browser = sign_in(user)
        if method == "get":
            return browser.get(f"/api/v1{path}")
        return getattr(browser, method)(
            f"/api/v1{path}", body, content_type="application/json", headers={"Idempotency-Key": key}
        )

    return call


def test_a_partner_sends_a_request_once(api, anna, kasko):
    first = api(anna, "post", "/requests", TITOV)
    again = api(anna, "post", "/requests", TITOV)
    assert (first.status_code, again.json()) == (201, first.json())
    made = Request.objects.get()
    assert (made.source, made.partner, made.product) == ("partner", "Автосалон № 4", kasko)
    assert first.json()["client_id"] == made.client_id
    assert {one["code"] for one in first.json()["reasons"]} == {"kasko", "partner", "phone"}


def test_it_is_listed_taken_and_closed(api, anna, boris, kasko, renewals_manager):
    number = api(renewals_manager, "post", "/requests", TITOV).json()["id"]
    assert api(boris, "get", f"/requests/{number}").status_code == 404
    taken = api(renewals_manager, "post", f"/requests/{number}/take", {}, key="k2")
    assert (taken.status_code, taken.json()["state"]) == (200, "taken")
    listed = api(renewals_manager, "get", "/requests?temperature=warm").json()["items"]
    assert [one["id"] for one in listed] == [number]
    closed = api(renewals_manager, "post", f"/requests/{number}/close", {"reason": "price"}, key="k3")
    assert (closed.json()["state"], closed.json()["reason"]) == ("closed", "price")
    refused = api(renewals_manager, "post", f"/requests/{number}/close", {"reason": "price"}, key="k4")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_closed")


@pytest.mark.parametrize(
    ("body", "status"),
    [({"name": "Никто"}, 422), ({**TITOV, "product": "moon"}, 404), ({**TITOV, "branch_id": 10**6}, 404)],
    ids=["nobody to answer", "no product", "a foreign branch"],
)
def test_what_cannot_be_kept(api, anna, body, status):
    assert api(anna, "post", "/requests", body).status_code == status
    assert not Request.objects.exists()
