"""Whose turn it is: an entry is taken by one person, and comes back when that person falls silent."""

from datetime import datetime, timedelta

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.claims import claim, one_at_a_time
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.dialler.operations.returning import give_back
from clientela.modules.dialler.operations.states import (
    LEASE,
    NotYours,
    changed,
    drop,
    free,
    mine,
    open_attempt,
)
from clientela.modules.dialler.queries.facts import asleep, hours_of, in_call, may_be_called

# A client who talks with a colleague right now is tried when that is over.
BUSY_WITH_US = timedelta(minutes=15)
_LOOKED_AT = 25
State = Entry.State


class InHand(Refusal):
    """The person has another client whose outcome is not said yet."""

    message = _("Say first how the call with the other client came out.")


class NoReason(Refusal):
    """A skip without a word why."""

    message = _("Say why you skip this client.")
    field = "reason"


def held_by(actor: User) -> Entry | None:
    """The entry that this person has in hand."""
    rows = Entry.objects.select_related("calling", "client")
    return rows.filter(state=State.TAKEN, taken_by=actor.pk).first()


def ready(actor: User, calling: CallingList, *, now: datetime) -> "QuerySet[Entry]":
    """Entries of a list whose moment has come and that this person may have, in order; nobody who sleeps."""
    elsewhere = Entry.objects.filter(client=OuterRef("client"), state=State.TAKEN)
    mine = Entry.objects.visible_to(actor).filter(calling=calling, state=State.WAITING, next_at__lte=now)
    mine = mine.filter(Q(reserved_for=None) | Q(reserved_for=actor.pk))
    sleeping = asleep(mine, hours_of(calling), now=now)
    if sleeping:
        mine = mine.exclude(client__in=Client.objects.filter(time_zone__in=sleeping).values("pk"))
    return mine.filter(~Exists(elsewhere)).first_comes()


def take_next(*, actor: User, now: datetime, calling: CallingList) -> Entry | None:
    """The next client of the list for this person, in hand until an outcome is said; None when nobody is due.

    Who has a client in hand gets the same one. Who may not be called now waits or is taken off with the reason.
    """
    ensure(actor, Permission.CONTACTS_WRITE)
    if not calling.is_active or not CallingList.objects.visible_to(actor).filter(pk=calling.pk).exists():
        raise NotAllowed("scope")
    give_back(now=now)
    if (held := held_by(actor)) is not None:
        return held
    for _try in range(_LOOKED_AT):
        try:
            with transaction.atomic():
                ids = claim(
                    ready(actor, calling, now=now), to_state=State.TAKEN, worker=f"user:{actor.pk}", now=now,
                    lease=LEASE, limit=1,
                )  # fmt: skip
                if not ids:
                    return None
                Entry.objects.filter(pk__in=ids).update(taken_by=actor)
                entry = Entry.objects.select_related("calling", "client").get(pk=ids[0])
                if _still_wanted(entry, now=now):
                    publish(changed(entry), now=now)
                    return entry
        except EmptyResultSet:  # the person sees no client at all
            return None
        except IntegrityError:  # the same person, or the same client by another list, at the same moment
            if (held := held_by(actor)) is not None:
                return held
    return None


@transaction.atomic
def take(*, actor: User, now: datetime, entry: Entry) -> Entry:
    """Take this very client out of turn. Raises ``NotYours``, ``InHand``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    one_at_a_time("dialler.take")
    held = held_by(actor)
    if held is not None and held.pk == entry.pk:
        return held
    if held is not None:
        if open_attempt(held) is not None:
            raise InHand
        free(held, now=now)
    row = Entry.objects.visible_to(actor).filter(pk=entry.pk, state=State.WAITING)
    row = row.filter(Q(reserved_for=None) | Q(reserved_for=actor.pk), calling__is_active=True)
    other = Entry.objects.filter(client=entry.client_id, state=State.TAKEN)
    if other.exists() or not row.exists():
        raise NotYours
    Entry.objects.filter(pk=entry.pk, state=State.WAITING).update(
        state=State.TAKEN, taken_by=actor, claimed_by=f"user:{actor.pk}", lease_until=now + LEASE
    )
    taken = held_by(actor)
    if taken is None:
        raise NotYours
    publish(changed(taken), now=now)
    return taken


def keep(*, actor: User, now: datetime, entry_id: int) -> bool:
    """The person's page is still open; False when the entry is not theirs any more."""
    mine = Entry.objects.filter(pk=entry_id, state=State.TAKEN, taken_by=actor.pk)
    return bool(mine.update(lease_until=now + LEASE))


@transaction.atomic
def skip(*, actor: User, now: datetime, entry: Entry, reason: str, until: datetime | None = None) -> None:
    """Put the client back for a day, or until a moment, and say why. Raises ``NotYours``, ``NoReason``, ``InHand``."""
    row = mine(actor, entry)
    if not reason.strip():
        raise NoReason
    if open_attempt(row) is not None:
        raise InHand
    free(row, now=now, at=until or now + timedelta(days=1))
    record(
        actor=actor, now=now, action="dialler.skipped", obj=row.client,
        changes={"next_at": [None, row.next_at]}, reason=reason.strip()[:200],
    )  # fmt: skip


@transaction.atomic
def let_go(*, actor: User, now: datetime) -> None:
    """The person stops: a client not called yet goes to the next colleague."""
    held = held_by(actor)
    if held is not None and open_attempt(held) is None:
        free(held, now=now)


def _still_wanted(entry: Entry, *, now: datetime) -> bool:
    answer = may_be_called(entry, now=now)
    if answer.assessed is not None:
        entry.verdict = answer.assessed.verdict.to_json()
    if answer.dropped:
        drop(entry, answer.dropped, answer.fault, now=now)
    elif answer.until is not None:
        free(entry, now=now, at=answer.until)
    elif entry.client_id in in_call([entry.client_id]):
        free(entry, now=now, at=now + BUSY_WITH_US)
    else:
        entry.save(update_fields=["verdict"])
        return True
    return False
