"""Vehicle identification numbers and Russian registration plates (GOST R 50577-2018)."""

import re
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from clientela.foundation.identifiers.alphabet import CYRILLIC_TWINS, to_cyrillic_twins, to_latin_twins
from clientela.foundation.identifiers.errors import InvalidIdentifier

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VIN_VALUES = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", "012345678912345678123457923456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_BODY_NUMBER = re.compile(r"[A-ZА-ЯЁ0-9]{4,25}")
_JUNK = re.compile(r"[\s\-‐-―−./№]+")


class PlateKind(StrEnum):
    """What a plate is screwed to; told from the order of letters and digits."""

    CAR = "car"
    TAXI = "taxi"
    TRAILER = "trailer"
    MOTORCYCLE = "motorcycle"
    TRANSIT = "transit"


_TRAILER_GAP = re.compile(r"[0-9]{4}[\s\-]+[0-9]{2}\b")
_LETTER = f"[{CYRILLIC_TWINS}]"
_REGION = r"([0-9]{2}|[1-9][0-9]{2})"
_PLATES = {
    PlateKind.CAR: re.compile(rf"({_LETTER})([0-9]{{3}})({_LETTER}{{2}}){_REGION}"),
    PlateKind.TAXI: re.compile(rf"({_LETTER}{{2}})([0-9]{{3}}){_REGION}"),
    PlateKind.TRAILER: re.compile(rf"({_LETTER}{{2}})([0-9]{{4}}){_REGION}"),
    PlateKind.MOTORCYCLE: re.compile(rf"([0-9]{{4}})({_LETTER}{{2}}){_REGION}"),
    PlateKind.TRANSIT: re.compile(rf"({_LETTER}{{2}})([0-9]{{3}})({_LETTER}){_REGION}"),
}


def normalize_vin(text: str | None) -> str:
    """Vehicle identification number: 17 characters, Latin. The check digit is not required here."""
    compact = to_latin_twins(_JUNK.sub("", text or ""))
    if not compact:
        raise InvalidIdentifier("empty", _("Enter the number."))
    if not _VIN.fullmatch(compact):
        raise InvalidIdentifier(
            "format", _("A VIN has 17 digits and Latin letters; I, O and Q are not used.")
        )
    if not compact.strip("0"):
        raise InvalidIdentifier("zeros", _("The number cannot be all zeros."))
    return compact


def vin_check_digit(vin: str) -> str:
    """The ninth character that ISO 3779 (US practice) expects for ``vin``: a digit or ``X``."""
    remainder = (
        sum(int(_VIN_VALUES[char]) * weight for char, weight in zip(vin, _VIN_WEIGHTS, strict=True)) % 11
    )
    return "X" if remainder == 10 else str(remainder)


def vin_check_digit_matches(vin: str) -> bool:
    """Whether a normalised VIN carries the check digit. European and Russian makers need not: only warn."""
    return vin_check_digit(vin) == vin[8]


def vin_is_doubtful(vin: str) -> bool:
    """Whether a normalised VIN of a North American maker, who must keep the check digit, fails it: only warn.

    Its first sign is 1 to 5: 1, 4 and 5 the USA, 2 Canada, 3 Mexico (ISO 3780; 49 CFR 565).
    """
    return vin[:1] in set("12345") and not vin_check_digit_matches(vin)


def normalize_body_number(text: str | None) -> str:
    """Body or chassis number of a vehicle without VIN: 4 to 25 letters and digits."""
    compact = _JUNK.sub("", text or "").upper()
    if not compact:
        raise InvalidIdentifier("empty", _("Enter the number."))
    if not _BODY_NUMBER.fullmatch(compact):
        raise InvalidIdentifier("format", _("A body or chassis number has 4 to 25 letters and digits."))
    return compact


def _match_plate(text: str | None, wanted: PlateKind | None) -> tuple[PlateKind, tuple[str, ...]]:
    compact = to_cyrillic_twins(_JUNK.sub("", text or "")).removesuffix("RUS").removesuffix("РУС")
    if not compact:
        raise InvalidIdentifier("empty", _("Enter the plate."))
    matches = {kind: match.groups() for kind in PlateKind if (match := _PLATES[kind].fullmatch(compact))}
    if wanted is not None and wanted in matches:
        return wanted, _checked_parts(matches[wanted])
    if len(matches) > 1:
        # Two letters and six digits read both as a taxi of a three-digit region and as a trailer
        # of a two-digit one: the gap the writer left decides, a taxi without a gap.
        kind = PlateKind.TRAILER if _TRAILER_GAP.search(text or "") else PlateKind.TAXI
        return kind, _checked_parts(matches[kind])
    for kind, parts in matches.items():
        return kind, _checked_parts(parts)
    raise InvalidIdentifier("format", _("This is not a Russian plate: for a car write it like А 123 ВС 77."))


def _checked_parts(parts: tuple[str, ...]) -> tuple[str, ...]:
    number = next(part for part in parts[:-1] if part.isdigit())
    if not number.strip("0") or not parts[-1].strip("0"):
        raise InvalidIdentifier("zeros", _("The number cannot be all zeros."))
    return parts


def normalize_plate(text: str | None) -> str:
    """Plate without spaces, Cyrillic letters: ``Р418ТО116``."""
    return "".join(_match_plate(text, None)[1])


def plate_kind(text: str | None) -> PlateKind:
    """Kind of the plate; raises like ``normalize_plate``."""
    return _match_plate(text, None)[0]


def plate_region(text: str | None, kind: PlateKind | None = None) -> str:
    """Registration region digits of a plate, e.g. ``116``; ``kind`` settles a taxi against a trailer."""
    return _match_plate(text, kind)[1][-1]


def format_plate(text: str | None, kind: PlateKind | None = None) -> str:
    """Plate for people: ``Р 418 ТО 116``; ``kind`` settles a taxi against a trailer."""
    return " ".join(_match_plate(text, kind)[1])
