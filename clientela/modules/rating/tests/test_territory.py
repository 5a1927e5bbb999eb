"""From an address to its territory."""

import csv
from datetime import date
from pathlib import Path

import pytest

from clientela.foundation import regions
from clientela.modules.rating.queries import territory_for

ON = date(2026, 12, 1)


@pytest.mark.usefixtures("tariffs")
@pytest.mark.parametrize(
    ("region", "city", "territory"),
    [
        ("RU-TA", "казань", "kazan"),
        ("RU-ORL", "Орел", "oryol"),
        ("RU-MOS", "Химки", "moscow-region"),
        ("RU-TA", "Бугульма", "kazan-other"),
        ("RU-MOW", "Зеленоград", "moscow"),
        ("UA-43", "Ялта", "simferopol-other"),
        ("", "Казань", ""),
    ],
)
def test_a_town_of_the_tariff_or_its_whole_region(region: str, city: str, territory: str) -> None:
    assert territory_for(region, city, ON) == territory


@pytest.mark.usefixtures("tariffs")
def test_no_subject_of_the_federation_is_left_out() -> None:
    with (Path(regions.__file__).parent / "regions.csv").open(encoding="utf-8") as lines:
        codes = [row["code"] for row in csv.DictReader(lines)]
    assert [code for code in codes if not territory_for(code, "Малое Село", ON)] == []
