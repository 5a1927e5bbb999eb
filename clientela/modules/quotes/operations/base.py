"""What every verb on a calculation needs: the row as it is now, its version, its number."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.book.operations.training import ensure_may_sell
from clientela.modules.clients.queries import require
from clientela.modules.quotes import rules
from clientela.modules.quotes.events import CalculationClosed
from clientela.modules.quotes.models import EDITABLE, Calculation, Serial


class StaleCalculation(Refusal):
    """Somebody changed it meanwhile, in another tab or elsewhere."""

    message = _("This calculation was changed meanwhile. What is shown now is the newest.")


class CalculationFixed(Refusal):
    """It went further: to the underwriter, to payment, or it is closed."""

    message = _("The calculation went further meanwhile and cannot be changed now.")


class NotPriced(Refusal):
    """The chosen variant has no price yet."""

    message = _("The chosen variant has no price yet.")


def next_number(now: datetime) -> str:
    """The next free number of the year. The row of the year stays locked until commit: no gap and no double."""
    year = now.year
    Serial.objects.bulk_create([Serial(year=year, next_serial=1)], ignore_conflicts=True)
    Serial.objects.filter(year=year).update(next_serial=F("next_serial") + 1)
    return rules.number_of(Serial.objects.get(year=year).next_serial - 1, now.date())


def lock(
    actor: Any,
    calculation: Calculation,
    *,
    now: datetime,
    version: int | None = None,
    states: tuple[str, ...] = EDITABLE,
    sells: bool = True,
) -> Calculation:
    """The calculation as it is now, held until the transaction ends; ``sells``: the act goes on with the sale.

    Raises ``PermissionDenied``, ``StaleCalculation`` when ``version`` is given and old, ``CalculationFixed``,
    ``NotAdmitted`` when it sells and a test of the product is not passed.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a calculation is held inside a transaction")
    require(actor, "contracts.write", calculation.client_id)
    row = (
        Calculation.objects.select_for_update(of=("self",))
        .select_related("client", "product", "policy")
        .get(pk=calculation.pk)
    )
    if version is not None and row.version != version:
        raise StaleCalculation
    if row.state not in states:
        raise CalculationFixed
    if sells:
        ensure_may_sell(actor, row.product, now)
    return row


def keep(calculation: Calculation, *, now: datetime, **values: Any) -> None:
    """Write ``values`` and one version more."""
    for name, value in values.items():
        setattr(calculation, name, value)
    calculation.version += 1
    calculation.updated_at = now
    calculation.save(update_fields=[*values, "version", "updated_at"])


def close(
    calculation: Calculation, *, actor: Any, now: datetime, state: str, reason: str = "", **values: Any
) -> None:
    """Move it to a state in which it is nobody's work any more, journal and publish it."""
    before = calculation.state
    keep(calculation, now=now, state=state, **values)
    record(
        actor=actor, now=now, action=f"calculation.{state}", obj=calculation,
        changes={"state": [before, state]}, reason=reason,
    )  # fmt: skip
    event = CalculationClosed(calculation.pk, calculation.client_id, state, calculation.deal_ref)
    publish(event, now=now)
