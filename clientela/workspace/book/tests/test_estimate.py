"""A price without a client on the page of a product: the tariff's own figures, nothing kept."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.rating.operations.shipped import load_shipped

SignIn = Callable[[User], Browser]
PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "estimate-price"}
MOSCOW = {"e-territory": "moscow", "e-power": "87", "e-age": "24", "e-experience": "4", "e-kbm": "4"}


@pytest.fixture
def ask(sign_in: SignIn, anna: User, osago: Product, now: datetime) -> Callable[..., str]:
    """The panel as a seller sees it, spaces of numbers as spaces."""
    load_shipped(now=now)
    browser = sign_in(anna)

    def get(product: str, **typed: str) -> str:
        answer = browser.get(f"/book/{product}/estimate/", typed, **PART)
        assert answer.status_code == 200
        return answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ")

    return get


def test_osago_by_the_worked_case_of_the_tariff(ask: Callable[..., str]) -> None:
    """5 430 ₽ × 2.23740: Москва, 87 hp, 24 years and 4 of driving, class 4."""
    page = ask("osago", **MOSCOW)
    assert "12 149,08" in page
    assert "× 1,80<" in page
    assert not Calculation.objects.exists()


def test_other_products_by_their_questions(ask: Callable[..., str]) -> None:
    flat = {"built": "2015", "sum_structure": "4 000 000", "sum_finish": "1000000", "sum_movables": "500 000",
            "sum_liability": "500 000"}  # fmt: skip
    assert "12 200,00" in ask("305", **{f"e-{key}": value for key, value in flat.items()})
    car = {
        "make": "Kia",
        "territory": "moscow",
        "year": "2026",
        "sum_insured": "3 000 000",
        "age": "27",
        "experience": "3",
    }
    assert "% стоимости" in ask("kasko", **{f"e-{key}": value for key, value in car.items()})
    assert "₽" in ask("travel", **{"e-zone": "europe", "e-days": "10", "e-age": "40"}).partition("<table")[0]


def test_what_is_missing_and_what_is_wrong_is_said(ask: Callable[..., str]) -> None:
    assert "Ещё не заполнено" in ask("osago", **(MOSCOW | {"e-power": ""}))
    page = ask("osago", **(MOSCOW | {"e-power": "сто"}))
    assert "Мощность" in page
    assert "12 149,08" not in page


def test_unlimited_drivers_need_no_age(ask: Callable[..., str]) -> None:
    typed = {"e-territory": "moscow", "e-power": "150", "e-unlimited": "yes"}
    assert "50 591,01" in ask("osago", **typed)  # 5 430 ₽ × 9.316944


def test_what_is_asked_only_of_some_stands_behind_more_conditions(
    ask: Callable[..., str], sign_in: SignIn, anna: User
) -> None:
    page = sign_in(anna).get("/book/osago/").content.decode()
    first, _more, rest = page.partition("<details")
    assert 'name="e-power"' in first
    assert 'name="e-kbm_class"' not in first
    assert 'name="e-kbm_class"' in rest


def test_the_page_has_it_for_sellers_only(
    ask: Callable[..., str], sign_in: SignIn, anna: User, auditor: User, kasko: Product
) -> None:
    assert 'id="estimate"' in sign_in(anna).get("/book/kasko/").content.decode()
    shared = sign_in(anna).get("/book/osago/estimate/", MOSCOW).content.decode()
    assert "<html" in shared
    assert 'value="87"' in shared
    assert sign_in(auditor).get("/book/osago/estimate/").status_code == 403
    assert 'id="estimate"' not in sign_in(auditor).get("/book/kasko/").content.decode()
