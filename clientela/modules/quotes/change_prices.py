"""What a change of a running contract costs: as data, factor by factor. Pure calculation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from clientela.foundation.money import kopecks
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.price_words import (
    AGREED_CODE,
    HAND_CODE,
    LOADING_CODE,
    REGULAR_CODE,
    agreed_words,
    hand_words,
    loading_words,
)
from clientela.modules.products.models import Line
from clientela.modules.quotes import rules
from clientela.modules.rating.rules import DECISIONS, Premium, Verdict

# What a longer use of the vehicle costs is due in full: its coefficient counts the months of the term, not the days left.
WHOLE_TERM = {Line.OSAGO: ("months_of_use",)}
_SHARE = Decimal("0.000001")
_ROUNDING = Decimal("0.02")


@dataclass(frozen=True)
class Wanted:
    """What is to be otherwise from ``valid_from`` on; what is not named stays."""

    valid_from: date
    participants: Sequence[Mapping[str, Any]] | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    sum_insured: Decimal | None = None


@dataclass(frozen=True)
class Step:
    """A factor before and after; ``effect`` is what its change makes of the price of the whole term."""

    code: str
    label: str
    title: str
    part: str
    before: Decimal | None
    after: Decimal | None
    why_before: str
    why: str
    table: str
    version: int
    effect: Decimal

    @property
    def changed(self) -> bool:
        return self.before != self.after or self.effect != 0


@dataclass(frozen=True)
class ChangePrice:
    """What a change costs. ``known``: the contract was priced by a tariff that prices the change as well.

    ``premium`` and ``before`` are for the whole term, ``difference`` for the ``left`` of ``days`` days; ``decision`` and
    ``reasons`` are what underwriting says of what is new. Without a price ``problem`` and ``missing`` say why; ``sums`` are
    the sum insured before and after, where it is another one. ``whole`` of the difference is due for the whole term.
    """

    policy: Policy
    seen: int
    known: bool
    before: Decimal
    left: int
    days: int
    changed: bool
    participants: list[dict[str, Any]]
    terms: dict[str, Any]
    premium: Decimal | None = None
    difference: Decimal | None = None
    steps: tuple[Step, ...] = ()
    tariff: str = ""
    decision: str = "accept"
    reasons: tuple[str, ...] = ()
    problem: str = ""
    missing: tuple[str, ...] = ()
    sums: tuple[Decimal | None, Decimal | None] = (None, None)
    whole: Decimal = Decimal(0)

    @property
    def size(self) -> Decimal:
        """How much is to be paid in addition, or comes back."""
        return abs(self.difference or Decimal(0))


def at_hand_price(priced: ChangePrice, premium: Decimal, reason: str) -> dict[str, Any]:
    """The terms with a line that says that, and why, a person set the price."""
    factors = [one for one in priced.terms.get("factors", []) if one["code"] != AGREED_CODE]
    factors = factors if priced.premium is not None else []
    counted = Decimal(str(factors[-1]["running"])) if factors else None
    share = (premium / counted).quantize(_SHARE) if counted else Decimal(1)
    line = _line(HAND_CODE, hand_words(), share, reason.strip()[:255], premium)
    return priced.terms | {"factors": [*factors, line]}


def loaded(priced: ChangePrice, loading: Decimal) -> ChangePrice:
    """The same with an underwriter's factor upon the price, and a line that says so."""
    premium = kopecks((priced.premium or Decimal(0)) * loading)
    title, why = loading_words()
    line = _line(LOADING_CODE, title, loading.normalize(), why, premium)
    return replace(
        priced, premium=premium, terms=priced.terms | {"factors": [*priced.terms["factors"], line]}
    )


def new_reasons(stood: Verdict, verdict: Verdict) -> tuple[str, tuple[str, ...]]:
    """What underwriting says of the change, without what was accepted when the contract was made."""
    accepted = {reason.text for reason in stood.reasons}
    fresh = [reason for reason in verdict.reasons if reason.text not in accepted]
    decision = max((reason.decision for reason in fresh), key=DECISIONS.index, default="accept")
    return decision, tuple(str(reason.text) for reason in fresh)


def agreed_share(counted: Decimal, premium: Decimal) -> Decimal:
    """What was agreed upon the tariff (a discount, an underwriter's factor, a price by hand): it stays in proportion."""
    if not counted:
        return Decimal(1)
    share = premium / counted
    for digits in ("0.01", "0.0001"):
        if kopecks(counted * (near := share.quantize(Decimal(digits)))) == premium:
            return near
    return share


def _line(code: str, title: str, value: Decimal, why: str, running: Decimal) -> dict[str, Any]:
    return {
        "code": code, "label": "", "title": title, "value": str(value), "why": why, "table": "", "version": 0,
        "running": str(running), "part": "",
    }  # fmt: skip


def lines_of(
    premium: Premium, share: Decimal, amount: Decimal, stood: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The lines of a price, with one more for what was agreed; ``stood`` are the lines of the version before."""
    lines: list[dict[str, Any]] = premium.to_json()["factors"]
    if share == 1:
        return lines
    regular = next((one for one in stood if one["code"] == REGULAR_CODE), None)
    if regular is not None and Decimal(str(regular["value"])) == share:
        return [*lines, {**regular, "running": str(amount)}]
    title, why = agreed_words()
    return [*lines, _line(AGREED_CODE, title, share.quantize(_SHARE).normalize(), why, amount)]


def steps_of(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    old = {(one["part"], one["code"]): one for one in before}
    new = {(one["part"], one["code"]): one for one in after}
    effects = _effects(before, after)
    found = []
    for key in dict.fromkeys([*new, *old]):
        was, now = old.get(key, {}), new.get(key, {})
        line = now or was
        found.append(Step(
            line["code"], line["label"], line["title"], line["part"], _value(was), _value(now), was.get("why", ""),
            now.get("why", ""), line["table"], line["version"], effects.get(key, Decimal(0)),
        ))  # fmt: skip
    return tuple(found)


def _effects(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str], Decimal]:
    """What each factor makes of the difference; a rate that stays, of another sum, makes what the others do not."""
    found = {(one.part, one.code): one.effect for one in rules.what_moved(before, after)}
    parts = dict.fromkeys(str(line["part"]) for line in [*after, *before])
    for part in [one for one in parts if one] or [""]:
        old, new = _within(before, part), _within(after, part)
        if not old or not new:
            continue
        whole = Decimal(str(new[-1]["running"])) - Decimal(str(old[-1]["running"]))
        rest = kopecks(whole) - sum((effect for key, effect in found.items() if key[0] == part), Decimal(0))
        if abs(rest) > _ROUNDING:
            base = (part, _other_sum(old, new))
            found[base] = found.get(base, Decimal(0)) + rest
    return found


def _other_sum(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> str:
    """The line that says the same and makes most of it: the sum it is taken of is another one."""
    before, after = rules.multipliers(old), rules.multipliers(new)
    values = {str(line["code"]): str(line["value"]) for line in old}
    same = [
        code for line in new if values.get(code := str(line["code"])) == str(line["value"]) and before[code]
    ]
    return max(same, key=lambda code: abs(after[code] / before[code] - 1), default=str(new[0]["code"]))


def _within(lines: Sequence[Mapping[str, Any]], part: str) -> list[Mapping[str, Any]]:
    return [line for line in lines if line["part"] == part]


def _value(line: Mapping[str, Any]) -> Decimal | None:
    return Decimal(str(line["value"])) if line else None
