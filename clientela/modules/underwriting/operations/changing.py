"""A change of a policy that the rules refer: asked by the seller, decided within authority, made without typing it again."""

from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.clients.queries import NotAllowed, require
from clientela.modules.contracts import operations as contracts
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.queries import latest_version
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.change_prices import ChangePrice, Wanted
from clientela.modules.quotes.operations import CannotBePriced, DeclinedByRules
from clientela.modules.underwriting.changes import first_day, stored, wanted_again, what_changes
from clientela.modules.underwriting.events import ChangeReferralChanged
from clientela.modules.underwriting.models import ChangeReferral
from clientela.modules.underwriting.operations.deciding import (
    LOADINGS,
    AlreadyDecided,
    BeyondAuthority,
    InvalidLoading,
    LoadingBeyondAuthority,
    ReasonNeeded,
)
from clientela.modules.underwriting.queries import authority_of, may_decide_change

State = ChangeReferral.State
OPEN = (State.WAITING, State.ACCEPTED)


class NothingToRefer(Refusal):
    """The rules accept the change: nobody has to be asked."""

    message = _("The rules accept this change: make it.")


class AlreadyAsked(Refusal):
    """A change of this policy waits already."""

    message = _("A change of this policy waits for the underwriter already: take it back first.")


class NotAccepted(Refusal):
    """Only what an underwriter accepted is made so."""

    message = _("The underwriter did not accept this change, or it is made already.")


class AcceptedOtherwise(Refusal):
    """The price or the reasons are not those that were accepted."""

    message = _("The price is another one than the underwriter accepted: ask again.")


@transaction.atomic
def ask_change(
    *, actor: Any, now: datetime, policy: Policy, wanted: Wanted, reason: str, seen: int | None = None
) -> ChangeReferral:
    """Give a change to the underwriter. What was accepted before and not made is taken back.

    Raises ``AlreadyAsked``, ``NothingToRefer``, ``DeclinedByRules``, ``CannotBePriced``, ``WhyNeeded``,
    ``ChangedMeanwhile`` and what ``quotes.price_change`` refuses.
    """
    require(actor, "contracts.write", policy.client_id)
    if not reason.strip():
        raise contracts.WhyNeeded
    Policy.objects.select_for_update().get(pk=policy.pk)
    priced = quotes.price_change(actor=actor, now=now, policy=policy, wanted=wanted)
    if seen not in (None, priced.seen):
        raise contracts.ChangedMeanwhile
    if not priced.changed:
        raise contracts.NothingChanged
    if priced.known and priced.premium is None:
        raise CannotBePriced(priced.problem, next(iter(priced.missing), ""))
    if priced.decision == "decline":
        raise DeclinedByRules
    if priced.decision == "accept" or priced.premium is None:
        raise NothingToRefer
    for row in _locked().filter(policy=policy, state__in=OPEN):
        if row.state == State.WAITING:
            raise AlreadyAsked
        _move(row, State.WITHDRAWN, actor=actor, now=now)
    last = latest_version(policy)
    people = last.participants if last is not None else contracts.participants_of(policy)
    answers = ((last.terms or {}).get("answers") or {}) if last is not None else {}
    made = ChangeReferral.objects.create(
        policy=policy, seen=priced.seen, wanted=stored(wanted), reason=reason.strip()[:255], reasons=list(priced.reasons),
        steps=[asdict(step) for step in priced.steps if step.changed],
        changes=what_changes((people, priced.participants), (answers, priced.terms.get("answers") or {}), priced.sums),
        before=priced.before, premium=priced.premium, difference=priced.difference or Decimal(0),
        sum_insured=wanted.sum_insured or policy.sum_insured or Decimal(0), asked_by=actor, asked_at=now,
    )  # fmt: skip
    made.refresh_from_db()
    changes = {"premium": [made.before, made.premium]}
    record(
        actor=actor, now=now, action="change_referral.asked", obj=policy, reason=made.reason, changes=changes
    )
    tell_change(made, now=now)
    return made


@transaction.atomic
def accept_change(
    *, actor: Any, now: datetime, change: ChangeReferral, loading: Decimal = Decimal(1), conditions: str = ""
) -> ChangeReferral:
    """Accept, with a factor upon the price or conditions; the seller makes the change.

    Raises ``InvalidLoading``, ``LoadingBeyondAuthority``, ``ChangedMeanwhile`` and what ``to_decide`` refuses.
    """
    row = to_decide(actor, change)
    if not LOADINGS[0] <= loading <= LOADINGS[1]:
        raise InvalidLoading
    authority = authority_of(actor, row.policy.product_id)
    if authority is None or not authority.may_change(loading):
        raise LoadingBeyondAuthority(authority) if authority else BeyondAuthority
    _ensure_fresh(row)
    said = conditions.strip()[:500]
    _move(row, State.ACCEPTED, actor=actor, now=now, decides=True, loading=loading, conditions=said)
    return row


@transaction.atomic
def decline_change(*, actor: Any, now: datetime, change: ChangeReferral, reason: str) -> ChangeReferral:
    """Decline with a reason the seller can tell. Raises ``ReasonNeeded``."""
    return _refuse(State.DECLINED, actor=actor, now=now, change=change, reason=reason)


@transaction.atomic
def return_change(*, actor: Any, now: datetime, change: ChangeReferral, reason: str) -> ChangeReferral:
    """Back to the seller, who puts right what ``reason`` names and asks again. Raises ``ReasonNeeded``."""
    return _refuse(State.RETURNED, actor=actor, now=now, change=change, reason=reason)


@transaction.atomic
def withdraw_change(*, actor: Any, now: datetime, change: ChangeReferral) -> ChangeReferral:
    """The seller wants it no more. Raises ``AlreadyDecided``, ``PermissionDenied``."""
    require(actor, "contracts.write", change.policy.client_id)
    row = _locked().get(pk=change.pk)
    if row.state in (State.MADE, State.WITHDRAWN):
        raise AlreadyDecided
    _move(row, State.WITHDRAWN, actor=actor, now=now)
    return row


@transaction.atomic
def make_change(*, actor: Any, now: datetime, change: ChangeReferral) -> PolicyVersion:
    """Make what was accepted, at the accepted price; the money is asked or goes back as with any change.

    Nobody is insured for days that passed while it waited: then it begins today, and less is paid.

    Raises ``NotAccepted``, ``ChangedMeanwhile``, ``AcceptedOtherwise`` and what ``quotes.endorse`` refuses.
    """
    require(actor, "contracts.write", change.policy.client_id)
    Policy.objects.select_for_update().get(pk=change.policy_id)
    row = _locked().get(pk=change.pk)
    if row.state != State.ACCEPTED:
        raise NotAccepted
    _ensure_fresh(row)
    wanted = replace(wanted_again(row.wanted), valid_from=first_day(row, now))
    priced = quotes.price_change(actor=actor, now=now, policy=row.policy, wanted=wanted)
    if priced.premium != row.premium or not set(priced.reasons) <= set(row.reasons) or _declined(priced):
        raise AcceptedOtherwise
    reason = f"{row.reason}. {row.conditions}" if row.conditions else row.reason
    version = quotes.endorse(
        actor=actor, now=now, policy=row.policy, wanted=wanted, reason=reason[:255], seen=row.seen, shown=row.premium,
        released=True, loading=row.loading,
    )  # fmt: skip
    _move(row, State.MADE, actor=actor, now=now, version=version)
    return version


def grow_stale(*, now: datetime, policy_id: int) -> None:
    """What was asked upon a version that is not the last one any more."""
    with transaction.atomic():
        for row in _locked().filter(policy=policy_id, state__in=OPEN):
            if _seen(row.policy) != row.seen:
                _move(row, State.STALE, actor=None, now=now)


def _declined(priced: ChangePrice) -> bool:
    return priced.decision == "decline"


def _seen(policy: Policy) -> int:
    last = latest_version(policy)
    return last.number if last is not None else 1


def _ensure_fresh(row: ChangeReferral) -> None:
    if _seen(row.policy) != row.seen:
        raise contracts.ChangedMeanwhile
    if row.policy.status != Policy.Status.ISSUED:
        raise contracts.NotInForce


def _locked() -> Any:
    rows = ChangeReferral.objects.select_for_update(of=("self",))
    return rows.select_related("policy__client", "policy__product", "policy__insured_object")


def to_decide(actor: Any, change: ChangeReferral) -> ChangeReferral:
    """The change as it is now. Raises ``AlreadyDecided``, ``BeyondAuthority``, ``PermissionDenied``."""
    ensure(actor, Permission.UNDERWRITING_DECIDE)
    if not ChangeReferral.objects.visible_to(actor).filter(pk=change.pk).exists():
        raise NotAllowed("scope")
    row: ChangeReferral = _locked().get(pk=change.pk)
    if row.state != State.WAITING:
        raise AlreadyDecided
    if not may_decide_change(actor, row):
        raise BeyondAuthority
    return row


def _refuse(state: str, *, actor: Any, now: datetime, change: ChangeReferral, reason: str) -> ChangeReferral:
    row = to_decide(actor, change)
    if not reason.strip():
        raise ReasonNeeded
    _move(row, state, actor=actor, now=now, decides=True, conditions=reason.strip()[:500])
    return row


def _move(
    row: ChangeReferral, state: str, *, actor: Any, now: datetime, decides: bool = False, **values: Any
) -> None:
    before = row.state
    values |= {"state": state} | ({"decided_by": actor, "decided_at": now} if decides else {})
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    changes = {"state": [before, str(state)]} | ({"loading": [None, str(row.loading)]} if decides else {})
    said = row.conditions if decides else ""
    record(
        actor=actor, now=now, action=f"change_referral.{state}", obj=row.policy, reason=said, changes=changes
    )
    tell_change(row, now=now)


def tell_change(row: ChangeReferral, *, now: datetime) -> None:
    """The queue, the policy's page and the seller."""
    publish(ChangeReferralChanged(row.pk, row.policy_id, row.policy.client_id, row.state), now=now)
