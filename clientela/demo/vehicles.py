"""Vehicles as they drive in Russia: makes and models, plates of a region, VINs.

``tables/vehicles.csv`` holds public facts (power as in the maker's list, the price of a new one in
roubles of today) and two weights of ours: how common the model is and how often it has KASKO.
VINs have the maker's world code and a made-up rest.
"""

import csv
import random
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from clientela.demo.figures import FIGURES, Ranges
from clientela.foundation.identifiers.alphabet import CYRILLIC_TWINS
from clientela.foundation.regions import BY_CODE

_TABLE = Path(__file__).parent / "tables" / "vehicles.csv"
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_VIN_CHARS = _VIN_LETTERS + "0123456789"
_YEAR_CODES = "ABCDEFGHJKLMNPRSTVWXY123456789"
_VALUE_LEFT = (1.0, 0.88, 0.79, 0.72, 0.66, 0.61, 0.56, 0.52, 0.48, 0.45)
_YEARLY_LOSS_LATER = 0.07
_SMALLEST_VALUE_SHARE = 0.12
_FIRST_PLATE = 52_711


@dataclass(frozen=True, slots=True)
class Model:
    """A make and model with what its buyers may choose."""

    make: str
    name: str
    kind: str
    wmi: str
    powers: tuple[int, ...]
    price_new: int
    from_year: int
    to_year: int
    weight: float
    kasko: float


@dataclass(slots=True)
class Vehicle:
    """One insured vehicle. ``value`` is what it is worth today in roubles."""

    make: str
    model: str
    kind: str
    year: int
    power: int
    value: int
    plate: str
    vin: str

    @property
    def title(self) -> str:
        return f"{self.make} {self.model}, {self.year}"


def _load() -> dict[str, list[Model]]:
    models: dict[str, list[Model]] = defaultdict(list)
    with _TABLE.open(newline="", encoding="utf-8") as source:
        for row in csv.DictReader(source):
            powers = tuple(int(power) for power in row["power"].split())
            years = (int(row["from_year"]), int(row["to_year"]))
            model = Model(row["make"], row["model"], row["kind"], row["wmi"], powers, int(row["price_new"]), *years,
                          float(row["weight"]), float(row["kasko"]))  # fmt: skip
            models[model.kind].append(model)
    return models


class Garage:
    """Deals out vehicles; plates and VINs never repeat. One seed gives one sequence."""

    def __init__(self, seed: int, this_year: int) -> None:
        self._rng = random.Random(f"vehicles {seed}")
        self._year = this_year
        self._models = _load()
        self._dealt: dict[tuple[str, str], int] = defaultdict(int)
        self._ages = {kind: Ranges(rows) for kind, rows in FIGURES["vehicle_age"].items()}
        self._cumulative = {
            (kind, kasko): list(accumulate(model.weight * (model.kasko if kasko else 1) for model in models))
            for kind, models in self._models.items()
            for kasko in (False, True)
        }

    def vehicle(self, region: str, *, kind: str, kasko: bool) -> Vehicle:
        """A vehicle of somebody in ``region``; with ``kasko`` a newer and dearer one is likelier."""
        rng = self._rng
        weights = self._cumulative[kind, kasko]
        model = self._models[kind][bisect_right(weights, rng.random() * weights[-1])]
        age = self._ages[kind].draw(rng)
        if kasko:
            age = min(age, self._ages[kind].draw(rng), int(rng.random() * 11))
        year = min(max(self._year - age, model.from_year), model.to_year, self._year)
        return Vehicle(
            model.make, model.name, model.kind, year, rng.choice(model.powers), self._value(model, year),
            self._plate(region, kind), self._vin(model.wmi, year),
        )  # fmt: skip

    def _value(self, model: Model, year: int) -> int:
        age = max(0, self._year - year)
        left = (
            _VALUE_LEFT[age]
            if age < len(_VALUE_LEFT)
            else _VALUE_LEFT[-1] - (age - 9) * _YEARLY_LOSS_LATER * 0.6
        )
        worth = model.price_new * max(left, _SMALLEST_VALUE_SHARE) * (0.9 + self._rng.random() * 0.2)
        return round(worth / 1000) * 1000

    def _plate(self, region: str, kind: str) -> str:
        code = self._rng.choice(BY_CODE[region].plates)
        series = "car" if kind in {"car", "van"} else "motorcycle"
        place = self._dealt[series, code]
        self._dealt[series, code] = place + 1
        place += _FIRST_PLATE
        # 7919 shares no factor with the size of either space, so the walk meets no plate twice.
        if series == "car":
            place = place * 7919 % (999 * 12**3)
            letters, number = divmod(place, 999)
            first, rest = divmod(letters, 144)
            return f"{CYRILLIC_TWINS[first]}{number + 1:03d}{CYRILLIC_TWINS[rest // 12]}{CYRILLIC_TWINS[rest % 12]}{code}"
        place = place * 7919 % (9999 * 144)
        letters, number = divmod(place, 9999)
        half = CYRILLIC_TWINS[letters // 12 % 12] + CYRILLIC_TWINS[letters % 12]
        return f"{number + 1:04d}{half}{code}"

    def _vin(self, wmi: str, year: int) -> str:
        rng = self._rng
        # A letter first: copies of a base (scale.py) put digits there.
        described = rng.choice(_VIN_LETTERS) + "".join(rng.choices(_VIN_CHARS, k=5))
        year_code = _YEAR_CODES[(year - 1980) % len(_YEAR_CODES)]
        serial = self._dealt["vin", wmi] = self._dealt["vin", wmi] + 1
        return f"{wmi}{described}{year_code}0{serial * 37 % 1_000_000:06d}"
