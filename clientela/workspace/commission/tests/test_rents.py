"""The register of rents on the screen: evidence in words, decisions, answers, and whose it is."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser

from clientela.foundation.push.models import Alert
from clientela.modules.accounts.models import User
from clientela.modules.commission.models import Entry
from clientela.modules.contracts.models import Policy, Quote
from clientela.modules.rent import operations
from clientela.modules.rent.events import RentChanged
from clientela.modules.rent.models import Rent
from clientela.modules.rent.tests.conftest import good, level, quoted, rates, renew_alone  # noqa: F401
from clientela.workspace.alerts.handlers import on_rent
from clientela.workspace.commission.rents import waiting_for

SignIn = Callable[[User], Browser]


def text_of(answer: Any) -> str:
    return answer.content.decode().replace("\xa0", " ")  # type: ignore[no-any-return]


@pytest.fixture
def rent(anna: User, vera_policy: Policy, good: None, renew_alone: Any, now: datetime) -> Rent:  # noqa: F811
    found = operations.look_at(now=now, policy_id=renew_alone(vera_policy).pk)
    assert found is not None
    return found


def test_the_head_of_branch_reads_the_evidence(sign_in: SignIn, branch_head: User, rent: Rent) -> None:
    page = text_of(sign_in(branch_head).get("/commission/rent/"))
    for words in (
        "Агентская рента", "филиал «Казань»", "Ждут 1", "Утвердить чистые, 1", "Орлова Вера", "5 из 5", "426,70 ₽",
        "8 533,99 ₽ × 5 %", "Первый договор писал агент Анна Соколова", "ХХХ 0412773905", "АГД-16/0101",
        "сайт, 18.11.2026, 10:42; вход по коду на +7 917 •••-••-55", "Р-26-000117 от 04.11.2026",
        "ОСАГО 70 % при норме 70 %; 7 из 10", "других начислений по", "Как это было", "Продлил сам", "Утвердить 426,70 ₽",
    ):  # fmt: skip
        assert words in page, words
    assert "+79170008055" not in page


def test_approved_on_the_screen_it_stands_in_statement_and_act(
    sign_in: SignIn, anna: User, branch_head: User, rent: Rent, monkeypatch: Any, now: datetime
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    answer = sign_in(branch_head).post(f"/commission/rent/{rent.pk}/approval/", follow=True)
    assert "Утверждено 426,70 ₽: Анна Соколова" in text_of(answer)
    page = text_of(sign_in(anna).get(f"/commission/of/{anna.agent.pk}/?month=2026-11&kind=rent"))
    for words in ("426,70", "рента", "Орлова"):
        assert words in page, words
    assert "Рента" in text_of(sign_in(branch_head).get("/commission/?month=2026-11"))
    again = sign_in(branch_head).post(f"/commission/rent/{rent.pk}/approval/")
    assert again.status_code == 422
    assert "не ждёт вашего решения" in text_of(again)
    assert Entry.objects.count() == 1


def test_returned_answered_and_the_typed_text_stays(
    sign_in: SignIn, anna: User, branch_head: User, rent: Rent
) -> None:
    browser, path = sign_in(branch_head), f"/commission/rent/{rent.pk}"
    refused = browser.post(f"{path}/return/", {"reason": "nonsense", "words": "Напечатано"})
    assert refused.status_code == 422
    assert "Выберите причину" in text_of(refused)
    assert "Напечатано" in text_of(refused)
    assert browser.post(f"{path}/return/", {"reason": "other"}).status_code == 422
    done = browser.post(f"{path}/return/", {"reason": "no_quote", "words": "Не вижу расчёта"}, follow=True)
    assert "Рента возвращена агенту" in text_of(done)
    own = sign_in(anna)
    page = text_of(own.get("/commission/rent/"))
    for words in ("Нет расчёта до продления", "Не вижу расчёта", "Ваш ответ филиалу", "Возвращены 1"):
        assert words in page, words
    assert "Утвердить" not in page
    assert own.post(f"{path}/answer/", {"words": " "}).status_code == 422
    assert "Филиал посмотрит ещё раз" in text_of(
        own.post(f"{path}/answer/", {"words": "Р-26-000117"}, follow=True)
    )
    assert Rent.objects.get().state == "waiting"


def test_clean_ones_at_once(sign_in: SignIn, branch_head: User, rent: Rent) -> None:
    browser = sign_in(branch_head)
    assert browser.post("/commission/rent/clean/", {"upto": str(rent.pk - 1)}).status_code == 302
    assert Rent.objects.get().state == "waiting"
    page = text_of(browser.post("/commission/rent/clean/", {"upto": str(rent.pk)}, follow=True))
    assert "Утверждена 1 рента" in page


def test_what_is_not_clean_asks_for_words(
    sign_in: SignIn, branch_head: User, anna: User, vera_policy: Policy, good: None, quoted: Quote,  # noqa: F811
    renew_alone: Any, now: datetime,  # noqa: F811
) -> None:  # fmt: skip
    quoted.delete()
    rent = operations.look_at(now=now, policy_id=renew_alone(vera_policy).pk)
    assert rent is not None
    browser = sign_in(branch_head)
    page = text_of(browser.get("/commission/rent/"))
    assert "4 из 5" in page
    assert "Расчёта в системе не было" in page
    assert "Утвердить чистые" not in page
    answer = browser.post(f"/commission/rent/{rent.pk}/approval/")
    assert answer.status_code == 422
    assert "Выполнены не все проверки" in text_of(answer)
    assert browser.post(f"/commission/rent/{rent.pk}/approval/", {"words": "Копия у меня"}).status_code == 302


def test_foreign_rents_are_nowhere(
    sign_in: SignIn, boris: User, lilia: User, team_lead: User, quality: User, auditor: User, rent: Rent
) -> None:
    for person in (boris, lilia):
        browser = sign_in(person)
        assert "Орлова" not in text_of(browser.get(f"/commission/rent/?rent={rent.pk}"))
        assert browser.post(f"/commission/rent/{rent.pk}/answer/", {"words": "x"}).status_code == 404
        assert browser.post(f"/commission/rent/{rent.pk}/approval/").status_code == 403
    for person in (team_lead, auditor):
        page = text_of(sign_in(person).get("/commission/rent/"))
        assert "Орлова" in page
        assert "Утвердить 426" not in page
    assert sign_in(quality).get("/commission/rent/").status_code == 403


def test_conditions_and_junk(sign_in: SignIn, branch_head: User, rent: Rent) -> None:
    browser = sign_in(branch_head)
    for query in (
        "q=орл",
        "q=Соко",
        "q=000001",
        "line=osago",
        "met=clean",
        "state=waiting&q=",
        "page=99",
        "rent=x",
    ):
        assert "Орлова" in text_of(browser.get(f"/commission/rent/?{query}")), query
    for query in ("q=зимин", "q=99999", "line=kasko", "met=unmet", "state=approved", "state=refused"):
        assert "Орлова Вера" not in text_of(browser.get(f"/commission/rent/?{query}")), query
    for query in ("rent=" + "9" * 30, "state=" + "x" * 5000, "page=-1"):
        assert browser.get(f"/commission/rent/?{query}").status_code == 200, query


def test_terms_are_set(sign_in: SignIn, renewals_manager: User, branch_head: User) -> None:
    assert sign_in(branch_head).get("/commission/rent/terms/").status_code == 403
    browser = sign_in(renewals_manager)
    assert browser.post("/commission/rent/terms/", {"days": "0"}).status_code == 422
    assert browser.post("/commission/rent/terms/", {"days": "3", "target_osago": "72,5"}).status_code == 302
    page = text_of(browser.get("/commission/rent/terms/"))
    assert 'value="3"' in page
    assert "72,5" in page


def test_who_waits_for_whom(anna: User, branch_head: User, auditor: User, rent: Rent, now: datetime) -> None:
    assert [waiting_for(one) for one in (branch_head, anna, auditor)] == [1, 0, 0]
    operations.send_back(actor=branch_head, now=now, rent=rent, reason="no_quote")
    assert [waiting_for(one) for one in (branch_head, anna, auditor)] == [0, 1, 0]


def test_the_agent_is_alerted(anna: User, branch_head: User, rent: Rent, now: datetime) -> None:
    done = operations.send_back(actor=branch_head, now=now, rent=rent, reason="no_quote", words="Не вижу")
    for _ in range(2):
        on_rent(
            RentChanged(rent.pk, rent.policy_id, rent.policy.client_id, rent.agent_id, done.state), now=now
        )
    alert = Alert.objects.get()
    assert (alert.user, alert.topic) == (anna, "rent")
    assert "Нет расчёта до продления" in alert.body
    assert "Не вижу" in alert.body


def test_the_sum_of_the_month_has_the_rent_in_it(
    anna: User, branch_head: User, rent: Rent, now: datetime
) -> None:
    from clientela.modules.commission.queries import of_agents

    operations.approve(actor=branch_head, now=now, rent=rent)
    assert of_agents(Entry.objects.all())[anna.agent.pk].rent == Decimal("426.70")
