"""Opening and deciding referrals within one's authority."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.formats import percent
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.underwriting.events import ReferralChanged
from clientela.modules.underwriting.models import Authority, Referral
from clientela.modules.underwriting.queries import authority_of, may_decide

State = Referral.State
OPEN = (State.WAITING, State.INSPECTION)
LOADINGS = (Decimal("0.5"), Decimal(10))


class AlreadyDecided(Refusal):
    """Somebody decided it, or the seller took it back."""

    message = _("This was decided or taken back meanwhile.")


class BeyondAuthority(Refusal):
    """The sum insured or the product is beyond the person's authority."""

    message = _("The sum insured or the product is beyond your authority: leave it to a colleague.")


class InvalidLoading(Refusal):
    """A factor stands between 0.5 and 10."""

    message = _("The factor stands between 0.5 and 10.")
    field = "loading"


class LoadingBeyondAuthority(Refusal):
    """The factor changes the premium more than the person may."""

    field = "loading"

    def __init__(self, row: Authority) -> None:
        names = {"up": _percent(row.most_loading), "down": _percent(row.most_discount)}
        super().__init__(row.pk)
        self.message = (
            gettext("Your authority: up to %(up)s upon the premium, up to %(down)s off it.") % names
        )


def _percent(limit: Decimal | None) -> str:
    if limit is None:
        return gettext("any part")
    return percent(limit, (get_language() or "ru")[:2], 0 if limit % 1 == 0 else 2)


class ReasonNeeded(Refusal):
    """A refusal is explained."""

    message = _("Say why: the seller tells the client.")
    field = "reason"


@transaction.atomic
def open_referral(*, now: datetime, calculation: Calculation, needs_photos: bool) -> Referral | None:
    """Put a calculation in the queue; one that waits already or went on is not put twice."""
    row = Calculation.objects.select_for_update(of=("self",)).select_related("client").get(pk=calculation.pk)
    if row.state != Calculation.State.REFERRED:
        return None
    known = Referral.objects.filter(calculation=row, state__in=OPEN).first()
    if known is not None:
        return known
    variant = Variant.objects.filter(calculation=row, is_chosen=True).first()
    referral = Referral.objects.create(
        calculation=row, reasons=row.reasons, needs_photos=needs_photos, created_at=now,
        premium=variant.premium if variant else None, sum_insured=_sum_of(row, variant),
    )  # fmt: skip
    tell(referral, now=now)
    return referral


def _sum_of(row: Calculation, variant: Variant | None) -> Decimal:
    """The largest sum insured of the chosen variant."""
    parts = (variant.explanation if variant else {}).get("parts", [])
    sums = [Decimal(part["sum_insured"]) for part in parts if part.get("sum_insured")]
    told = row.answers.get("sum_insured")
    return max([*sums, *([Decimal(str(told))] if told else [])], default=Decimal(0))


def lock(actor: Any, referral: Referral) -> Referral:
    """The referral as it is now. Raises ``AlreadyDecided``, ``BeyondAuthority``, ``PermissionDenied``."""
    ensure(actor, Permission.UNDERWRITING_DECIDE)
    if not Referral.objects.visible_to(actor).filter(pk=referral.pk).exists():
        raise NotAllowed("scope")
    row = (
        Referral.objects.select_for_update(of=("self",))
        .select_related("calculation__client")
        .get(pk=referral.pk)
    )
    if row.state not in OPEN or row.calculation.state != Calculation.State.REFERRED:
        raise AlreadyDecided
    if not may_decide(actor, row):
        raise BeyondAuthority
    return row


@transaction.atomic
def accept(
    *, actor: Any, now: datetime, referral: Referral, loading: Decimal = Decimal(1), conditions: str = ""
) -> Referral:
    """Accept, with a factor upon the premium or conditions; the calculation goes on by itself.

    Raises ``InvalidLoading``, ``LoadingBeyondAuthority`` and what ``lock`` refuses.
    """
    row = lock(actor, referral)
    if not LOADINGS[0] <= loading <= LOADINGS[1]:
        raise InvalidLoading
    authority = authority_of(actor, row.calculation.product_id)
    if authority is None or not authority.may_change(loading):
        raise LoadingBeyondAuthority(authority) if authority else BeyondAuthority
    _decide(row, State.ACCEPTED, actor=actor, now=now, loading=loading, conditions=conditions.strip()[:500])
    quotes.release(
        now=now, calculation=row.calculation, loading=loading, conditions=row.conditions, actor=actor
    )
    return row


@transaction.atomic
def decline(*, actor: Any, now: datetime, referral: Referral, reason: str) -> Referral:
    """Decline with a reason the seller can tell. Raises ``ReasonNeeded``."""
    row = lock(actor, referral)
    if not reason.strip():
        raise ReasonNeeded
    _decide(row, State.DECLINED, actor=actor, now=now, conditions=reason.strip()[:500])
    quotes.decline(now=now, calculation=row.calculation, reasons=[row.conditions], actor=actor)
    return row


def _decide(row: Referral, state: str, *, actor: Any, now: datetime, **values: Any) -> None:
    before = row.state
    values |= {"state": state, "decided_by": actor, "decided_at": now}
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    record(
        actor=actor, now=now, action=f"referral.{state}", obj=row.calculation, reason=row.conditions,
        changes={"state": [before, state], "loading": [None, str(row.loading)]},
    )  # fmt: skip
    tell(row, now=now)


def tell(row: Referral, *, now: datetime) -> None:
    """The queue and the window look again."""
    publish(ReferralChanged(row.pk, row.calculation_id, row.calculation.client_id, row.state), now=now)


def withdraw(*, now: datetime, calculation_id: int) -> None:
    """The seller took the calculation back, or it was closed: nobody has to decide it any more."""
    for row in Referral.objects.select_for_update(of=("self",)).filter(
        calculation=calculation_id, state__in=OPEN
    ).select_related("calculation"):  # fmt: skip
        if row.calculation.state != Calculation.State.REFERRED:
            row.state = State.WITHDRAWN
            row.save(update_fields=["state"])
            tell(row, now=now)
