"""Feedback for other programs: the same scope as the screens."""

import uuid

import pytest

BASE = "/api/v1"


@pytest.fixture
def call(sign_in):
    def one(user, method, path, body=None):
        if method == "get":
            return sign_in(user).get(BASE + path)
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "post" else {}
        return getattr(sign_in(user), method)(
            BASE + path, body or {}, content_type="application/json", headers=headers
        )

    return one


def test_answers_and_figures(call, anna, boris, quality, vera, boris_client, answer):
    mine, other = answer(vera, 10, "Спасибо"), answer(boris_client, 2)
    (row,) = call(anna, "get", "/feedback").json()["items"]
    assert (row["id"], row["client_id"], row["score"], row["group"]) == (mine.pk, vera.pk, 10, "good")
    waiting = call(quality, "get", "/feedback?box=call").json()["items"]
    assert [one["id"] for one in waiting] == [other.pk]
    found = {one["metric"]: one for one in call(quality, "get", "/feedback/figures").json()}
    assert (found["nps"]["value"], found["nps"]["good"], found["nps"]["bad"]) == (0.0, 1, 1)
    assert found["csi"]["value"] is None
    assert call(anna, "get", "/feedback?cursor=nonsense").status_code == 422


def test_an_answer_and_a_call_back(call, anna, boris, vera, answer):
    row = answer(vera, 9)
    assert call(boris, "post", f"/feedback/{row.pk}/answer", {"score": 1}).status_code == 404
    assert call(anna, "post", f"/feedback/{row.pk}/call-back", {"note": "х"}).status_code == 409
    assert (
        call(anna, "post", f"/feedback/{row.pk}/answer", {"score": 1, "via": "robot"}).json()["via"]
        == "robot"
    )
    settled = call(anna, "post", f"/feedback/{row.pk}/call-back", {"note": "Извинились"}).json()
    assert settled["settled_note"] == "Извинились"
    assert call(anna, "delete", f"/feedback/{row.pk}/call-back").json()["settled_at"] is None


def test_a_score_off_its_scale(call, anna, vera, answer):
    row = answer(vera, 5, kind="claim")
    refused = call(anna, "post", f"/feedback/{row.pk}/answer", {"score": 9})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_on_scale")


def test_surveys_are_for_the_quality_service(call, anna, quality, surveys):
    assert call(anna, "get", "/surveys").status_code == 403
    (first, *_rest) = call(quality, "get", "/surveys").json()
    body = {key: value for key, value in first.items() if key not in {"id", "code", "occasion", "metric"}}
    path = f"/surveys/{first['id']}"
    assert call(quality, "put", path, body | {"invitation": "Без адреса"}).status_code == 422
    assert call(quality, "put", path, body | {"delay_hours": 5}).json()["delay_hours"] == 5
