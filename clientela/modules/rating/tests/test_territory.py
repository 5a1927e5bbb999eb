"""From an address to its territory."""

from datetime import date

import pytest

from clientela.modules.rating.queries import territory_for

ON = date(2026, 12, 1)


@pytest.mark.usefixtures("tariffs")
@pytest.mark.parametrize(
    ("region", "city", "territory"),
    [
        ("RU-TA", "казань", "kazan"),
        ("RU-ORL", "Орел", "oryol"),
        ("RU-MOS", "Химки", "moscow-region"),
        ("RU-TA", "Бугульма", ""),
        ("RU-MOW", "Зеленоград", "moscow"),
        ("UA-43", "Ялта", ""),
        ("", "Казань", "kazan"),
    ],
)
def test_a_town_of_the_tariff_or_its_whole_region(region: str, city: str, territory: str) -> None:
    assert territory_for(region, city, ON) == territory
