"""A shipped tariff, and Вера's OSAGO with two drivers whose classes the registry knows."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.bonus_malus.models import RegistryEntry
from clientela.modules.bonus_malus.operations import ask_class  # noqa: F401  (the port in use)
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Participant, Policy
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import start
from clientela.modules.quotes.operations.classes import driver_of
from clientela.modules.quotes.queries.prefill import driver_row
from clientela.modules.rating.operations.shipped import load_shipped


@pytest.fixture
def tariffs(osago: Product, now: datetime) -> None:
    """The shipped products with their tables."""
    load_shipped(now=now)


@pytest.fixture
def family(vera_policy: Policy) -> Policy:
    """Вера, 42, drives for 14 years in class 10; Дмитрий, 45, for 22 years in class 13. 123 hp."""
    thing = vera_policy.insured_object
    assert thing is not None
    thing.power = Decimal("123.0")
    thing.save(update_fields=["power"])
    people = [
        (vera_policy.client, vera_policy.client.name, date(1984, 4, 12), date(2012, 5, 20), "10"),
        (None, "Орлов Дмитрий Сергеевич", date(1981, 2, 3), date(2004, 6, 1), "13"),
    ]
    for client, name, born, since, klass in people:
        Participant.objects.create(
            policy=vera_policy,
            role="driver",
            client=client,
            name=name,
            birth_date=born,
            experience_since=since,
        )
        person = driver_of(driver_row(client, name, born, since))
        RegistryEntry.objects.create(
            key=person.key, last_name=person.last_name, first_name=person.first_name,
            middle_name=person.middle_name, birth_date=born, klass=klass, since=date(2026, 4, 1), client=client,
            previous_klass="9",
        )  # fmt: skip
    return vera_policy


@pytest.fixture
def calculation(tariffs: None, family: Policy, vera: Client, anna: User, now: datetime) -> Calculation:
    """Вера's renewal as Анна begins it."""
    return start(actor=anna, now=now, client=vera, product=family.product, policy=family)
