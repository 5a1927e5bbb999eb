"""Changing a policy by the window: the price of the tariff is shown first, then the change is made."""

import re
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
    "new": "0",
    "new-0-role": "driver",
    "new-0-name": "Орлов Илья Дмитриевич",
    "new-0-birth_date": "2006-01-02",
    "new-0-experience_since": "2024-06-10",
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
    who = typed | YOUNG | {"new-0-experience_since": "", "new-0-licence": "12"}
    told = text_of(browser.post(f"{path}price/", who | {"new-0-licence": ""}, headers=HTMX))
    assert "Без этого нет цены" in told
    answer = browser.post(path, who, headers=HTMX)
    page = text_of(answer)
    assert answer.status_code == 422
    for place in ("experience_since", "licence"):
        assert f'id="id_new-0-{place}_error"' in page
    assert 'value="Орлов Илья Дмитриевич"' in page
    assert PolicyVersion.objects.count() == 1


def test_several_people_are_put_in_put_right_and_taken_out_at_once(sign_in, anna, issued, typed):
    """Дмитрий goes, Вера's experience is put right, two are new: one version, one price, a class for each."""
    browser, path = sign_in(anna), f"/policies/{issued.pk}/endorsements/"
    page = text_of(browser.get(path, headers=HTMX))
    assert 'name="was-1-gone"' in page
    vera, dmitry = issued.versions.get().participants
    rows = typed | YOUNG | {
        "new": ["0", "3"], "new-3-role": "driver", "new-3-name": "Орлова Анна Сергеевна", "new-3-birth_date": "1995-05-05",
        "new-3-experience_since": "2018-06-01", "new-3-licence": "99 21 123456",
        "was-0-role": "driver", "was-0-name": vera["name"], "was-0-birth_date": vera["birth_date"],
        "was-0-experience_since": "2010-05-20", "was-0-licence": "",
        "was-1-role": "driver", "was-1-name": dmitry["name"], "was-1-birth_date": "1899-01-01", "was-1-gone": "on",
    }  # fmt: skip
    told = text_of(browser.post(f"{path}price/", rows, headers=HTMX))
    assert "31 356,82 ₽" in told
    young = browser.post(path, rows | {"new-3-experience_since": "2005-06-01"}, headers=HTMX)
    assert young.status_code == 422
    assert 'id="id_new-3-experience_since_error"' in text_of(young)
    assert PolicyVersion.objects.count() == 1
    assert browser.post(path, rows | {"shown": "31356.82"}, headers=HTMX).status_code == 204
    people = PolicyVersion.objects.get(number=2).participants
    assert [(one["name"], one["experience_since"], one["class"], one.get("joined")) for one in people] == [
        (vera["name"], "2010-05-20", "10", None), ("Орлов Илья Дмитриевич", "2024-06-10", "3", "2027-03-01"),
        ("Орлова Анна Сергеевна", "2018-06-01", "3", "2027-03-01"),
    ]  # fmt: skip
    assert people[2]["licence"] == "9921123456"


def test_a_row_more_and_a_row_less_lose_nothing_typed(sign_in, anna, issued, typed):
    browser, path = sign_in(anna), f"/policies/{issued.pk}/endorsements/"
    more = browser.post(path, typed | YOUNG | {"more": "1"}, headers=HTMX)
    page = text_of(more)
    assert (more.status_code, page.count('name="new"'), "_error" in page) == (200, 2, False)
    assert 'value="Орлов Илья Дмитриевич"' in page
    less = browser.post(
        path, typed | YOUNG | {"new": ["0", "1"], "new-1-name": "Пётр", "drop": "0"}, headers=HTMX
    )
    page = text_of(less)
    assert (page.count('name="new"'), 'value="Пётр"' in page, "Илья" in page) == (1, True, False)
    assert less.headers["HX-Trigger-After-Swap"] == '{"people-changed": {}}'
    junk = typed | {"new": ["-1", "99999999", "x", "²"], "more": "1"}
    assert text_of(browser.post(path, junk, headers=HTMX)).count('name="new"') == 1
    assert PolicyVersion.objects.count() == 1


def test_a_question_comes_up_with_the_answer_that_calls_for_it(sign_in, anna, issued, typed):
    browser, path = sign_in(anna), f"/policies/{issued.pk}/endorsements/"
    page = text_of(browser.get(path, headers=HTMX))
    assert 'name="q-kbm_class"' not in page
    every = dict.fromkeys(re.findall(r'name="(q-\w+)"', page), "") | typed
    told = text_of(
        browser.post(f"{path}price/", every | {"q-unlimited": "yes", "q-owner": "company"}, headers=HTMX)
    )
    assert 'id="change-questions" hx-swap-oob="true"' in told
    assert 'name="q-kbm_class"' in told
    again = every | {"q-unlimited": "yes", "q-owner": "company", "q-kbm_class": "3"}
    assert "change-questions" not in text_of(browser.post(f"{path}price/", again, headers=HTMX))
    back = text_of(browser.post(f"{path}price/", again | {"q-unlimited": "no"}, headers=HTMX))
    assert 'name="q-kbm_class"' not in back
    assert "hx-swap-oob" in back


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


def test_an_empty_form_is_a_form_with_errors(sign_in, anna, issued):
    path = f"/policies/{issued.pk}/endorsements/"
    assert [sign_in(anna).post(one).status_code for one in (path, f"{path}price/")] == [422, 200]


def test_a_price_is_not_told_of_a_foreign_policy(sign_in, boris, auditor, issued, typed):
    path = f"/policies/{issued.pk}/endorsements/price/"
    assert [sign_in(who).post(path, typed).status_code for who in (boris, auditor)] == [404, 403]
