"""What people type into the cells of a table, and what it means."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal

ANY = frozenset({"", "*"})
NOTHING = frozenset({"", "-", "–", "—"})
_YES = frozenset({"да", "yes", "true", "1", "+"})
_NO = frozenset({"нет", "no", "false", "0"})
_NUMBER = r"\d+(?:[.,]\d+)?"
_SPAN = re.compile(rf"({_NUMBER})\s*[-–—]\s*({_NUMBER})")
_BOUND = re.compile(rf"(<=|>=|<|>|≤|≥)\s*({_NUMBER})")
_PLUS = re.compile(rf"({_NUMBER})\s*\+")


class BadCell(Refusal):
    """A cell says nothing that the table could work with."""

    def __init__(self, text: str, wanted: object) -> None:
        self.message = _("“%(text)s” cannot be read: %(wanted)s") % {"text": text, "wanted": wanted}
        super().__init__(str(self.message))


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``; ``None`` is no bound, ``*_open`` leaves the bound itself out."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    def has(self, number: Decimal) -> bool:
        above = self.low is None or (number > self.low if self.low_open else number >= self.low)
        below = self.high is None or (number < self.high if self.high_open else number <= self.high)
        return above and below


def number(text: str) -> Decimal:
    """``1,70`` or ``1.70`` exactly. Raises `BadCell`."""
    clean = text.strip().replace(" ", "").replace("\N{NO-BREAK SPACE}", "").replace(",", ".")
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,10})?", clean):
        raise BadCell(text, _("a number such as 1.70 stands here."))
    return Decimal(clean)


def span(text: str) -> Range:
    """``16–21``, ``≤ 50``, ``> 150``, ``60+`` or one number; nothing or ``*`` is any. Raises `BadCell`."""
    clean = text.strip().replace("\N{NO-BREAK SPACE}", "")
    if clean in ANY:
        return Range()
    if found := _SPAN.fullmatch(clean):
        low, high = number(found[1]), number(found[2])
        if low <= high:
            return Range(low, high)
    elif found := _PLUS.fullmatch(clean):
        return Range(low=number(found[1]))
    elif found := _BOUND.fullmatch(clean):
        sign, bound = found[1].replace("≤", "<=").replace("≥", ">="), number(found[2])
        if sign.startswith("<"):
            return Range(high=bound, high_open=sign == "<")
        return Range(low=bound, low_open=sign == ">")
    elif re.fullmatch(_NUMBER, clean):
        return Range(number(clean), number(clean))
    raise BadCell(text, _("16–21, ≤50, >150, 60+ or one number stands here."))


def words(text: str) -> tuple[str, ...]:
    """The codes of ``B, BE``; nothing or ``*`` is any. Raises `BadCell`."""
    if text.strip() in ANY:
        return ()
    found = tuple(word.strip() for word in text.split(","))
    if not all(re.fullmatch(r"[\w.+/ -]{1,60}", word) for word in found):
        raise BadCell(text, _("codes with commas between them stand here."))
    return found


def flag(text: str) -> bool | None:
    """Yes, no, or any. Raises `BadCell`."""
    clean = text.strip().lower()
    if clean in ANY:
        return None
    if clean in _YES | _NO:
        return clean in _YES
    raise BadCell(text, _("yes, no or nothing stands here."))
