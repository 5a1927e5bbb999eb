"""Names of the demo people: given names by generation, surnames, patronymics, all in the right gender.

The tables in ``tables/`` list common names with rough weights of ours; the long tail of surnames
comes from the ``mimesis`` package (MIT).
"""

import csv
import json
import random
from bisect import bisect_right
from functools import cache
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

_TABLES = Path(__file__).parent / "tables"
_GENERATIONS = ("before_1965", "before_1985", "since_1985")
# Share of the people of a region who bear Volga Turkic or North Caucasian names; elsewhere the last row.
CULTURE_SHARES: dict[str, dict[str, float]] = {
    "RU-TA": {"volga": 0.52, "caucasus": 0.01}, "RU-BA": {"volga": 0.53, "caucasus": 0.01},
    "RU-ULY": {"volga": 0.13, "caucasus": 0.01}, "RU-ME": {"volga": 0.07}, "RU-CU": {"volga": 0.04},
    "RU-SAM": {"volga": 0.05, "caucasus": 0.01}, "RU-ORE": {"volga": 0.09}, "RU-CHE": {"volga": 0.08},
    "RU-TYU": {"volga": 0.08}, "RU-UD": {"volga": 0.07}, "RU-PER": {"volga": 0.05}, "RU-SVE": {"volga": 0.04},
    "RU-DA": {"caucasus": 0.95}, "RU-STA": {"caucasus": 0.14}, "RU-ROS": {"caucasus": 0.05},
    "RU-KDA": {"caucasus": 0.06}, "RU-AD": {"caucasus": 0.22},
    "": {"volga": 0.02, "caucasus": 0.02},
}  # fmt: skip
_PATRONYMICS = {
    "Павел": ("Павлович", "Павловна"), "Лев": ("Львович", "Львовна"), "Пётр": ("Петрович", "Петровна"),
    "Михаил": ("Михайлович", "Михайловна"), "Яков": ("Яковлевич", "Яковлевна"),
    "Илья": ("Ильич", "Ильинична"), "Никита": ("Никитич", "Никитична"), "Даниил": ("Данилович", "Даниловна"),
    "Гаджи": ("Гаджиевич", "Гаджиевна"), "Абдулла": ("Абдуллаевич", "Абдуллаевна"),
    "Гавриил": ("Гаврилович", "Гавриловна"),
}  # fmt: skip
# Stems in which the и before й is kept: Георгий → Георгиевич, but Юрий → Юрьевич.
_KEEP_I = ("Георгий", "Дмитрий")
_ADJECTIVE_ENDINGS = {"ский": "ская", "цкий": "цкая", "ный": "ная", "ый": "ая", "ой": "ая", "ий": "ая"}


def patronymic(father: str, sex: str) -> str:
    """Patronymic of a child of ``father``: Сергей → Сергеевич, Сергеевна."""
    if father in _PATRONYMICS:
        return _PATRONYMICS[father][sex == "f"]
    if father.endswith("ий") and father not in _KEEP_I:
        stem, link = father[:-2] + "ь", "е"
    elif father.endswith(("й", "ь")):
        stem, link = father[:-1], "е"
    elif father.endswith(("а", "я", "и", "у")):
        stem, link = father[:-1], "о"
    else:
        stem, link = father, "о"
    return stem + link + ("вич" if sex == "m" else "вна")


def feminine(surname: str) -> str:
    """The surname a woman of the family bears: Иванов → Иванова, Покровский → Покровская, Ким → Ким."""
    if surname.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return surname + "а"
    for ending, other in _ADJECTIVE_ENDINGS.items():
        if surname.endswith(ending) and len(surname) > 4:
            return surname.removesuffix(ending) + other
    return surname


class Names:
    """Draws names that fit a sex, a year of birth and a region."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def culture(self, region: str) -> str:
        """``russian``, ``volga`` or ``caucasus`` by the shares of ``region``."""
        share = self._rng.random()
        for culture, part in CULTURE_SHARES.get(region, CULTURE_SHARES[""]).items():
            share -= part
            if share < 0:
                return culture
        return "russian"

    def given(self, sex: str, culture: str, year: int) -> str:
        """Given name usual for people born in ``year``."""
        generation = _GENERATIONS[(year >= 1965) + (year >= 1985)]
        return _pick(self._rng, *_given_names()[culture, sex, generation])

    def patronymic(self, sex: str, culture: str, year: int) -> str:
        """Patronymic after a father some twenty-seven years older."""
        return patronymic(self.given("m", culture, year - 27), sex)

    def surname(self, culture: str) -> str:
        """Surname in the masculine form."""
        return _pick(self._rng, *_surnames()[culture])


def _pick(rng: random.Random, values: list[str], cumulative: list[float]) -> str:
    return values[bisect_right(cumulative, rng.random() * cumulative[-1])]


@cache
def _given_names() -> dict[tuple[str, str, str], tuple[list[str], list[float]]]:
    with (_TABLES / "given_names.csv").open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    tables = {}
    for culture, sex in {(row["culture"], row["sex"]) for row in rows}:
        part = [row for row in rows if (row["culture"], row["sex"]) == (culture, sex)]
        for generation in _GENERATIONS:
            weights = list(accumulate(float(row[generation]) for row in part))
            tables[culture, sex, generation] = ([row["name"] for row in part], weights)
    return tables


@cache
def _surnames() -> dict[str, tuple[list[str], list[float]]]:
    with (_TABLES / "surnames.csv").open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    tables = {}
    for culture in {row["culture"] for row in rows}:
        names = [row["surname"] for row in rows if row["culture"] == culture]
        # Frequencies of surnames fall about as the rank to the power of 0.75.
        weights = [1 / (rank + 4) ** 0.75 for rank in range(len(names))]
        if culture == "russian":
            tail = [name for name in _long_tail() if name not in set(names)]
            names = names + tail
            weights += [0.004] * len(tail)
        tables[culture] = (names, list(accumulate(weights)))
    return tables


def _long_tail() -> list[str]:
    text = (files("mimesis") / "datasets" / "ru" / "person.json").read_text(encoding="utf-8")
    return [name for name in json.loads(text)["surnames"]["male"] if " " not in name]


@cache
def streets() -> tuple[list[str], list[float]]:
    """Street names found in every town, the commonest first, with cumulative weights."""
    names = (_TABLES / "streets.txt").read_text(encoding="utf-8").splitlines()
    return names, list(accumulate(1 / (rank + 6) ** 0.6 for rank in range(len(names))))
