"""Who a report is about, and what its values say. Pure: no base, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LONGEST = 200
MOST = Decimal(10) ** 13
YES = frozenset({"yes", "true", "1", "да", "есть"})
NO = frozenset({"no", "false", "0", "нет"})


class Why(models.TextChoices):
    """Why a fact was not taken, or waits."""

    CONSENT = "consent", _("No consent on that day")
    NOBODY = "nobody", _("No such client")
    SEVERAL = "several", _("Several cards fit")
    BIRTH = "birth", _("The birth date differs")
    NAME = "name", _("The name differs")
    NO_BIRTH = "no_birth", _("The name and phone fit, but one birth date is not known")
    OLD = "old", pgettext_lazy("group data", "Too old to be kept")
    KIND = "kind", _("This is not taken from sister companies")


class BadValue(ValueError):
    """The value is not of the type of its kind."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value in one form. ``speaks``: it says yes."""

    text: str
    number: Decimal | None
    speaks: bool


def value_of(value_type: str, raw: Any) -> Value:
    """``raw`` of a file or a program as it is kept. Raises ``BadValue``."""
    text = " ".join(str(raw).replace("\x00", "").split())
    if not text:
        raise BadValue(value_type)
    if value_type == "yes_no":
        word = text.casefold()
        if word not in YES | NO:
            raise BadValue(value_type)
        return Value("yes" if word in YES else "no", None, word in YES)
    if value_type in ("amount", "number"):
        try:
            number = Decimal(text.replace(" ", "").replace(",", "."))
        except InvalidOperation:
            raise BadValue(value_type) from None
        if not number.is_finite() or not 0 <= number < MOST:
            raise BadValue(value_type)
        number = number.quantize(Decimal("0.01"))
        return Value(str(number), number, number > 0)
    if value_type == "date":
        try:
            return Value(date.fromisoformat(text[:10]).isoformat(), None, True)
        except ValueError:
            raise BadValue(value_type) from None
    if len(text) > LONGEST:
        raise BadValue(value_type)
    return Value(text, None, True)


@dataclass(frozen=True, slots=True)
class Told:
    """One person as a sister company describes them; ``values`` are kind code → raw value. ``ref`` is the row's."""

    ref: int
    as_of: date
    values: dict[str, Any] = field(default_factory=dict)
    name_key: str = ""
    birth_date: date | None = None
    passport: str = ""
    inn: str = ""
    phone: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What of a card decides."""

    id: int
    name_key: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class Match:
    """``client`` when it is certain; else ``why``, and the cards it may be."""

    client: int | None = None
    why: str = ""
    candidates: tuple[int, ...] = ()


def same_name(one: str, other: str) -> bool:
    """Surname and first name are the same; a patronymic that either side lacks says nothing."""
    a, b = one.split(), other.split()
    if len(a) < 2 or len(b) < 2 or a[:2] != b[:2]:
        return False
    return len(a) < 3 or len(b) < 3 or a[2:] == b[2:]


def judge(told: Told, by_paper: Sequence[Card], by_phone: Sequence[Card]) -> Match:
    """Whose facts these are, by exact keys only.

    A document or INN names one card, unless its birth date or its name says otherwise; a phone names one only
    together with the same surname, first name and birth date. Everything else waits for a person or is nobody.
    """
    if by_paper:
        ids = tuple(card.id for card in by_paper)
        if len(by_paper) > 1:
            return Match(why=Why.SEVERAL, candidates=ids)
        card = by_paper[0]
        if told.birth_date and card.birth_date and told.birth_date != card.birth_date:
            return Match(why=Why.BIRTH, candidates=ids)
        sure_birth = told.birth_date and told.birth_date == card.birth_date
        if not sure_birth and told.name_key and not same_name(told.name_key, card.name_key):
            return Match(why=Why.NAME, candidates=ids)
        return Match(client=card.id)
    named = [card for card in by_phone if same_name(told.name_key, card.name_key)]
    born = [card for card in named if card.birth_date and card.birth_date == told.birth_date]
    if len(born) == 1:
        return Match(client=born[0].id)
    open_yet = born or [card for card in named if card.birth_date is None or told.birth_date is None]
    if not open_yet:
        return Match(why=Why.NOBODY)
    why = Why.SEVERAL if len(open_yet) > 1 else Why.NO_BIRTH
    return Match(why=why, candidates=tuple(card.id for card in open_yet))
