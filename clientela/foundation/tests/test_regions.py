"""Regions, towns and their time zones."""

from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from clientela.foundation import regions

ZONES_SHIPPED = set(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def test_every_region_once():
    assert len(regions.REGIONS) == 85
    assert sum(region.code.startswith("RU-") for region in regions.REGIONS) == 83
    assert len(regions.BY_CODE) == len(regions.BY_NUMBER) == 85
    assert len(regions.BY_PLATE) == sum(len(region.plates) for region in regions.REGIONS)
    assert all(region.plates and region.zones and region.phone_areas for region in regions.REGIONS)


def test_every_zone_is_in_tzdata():
    named = {zone for region in regions.REGIONS for zone in region.zones}
    named |= {city.zone for city in regions.cities()}
    assert named <= ZONES_SHIPPED
    assert all(ZoneInfo(zone).key == zone for zone in named)


def test_towns_lie_in_known_regions_with_a_zone_of_theirs():
    assert len(regions.cities()) > 900
    assert {city.region for city in regions.cities()} <= set(regions.BY_CODE)
    for region in regions.REGIONS:
        if region.code != "RU-LEN":
            assert regions.region_of_city(region.city_ru) == region
    main = {"RU-SA", "RU-SAK"}
    for city in regions.cities():
        if city.population > 100_000 and city.region not in main:
            assert city.zone == regions.zone_of_region(city.region), city


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Казань", "RU-TA"), ("казань", "RU-TA"), ("г. Орел", "RU-ORL"), ("Kazan", "RU-TA"),
        ("Ростов на Дону", "RU-ROS"), ("Киров", "RU-KIR"), ("Гатчина", "RU-LEN"),
    ],
)  # fmt: skip
def test_region_of_a_town(name, code):
    assert regions.region_of_city(name).code == code


def test_unknown_town():
    assert regions.region_of_city("Урюпинск-13") is None
    assert regions.zone_of_city("Урюпинск-13") is None
    assert regions.zone_of_city("Урюпинск-13", "RU-VGG") == "Europe/Volgograd"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Республика Татарстан", "RU-TA"), ("Татарстан", "RU-TA"), ("Свердловская обл.", "RU-SVE"),
        ("Удмуртская", "RU-UD"), ("RU-MOW", "RU-MOW"), ("Moscow Oblast", "RU-MOS"),
        ("Москва", "RU-MOW"), ("Московская обл", "RU-MOS"), ("Алтайский край", "RU-ALT"), ("Алтай", "RU-AL"),
        ("Кемеровская область", "RU-KEM"),
    ],
)  # fmt: skip
def test_region_by_name(name, code):
    assert regions.region_named(name).code == code


def test_zones():
    assert regions.zone_of_region("RU-KGD") == "Europe/Kaliningrad"
    assert regions.zone_of_region("RU-PRI") == "Asia/Vladivostok"
    assert regions.zone_of_city("Калининград") == "Europe/Kaliningrad"
    with pytest.raises(KeyError):
        regions.zone_of_region("XX")


def test_plate_region():
    assert regions.BY_PLATE["716"].code == "RU-TA"
    assert regions.BY_PLATE["797"].code == "RU-MOW"
