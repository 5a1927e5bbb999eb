"""A full contract of every shipped product: calculated, prepared, billed, with requisites of the company."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.billing.operations import set_payee
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import InsuredObject, Participant, Policy, Project
from clientela.modules.contracts.operations import issue_project, prepare_new
from clientela.modules.documents.operations import load_shipped
from clientela.modules.products.models import Bank, Product
from clientela.modules.rating.operations.shipped import load_shipped as load_tariffs
from clientela.modules.rating.queries import plan_of

PAYEE = {
    "name": "АО «Причал Страхование»", "inn": "7827004526", "kpp": "782701001", "account": "40702810900000002851",
    "bank_name": "АО «Банк Гавань»", "bic": "044030827", "correspondent_account": "30101810200000000827",
    "ogrn": "1027800000084", "address": "191000, Санкт-Петербург, Гаванская наб., 1",
    "licences": "СЛ № 0000 и СИ № 0000 от 14.05.2021",
}  # fmt: skip
START = date(2026, 12, 6)
DRIVERS = [
    {"name": "Орлова Вера Николаевна", "age": 42, "experience": 14, "kbm": "10"},
    {"name": "Орлов Дмитрий Сергеевич", "age": 45, "experience": 22, "kbm": "13"},
]
CAR = {"kind": "vehicle", "title": "Hyundai Creta, 2021", "plate": "Р418ТО116", "vin": "XWEGN41BBM0001234", "make": "Hyundai", "model": "Creta", "year": 2021, "power": Decimal("123.5")}  # fmt: skip
HOME = {"kind": "property", "title": "Квартира, 64 м²", "address": "Казань, ул. Баумана, д. 5, кв. 12"}
TRIP = [{"name": "Орлова Вера Николаевна", "birth_date": "1984-04-12", "age": 42}, {"name": "Орлов Илья Дмитриевич", "birth_date": "2015-03-01", "age": 11}]  # fmt: skip

# What of each product is told in full: what is insured, and the answers.
FULL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "osago": (CAR, {"category": "B", "power": "123.5", "territory": "kazan", "drivers": DRIVERS, "months_of_use": 12, "owner": "person", "use": "private", "period_months": 12}),
    "kasko": (CAR, {"make": "Hyundai", "year": 2021, "sum_insured": "1920000", "use": "private", "territory": "kazan", "drivers": DRIVERS, "programme": "full", "deductible": "15000", "gap": True, "bank": "sber", "instalments": 4, "discount": "5", "period_months": 12}),
    "305": (HOME, {"object": "flat", "wall": "brick", "built": 2012, "alarm": True, "sum_structure": "4000000", "sum_finish": "1500000", "sum_movables": "700000", "sum_liability": "500000", "deductible": "10000", "past_claims": 0, "years_with_us": 3, "period_months": 12}),
    "354": (HOME, {"sum_insured": "1000000", "object": "flat"}),
    "555": (HOME, {"bank": "sber", "balance": "4350000", "object": "flat", "wall": "brick", "with_life": True, "with_title": True, "birth_date": date(1984, 4, 12), "sex": "f", "owned_years": 1}),
    "travel": ({}, {"zone": "europe", "days": 14, "medical_sum": "50000", "sport": "active", "travellers": TRIP, "with_accident": True, "accident_sum": "10000", "with_baggage": True, "with_cancellation": True, "trip_cost": "180000"}),
    "accident": ({}, {"programme": "full", "sum_insured": "500000", "risk_class": "1", "sport": "amateur", "people": TRIP, "period_months": 12}),
}  # fmt: skip


@pytest.fixture
def full(
    vera: Client, anna: User, administrator: User, now: datetime, settings: Any, tmp_path: Path
) -> Callable[..., Project]:
    """``full("kasko", language="ru")``: a prepared contract of the product with everything that its papers may say."""
    settings.MEDIA_ROOT = tmp_path
    anna.agent.phone = "+79172000101"
    anna.agent.save(update_fields=["phone"])
    vera.branch.phone = "+78432000000"
    vera.branch.save(update_fields=["phone"])
    load_tariffs(now=now)
    load_shipped(now=now)
    set_payee(actor=administrator, now=now, values=PAYEE)

    def make(code: str, language: str = "ru") -> Project:
        Client.objects.filter(pk=vera.pk).update(language=language)
        vera.refresh_from_db()
        thing, answers = FULL[code]
        product = Product.objects.get(code=code)
        premium = plan_of(code, START).price(answers, START, language)
        explained = premium.to_json()
        people = [
            {"role": Participant.Role.DRIVER.value, "name": one["name"], "client_id": None, "birth_date": "1984-04-12", "experience_since": "2012-05-20"}
            for one in answers.get("drivers", ())
        ]  # fmt: skip
        bank = (
            Bank.objects.get_or_create(code="sber", defaults={"name": "Сбер"})[0]
            if answers.get("bank")
            else None
        )
        return prepare_new(
            actor=anna, now=now, client=vera, product=product, premium=premium.amount, start_date=START,
            end_date=date(2026, 12, 19) if code == "travel" else date(2027, 12, 5), participants=people, bank=bank,
            insured_object=InsuredObject.objects.create(client=vera, **thing) if thing else None,
            sum_insured=Decimal(told) if (told := answers.get("sum_insured") or answers.get("balance")) else None, instalments=int(answers.get("instalments", 1)),
            terms={
                "answers": {name: str(value) if isinstance(value, date) else value for name, value in answers.items() if name != "drivers"},
                "coverages": explained["parts"], "factors": explained["factors"], "tariff": explained["tariff"],
            },
        )  # fmt: skip

    return make


@pytest.fixture
def issued(full: Callable[..., Project], anna: User, now: datetime) -> Callable[..., Policy]:
    """The same, issued."""
    return lambda code, language="ru": issue_project(actor=anna, now=now, project=full(code, language))
