"""The pages as people get them."""

import pytest


def test_list(sign_in, anna, vera, vera_policy):
    page = sign_in(anna).get("/clients/")
    assert page.status_code == 200
    assert "Орлова Вера Николаевна" in page.content.decode()


def test_card(sign_in, anna, vera, vera_policy):
    page = sign_in(anna).get(f"/clients/{vera.pk}/")
    assert page.status_code == 200


@pytest.mark.parametrize("path", ["new/", "new/?kind=company", "tabs/", "count/", "{c}/live/", "{c}/timeline/", "{c}/place/", "{c}/edit/", "{c}/contacts/", "{c}/consents/", "{c}/stop/", "{c}/notes/", "{c}/tags/", "{c}/documents/", "{c}/files/", "{c}/address/", "{c}/quotes/", "{c}/projects/", "{c}/payments/", "{c}/claims/", "policies/{p}/", "policies/{p}/cancellation/", "tags/"])
@pytest.mark.parametrize("htmx", [True, False])
def test_every(sign_in, anna, vera, vera_policy, path, htmx):
    headers = {"HX-Request": "true"} if htmx else {}
    page = sign_in(anna).get("/clients/" + path.format(c=vera.pk, p=vera_policy.pk), headers=headers)
    assert page.status_code == 200, page.content.decode()[:2000]
