"""Kinds of data: how a text column of a file becomes typed values, and what can be wrong with one.

``KINDS[code].read(texts, hints)`` works on whole columns. A new kind is one class in this folder.
"""

from clientela.foundation.imports.kinds.base import Hints, Kind, Reading, clean
from clientela.foundation.imports.kinds.choices import Choice, Reference, YesNo
from clientela.foundation.imports.kinds.dates import BirthDate, Date
from clientela.foundation.imports.kinds.identifiers import (
    IDENTIFIERS,
    Passport,
    Plate,
    PolicyNumber,
    Vin,
)
from clientela.foundation.imports.kinds.numbers import Amount, Integer, Year
from clientela.foundation.imports.kinds.people import Email, FullName, NamePart, Phones
from clientela.foundation.imports.kinds.text import Region, Text

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Text(), Region(), FullName(), NamePart(), Phones(), Email(), Date(), BirthDate(), Integer(), Year(),
        Amount("amount", scale=2), Amount("measure", scale=1), Amount("figure", scale=3), Choice(), YesNo(), Reference(),
        Vin(), Plate(), Passport(), PolicyNumber(), *IDENTIFIERS,
    )
}  # fmt: skip

__all__ = ["KINDS", "Hints", "Kind", "Reading", "clean"]
