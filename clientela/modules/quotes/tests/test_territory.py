"""Where a client's car is insured: by the rule of the tariff, one for the window and for the API."""

from datetime import date

import pytest

from clientela.modules.clients.models import Client
from clientela.modules.quotes.queries.territory import territory_of

ON = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("region", "city", "territory"),
    [
        ("RU-TA", "Казань", "kazan"),
        ("", "казань", "kazan"),
        ("RU-MOW", "Зеленоград", "moscow"),
        ("RU-MOS", "Химки", "moscow-region"),
        ("RU-KLU", "Киров", ""),
        ("RU-TA", "Бугульма", ""),
        ("", "Зеленоград", ""),
    ],
)
def test_a_town_counts_within_its_region(
    tariffs: None, vera: Client, region: str, city: str, territory: str
) -> None:
    vera.addresses.all().delete()
    vera.region_code, vera.city = region, city
    assert territory_of(vera, ON) == territory
