"""Changing a policy that runs: priced by the tariff it was made by, for the days that are left."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from clientela.foundation.money import ZERO, kopecks
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.queries import require
from clientela.modules.contracts import operations as contracts
from clientela.modules.contracts import rules as terms_of
from clientela.modules.contracts.models import Participant, Policy, PolicyVersion
from clientela.modules.contracts.operations.versions import changed_from, require_cards
from clientela.modules.contracts.queries import latest_version
from clientela.modules.products.models import Line
from clientela.modules.quotes.change_prices import (
    WHOLE_TERM,
    ChangePrice,
    Wanted,
    agreed_share,
    at_hand_price,
    lines_of,
    loaded,
    new_reasons,
    steps_of,
)
from clientela.modules.quotes.operations.closing import (
    DeclinedByRules,
    NeedsUnderwriter,
    PriceMoved,
    moved_of,
)
from clientela.modules.quotes.operations.named_people import moved_people, rated
from clientela.modules.quotes.queries.running import (
    answers_now,
    facts_of_running,
    insured_answer,
    questions_of_change,
    tariff_of,
)
from clientela.modules.quotes.told import NoAnswer, understood
from clientela.modules.rating.rules import MissingFacts, OutOfTariff
from clientela.modules.rating.rules.plan import Plan

_DRIVER = Participant.Role.DRIVER.value


class CannotBePriced(Refusal):
    """The tariff has no price for the new conditions; ``field`` is the fact that is missing."""

    def __init__(self, problem: str, key: str = "") -> None:
        self.field, self.message = key, problem
        super().__init__(problem)


class ChangeNeedsUnderwriter(NeedsUnderwriter):
    """The rules do not accept what is new by themselves."""

    message = gettext_lazy("The rules do not accept this change by themselves: an underwriter makes it.")


class HandPriceNeeded(Refusal):
    """It is not known how the contract was priced: a person sets the new price and says why."""

    message = gettext_lazy(
        "It is not known how this contract was priced: write the price of the whole term and say why."
    )
    field = "premium"


class HandPriceForbidden(Refusal):
    """The tariff prices the change; another price is an underwriter's."""

    message = gettext_lazy("The tariff prices this change. Another price is set by an underwriter.")
    field = "premium"


def price_change(*, actor: Any, now: datetime, policy: Policy, wanted: Wanted) -> ChangePrice:
    """What the change would cost; nothing is made, classes of new drivers are asked.

    Raises ``NotInForce``, ``DayOutsideTerm``, ``NoAnswer``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", policy.client_id)
    last = latest_version(policy) or _imported(policy)
    require_cards(actor, wanted.participants or (), last)
    _ensure_day(policy, last, wanted.valid_from)
    old = dict((last.terms or {}).get("answers") or {})
    new = old | _told(policy, old, wanted)
    before = rated(policy, last.participants, None, actor=actor, now=now, asks=bool(old))
    after = before
    if wanted.participants is not None or new.get("unlimited") is True:
        listed = last.participants if wanted.participants is None else wanted.participants
        kept = [one for one in listed if one["role"] != _DRIVER or new.get("unlimited") is not True]
        after = rated(policy, kept, (before, wanted.valid_from), actor=actor, now=now, asks=bool(old))
        if wanted.participants is not None and old:
            new |= insured_answer(policy, after)
    term = terms_of.Term(policy.start_date, policy.end_date)
    moved = moved_people(after, last.participants, wanted.participants)
    common: dict[str, Any] = {
        "policy": policy, "seen": last.number, "before": last.premium, "participants": after,
        "left": (policy.end_date - wanted.valid_from).days + 1, "days": (policy.end_date - policy.start_date).days + 1,
        "sums": (last.sum_insured, wanted.sum_insured) if wanted.sum_insured not in (None, last.sum_insured) else (None, None),
        "changed": moved or new != old or wanted.sum_insured not in (None, last.sum_insured),
    }  # fmt: skip
    terms = dict(last.terms or {}) | ({"answers": new} if new or old else {})
    plan = tariff_of(policy, last.terms or {}) if old else None
    if plan is None:
        return ChangePrice(**common, known=False, terms=_unexplained(terms))
    try:
        was = plan.price(facts_of_running(policy, old, before), policy.start_date, _language())
    except MissingFacts as missing:
        waits = all(key.endswith(".kbm") for key in missing.keys)
        common |= {"problem": _waiting(), "missing": missing.keys} if waits else {}
        return ChangePrice(**common, known=waits, terms=_unexplained(terms))
    except OutOfTariff:
        return ChangePrice(**common, known=False, terms=_unexplained(terms))
    facts = facts_of_running(policy, new, after)
    try:
        becomes = plan.price(facts, policy.start_date, _language())
        verdict = plan.verdict(facts | {"premium": becomes.amount}, policy.start_date, _language())
    except MissingFacts as missing:
        waits = all(key.endswith(".kbm") for key in missing.keys)
        problem = _waiting() if waits else _lacking(missing, after)
        return ChangePrice(**common, known=True, terms=terms, problem=problem, missing=missing.keys)
    except OutOfTariff as refusal:
        return ChangePrice(**common, known=True, terms=terms, problem=str(refusal), missing=(refusal.field,))
    old_facts = facts_of_running(policy, old, before) | {"premium": was.amount}
    stood = plan.verdict(old_facts, policy.start_date, _language())
    decision, reasons = new_reasons(stood, verdict)
    share = agreed_share(was.amount, last.premium)
    premium = kopecks(becomes.amount * share)
    stood_lines = (last.terms or {}).get("factors") or []
    lines_before = lines_of(was, share, last.premium, stood_lines)
    lines = lines_of(becomes, share, premium, stood_lines)
    whole = _whole(plan, policy, (old, new), before, was.amount) * share
    whole = kopecks(min(whole, max(premium - last.premium, ZERO)))
    extra = terms_of.extra_premium(last.premium + whole, premium, term=term, valid_from=wanted.valid_from)
    terms |= {
        "coverages": becomes.to_json()["parts"], "factors": lines, "tariff": becomes.tariff,
        "moved": moved_of(lines_before, lines),
    }  # fmt: skip
    return ChangePrice(
        **common, known=True, terms=terms, premium=premium, steps=steps_of(lines_before, lines), tariff=becomes.tariff,
        difference=whole + extra, whole=whole,
        decision=decision, reasons=reasons,
    )  # fmt: skip


def _whole(
    plan: Plan, policy: Policy, answers: tuple[dict[str, Any], dict[str, Any]], people: list[dict[str, Any]], was: Decimal
) -> Decimal:  # fmt: skip
    """What those answers alone make dearer that count for the whole term."""
    old, new = answers
    keys = WHOLE_TERM.get(Line(policy.product.line), ())
    changed = {key: new[key] for key in keys if key in new and new[key] != old.get(key)}
    if not changed:
        return ZERO
    facts = facts_of_running(policy, old | changed, people)
    return max(plan.price(facts, policy.start_date, _language()).amount - was, ZERO)


def endorse(
    *, actor: Any, now: datetime, policy: Policy, wanted: Wanted, reason: str, premium: Decimal | None = None,
    seen: int | None = None, shown: Decimal | None = None, released: bool = False, loading: Decimal = Decimal(1),
) -> PolicyVersion:  # fmt: skip
    """Change the policy at the price of the tariff; ``shown`` is the one that the person looked at.

    A price by hand (``premium``, of the whole term) is anybody's where it is not known how the contract was priced.
    ``released`` is for ``underwriting``, which looked at the authority of who decided: it lets any price and risk pass,
    with the underwriter's factor ``loading`` upon the price of the tariff.

    Raises ``HandPriceNeeded``, ``HandPriceForbidden``, ``CannotBePriced``, ``PriceMoved``, ``ChangeNeedsUnderwriter``,
    ``DeclinedByRules`` and what ``contracts.endorse`` refuses.
    """
    require(actor, "contracts.write", policy.client_id)
    priced = price_change(actor=actor, now=now, policy=policy, wanted=wanted)
    if seen not in (None, priced.seen):
        raise contracts.ChangedMeanwhile
    if not priced.changed and premium in (None, priced.before):
        raise contracts.NothingChanged
    if premium is None:
        if priced.premium is None:
            _refuse(priced)
        if shown not in (None, priced.premium):
            raise PriceMoved
    elif priced.known and not released:
        raise HandPriceForbidden
    if priced.decision != "accept" and not released:
        raise DeclinedByRules if priced.decision == "decline" else ChangeNeedsUnderwriter
    whole = priced.whole if premium is None else ZERO
    terms = priced.terms if premium is None else at_hand_price(priced, premium, reason)
    if premium is None and priced.premium is not None and loading != 1:
        priced, whole = loaded(priced, loading), kopecks(priced.whole * loading)
        terms = priced.terms
    moved = moved_people(priced.participants, _people_now(policy), wanted.participants)
    return contracts.endorse(
        actor=actor, now=now, policy=policy, valid_from=wanted.valid_from, reason=reason,
        premium=priced.premium if premium is None else premium, sum_insured=wanted.sum_insured,
        participants=priced.participants if moved else None, terms=terms or None, seen=priced.seen,
        whole=whole,
    )  # fmt: skip


def _refuse(priced: ChangePrice) -> None:
    if not priced.known:
        raise HandPriceNeeded
    raise CannotBePriced(priced.problem, next(iter(priced.missing), ""))


def _waiting() -> str:
    return _("The class of a driver is being asked of the registry. Try again in a minute.")


def _lacking(missing: MissingFacts, people: Sequence[Mapping[str, Any]]) -> str:
    """What is missing, of drivers with their names."""
    drivers = [str(one["name"]) for one in people if one["role"] == _DRIVER]
    words = {"age": _("date of birth"), "experience": _("experience since"), "kbm": _("class")}
    told = []
    for key in missing.keys:
        if key == "drivers":
            return _("Nobody drives: name a driver, or any number of drivers.")
        head, _dot, name = key.rpartition(".")
        place = head.removeprefix("drivers.")
        if not place.isdigit() or int(place) >= len(drivers) or name not in words:
            return str(missing)
        told.append(f"{drivers[int(place)]}: {words[name]}")
    return _("Not known: %(what)s.") % {"what": "; ".join(told)}


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]


def _imported(policy: Policy) -> PolicyVersion:
    """What a policy without versions says; not stored."""
    return PolicyVersion(
        policy=policy, number=1, kind=PolicyVersion.Kind.ISSUE, valid_from=policy.start_date, premium=policy.premium,
        charged=policy.premium, sum_insured=policy.sum_insured, participants=contracts.participants_of(policy),
    )  # fmt: skip


def _people_now(policy: Policy) -> list[dict[str, Any]]:
    return (latest_version(policy) or _imported(policy)).participants


def _ensure_day(policy: Policy, last: PolicyVersion, day: date) -> None:
    if policy.status != Policy.Status.ISSUED:
        raise contracts.NotInForce
    since = changed_from(policy) if last.pk else policy.start_date
    if not max(policy.start_date, since) <= day <= policy.end_date:
        raise contracts.DayOutsideTerm


def _told(policy: Policy, old: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    """What is answered otherwise than it stands, as calculations keep it. Raises ``NoAnswer``."""
    asked = {str(one["key"]): one for one in questions_of_change(policy)}
    said = dict(wanted.answers)
    if wanted.sum_insured is not None and "sum_insured" in asked:
        said["sum_insured"] = format(wanted.sum_insured.normalize(), "f")
    stands, found = answers_now(policy, old), {}
    for key, value in said.items():
        if key not in asked:
            raise NoAnswer
        if value in (None, ""):
            continue
        answer = understood(asked[key], value)
        if not _same(stands.get(key), answer):
            found[key] = answer
    return found


def _same(one: Any, other: Any) -> bool:
    """``123`` is ``123.0``; no answer is no."""
    if isinstance(one, bool) or isinstance(other, bool):
        return (one in (True, "true", "yes")) == (other in (True, "true", "yes"))
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        return str(one) == str(other)


def _unexplained(terms: dict[str, Any]) -> dict[str, Any]:
    """Terms without the explanation of a price that nobody can count any more."""
    return {name: value for name, value in terms.items() if name not in ("factors", "tariff", "moved")}
