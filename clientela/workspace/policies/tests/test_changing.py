"""Changing a policy by the window: the price of the tariff is shown first, then the change is made."""

from decimal import Decimal

import pytest

from clientela.modules.contracts.models import PolicyVersion
from clientela.modules.contracts.operations import issue_project
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.tests.conftest import calculation, family, tariffs
from clientela.modules.underwriting.models import Authority

__all__ = ["calculation", "family", "tariffs"]
HTMX = {"hx-request": "true"}
YOUNG = {
    "role": "driver",
    "name": "Орлов Илья Дмитриевич",
    "birth_date": "2006-01-02",
    "experience_since": "2024-06-10",
}


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


@pytest.fixture
def issued(calculation, anna, now):
    project = quotes.to_project(actor=anna, now=now, calculation=calculation)
    return issue_project(actor=anna, now=now, project=project)


@pytest.fixture
def typed():
    return {
        "seen": "1",
        "valid_from": "2027-03-01",
        "reason": "второй водитель",
        "role": "driver",
        "q-unlimited": "no",
    }


def test_the_price_stands_before_the_change(sign_in, anna, issued, typed):
    browser, path = sign_in(anna), f"/policies/{issued.pk}/endorsements/"
    page = text_of(browser.get(path, headers=HTMX))
    assert f'hx-post="{path}price/"' in page
    assert 'name="q-unlimited"' in page
    assert 'name="premium"' not in page
    told = text_of(browser.post(f"{path}price/", typed | YOUNG, headers=HTMX))
    for words in (
        "Вера: класс 10 → Илья: класс 3", "0,63 → 1,17", "Илья: возраст 21, стаж 2", "osago.kvs-cars, версия 1",
        "8 533,99 ₽ → 31 356,82 ₽", "17 507,92 ₽", "за 280 из 365 дней срока", 'name="shown" value="31356.82"',
    ):  # fmt: skip
        assert words in told, words
    unseen = browser.post(path, typed | YOUNG, headers=HTMX)
    assert (unseen.status_code, PolicyVersion.objects.count()) == (422, 1)
    assert "17 507,92 ₽" in text_of(unseen)
    assert browser.post(path, typed | YOUNG | {"shown": "8533.99"}, headers=HTMX).status_code == 422
    assert browser.post(path, typed | YOUNG | {"shown": "31356.82"}, headers=HTMX).status_code == 204
    assert PolicyVersion.objects.get(number=2).difference == Decimal("17507.92")
    page = text_of(browser.get(f"/policies/{issued.pk}/"))
    assert "С 01.03.2027" in page


def test_what_is_missing_is_told_where_it_is_typed(sign_in, anna, issued, typed):
    browser, path = sign_in(anna), f"/policies/{issued.pk}/endorsements/"
    who = typed | YOUNG | {"experience_since": ""}
    assert "Не заполнено" in text_of(browser.post(f"{path}price/", who, headers=HTMX))
    answer = browser.post(path, who, headers=HTMX)
    assert answer.status_code == 422
    assert 'id="id_experience_since_error"' in text_of(answer)
    assert PolicyVersion.objects.count() == 1


def test_any_number_of_drivers_takes_the_names_out(sign_in, anna, issued, typed):
    browser, path = sign_in(anna), f"/policies/{issued.pk}/endorsements/"
    wanted = typed | {"q-unlimited": "yes", "shown": "53851.94"}
    assert browser.post(path, wanted, headers=HTMX).status_code == 204
    version = PolicyVersion.objects.get(number=2)
    assert (version.participants, version.terms["answers"]["unlimited"]) == ([], True)


def test_a_price_by_hand_is_an_underwriters(sign_in, anna, underwriter, issued, typed, now):
    path = f"/policies/{issued.pk}/endorsements/"
    wanted = typed | {"q-unlimited": "yes", "premium": "50 000,00"}
    assert sign_in(anna).post(path, wanted, headers=HTMX).status_code == 422
    assert PolicyVersion.objects.count() == 1
    Authority.objects.create(user=underwriter, changed_at=now)
    browser = sign_in(underwriter)
    assert 'name="premium"' in text_of(browser.get(path, headers=HTMX))
    assert browser.post(path, wanted, headers=HTMX).status_code == 204
    assert PolicyVersion.objects.get(number=2).premium == Decimal(50000)


def test_a_price_is_not_told_of_a_foreign_policy(sign_in, boris, auditor, issued, typed):
    path = f"/policies/{issued.pk}/endorsements/price/"
    assert [sign_in(who).post(path, typed).status_code for who in (boris, auditor)] == [404, 403]
