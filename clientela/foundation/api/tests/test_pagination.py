import base64
import json

import pytest

from clientela.foundation.lists.models import SavedView


@pytest.fixture
def views(anna):
    places = [1, 2, 2, 2, 3, 5, 5]
    return [
        SavedView.objects.create(list_key="x", name=f"v{n}", position=place, owner=anna)
        for n, place in enumerate(places)
    ]


def test_pages_follow_each_other_without_gap_or_repeat(call, views):
    seen, cursor = [], ""
    for _ in range(10):
        page = call("get", f"views?limit=2&cursor={cursor}").json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ["v0", "v3", "v2", "v1", "v4", "v6", "v5"]


def test_a_row_added_before_the_cursor_does_not_shift_the_pages(call, views, anna):
    first = call("get", "views?limit=3").json()
    SavedView.objects.create(list_key="x", name="new", position=0, owner=anna)
    second = call("get", f"views?limit=3&cursor={first['next']}").json()
    assert [item["name"] for item in second["items"]] == ["v1", "v4", "v6"]


def test_the_last_page_has_no_next(call, views):
    assert call("get", "views?limit=7").json()["next"] is None
    assert call("get", "views?limit=6").json()["next"] is not None


def bad(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense", "%D1%8F", "e30", bad("position,-id", 1), bad("-id", 1), bad("position,-id", {}, 1),
        bad("position,-id", "many", 1), bad("position,-id", 1, 10**30), bad("position,-id", None, 1),
    ],
)  # fmt: skip
def test_a_foreign_cursor_is_refused(call, views, cursor):
    response = call("get", f"views?cursor={cursor}")
    assert (response.status_code, response.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x"])
def test_the_size_of_a_page_is_bounded(call, views, limit):
    assert call("get", f"views?limit={limit}").status_code == 422
