"""Pricing all variants at once, and what the underwriting tables say of the one that is chosen."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language

from clientela.foundation.outbox.operations import publish
from clientela.modules.quotes import rules
from clientela.modules.quotes.events import CalculationPriced, CalculationReferred
from clientela.modules.quotes.models import EDITABLE, Calculation, Variant
from clientela.modules.quotes.operations.base import NotPriced, close, keep, lock
from clientela.modules.quotes.queries.facts import facts_of
from clientela.modules.rating.queries import plan_of
from clientela.modules.rating.rules import MissingFacts, OutOfTariff
from clientela.modules.rating.rules.plan import Plan

State = Calculation.State
WRITTEN = ("premium", "explanation", "decision", "reasons", "problem", "missing", "priced_at")


def price_all(calculation: Calculation, *, now: datetime) -> list[Variant]:
    """Price every variant from the tariff of the first day of cover and keep how each price came about."""
    variants = list(calculation.variants.order_by("place"))
    before = {one.pk: one.premium for one in variants}
    try:
        plan = plan_of(calculation.product.code, calculation.starts_on)
    except OutOfTariff as refusal:
        for variant in variants:
            _unpriced(variant, str(refusal), [], now)
    else:
        for variant in variants:
            price(plan, calculation, variant, now=now)
    Variant.objects.bulk_update(variants, WRITTEN)
    for variant in variants:
        if variant.is_chosen and variant.premium != before[variant.pk]:
            tell_price(calculation, variant, now=now)
    return variants


def price(plan: Plan, calculation: Calculation, variant: Variant, *, now: datetime) -> None:
    """Fill the price of one (unsaved) variant; without one ``problem`` and ``missing`` say why."""
    facts, language = facts_of(calculation, variant), (get_language() or settings.LANGUAGE_CODE)[:2]
    try:
        premium = plan.price(facts, calculation.starts_on, language)
        verdict = plan.verdict(facts | {"premium": premium.amount}, calculation.starts_on, language)
    except MissingFacts as missing:
        return _unpriced(variant, str(missing), list(missing.keys), now)
    except OutOfTariff as refusal:
        return _unpriced(variant, str(refusal), [refusal.field], now)
    variant.premium = rules.loaded(premium.amount, calculation.loading)
    variant.explanation = premium.to_json() | loading_of(premium.amount, calculation.loading)
    variant.decision, variant.reasons = verdict.decision, [reason.text for reason in verdict.reasons]
    variant.problem, variant.missing, variant.priced_at = "", [], now
    return None


def _unpriced(variant: Variant, problem: str, missing: list[str], now: datetime) -> None:
    variant.premium, variant.explanation, variant.decision, variant.reasons = None, {}, "", []
    variant.problem, variant.missing, variant.priced_at = problem[:255], missing, now


def loading_of(amount: Decimal, loading: Decimal) -> dict[str, Any]:
    """What an underwriter's factor adds to an explanation."""
    if loading == 1:
        return {}
    return {"loading": str(loading), "before_loading": str(amount)}


def tell_price(calculation: Calculation, variant: Variant, *, now: datetime) -> None:
    """The price of the chosen variant is news for the deal."""
    if variant.premium is None:
        return
    event = CalculationPriced(
        calculation.pk, calculation.client_id, str(variant.premium), calculation.deal_ref
    )
    publish(event, now=now)


@transaction.atomic
def price_again(
    *, actor: Any, now: datetime, calculation: Calculation, version: int | None = None
) -> Calculation:
    """Price from the tariffs as they are now."""
    row = lock(actor, calculation, now=now, version=version)
    keep(row, now=now)
    price_all(row, now=now)
    return row


def chosen_of(calculation: Calculation) -> Variant:
    """The chosen variant with its price. Raises ``NotPriced``."""
    variant = calculation.variants.filter(is_chosen=True).first()
    if variant is None or variant.premium is None:
        raise NotPriced
    return variant


@transaction.atomic
def refer(*, actor: Any, now: datetime, calculation: Calculation, note: str = "") -> Calculation:
    """Give the decision to an underwriter. Sending it twice changes nothing."""
    row = lock(actor, calculation, now=now, states=(*EDITABLE, State.REFERRED))
    if row.state == State.REFERRED:
        return row
    variant = chosen_of(row)
    reasons: Iterable[str] = [*variant.reasons, *([note.strip()[:200]] if note.strip() else [])]
    close_to_change(row, actor=actor, now=now, reasons=list(reasons))
    publish(CalculationReferred(row.pk, row.client_id, variant.decision == "inspect"), now=now)
    return row


def close_to_change(row: Calculation, *, actor: Any, now: datetime, reasons: list[str]) -> None:
    """It waits for the underwriter: nobody changes it meanwhile."""
    close(row, actor=actor, now=now, state=State.REFERRED, reasons=reasons, reason="; ".join(reasons)[:255])


@transaction.atomic
def release(
    *,
    now: datetime,
    calculation: Calculation,
    loading: Decimal = Decimal(1),
    conditions: str = "",
    actor: Any = None,
) -> Calculation:
    """The underwriter accepts: the price with their factor stands, and the calculation goes on.

    Not a verb of sellers: ``underwriting`` calls it after it looked at the authority of ``actor``.
    """
    row = lock(None, calculation, now=now, states=(State.REFERRED,))
    keep(
        row,
        now=now,
        state=State.DRAFT,
        released=True,
        loading=loading,
        conditions=conditions[:500],
        reasons=[],
    )
    price_all(row, now=now)
    return row


@transaction.atomic
def start_later(*, now: datetime, calculation: Calculation, starts_on: date) -> Calculation:
    """What an underwriter accepted begins later than was asked for; their decision stands, prices are of that day."""
    row = lock(None, calculation, now=now, states=(State.DRAFT,))
    keep(row, now=now, starts_on=max(starts_on, row.starts_on))
    price_all(row, now=now)
    return row


@transaction.atomic
def decline(*, now: datetime, calculation: Calculation, reasons: list[str], actor: Any = None) -> Calculation:
    """The underwriter declines; see ``release``."""
    row = lock(None, calculation, now=now, states=(State.REFERRED,))
    close(row, actor=actor, now=now, state=State.DECLINED, reasons=reasons, reason="; ".join(reasons)[:255])
    return row


@transaction.atomic
def take_back(*, actor: Any, now: datetime, calculation: Calculation) -> Calculation:
    """The seller changes it once more before the underwriter decided."""
    row = lock(actor, calculation, now=now, states=(State.REFERRED,), sells=False)
    close(row, actor=actor, now=now, state=State.DRAFT, reasons=[])
    return row
