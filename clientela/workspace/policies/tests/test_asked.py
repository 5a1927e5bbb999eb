"""A change for the underwriter, on the pages of the seller and of who decides."""

from datetime import date, timedelta

import pytest
import time_machine

from clientela.foundation.push.models import Alert
from clientela.modules.contracts.models import PolicyVersion
from clientela.modules.quotes.tests.conftest import calculation, family, tariffs
from clientela.modules.underwriting.events import ChangeReferralChanged
from clientela.modules.underwriting.models import Authority, ChangeReferral
from clientela.workspace.alerts.handlers import on_change_referral
from clientela.workspace.policies.tests.test_changing import HTMX, YOUNG, issued, text_of, typed

__all__ = ["calculation", "family", "issued", "tariffs", "typed"]
MINOR = YOUNG | {
    "new-0-name": "Орлов Пётр",
    "new-0-birth_date": "2009-06-02",
    "new-0-experience_since": "2025-08-01",
}


@pytest.fixture
def asked(sign_in, anna, issued, typed):
    """Анна asks for a driver of seventeen."""
    browser, path = sign_in(anna), f"/policies/{issued.pk}/endorsements/"
    told = text_of(browser.post(f"{path}price/", typed | MINOR, headers=HTMX))
    assert 'name="ask"' in told
    assert browser.post(path, typed | MINOR | {"ask": "1"}, headers=HTMX).status_code == 204
    return ChangeReferral.objects.get()


@pytest.fixture
def able(underwriter, now):
    Authority.objects.create(user=underwriter, changed_at=now)
    return underwriter


def test_asked_decided_told_and_made_without_typing_again(sign_in, anna, able, issued, asked, now):
    browser, desk = sign_in(anna), sign_in(able)
    page = text_of(browser.get(f"/policies/{issued.pk}/"))
    for words in ("Ждёт решения", "Водителю нет 18 лет", "Орлов Пётр, водитель, д. р. 02.06.2009"):
        assert words in page, words
    assert f'hx-post="/changes/{asked.pk}/endorsement/"' not in page
    queue = text_of(desk.get("/underwriting/"))
    assert f'href="/underwriting/changes/{asked.pk}/"' in queue
    one = text_of(desk.get(f"/underwriting/changes/{asked.pk}/"))
    for words in (
        "Водителю нет 18 лет",
        "Орлов Пётр, водитель",
        "8 533,99 ₽ →",
        "Вернуть продавцу",
        "второй водитель",
    ):
        assert words in one, words
    bad = desk.post(
        f"/underwriting/changes/{asked.pk}/acceptance/", {"loading": "11", "conditions": "только с отцом"}
    )
    assert (bad.status_code, "только с отцом" in text_of(bad)) == (422, True)
    good = {"loading": "1,2", "conditions": "только с отцом"}
    assert desk.post(f"/underwriting/changes/{asked.pk}/acceptance/", good, headers=HTMX).status_code == 200
    for _twice in range(2):
        on_change_referral(ChangeReferralChanged(asked.pk, issued.pk, issued.client_id, "accepted"), now=now)
    alert = Alert.objects.get()
    assert (alert.user, alert.topic, alert.url) == (anna, "decision", f"/policies/{issued.pk}/")
    assert alert.body == "Изменение полиса: Принято. только с отцом"
    page = text_of(browser.get(f"/policies/{issued.pk}/"))
    assert "только с отцом" in page
    assert "Коэффициент андеррайтера 1,20" in page
    assert browser.post(f"/changes/{asked.pk}/endorsement/", headers=HTMX).status_code == 204
    asked.refresh_from_db()
    version = PolicyVersion.objects.get(number=2)
    assert (version.premium, asked.state) == (asked.price, "made")
    assert browser.post(f"/changes/{asked.pk}/endorsement/", headers=HTMX).status_code == 409
    assert "asked-change" not in text_of(browser.get(f"/policies/{issued.pk}/"))
    assert "Изменение внесено" in text_of(desk.get(f"/underwriting/changes/{asked.pk}/"))


def test_given_back_it_is_put_right_from_what_was_typed(sign_in, anna, able, issued, asked, typed):
    desk, browser = sign_in(able), sign_in(anna)
    path = f"/underwriting/changes/{asked.pk}/return/"
    assert desk.post(path, {"reason": ""}).status_code == 422
    assert desk.post(path, {"reason": "с какого дня стаж?"}).status_code == 302
    page = text_of(browser.get(f"/policies/{issued.pk}/"))
    assert "с какого дня стаж?" in page
    assert f"?change={asked.pk}" in page
    form = browser.get(f"/policies/{issued.pk}/endorsements/?change={asked.pk}", headers=HTMX)
    told = text_of(form)
    assert form.status_code == 200
    for words in (
        'value="Орлов Пётр"',
        'value="2009-06-02"',
        'value="второй водитель"',
        'value="2027-03-01"',
    ):
        assert words in told, words
    again = typed | MINOR | {"new-0-experience_since": "2025-09-15", "ask": "1"}
    assert browser.post(f"/policies/{issued.pk}/endorsements/", again, headers=HTMX).status_code == 204
    assert list(ChangeReferral.objects.values_list("state", flat=True)) == ["returned", "waiting"]
    assert desk.post(f"/underwriting/changes/{asked.pk}/refusal/", {"reason": "x"}).status_code == 422


def test_declined_and_taken_back(sign_in, anna, able, issued, asked):
    desk, browser = sign_in(able), sign_in(anna)
    assert (
        desk.post(f"/underwriting/changes/{asked.pk}/refusal/", {"reason": "нет 18 лет"}).status_code == 302
    )
    assert "нет 18 лет" in text_of(browser.get(f"/policies/{issued.pk}/"))
    assert browser.post(f"/changes/{asked.pk}/endorsement/").status_code == 409
    assert browser.post(f"/changes/{asked.pk}/withdrawal/").status_code == 302
    assert "asked-change" not in text_of(browser.get(f"/policies/{issued.pk}/"))
    assert PolicyVersion.objects.count() == 1


def test_a_foreign_change_is_nobodys(sign_in, anna, boris, auditor, asked):
    for path in (f"/changes/{asked.pk}/endorsement/", f"/changes/{asked.pk}/withdrawal/"):
        assert [sign_in(who).post(path).status_code for who in (boris, auditor)] == [404, 403]
    assert sign_in(anna).get(f"/underwriting/changes/{asked.pk}/").status_code == 403
    asked.refresh_from_db()
    assert asked.state == "waiting"


def test_a_day_that_passed_is_told_on_the_page(sign_in, anna, issued, asked, now):
    path, words = f"/policies/{issued.pk}/", "день, о котором просили, прошёл"
    page = text_of(sign_in(anna).get(path))
    assert (words in page, "К доплате" in page) == (False, True)
    day = date.fromisoformat(asked.wanted["valid_from"])
    with time_machine.travel(now + (day - now.date()) + timedelta(days=5), tick=False):
        page = text_of(sign_in(anna).get(path))
    assert words in page
    assert f"{day + timedelta(days=5):%d.%m.%Y}" in page
