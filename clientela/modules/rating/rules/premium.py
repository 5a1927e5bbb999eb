"""A premium explained factor by factor, and a verdict explained reason by reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal

DECISIONS = ("accept", "inspect", "refer", "decline")  # each one is stricter than those before it


@dataclass(frozen=True)
class Factor:
    """One line of an explanation."""

    code: str  # "KT"
    title: str  # "Территория" in the reader's language
    value: Decimal  # the coefficient, base or sum
    why: str  # "Казань, адрес собственника"
    table: str  # "osago.kt"; "" for given values
    version: int  # version of that table; 0 for given values
    running: Decimal  # the amount after this step
    label: str = ""  # "КТ": how people write the code
    part: str = ""  # code of the coverage it belongs to; "" for the whole premium


@dataclass(frozen=True)
class Part:
    """What one coverage costs."""

    code: str
    title: str
    sum_insured: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class Premium:
    """Roubles with kopecks, and how they came about; ``tariff`` names the set of versions used."""

    amount: Decimal
    factors: tuple[Factor, ...]
    product: str
    on: date
    tariff: str
    parts: tuple[Part, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Everything as text and lists, to be stored with a calculation."""
        return {
            "amount": str(self.amount), "product": self.product, "on": self.on.isoformat(), "tariff": self.tariff,
            "factors": [
                vars(factor) | {"value": str(factor.value), "running": str(factor.running)} for factor in self.factors
            ],
            "parts": [
                vars(part) | {"amount": str(part.amount), "sum_insured": _text(part.sum_insured)} for part in self.parts
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """Why a risk is not simply accepted: a row of an underwriting table, or a condition of the product."""

    decision: str
    text: str
    table: str
    version: int


@dataclass(frozen=True)
class Verdict:
    """``accept``, ``inspect``, ``refer`` or ``decline``: the strictest of the reasons."""

    decision: str
    reasons: tuple[Reason, ...] = ()


class MissingFacts(Refusal):
    """A premium needs facts that are not given; ``keys`` names all of them, ``names`` are what people call them."""

    def __init__(self, keys: Sequence[str], names: Sequence[str] = ()) -> None:
        self.keys = tuple(keys)
        self.field = self.keys[0] if self.keys else ""
        self.message = _("Not filled in yet: %(keys)s.") % {"keys": ", ".join(names or self.keys)}
        super().__init__(str(self.message))


class OutOfTariff(Refusal):
    """A table has no row for these facts, or a given value is outside its limits."""

    def __init__(
        self, table: str, facts: Mapping[str, Any], *, field: str = "", title: str = "", message: Any = "",
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self.table = table
        self.facts = dict(facts)
        self.field = field or next(iter(facts), "")
        told = ", ".join(f"{names.get(key, key)} = {value}" for key, value in facts.items())
        self.message = message or _("The tariff “%(table)s” has nothing for %(facts)s.") % {
            "table": title or table,
            "facts": told,
        }
        super().__init__(str(self.message))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
