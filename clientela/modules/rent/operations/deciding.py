"""Deciding on rents: approve, return with a reason, answer, refuse; the branch first, the head office in the end."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.rules import Permission
from clientela.modules.commission.models import Entry
from clientela.modules.renewals.models import SelfRenewal
from clientela.modules.rent import queries, rules
from clientela.modules.rent.models import Rent, RentStep
from clientela.modules.rent.operations.building import enter, follow_money, hold, judged, note
from clientela.modules.rent.queries.evidence import collect

State, Kind = Rent.State, RentStep.Kind
LONGEST = 500


class NotWaiting(Refusal):
    """It was decided, or lies with somebody else."""

    message = _("This rent does not wait for you: look at it again.")


class NoRate(Refusal):
    """No rate of rent holds for the line on the day of the payment."""

    message = _("No rate of rent is set for this line: set it first.")


class NothingLeft(Refusal):
    """All the premium has gone back to the client."""

    message = _("The premium has gone back to the client: there is nothing to pay rent for.")


class PaidAlready(Refusal):
    """Commission or another rent stands for the term."""

    message = _("Something was paid for this term already: return the rent.")


class WordsMissing(Refusal):
    """Words are asked for."""

    field = "words"

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


def _held(actor: Any, rent: Rent) -> Rent:
    """The rent, held, when ``actor`` may decide it now."""
    ensure(actor, Permission.RENT_APPROVE)
    row = hold(rent)
    if actor is None:
        return row
    if row.agent.user_id == actor.pk or not Rent.objects.visible_to(actor).filter(pk=row.pk).exists():
        raise PermissionDenied(Permission.RENT_APPROVE)
    if not queries.may_decide(actor, row):
        raise NotWaiting
    return row


@transaction.atomic
def approve(*, actor: Any, now: datetime, rent: Rent, words: str = "") -> Rent:
    """Enter a rent into the agent's statement: the month of today, or the next open one.

    One whose checks are not all met is approved with words that say why; approved twice it is entered once. Raises
    ``NotWaiting``, ``NoRate``, ``NothingLeft``, ``PaidAlready``, ``WordsMissing``, ``PermissionDenied``.
    """
    row, words = _held(actor, rent), words.strip()[:LONGEST]
    if row.state not in (State.WAITING, State.OFFICE):
        raise NotWaiting
    row = follow_money(now=now, rent=row)
    if row.rate is None:
        raise NoRate
    if row.amount <= 0:
        raise NothingLeft
    if not row.evidence[rules.Check.ONCE]["met"] or _earned(row):
        raise PaidAlready
    if not row.is_clean and not words:
        raise WordsMissing(_("Not every check is met: say why you approve."))
    row.state, row.decided_by, row.decided_at, row.reason, row.words = State.APPROVED, actor, now, "", words
    row.save(update_fields=["state", "decided_by", "decided_at", "reason", "words"])
    enter(row, now=now)
    entries = Entry.objects.filter(policy=row.policy, kind=Entry.Kind.RENT).order_by("pk")
    row.month = entries.values_list("month", flat=True).first()
    row.save(update_fields=["month"])
    changes = {"amount": [None, str(row.amount)], "month": [None, f"{row.month:%Y-%m}" if row.month else ""]}
    note(row, Kind.APPROVED, actor=actor, now=now, words=words, changes=changes)
    return row


def _earned(row: Rent) -> bool:
    """Whether commission came in between, or another copy of the term was paid rent for."""
    if Entry.objects.filter(policy=row.policy, kind=Entry.Kind.ACCRUAL).exists():
        return True
    twins = Rent.objects.filter(policy__previous=row.policy.previous_id, state=State.APPROVED)
    return row.policy.previous_id is not None and twins.exclude(pk=row.pk).exists()


def approve_clean(*, actor: Any, now: datetime, upto: int | None = None) -> list[Rent]:
    """Approve every rent that waits for this person and meets all checks; ``upto`` is the last id that was shown.

    What refuses meanwhile stays where it is. Each is its own transaction, so that nobody waits for all of them.
    """
    ensure(actor, Permission.RENT_APPROVE)
    rows = queries.to_decide(actor).clean().order_by("pk")
    if upto is not None:
        rows = rows.filter(pk__lte=upto)
    done = []
    for rent in rows:
        try:
            done.append(approve(actor=actor, now=now, rent=rent))
        except Refusal:
            continue
    return done


@transaction.atomic
def send_back(*, actor: Any, now: datetime, rent: Rent, reason: str, words: str = "") -> Rent:
    """Return a rent to its agent with a reason; the head office, which is asked last, refuses it for good.

    Raises ``NotWaiting``, ``WordsMissing`` where the reason is another one, ``PermissionDenied``.
    """
    row, words = _held(actor, rent), words.strip()[:LONGEST]
    if row.state not in (State.WAITING, State.OFFICE):
        raise NotWaiting
    if reason == rules.Reason.OTHER and not words:
        raise WordsMissing(_("Say what is wrong: the agent reads it."))
    last = row.state == State.OFFICE
    row.state = State.REFUSED if last else State.RETURNED
    row.returned += 0 if last else 1
    row.reason, row.words, row.decided_by, row.decided_at = rules.Reason(reason), words, actor, now
    row.save(update_fields=["state", "returned", "reason", "words", "decided_by", "decided_at"])
    kind = Kind.REFUSED if last else Kind.RETURNED
    note(row, kind, actor=actor, now=now, reason=reason, words=words)
    return row


@transaction.atomic
def answer(*, actor: Any, now: datetime, rent: Rent, words: str) -> Rent:
    """The agent answers what was returned: the evidence is gathered anew and the rent waits again.

    Returned twice, it goes to the head office. Raises ``NotWaiting``, ``WordsMissing``, ``PermissionDenied``.
    """
    ensure(actor, Permission.COMMISSION_READ)
    row, words = hold(rent), words.strip()[:LONGEST]
    if actor is not None and row.agent.user_id != actor.pk:
        raise PermissionDenied(Permission.COMMISSION_READ)
    if row.state != State.RETURNED:
        raise NotWaiting
    if not words:
        raise WordsMissing(_("Answer the branch: what speaks for the rent?"))
    before = row.evidence
    kept = SelfRenewal.objects.get(project__next_policy=row.policy)
    row.evidence, row.evidence_at = collect(row.policy, kept), now
    for name, value in judged(row.evidence).items():
        setattr(row, name, value)
    row.state = State.OFFICE if rules.goes_to_office(row.returned) else State.WAITING
    row.waits_since, row.words = now, words
    row.save()
    note(row, Kind.ANSWERED, actor=actor, now=now, words=words, evidence=before)
    return follow_money(now=now, rent=row)
