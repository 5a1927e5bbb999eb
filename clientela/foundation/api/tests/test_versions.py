import pytest

from clientela.foundation.lists.models import SavedView


@pytest.fixture
def saved(anna):
    return SavedView.objects.create(list_key="x", name="mine", position=7, owner=anna)


def test_a_stale_change_is_refused(call, saved):
    assert call("get", f"views/{saved.pk}").headers["ETag"] == '"7"'
    stale = call("put", f"views/{saved.pk}", {"name": "theirs"}, **{"If-Match": '"6"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    saved.refresh_from_db()
    assert saved.name == "mine"


@pytest.mark.parametrize("match", ['"7"', "7", 'W/"7"', "*"])
def test_a_fresh_change_goes_through(call, saved, match):
    assert call("put", f"views/{saved.pk}", {"name": "new"}, **{"If-Match": match}).status_code == 200


@pytest.mark.parametrize("match", ['"x"', "", '"-1"', '"' + "9" * 30 + '"'])
def test_nonsense_is_told(call, saved, match):
    response = call("put", f"views/{saved.pk}", {"name": "new"}, **{"If-Match": match})
    assert (response.status_code, response.json()["code"]) == (400, "bad_if_match")
