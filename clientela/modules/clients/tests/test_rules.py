"""Completeness, freshness, categories and mentions: no database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from clientela.modules.clients import rules
from clientela.modules.clients.rules import Freshness, Portfolio

TODAY = date(2026, 11, 18)
FULL = dict.fromkeys(rules.PERSON_WEIGHTS, True)


def test_weights_make_a_hundred() -> None:
    assert sum(rules.PERSON_WEIGHTS.values()) == 100
    assert sum(rules.COMPANY_WEIGHTS.values()) == 100
    assert set(rules.MISSING) == set(rules.PERSON_WEIGHTS) | set(rules.COMPANY_WEIGHTS)


@pytest.mark.parametrize(
    ("kind", "present", "percent", "missing"),
    [
        ("person", FULL, 100, ()),
        ("person", FULL | {"email": False}, 85, ("email",)),
        ("person", FULL | {"sex": False, "phone": False}, 70, ("phone", "sex")),
        ("person", {}, 0, ("phone", "birth_date", "email", "address", "document", "first_name", "sex")),
        ("company", {"company_name": True, "inn": True, "phone": True}, 55,
         ("email", "ogrn", "address", "contact_person")),
    ],
)  # fmt: skip
def test_completeness(kind: str, present: dict[str, bool], percent: int, missing: tuple[str, ...]) -> None:
    assert rules.completeness(kind, present) == rules.Completeness(percent, missing)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(None, Freshness.UNKNOWN), (0, Freshness.FRESH), (180, Freshness.FRESH), (181, Freshness.AGEING),
     (365, Freshness.AGEING), (366, Freshness.STALE)],
)  # fmt: skip
def test_freshness(days: int | None, expected: Freshness) -> None:
    confirmed = None if days is None else TODAY - timedelta(days=days)
    assert rules.freshness(confirmed, TODAY) is expected


@pytest.mark.parametrize(("valid_until", "expected"), [
    (None, False), (TODAY + timedelta(days=91), False), (TODAY + timedelta(days=90), True),
    (TODAY - timedelta(days=1), True),
])  # fmt: skip
def test_document_expires(valid_until: date | None, expected: bool) -> None:
    assert rules.document_expires(valid_until, TODAY) is expected


def portfolio(**facts: object) -> Portfolio:
    return Portfolio(**{"premium": Decimal(10000), **facts})


CASES = [
    (Portfolio(), "prospect", "cold"),
    (Portfolio(last_incoming=TODAY - timedelta(days=14)), "prospect", "hot"),
    (Portfolio(last_incoming=TODAY - timedelta(days=15)), "prospect", "warm"),
    (Portfolio(last_incoming=TODAY - timedelta(days=90)), "prospect", "warm"),
    (Portfolio(last_incoming=TODAY - timedelta(days=91)), "prospect", "cold"),
    (portfolio(first_start=date(2020, 1, 1), last_end=TODAY - timedelta(days=366)), "prospect", "warm"),
    (portfolio(first_start=date(2020, 1, 1), last_end=TODAY - timedelta(days=365)), "occasional", ""),
    (portfolio(in_force=1, first_start=date(2025, 11, 19), last_end=TODAY), "occasional", ""),
    (portfolio(in_force=1, first_start=date(2025, 11, 18), last_end=TODAY), "regular", ""),
    (portfolio(in_force=2, first_start=date(2026, 6, 1), last_end=TODAY), "regular", ""),
    (portfolio(in_force=1, first_start=date(2023, 11, 18), last_end=TODAY), "regular", ""),
    (portfolio(in_force=2, first_start=date(2023, 11, 19), last_end=TODAY), "regular", ""),
    (portfolio(in_force=2, first_start=date(2023, 11, 18), last_end=TODAY), "loyal", ""),
    (portfolio(in_force=1, first_start=date(2021, 11, 19), last_end=TODAY), "regular", ""),
    (portfolio(in_force=1, first_start=date(2021, 11, 18), last_end=TODAY), "loyal", ""),
]


@pytest.mark.parametrize(("facts", "loyalty", "temperature"), CASES)
def test_loyalty_and_temperature(facts: Portfolio, loyalty: str, temperature: str) -> None:
    found = rules.categorise(facts, TODAY)
    assert (found.loyalty, found.temperature) == (loyalty, temperature)


@pytest.mark.parametrize(
    ("premium", "loss", "expected"),
    [
        (0, 500, ""),
        (10000, 0, "profitable"),
        (10000, 8000, "profitable"),
        (10000, Decimal("8000.01"), "unprofitable"),
    ],
)
def test_profitability(premium: int, loss: Decimal, expected: str) -> None:
    facts = Portfolio(premium=Decimal(premium), loss_paid=Decimal(loss))
    assert rules.profitability(facts) == expected


def test_reasons_can_be_read_aloud() -> None:
    facts = portfolio(in_force=3, first_start=date(2019, 7, 11), last_end=TODAY, loss_paid=Decimal(1800))
    with translation.override("en"):
        assert rules.categorise(facts, TODAY).reasons == {
            "loyalty": "3 policies in force, 7 full years with us.",
            "profitability": "Losses are 18% of premiums; the limit is 80%.",
        }
    with translation.override("ru"):
        assert rules.categorise(facts, TODAY).reasons == {
            "loyalty": "3 полиса в силе, с нами 7 полных лет.",
            "profitability": "Убытки — 18 % премий; граница — 80 %.",
        }
