"""The personal page and its operations."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from clientela.foundation.api.models import Token
from clientela.foundation.audit.models import Entry
from clientela.modules.accounts import operations
from clientela.modules.accounts.models import User
from clientela.modules.accounts.queries import browser_name


def test_a_person_sets_their_own_language_zone_and_keys(anna, sign_in):
    browser = sign_in(anna)
    response = browser.post("/settings/", {"language": "en", "time_zone": "Asia/Omsk"})
    assert response.status_code == 302
    anna.refresh_from_db()
    assert (anna.language, anna.time_zone, anna.keyboard) == ("en", "Asia/Omsk", False)
    assert response.cookies["keys"].value == "off"
    assert Entry.objects.get().changes == {
        "language": ["ru", "en"], "time_zone": ["Europe/Moscow", "Asia/Omsk"], "keyboard": [True, False],
    }  # fmt: skip
    assert "Personal settings" in browser.get("/settings/").content.decode()


@pytest.mark.parametrize(
    "fields", [{"language": "de", "time_zone": "Asia/Omsk"}, {"language": "en", "time_zone": "Mars/Base"}]
)
def test_nonsense_is_kept_in_the_form_and_changes_nothing(anna, sign_in, fields):
    assert sign_in(anna).post("/settings/", fields).status_code == 422
    anna.refresh_from_db()
    assert (anna.language, anna.time_zone) == ("ru", "Europe/Moscow")
    with pytest.raises(ValidationError):
        operations.change_personal(actor=anna, now=None, keyboard=True, **fields)


def test_language_is_chosen_before_sign_in_too(db):
    browser = Client()
    response = browser.post(
        "/account/language/", {"language": "en", "next": "/account/login/?next=/settings/"}
    )
    assert response.url == "/account/login/?next=/settings/"
    assert "Sign in" in browser.get("/account/login/").content.decode()
    away = browser.post("/account/language/", {"language": "xx", "next": "https://evil.example/"})
    assert away.url == "/"


def test_a_token_is_shown_once_and_revoked_by_its_owner(anna, boris, sign_in):
    browser = sign_in(anna)
    made = browser.post("/settings/tokens/", {"name": "site", "scopes": ["clients.read"], "life": "90"})
    page = made.content.decode()
    token = Token.objects.get()
    assert (token.user, token.scopes) == (anna, ["clients.read"])
    assert page.count(token.hint) >= 2
    assert "clientela_" in page
    assert "clientela_" not in browser.get("/settings/").content.decode()
    assert sign_in(boris).post(f"/settings/tokens/{token.pk}/end/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None
    assert browser.post(f"/settings/tokens/{token.pk}/end/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_cannot_be_given_what_the_role_lacks(anna, sign_in):
    refused = sign_in(anna).post("/settings/tokens/", {"name": "site", "scopes": ["audit.read"]})
    assert (refused.status_code, Token.objects.count()) == (422, 0)


def test_only_who_manages_users_makes_and_changes_them(anna, boris, now):
    for act in (
        lambda: operations.create_user(
            actor=anna, now=now, email="x@y.example", first_name="X", last_name="Y", role="administrator"
        ),
        lambda: operations.change_user(actor=anna, now=now, user=anna, role="administrator"),
        lambda: operations.set_active(actor=anna, now=now, user=boris, active=False),
        lambda: operations.password_link(actor=anna, now=now, user=boris),
        lambda: operations.unlock(actor=anna, now=now, user=boris),
        lambda: operations.reset_second_step(actor=anna, now=now, user=boris),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert list(User.objects.order_by("id").values_list("role", "is_active")) == [("agent", True)] * 2
    assert Entry.objects.count() == 0


def test_an_administrator_does_not_lock_themselves_out(administrator, now):
    with pytest.raises(operations.OwnAccount):
        operations.change_user(actor=administrator, now=now, user=administrator, role="agent")
    with pytest.raises(operations.OwnAccount):
        operations.set_active(actor=administrator, now=now, user=administrator, active=False)
    administrator.refresh_from_db()
    assert (administrator.role, administrator.is_active) == ("administrator", True)


def test_an_address_belongs_to_one_person(administrator, anna, boris, now):
    with pytest.raises(operations.EmailTaken):
        operations.change_user(actor=administrator, now=now, user=boris, email=" A.Sokolova@prichal.example ")
    boris.refresh_from_db()
    assert boris.email == "b.ershov@prichal.example"


def test_who_is_switched_off_is_out_at_once(administrator, anna, sign_in, now):
    browser = sign_in(anna)
    assert operations.set_active(actor=administrator, now=now, user=anna, active=False) is True
    assert operations.set_active(actor=administrator, now=now, user=anna, active=False) is False
    assert browser.get("/settings/").status_code == 302
    assert Entry.objects.filter(action="user.deactivated").count() == 1


def test_browsers_are_named():
    assert (
        browser_name("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 YaBrowser/24.1 Safari/537")
        == "Yandex, Windows"
    )
    assert browser_name("Mozilla/5.0 (iPhone; CPU) Version/17 Safari/604") == "Safari, iPhone"
    assert browser_name("curl/8") == "curl/8"
    assert browser_name("") == "—"
