"""A driver, and the keys under which a registry may hold the history of one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from clientela.foundation.identifiers import InvalidIdentifier, normalize_driving_licence
from clientela.foundation.keyring import digest
from clientela.foundation.names import full_name_key


@dataclass(frozen=True, slots=True)
class Driver:
    """A person as their documents say, with what the documents said before; a licence may be missing."""

    last_name: str
    first_name: str
    middle_name: str
    birth_date: date
    licence: str = ""
    previous_licence: str = ""
    previous_last_name: str = ""

    @property
    def key(self) -> str:
        """One key of the driver by what holds now; it names the driver in events and in our tables."""
        return Key(self.last_name, self.first_name, self.middle_name, self.birth_date, self.licence).digest


@dataclass(frozen=True, slots=True)
class Key:
    """What the registry is asked by: one name, one birth date, one licence."""

    last_name: str
    first_name: str
    middle_name: str
    birth_date: date
    licence: str

    @property
    def digest(self) -> str:
        name = full_name_key(self.last_name, self.first_name, self.middle_name)
        text = f"{name}|{self.birth_date.isoformat()}|{plain_licence(self.licence)}"
        return digest(text, "bonus_malus.driver")[:40]


def plain_licence(text: str) -> str:
    """Series and number without spaces; a foreign licence as it is written, without signs."""
    try:
        return normalize_driving_licence(text)
    except InvalidIdentifier:
        return re.sub(r"[\W_]", "", text).upper()


def keys_of(driver: Driver) -> Iterator[tuple[str, Key]]:
    """Every key the driver's history may stand under, and which it is; the documents of today first."""
    licences = [("", driver.licence)]
    if driver.previous_licence and plain_licence(driver.previous_licence) != plain_licence(driver.licence):
        licences.append(("licence", driver.previous_licence))
    surnames = [("", driver.last_name)]
    if driver.previous_last_name and driver.previous_last_name != driver.last_name:
        surnames.append(("surname", driver.previous_last_name))
    names = {
        ("", ""): "current",
        ("", "licence"): "previous_licence",
        ("surname", ""): "previous_surname",
        ("surname", "licence"): "previous_both",
    }
    for old_surname, surname in surnames:
        for old_licence, licence in licences:
            key = Key(surname, driver.first_name, driver.middle_name, driver.birth_date, licence)
            yield names[old_surname, old_licence], key
