"""Who prepared a version hears what the second person said of it."""

from datetime import date
from typing import Any

import pytest

from clientela.foundation.push.models import Alert
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.products.models import Product, ProductVersion
from clientela.modules.rating.events import VersionDecided
from clientela.modules.rating.models import Table, TableVersion
from clientela.workspace.alerts.handlers import on_version_decided


@pytest.fixture
def second(make_user: Any) -> User:
    person: User = make_user(Role.PRODUCT_MANAGER, "Лариса", "Ким", email="l.kim@prichal.example")
    return person


@pytest.fixture
def product(db: None) -> Product:
    return Product.objects.create(code="boat", line="other", name="Катер", message_name="катер")


def hear(version: Any, kind: str, decision: str, by: User, now: Any) -> None:
    event = VersionDecided(kind, version.pk, decision, by.pk, now.isoformat())
    for _turn in range(2):  # an event may come twice
        on_version_decided(event, now=now)


def test_the_author_of_a_tariff_hears_of_another_day_once(
    product: Product, product_manager: User, second: User, now: Any
) -> None:
    table = Table.objects.create(code="boat.base", product=product, title="Базовый тариф")
    version = TableVersion.objects.create(
        table=table, number=2, state="approved", starts_on=date(2026, 12, 5), asked_starts_on=date(2026, 12, 1), columns=[],
        rows=[], author=product_manager, approver=second, created_at=now, changed_at=now, approved_at=now,
    )  # fmt: skip
    hear(version, "tariff", "approved", second, now)
    told = Alert.objects.get()
    assert (told.user, told.topic, told.url) == (
        product_manager, "version", f"/products/tables/{table.pk}/?v=2",
    )  # fmt: skip
    assert (told.title, told.body) == (
        "Базовый тариф", "Утверждена, действует с 05.12.2026 вместо 01.12.2026.",
    )  # fmt: skip


def test_a_product_sent_back_is_told_and_own_acts_are_not(
    product: Product, product_manager: User, second: User, now: Any
) -> None:
    version = ProductVersion.objects.create(
        product=product, number=1, starts_on=date(2026, 12, 1), created_by=product_manager, created_at=now,
        changed_at=now,
    )  # fmt: skip
    hear(version, "product", "sent_back", product_manager, now)
    assert not Alert.objects.exists()
    hear(version, "product", "sent_back", second, now)
    told = Alert.objects.get()
    assert (told.title, told.url) == ("Катер", f"/products/definitions/{version.pk}/")
