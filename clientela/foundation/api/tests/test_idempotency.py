import pytest
from django.utils import timezone

from clientela.foundation.api.idempotency import LEASE
from clientela.foundation.api.models import IdempotentAnswer
from clientela.foundation.lists.models import SavedView


def names():
    return list(SavedView.objects.values_list("name", flat=True))


def test_a_post_without_a_key_does_nothing(call):
    response = call("post", "views", {"name": "x"})
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_required")
    assert call("post", "views", {"name": "x"}, key="k" * 129).status_code == 400
    assert names() == []


def test_a_repeated_post_acts_once_and_answers_the_same(call):
    first = call("post", "views", {"name": "x"}, key="k1")
    again = call("post", "views", {"name": "x"}, key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert names() == ["x"]


def test_a_key_belongs_to_one_request(call):
    call("post", "views", {"name": "x"}, key="k1")
    other = call("post", "views", {"name": "y"}, key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert names() == ["x"]


def test_keys_of_two_people_do_not_meet(call, sign_in, boris):
    call("post", "views", {"name": "x"}, key="k1")
    his = sign_in(boris).post(
        "/api/v1/views", {"name": "y"}, content_type="application/json", headers={"Idempotency-Key": "k1"}
    )
    assert his.status_code == 201
    assert sorted(names()) == ["x", "y"]


@pytest.mark.parametrize(("name", "status"), [("late", 422), ("crash", 500), ("taken", 409)])
def test_an_error_undoes_everything_and_frees_the_key(call, name, status):
    assert call("post", "views", {"name": name}, key="k1").status_code == status
    assert names() == []
    assert IdempotentAnswer.objects.count() == 0
    assert call("post", "views", {"name": "mended"}, key="k1").status_code == 201


def test_while_the_first_is_at_work_the_second_is_told(call, anna):
    call("post", "views", {"name": "x"}, key="k1")
    SavedView.objects.all().delete()
    IdempotentAnswer.objects.update(status=None, body="", created_at=timezone.now() - LEASE / 2)
    busy = call("post", "views", {"name": "x"}, key="k1")
    assert (busy.status_code, busy.json()["code"]) == (409, "in_progress")
    assert names() == []


def test_the_claim_of_a_dead_process_is_taken_over(call, anna):
    call("post", "views", {"name": "x"}, key="k1")
    SavedView.objects.all().delete()
    IdempotentAnswer.objects.update(status=None, body="", created_at=timezone.now() - LEASE * 2)
    assert call("post", "views", {"name": "x"}, key="k1").status_code == 201
    assert names() == ["x"]
    assert call("post", "views", {"name": "x"}, key="k1").headers["Idempotency-Replayed"] == "true"
