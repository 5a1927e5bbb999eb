"""Ways to cover one need, side by side: up to six, one of them chosen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.refusals import Refusal
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.operations.base import keep, lock
from clientela.modules.quotes.operations.pricing import price_all, tell_price
from clientela.modules.quotes.rules import MOST_VARIANTS


class TooManyVariants(Refusal):
    """Six columns are compared at the most."""

    message = _("Six variants are compared at the most: remove one first.")


class LastVariant(Refusal):
    """A calculation has one variant at least."""

    message = _("One variant stays: change it instead.")


@transaction.atomic
def add_variant(
    *,
    actor: Any,
    now: datetime,
    calculation: Calculation,
    version: int | None = None,
    like: Variant | None = None,
    title: str = "",
    changes: Mapping[str, Any] | None = None,
) -> Variant:
    """One column more: a copy of ``like`` with ``changes`` upon it. All are priced."""
    row = lock(actor, calculation, now=now, version=version)
    places = list(row.variants.values_list("place", flat=True))
    if len(places) >= MOST_VARIANTS:
        raise TooManyVariants
    variant = Variant.objects.create(
        calculation=row, place=max(places, default=0) + 1, title=title.strip()[:80],
        changes=_joined(like.changes if like else {}, changes or {}),
    )  # fmt: skip
    keep(row, now=now)
    price_all(row, now=now)
    return variant


@transaction.atomic
def change_variant(
    *, actor: Any, now: datetime, variant: Variant, version: int | None = None, title: str,
    changes: Mapping[str, Any],
) -> Variant:  # fmt: skip
    """Set what differs in this column."""
    row = lock(actor, variant.calculation, now=now, version=version)
    Variant.objects.filter(pk=variant.pk).update(title=title.strip()[:80], changes=_joined({}, changes))
    keep(row, now=now)
    price_all(row, now=now)
    variant.refresh_from_db()
    return variant


@transaction.atomic
def remove_variant(*, actor: Any, now: datetime, variant: Variant, version: int | None = None) -> None:
    """Take a column away; the first one left is chosen in its place."""
    row = lock(actor, variant.calculation, now=now, version=version)
    if row.variants.count() < 2:
        raise LastVariant
    was_chosen = row.variants.filter(pk=variant.pk, is_chosen=True).exists()
    row.variants.filter(pk=variant.pk).delete()
    if was_chosen:
        first = row.variants.order_by("place").first()
        assert first is not None
        row.variants.filter(pk=first.pk).update(is_chosen=True)
    keep(row, now=now)


@transaction.atomic
def choose(*, actor: Any, now: datetime, variant: Variant, version: int | None = None) -> Variant:
    """This is what the client wants. Choosing the chosen one changes nothing."""
    row = lock(actor, variant.calculation, now=now, version=version)
    return choose_in(row, variant, actor=actor, now=now)


def choose_in(row: Calculation, variant: Variant, *, actor: Any, now: datetime) -> Variant:
    """Choose in a calculation that is held already."""
    chosen = row.variants.get(pk=variant.pk)
    if chosen.is_chosen:
        return chosen
    row.variants.filter(is_chosen=True).update(is_chosen=False)
    row.variants.filter(pk=chosen.pk).update(is_chosen=True)
    chosen.is_chosen = True
    keep(row, now=now)
    record(
        actor=actor, now=now, action="calculation.chosen", obj=row, changes={"variant": [None, chosen.place]}
    )
    tell_price(row, chosen, now=now)
    return chosen


def _joined(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    answers = {**under.get("answers", {}), **over.get("answers", {})}
    joined: dict[str, Any] = {"answers": answers} if answers else {}
    drivers = over.get("drivers", under.get("drivers"))
    return joined | ({"drivers": drivers} if drivers is not None else {})
