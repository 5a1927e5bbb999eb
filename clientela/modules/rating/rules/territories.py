"""Where a car counts as used: the towns of the OSAGO territory table, each within its region."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# The federation's cities are subjects of their own: every settlement of theirs is the city.
WHOLE_CITIES = frozenset({"RU-MOW", "RU-SPE", "UA-40"})


@dataclass(frozen=True)
class Territories:
    """Codes of territories: by (region, town), by region for its other towns, by town if there is but one of the name.

    Regions are ISO 3166-2:RU, towns as ``town_key`` tells them apart.
    """

    towns: Mapping[tuple[str, str], str]
    regions: Mapping[str, str]
    alone: Mapping[str, str]

    @classmethod
    def read(cls, rows: Iterable[tuple[str, str, str]]) -> "Territories":
        """From rows of region, town and code; the first row of a town counts, the last of a whole region."""
        towns: dict[tuple[str, str], str] = {}
        regions: dict[str, str] = {}
        named: dict[str, set[str]] = {}
        for region, town, code in rows:
            if town:
                towns.setdefault((region, town_key(town)), code)
                named.setdefault(town_key(town), set()).add(code)
            if not town or region in WHOLE_CITIES:
                regions[region] = code
        return cls(towns, regions, {town: codes.pop() for town, codes in named.items() if len(codes) == 1})

    def of(self, region: str, town: str) -> str:
        """The code of an address, ``""`` where the tariff has no row for it.

        A row of a whole region serves every town of it that has no row of its own. Without a region only a town whose
        name the table has once is known.
        """
        if not region:
            return self.alone.get(town_key(town), "")
        return self.towns.get((region, town_key(town))) or self.regions.get(region, "")


def town_key(name: str) -> str:
    """A town's name as it is compared."""
    return name.strip().replace("ё", "е").replace("Ё", "Е").lower()
