"""What a client is to the company, and how well we know them. Pure calculation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clientela.foundation.dates import add_years, full_years

# --- how complete a card is ---------------------------------------------------------------------------

PERSON_WEIGHTS: dict[str, int] = {
    "first_name": 10,
    "birth_date": 15,
    "sex": 5,
    "phone": 25,
    "email": 15,
    "address": 15,
    "document": 15,
}
COMPANY_WEIGHTS: dict[str, int] = {
    "company_name": 10,
    "inn": 25,
    "ogrn": 10,
    "phone": 20,
    "email": 15,
    "address": 10,
    "contact_person": 10,
}
MISSING: dict[str, Any] = {
    "first_name": gettext_lazy("No first name"),
    "birth_date": gettext_lazy("No birth date"),
    "sex": gettext_lazy("Sex is not known"),
    "phone": gettext_lazy("No phone that works"),
    "email": gettext_lazy("No e-mail that works"),
    "address": gettext_lazy("No address"),
    "document": gettext_lazy("No passport"),
    "company_name": gettext_lazy("No name"),
    "inn": gettext_lazy("No INN"),
    "ogrn": gettext_lazy("No OGRN"),
    "contact_person": gettext_lazy("No contact person"),
}


@dataclass(frozen=True)
class Completeness:
    """``percent`` 0…100 and the codes of what is missing, the weightiest first."""

    percent: int
    missing: tuple[str, ...]


def completeness(kind: str, present: Mapping[str, bool]) -> Completeness:
    """How much of a card of ``kind`` (person or company) is filled; ``present`` is keyed like the weights."""
    weights = COMPANY_WEIGHTS if kind == "company" else PERSON_WEIGHTS
    missing = sorted((code for code in weights if not present.get(code)), key=lambda code: -weights[code])
    return Completeness(sum(weights.values()) - sum(weights[code] for code in missing), tuple(missing))


class Freshness(StrEnum):
    """How long ago the client or the agent confirmed the data."""

    FRESH = "fresh"
    AGEING = "ageing"
    STALE = "stale"
    UNKNOWN = "unknown"


AGEING_AFTER_DAYS = 180
STALE_AFTER_DAYS = 365
DOCUMENT_WARNING_DAYS = 90


def freshness(confirmed_on: date | None, today: date) -> Freshness:
    """Data confirmed over half a year ago is ageing, over a year ago stale, never confirmed unknown."""
    if confirmed_on is None:
        return Freshness.UNKNOWN
    age = (today - confirmed_on).days
    if age > STALE_AFTER_DAYS:
        return Freshness.STALE
    return Freshness.AGEING if age > AGEING_AFTER_DAYS else Freshness.FRESH


def document_expires(valid_until: date | None, today: date) -> bool:
    """Whether a document has run out or will within three months."""
    return valid_until is not None and (valid_until - today).days <= DOCUMENT_WARNING_DAYS


# --- what kind of client ------------------------------------------------------------------------------

LOYAL_YEARS = 3
LOYAL_POLICIES = 2
LOYAL_ALONE_YEARS = 5
REGULAR_YEARS = 1
REGULAR_POLICIES = 2
GONE_AFTER_DAYS = 365
HOT_DAYS = 14
WARM_DAYS = 90
LOSS_RATIO_LIMIT = Decimal("0.80")


@dataclass(frozen=True)
class Portfolio:
    """Facts of one client's contracts and conversations that the categories are made of."""

    in_force: int = 0
    first_start: date | None = None
    last_end: date | None = None
    premium: Decimal = Decimal(0)
    loss_paid: Decimal = Decimal(0)
    last_incoming: date | None = None


@dataclass(frozen=True)
class Categories:
    """Values of ``Client.loyalty``, ``temperature`` and ``profitability``, each with its reason."""

    loyalty: str
    temperature: str
    profitability: str
    reasons: dict[str, str] = field(default_factory=dict)


def loyalty(facts: Portfolio, today: date) -> str:
    """prospect, occasional, regular or loyal.

    A person whose last cover ended over a year ago is a prospect again. Two policies and three years, or
    five years with any policy in force, make a loyal client; a second year or a second policy a regular one.
    """
    if not facts.in_force and (facts.last_end is None or (today - facts.last_end).days > GONE_AFTER_DAYS):
        return "prospect"
    if not facts.in_force or facts.first_start is None:
        return "occasional"
    with_us = full_years(facts.first_start, today)
    if with_us >= LOYAL_ALONE_YEARS or (with_us >= LOYAL_YEARS and facts.in_force >= LOYAL_POLICIES):
        return "loyal"
    if with_us >= REGULAR_YEARS or facts.in_force >= REGULAR_POLICIES:
        return "regular"
    return "occasional"


def temperature(facts: Portfolio, today: date) -> str:
    """How near a prospect is: hot wrote to us within two weeks, warm within three months or was a client."""
    if loyalty(facts, today) != "prospect":
        return ""
    silence = (today - facts.last_incoming).days if facts.last_incoming else None
    if silence is not None and silence <= HOT_DAYS:
        return "hot"
    return "warm" if facts.last_end or (silence is not None and silence <= WARM_DAYS) else "cold"


def profitability(facts: Portfolio) -> str:
    """Losses paid over premiums of all terms: over 80 % is unprofitable; no premium, no judgement."""
    if facts.premium <= 0:
        return ""
    return "unprofitable" if facts.loss_paid > facts.premium * LOSS_RATIO_LIMIT else "profitable"


def categorise(facts: Portfolio, today: date) -> Categories:
    """All three categories with the sentence that explains each."""
    kind, heat, profit = loyalty(facts, today), temperature(facts, today), profitability(facts)
    reasons = {"loyalty": _loyalty_reason(facts, today)}
    if heat:
        reasons["temperature"] = _temperature_reason(facts, today)
    if profit:
        ratio = round(facts.loss_paid * 100 / facts.premium)
        reasons["profitability"] = _("Losses are %(ratio)s%% of premiums; the limit is %(limit)s%%.") % {
            "ratio": ratio,
            "limit": int(LOSS_RATIO_LIMIT * 100),
        }
    return Categories(kind, heat, profit, reasons)


def _loyalty_reason(facts: Portfolio, today: date) -> str:
    if facts.first_start is None:
        return _("Has never had a policy with us.")
    if not facts.in_force:
        return _("No policy in force; the last one ended on %(date)s.") % {
            "date": f"{facts.last_end:%d.%m.%Y}"
        }
    years = max(full_years(facts.first_start, today), 0)
    return _("%(policies)s in force, %(years)s with us.") % {
        "policies": ngettext("%(n)s policy", "%(n)s policies", facts.in_force) % {"n": facts.in_force},
        "years": ngettext("%(n)s full year", "%(n)s full years", years) % {"n": years},
    }


def _temperature_reason(facts: Portfolio, today: date) -> str:
    if facts.last_incoming and (today - facts.last_incoming).days <= WARM_DAYS:
        return _("Wrote to us on %(date)s.") % {"date": f"{facts.last_incoming:%d.%m.%Y}"}
    if facts.last_end:
        return _("Was a client until %(date)s.") % {"date": f"{facts.last_end:%d.%m.%Y}"}
    return _("Has not written to us for three months.")


def boundary(today: date, years: int) -> date:
    """First cover on or before this day means ``years`` full years with us (for set-based work)."""
    return add_years(today, -years)


# --- two cards become one -----------------------------------------------------------------------------

# Fields that are chosen together: a town and its time zone come from one card.
GROUPS: dict[str, tuple[str, ...]] = {
    "name": ("last_name", "first_name", "middle_name", "company_name", "name_key"),
    "birth_date": ("birth_date",),
    "sex": ("sex",),
    "inn": ("inn", "kpp", "ogrn"),
    "snils": ("snils",),
    "bank": ("bank_bic", "bank_account"),
    "owner": ("agent_id", "branch_id", "centre_id"),
    "place": ("region_code", "city", "time_zone"),
    "language": ("language",),
    "preferred_channel": ("preferred_channel",),
    "hours": ("contact_from", "contact_to"),
    "do_not_contact": ("do_not_contact", "do_not_contact_reason"),
    "marks": ("is_internal", "is_key", "is_cross"),
    "client_since": ("client_since",),
}
# What fills a group: these columns decide whether a card has it at all.
_DECIDES = {"owner": ("agent_id",), "place": ("region_code", "city")}


def survivor(kept: Mapping[str, Any], gone: Mapping[str, Any], take: Collection[str]) -> dict[str, Any]:
    """Values of the card that stays: its own where it has any, else the other's; the other's where ``take`` says so.

    A wish not to be contacted and a mark hold whichever card has them, and the longer custom counts.
    """
    values: dict[str, Any] = {}
    for group, names in GROUPS.items():
        deciding = _DECIDES.get(group, names)
        has = any(gone[name] for name in deciding)
        if has and (group in take or not any(kept[name] for name in deciding)):
            values |= {name: gone[name] for name in names}
    values |= {name: kept[name] or gone[name] for name in GROUPS["marks"]}
    values |= {name: kept[name] or gone[name] for name in GROUPS["do_not_contact"]}
    since = [card["client_since"] for card in (kept, gone) if card["client_since"]]
    values["client_since"] = min(since, default=None)
    return values


# --- households --------------------------------------------------------------------------------------

# What one is to the other, and what the other is to the one. The first of each pair is what is kept between clients.
TIES = {
    "spouse": "spouse",
    "sibling": "sibling",
    "parent": "child",
    "employer": "employee",
    "owner": "property",
    "guarantor": "guaranteed",
    "referrer": "referred",
    "beneficiary": "insurer",
}
INVERSE = TIES | {back: kind for kind, back in TIES.items()}
FAMILY = ("spouse", "parent", "child", "sibling")
MUTUAL = frozenset(kind for kind, back in TIES.items() if kind == back)


def kept_as(client: int, kind: str, other: int) -> tuple[int, str, int]:
    """The row by which a tie between two clients is kept, whichever side it was told from."""
    return (client, kind, other) if kind in TIES else (other, INVERSE[kind], client)


def same_tie(client: int, kind: str, other: int) -> tuple[int, str, int]:
    """One value for every way to say the same tie."""
    one, kept, two = kept_as(client, kind, other)
    return (min(one, two), kept, max(one, two)) if kept in MUTUAL else (one, kept, two)


SECRET = frozenset({"inn", "snils"})


def hidden(number: str) -> str:
    """A personal number as the journal keeps it: its last two characters."""
    return f"•••• {number[-2:]}" if number else ""


def without_secrets(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Changes of a card (field → before and after) with personal numbers hidden, for the journal."""
    return {
        name: [hidden(str(one or "")) for one in pair] if name in SECRET else pair
        for name, pair in changes.items()
    }
