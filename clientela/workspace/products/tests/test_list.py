"""The list of products: words, states, what waits for oneself, and what an empty list teaches."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.rating.models import Table
from clientela.modules.rating.operations import checking, versions
from clientela.modules.rating.operations.shipped import load_shipped


@pytest.fixture
def proposed(db: None, product_manager: User) -> Any:
    now = timezone.now()
    load_shipped(now=now - timedelta(days=1))
    draft = versions.make_draft(actor=product_manager, now=now, table=Table.objects.get(code="kasko.k1"))
    checking.check(actor=product_manager, now=now, version=draft, cases=[], on=now.date())
    return versions.propose(
        actor=product_manager, now=now, version=draft, starts_on=date(2099, 1, 1), reason="Стаж"
    )


@pytest.fixture
def second(make_user: Any) -> User:
    person: User = make_user(Role.PRODUCT_MANAGER, "Лариса", "Ким", email="l.kim@prichal.example")
    return person


def codes(text: str) -> set[str]:
    return {code for code in ("kasko.base", "kasko.k1", "osago.kt", "travel.term") if code in text}


def test_words_of_names_and_codes_find_tables(proposed: Any, second: User, sign_in: Any) -> None:
    client = sign_in(second)
    assert codes(client.get("/products/").text) == {"kasko.base", "kasko.k1", "osago.kt"}
    assert codes(client.get("/products/?q=базовый каско").text) == {"kasko.base"}
    assert codes(client.get("/products/?q=Kt").text) == {"osago.kt"}
    none = client.get("/products/?q=пароход&state=nothing")
    assert (none.status_code, "Ничего не названо «пароход»" in none.text) == (200, True)


def test_what_waits_for_me_was_proposed_by_somebody_else(
    proposed: Any, second: User, product_manager: User, anna: User, sign_in: Any
) -> None:
    hers = sign_in(second).get("/products/?state=mine").text
    assert codes(hers) == {"kasko.k1"}
    assert (
        'href="/products/?state=mine" aria-current="true">Ждут меня <span class="num text-ink-2">1</span>'
        in hers
    )
    own = sign_in(product_manager).get("/products/?state=mine").text
    assert codes(own) == set()
    assert "Вас ничего не ждёт" in own
    assert codes(sign_in(product_manager).get("/products/?state=proposed").text) == {"kasko.k1"}
    agents = sign_in(anna).get("/products/?state=mine").text
    assert codes(agents) == set()
    assert "Ждут меня" not in agents


def test_an_approved_version_starts_later_and_is_in_force_from_its_day(
    proposed: Any, second: User, sign_in: Any
) -> None:
    versions.approve(actor=second, now=timezone.now(), version=proposed)
    client = sign_in(second)
    assert codes(client.get("/products/?state=coming").text) == {"kasko.k1"}
    assert codes(client.get("/products/?state=current&q=каско").text) == {"kasko.base", "kasko.k1"}
    assert codes(client.get("/products/?state=draft").text) == set()


def test_the_same_over_the_api(proposed: Any, second: User, product_manager: User, sign_in: Any) -> None:
    mine = sign_in(second).get("/api/v1/tariff-versions?state=mine").json()
    assert [(one["table"], one["number"], one["reason"], one["author_id"]) for one in mine] == [
        ("kasko.k1", 2, "Стаж", product_manager.pk)
    ]
    found = sign_in(second).get("/api/v1/tariff-versions", {"q": "каско", "state": "current"}).json()
    assert {one["number"] for one in found} == {1}
    assert found[0]["table"] == ""
    assert sign_in(product_manager).get("/api/v1/tariff-versions?state=mine").json() == []
    assert sign_in(second).get("/api/v1/tariff-versions?state=asleep").status_code == 422
