"""A product whose test is not passed is not sold: the window is for reading, other ways say why."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clientela.modules.accounts.models import User
from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.book.operations.training import NotAdmitted
from clientela.modules.clients.models import Client
from clientela.modules.contracts import operations as contracts
from clientela.modules.contracts.models import Policy, Project, Quote
from clientela.modules.products.models import Product
from clientela.modules.quotes import operations
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.tests.conftest import calculation, family, tariffs

__all__ = ["calculation", "family", "tariffs"]
HTMX = {"HTTP_HX_REQUEST": "true"}
SignIn = Callable[[User], Browser]


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


@pytest.fixture
def required(osago: Product) -> Test:
    test = Test.objects.create(product=osago, title="ОСАГО", pass_mark=1, required_from=date(2026, 1, 1))
    Question.objects.create(test=test, place=1, text="?", options=["а", "б"], right=[0])
    return test


def passed(user: User, test: Test, now: datetime, until: date = date(2099, 1, 1)) -> None:
    Attempt.objects.create(
        test=test, user=user, started_at=now, ends_at=now, finished_at=now, pass_mark=1, asked=1, right=1,
        is_passed=True, valid_until=until,
    )  # fmt: skip


def test_every_act_of_selling_is_refused(
    calculation: Calculation, anna: User, vera: Client, osago: Product, now: datetime, required: Test
) -> None:
    who: dict[str, Any] = {"actor": anna, "now": now}
    variant = calculation.variants.get(is_chosen=True)
    acts: list[Callable[[], Any]] = [
        lambda: operations.change(**who, calculation=calculation, months=6),
        lambda: operations.price_again(**who, calculation=calculation),
        lambda: operations.add_variant(**who, calculation=calculation),
        lambda: operations.choose(**who, variant=variant),
        lambda: operations.make_page(**who, calculation=calculation),
        lambda: operations.refer(**who, calculation=calculation),
        lambda: operations.to_project(**who, calculation=calculation),
        lambda: operations.start(**who, client=vera, product=osago),
        lambda: contracts.make_quote(**who, policy=calculation.policy, premium=Decimal(1)),
        lambda: contracts.prepare_project(**who, policy=calculation.policy),
        lambda: contracts.prepare_new(
            **who, client=vera, product=osago, premium=Decimal(1), start_date=date(2026, 12, 1),
            end_date=date(2027, 11, 30),
        ),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(NotAdmitted):
            act()
    before = calculation.version
    calculation.refresh_from_db()
    assert (calculation.version, calculation.state) == (before, Calculation.State.DRAFT)
    assert not Project.objects.exists()
    assert not Quote.objects.exists()
    assert operations.start(**who, client=vera, product=osago, policy=calculation.policy).pk == calculation.pk
    operations.price_again(actor=None, now=now, calculation=calculation)
    assert operations.lose(**who, calculation=calculation, reason="дорого").state == Calculation.State.LOST


def test_who_passed_sells(calculation: Calculation, anna: User, now: datetime, required: Test) -> None:
    passed(anna, required, now)
    assert operations.change(actor=anna, now=now, calculation=calculation, months=6).months == 6


def test_the_window_is_for_reading_and_says_why(
    calculation: Calculation, anna: User, required: Test, sign_in: SignIn
) -> None:
    browser = sign_in(anna)
    response = browser.get(f"/quotes/{calculation.pk}/")
    page = text_of(response)
    assert response.status_code == 200
    assert calculation.number in page
    assert "Расчёт открыт только на чтение" in page
    assert f'href="/training/{required.pk}/"' in page
    assert "Выставить счёт" not in page
    assert f"/quotes/{calculation.pk}/invoice/" not in page
    assert f"/quotes/{calculation.pk}/term/" not in page
    refused = browser.post(f"/quotes/{calculation.pk}/invoice/", {"version": calculation.version}, **HTMX)
    assert refused.status_code == 200
    assert "сначала сдайте" in json.loads(refused["HX-Trigger"])["toast"]["text"]
    term = browser.post(
        f"/quotes/{calculation.pk}/term/", {"version": calculation.version, "starts_on": "2099-01-01", "months": 6}, **HTMX
    )  # fmt: skip
    assert term.status_code == 200
    calculation.refresh_from_db()
    assert (calculation.state, calculation.months) == (Calculation.State.DRAFT, 12)


def test_the_last_days_are_told_before(
    calculation: Calculation, anna: User, required: Test, sign_in: SignIn
) -> None:
    Test.objects.update(required_from=timezone.localdate() + timedelta(days=13))
    page = text_of(sign_in(anna).get(f"/quotes/{calculation.pk}/"))
    assert "Осталось 12 дней" in page
    assert f"/quotes/{calculation.pk}/invoice/" in page
    Test.objects.update(required_from=timezone.localdate() + timedelta(days=60))
    assert "Осталось" not in text_of(sign_in(anna).get(f"/quotes/{calculation.pk}/"))


def test_a_choice_says_what_may_not_be_sold(
    tariffs: None, family: Policy, vera: Client, anna: User, kasko: Product, required: Test, sign_in: SignIn
) -> None:
    browser = sign_in(anna)
    page = text_of(browser.get(f"/quotes/new/?client={vera.pk}"))
    assert "тест не сдан" in page
    assert 'value="osago"' not in page
    assert 'value="kasko"' in page
    refused = browser.post("/quotes/new/", {"client": vera.pk, "product": "osago"}, **HTMX)
    assert refused.status_code == 422
    assert "ОСАГО" in refused.content.decode()
    assert not Calculation.objects.exists()


def test_the_api_of_a_person_tells_the_reason(
    calculation: Calculation, anna: User, required: Test, sign_in: SignIn
) -> None:
    browser = sign_in(anna)
    assert browser.get(f"/api/v1/calculations/{calculation.pk}").status_code == 200
    refused = browser.patch(
        f"/api/v1/calculations/{calculation.pk}",
        {"version": calculation.version, "starts_on": "2099-01-01"},
        content_type="application/json",
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "not_admitted")
    assert "ОСАГО" in refused.json()["detail"]
    calculation.refresh_from_db()
    assert calculation.months == 12
