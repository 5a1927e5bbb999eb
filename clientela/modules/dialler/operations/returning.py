"""What comes back when the person who had it fell silent."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from clientela.modules.calls.models import Call
from clientela.modules.dialler.models import Attempt, Entry
from clientela.modules.dialler.operations.ending import close_by_itself
from clientela.modules.dialler.operations.states import drop, free, open_attempt, settle

State = Entry.State


def close_late(*, now: datetime, limit: int = 200) -> int:
    """Entries whose last day is over end with what they came to so far; returns how many."""
    late = Entry.objects.filter(state=State.WAITING, until__lt=now).order_by("until", "id")
    done = 0
    for pk in list(late.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            rows = Entry.objects.select_for_update(of=("self",)).filter(pk=pk, state=State.WAITING)
            entry = rows.first()
            if entry is not None and entry.outcome:
                settle(entry, State.DONE, now=now)
            elif entry is not None:
                drop(entry, "too_late", "rules", now=now)
            done += entry is not None
    return done


def give_back(*, now: datetime) -> int:
    """Entries whose person fell silent: who was not called waits again, of who was the network or nobody tells.

    A talk that goes on is left alone. Returns how many came back.
    """
    silent = Entry.objects.filter(state=State.TAKEN, lease_until__lt=now)
    talks = Attempt.objects.filter(entry=OuterRef("pk"), outcome="", undone_at=None).exclude(call=None)
    talks = talks.exclude(call__state=Call.State.ENDED)
    back = 0
    for pk in list(silent.filter(~Exists(talks)).values_list("pk", flat=True)):
        with transaction.atomic():
            entry = (
                Entry.objects.select_for_update(of=("self",))
                .filter(pk=pk, state=State.TAKEN, lease_until__lt=now)
                .select_related("calling", "client")
                .first()
            )
            if entry is None:
                continue
            attempt = open_attempt(entry)
            if attempt is None:
                free(entry, now=now)
            else:
                close_by_itself(entry, attempt, now=now)
            back += 1
    return back
