"""How an entry moves from one state to the next, and who is told."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.dialler.events import EntryChanged, EntryEnded
from clientela.modules.dialler.models import Attempt, Entry

# An open page says so every half a minute; who reads longer than this without a page has left.
LEASE = timedelta(minutes=3)
State = Entry.State


class NotYours(Refusal):
    """Somebody else has the entry, or it is over."""

    message = _(
        "This client is not in your hands any more: a colleague has them, or the call is no longer wanted."
    )


def mine(actor: User, entry: Entry) -> Entry:
    """The entry under lock, when this person has it in hand. Raises ``NotYours``, PermissionDenied."""
    ensure(actor, Permission.CONTACTS_WRITE)
    row = (
        Entry.objects.select_for_update(of=("self",))
        .filter(pk=entry.pk, state=State.TAKEN, taken_by=actor.pk)
        .select_related("calling", "client")
        .first()
    )
    if row is None:
        raise NotYours
    return row


def open_attempt(entry: Entry) -> Attempt | None:
    """The attempt of which nobody has said yet how it came out."""
    rows = entry.tries.filter(outcome="", undone_at=None).select_related("call")
    return rows.order_by("-number").first()


def drop(entry: Entry, code: str, fault: str, *, now: datetime) -> None:
    """Nobody calls any more, for this reason; the asker is told."""
    entry.dropped, entry.fault = code[:40], fault
    settle(entry, State.DROPPED, now=now)


def settle(entry: Entry, state: str, *, now: datetime) -> None:
    """The entry is over."""
    entry.state, entry.ended_at = state, now
    entry.taken_by, entry.claimed_by, entry.lease_until = None, "", None
    entry.save()
    publish(
        EntryEnded(
            entry.pk, entry.client_id, entry.calling_id, entry.origin, entry.origin_id, entry.outcome,
            entry.dropped, entry.fault,
        ),
        now=now,
    )  # fmt: skip


def free(
    entry: Entry, *, now: datetime, at: datetime | None = None, outcome: str = "", until: str = ""
) -> None:
    """The entry waits, until ``at`` when it is given; ``outcome`` and the day ``until`` are told with it."""
    entry.state, entry.next_at = State.WAITING, at or entry.next_at
    entry.taken_by, entry.claimed_by, entry.lease_until = None, "", None
    entry.save()
    publish(changed(entry, outcome, until), now=now)


def changed(entry: Entry, outcome: str = "", until: str = "") -> EntryChanged:
    return EntryChanged(
        entry.pk, entry.client_id, entry.calling_id, entry.origin, entry.origin_id, outcome, until
    )
