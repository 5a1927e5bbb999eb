"""Sign-in on the real pages: passwords, lock, second step, recovery codes, sessions, journal."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts import operations, queries
from clientela.modules.accounts.models import User

PASSWORD = "prichal-2026-secret"


def enter(browser, email, password=PASSWORD, **more):
    return browser.post("/account/login/", {"login": email, "password": password, **more})


def prove(browser):
    """The password once more, which a change of sign-in asks for."""
    assert browser.post("/account/reauthenticate/", {"password": "wrong"}).status_code == 200
    assert browser.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302


def code_of(secret, shift=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


def actions():
    return list(Entry.objects.order_by("id").values_list("action", "actor_name", "object_name"))


@pytest.fixture
def with_second_step(anna):
    """Anna's browser with the second step set up on the real pages, and the secret."""
    browser = Client()
    enter(browser, anna.email)
    prove(browser)
    page = browser.get("/account/second-factor/totp/").content.decode()
    secret = re.search(r"select-all break-all\">([A-Z2-7]+)<", page)[1]
    assert "data:image/svg+xml;base64," in page
    done = browser.post("/account/second-factor/totp/", {"code": code_of(secret)})
    assert (done.status_code, done.url) == (302, "/account/second-factor/recovery/")
    return browser, secret


def test_the_right_password_lets_in_and_is_journaled(anna):
    browser = Client()
    response = enter(browser, "A.Sokolova@prichal.example")
    assert (response.status_code, response.url) == (302, "/")
    assert browser.get("/settings/").status_code == 200
    browser.post("/account/logout/")
    assert browser.get("/settings/").url == "/account/login/?next=/settings/"
    name = "Анна Соколова"
    assert actions() == [("sign_in.done", name, name), ("sign_out.done", name, name)]
    assert Entry.objects.first().address == "127.0.0.1"


def test_a_session_ends_with_the_browser_unless_it_is_the_work_computer(anna):
    short, long = Client(), Client()
    enter(short, anna.email)
    enter(long, anna.email, remember="on")
    assert short.session.get_expire_at_browser_close() is True
    assert (long.session.get_expire_at_browser_close(), long.session.get_expiry_age()) == (False, 12 * 3600)


def test_a_wrong_password_says_how_to_mend_it_and_tells_the_journal_no_more_than_who(anna):
    response = enter(Client(), anna.email, "wrong")
    assert "Проверьте регистр и раскладку" in response.content.decode()
    enter(Client(), "prichal-2026-secret@typed.in.the.wrong.field")
    assert actions() == [("sign_in.failed", "system", "Анна Соколова"), ("sign_in.failed", "system", "")]


def test_ten_wrong_passwords_close_sign_in_and_an_administrator_opens_it(anna, boris, administrator, now):
    for _attempt in range(10):
        enter(Client(), anna.email, "wrong")
    assert queries.is_locked(anna)
    for _attempt in range(3):
        locked = enter(Client(), anna.email)
        assert "вход закрыт на 5 минут" in locked.content.decode()
    assert [a for a, _, _ in actions()] == ["sign_in.failed"] * 10 + ["sign_in.locked"]
    assert enter(Client(), boris.email).status_code == 302

    operations.unlock(actor=administrator, now=now, user=anna)

    assert not queries.is_locked(anna)
    assert enter(Client(), anna.email).status_code == 302


def test_who_is_switched_off_does_not_get_in(anna):
    User.objects.update(is_active=False)
    response = enter(Client(), anna.email)
    assert (response.status_code, response.url) == (302, "/account/inactive/")
    assert "отключена" in Client().get("/account/inactive/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_second_step_is_asked_after_the_password(anna, with_second_step):
    browser = Client()
    assert enter(browser, anna.email).url == "/account/second-factor/code/"
    assert browser.get("/settings/").status_code == 302
    assert browser.post("/account/second-factor/code/", {"code": "000000"}).status_code == 200
    assert browser.post("/account/second-factor/code/").status_code == 200
    assert browser.get("/settings/").status_code == 302
    done = browser.post("/account/second-factor/code/", {"code": code_of(with_second_step[1], 1)})
    assert (done.status_code, done.url) == (302, "/")
    assert browser.get("/settings/").status_code == 200
    assert [a for a, _, _ in actions()] == [
        "sign_in.done", "sign_in.failed", "totp.added", "recovery_codes.added", "totp.refused", "sign_in.done",
    ]  # fmt: skip


def test_the_secret_is_encrypted_at_rest(with_second_step):
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert with_second_step[1] not in stored


def test_a_recovery_code_works_once(anna, with_second_step):
    page = with_second_step[0].get("/account/second-factor/recovery/").content.decode()
    codes = re.findall(r"<li>(\d{8})</li>", page)
    assert len(codes) == 10
    first, second = Client(), Client()
    for browser in (first, second):
        enter(browser, anna.email)
    assert first.post("/account/second-factor/code/", {"code": codes[0]}).status_code == 302
    assert second.post("/account/second-factor/code/", {"code": codes[0]}).status_code == 200
    file = with_second_step[0].get("/account/second-factor/recovery/file/").content.decode().split()
    assert sorted(file) == sorted(codes[1:])


def test_who_must_have_a_second_step_sets_it_up_first(anna):
    User.objects.update(totp_required=True)
    browser = Client()
    enter(browser, anna.email)
    assert browser.get("/settings/").url == "/account/second-factor/totp/"
    assert browser.get("/api/v1/me").json()["code"] == "second_step_required"
    prove(browser)
    page = browser.get("/account/second-factor/totp/").content.decode()
    assert "нужен второй шаг" in page
    secret = re.search(r"break-all\">([A-Z2-7]+)<", page)[1]
    browser.post("/account/second-factor/totp/", {"code": code_of(secret)})
    assert browser.get("/settings/").status_code == 200
    browser.post("/account/second-factor/totp/off/")
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_the_second_step_can_be_turned_off_by_choice(anna, with_second_step):
    browser = with_second_step[0]
    assert browser.post("/account/second-factor/totp/off/").status_code == 302
    assert Authenticator.objects.count() == 0
    assert [a for a, _, _ in actions()][-2:] == ["totp.removed", "recovery_codes.removed"]


def test_an_administrator_takes_away_a_lost_phone(anna, administrator, with_second_step, now):
    assert operations.reset_second_step(actor=administrator, now=now, user=anna) is True
    assert operations.reset_second_step(actor=administrator, now=now, user=anna) is False
    assert with_second_step[0].get("/settings/").status_code == 302
    assert enter(Client(), anna.email).url == "/"


def test_a_password_is_changed_after_the_old_one(anna):
    browser, other = Client(), Client()
    enter(browser, anna.email)
    enter(other, anna.email)
    new = "a-quite-different-one"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert browser.post("/account/password/change/", fields | {"oldpassword": "x"}).status_code == 200
    assert (
        browser.post(
            "/account/password/change/", fields | {"password1": "short", "password2": "short"}
        ).status_code
        == 200
    )
    assert enter(Client(), anna.email).status_code == 302
    assert browser.post("/account/password/change/", fields).status_code == 302
    assert browser.get("/settings/").status_code == 200
    assert other.get("/settings/").status_code == 302
    assert enter(Client(), anna.email).status_code == 200
    assert "password.changed" in [a for a, _, _ in actions()]


def test_a_link_sets_a_password_once(anna, administrator, now, settings):
    settings.PUBLIC_URL = ""
    link = operations.password_link(actor=administrator, now=now, user=anna)
    browser = Client()
    form = browser.get(link, follow=True)
    new = "a-quite-different-one"
    path = form.redirect_chain[-1][0]
    done = browser.post(path, {"password1": new, "password2": new})
    assert (done.status_code, done.url) == (302, reverse("account_reset_password_from_key_done"))
    assert enter(Client(), anna.email, new).status_code == 302
    assert "больше не действует" in Client().get(link, follow=True).content.decode()
    assert [a for a, _, _ in actions()][:2] == ["user.password_link", "password.reset"]


def test_sessions_are_listed_and_ended_by_their_owner_only(anna, boris):
    here, there, his = Client(), Client(), Client()
    enter(here, anna.email)
    there.post(
        "/account/login/",
        {"login": anna.email, "password": PASSWORD},
        headers={"User-Agent": "X Firefox/9 Windows"},
    )
    enter(his, boris.email)
    page = here.get("/settings/").content.decode()
    assert "Firefox, Windows" in page
    foreign = UserSession.objects.get(user=boris).pk
    assert here.post(f"/settings/sessions/{foreign}/end/").status_code == 404
    assert his.get("/settings/").status_code == 200
    other = UserSession.objects.exclude(session_key=here.session.session_key).get(user=anna).pk
    assert here.post(f"/settings/sessions/{other}/end/").status_code == 302
    assert there.get("/settings/").status_code == 302
    assert here.get("/settings/").status_code == 200


def test_the_demo_lists_one_person_of_each_role(anna, boris, administrator, settings):
    assert "Анна Соколова" in Client().get("/account/login/").content.decode()
    assert [p["name"] for p in queries.demo_people()] == ["Анна Соколова", "Денис Карпов"]
    settings.DEMO = False
    assert "Анна Соколова" not in Client().get("/account/login/").content.decode()


def test_nobody_signs_up(client, db):
    assert client.get("/account/signup/").status_code == 404
