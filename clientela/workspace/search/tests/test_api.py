"""Search over the API."""

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.tests.calling import Call


def test_search(call: Call, anna: User, boris: User, vera: Client) -> None:
    status, found = call(anna, "get", "/search?q=орлова")
    assert status == 200
    assert [(hit["client"]["id"], hit["by"]) for hit in found["clients"]] == [(vera.pk, "name")]
    assert (found["policies"], found["guessed"]) == ([], False)
    assert call(anna, "get", "/search?q=арлова")[1]["guessed"] is True
    assert call(boris, "get", "/search?q=орлова")[1]["clients"] == []
    assert call(anna, "get", "/search?q=")[0] == 422
