"""Changing a running policy at another price than the tariff's, or a risk the rules do not accept: within one's authority."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from clientela.modules.accounts.access import Permission
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.operations.projects import clean_premium
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.change_prices import ChangePrice, Wanted
from clientela.modules.underwriting.operations.deciding import BeyondAuthority, LoadingBeyondAuthority
from clientela.modules.underwriting.queries import authority_of


def may_set_price(actor: Any, policy: Policy) -> bool:
    """Whether this person may set a price by hand where the tariff has one."""
    return (
        bool(actor.can(Permission.UNDERWRITING_DECIDE)) and authority_of(actor, policy.product_id) is not None
    )


def endorse(
    *, actor: Any, now: datetime, policy: Policy, wanted: Wanted, reason: str, premium: Decimal | None = None,
    seen: int | None = None, shown: Decimal | None = None,
) -> PolicyVersion:  # fmt: skip
    """Change the policy: at the tariff's price, or at ``premium`` for the whole term where the person may set it.

    Raises ``BeyondAuthority``, ``LoadingBeyondAuthority`` and what ``quotes.endorse`` refuses.
    """
    values = {"actor": actor, "now": now, "policy": policy, "wanted": wanted, "reason": reason, "seen": seen}
    if actor is None or not actor.can(Permission.UNDERWRITING_DECIDE):
        return quotes.endorse(**values, premium=premium, shown=shown)
    priced = quotes.price_change(actor=actor, now=now, policy=policy, wanted=wanted)
    if priced.known and (premium is not None or priced.decision != "accept"):
        _ensure_authority(actor, priced, wanted, premium)
        return quotes.endorse(**values, premium=premium, shown=shown, released=True)
    return quotes.endorse(**values, premium=premium, shown=shown)


def _ensure_authority(actor: Any, priced: ChangePrice, wanted: Wanted, premium: Decimal | None) -> None:
    authority = authority_of(actor, priced.policy.product_id)
    insured = wanted.sum_insured or priced.policy.sum_insured or Decimal(0)
    if authority is None or (authority.most is not None and insured > authority.most):
        raise BeyondAuthority
    counted = priced.premium or priced.before
    if premium is not None and counted and not authority.may_change(clean_premium(premium) / counted):
        raise LoadingBeyondAuthority(authority)
