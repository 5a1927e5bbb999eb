"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from clientela.modules.contracts.events import PolicyAmended
from clientela.modules.quotes.events import CalculationClosed, CalculationReferred
from clientela.modules.quotes.models import Calculation
from clientela.modules.underwriting.operations.changing import grow_stale
from clientela.modules.underwriting.operations.deciding import open_referral, withdraw


def on_referred(event: CalculationReferred, *, now: datetime) -> None:
    """The rules gave the decision to a person."""
    calculation = Calculation.objects.filter(pk=event.calculation_id).first()
    if calculation is not None:
        open_referral(now=now, calculation=calculation, needs_photos=event.inspect)


def on_closed(event: CalculationClosed, *, now: datetime) -> None:
    """The calculation is nobody's work any more."""
    withdraw(now=now, calculation_id=event.calculation_id)


def on_policy_amended(event: PolicyAmended, *, now: datetime) -> None:
    """Another version of the policy: what was asked upon the one before has to be asked anew."""
    grow_stale(now=now, policy_id=event.policy_id)
