import pytest

from clientela.foundation.lists.models import SavedView


def seen(response):
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    return response.status_code, body["code"]


def test_each_kind_of_error_is_a_problem(call):
    assert seen(call("get", "views/7")) == (404, "not_found")
    assert seen(call("get", "nowhere")) == (404, "not_found")
    assert seen(call("delete", "views")) == (405, "method_not_allowed")
    assert seen(call("post", "views", '{"name": ', key="a")) == (400, "bad_request")
    assert seen(call("post", "views", {"nome": 1}, key="b")) == (422, "invalid")
    assert seen(call("post", "views", {"name": "taken"}, key="c")) == (409, "name_taken")
    assert seen(call("get", "views/abc")) == (422, "invalid")


def test_the_allowed_methods_are_told(call):
    assert set(call("delete", "views").headers["Allow"].split(", ")) == {"GET", "POST"}


def test_a_wrong_value_names_its_field(call):
    errors = call("post", "views", {"name": "x", "position": "many"}, key="a").json()["errors"]
    assert [error["loc"] for error in errors] == [["body", "body", "position"]]


def test_an_unexpected_failure_shows_nothing_of_the_inside(call, caplog):
    response = call("post", "views", {"name": "crash"}, key="a")
    assert seen(response) == (500, "failed")
    assert b"secret" not in response.content
    (logged,) = [record for record in caplog.records if record.message == "api.failed"]
    assert logged.reference == response.json()["reference"]
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize("number", [2**63, 10**30, -(2**63) - 1])
def test_a_number_beyond_the_database_is_refused(call, number):
    assert seen(call("get", f"views/{number}"))[0] == 404
    assert seen(call("post", "views", {"name": "x", "position": number}, key="a"))[0] == 422
    assert SavedView.objects.count() == 0


def test_nul_characters_are_refused_everywhere(call, client, db):
    assert seen(call("post", "views", '{"name": "a\\u0000b"}', key="a")) == (400, "bad_request")
    assert seen(call("get", "views?cursor=%00")) == (400, "bad_request")
    assert client.post("/account/login/", {"login": "a\0b", "password": "x"}).status_code == 400
    assert client.get("/account/login/?next=%00").status_code == 400


def test_a_fixed_word_is_not_taken_for_an_id(call):
    assert call("post", "views/emptying", key="a").status_code == 204
    assert seen(call("get", "views/emptying")) == (405, "method_not_allowed")
