"""What the module does when others tell it something."""

from datetime import datetime

from django.db import transaction

from clientela.modules.calls.events import CallEnded
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.operations.ending import close_by_itself
from clientela.modules.dialler.rules.outcomes import of_call


@transaction.atomic
def on_call_ended(event: CallEnded, *, now: datetime) -> None:
    """A list that calls by itself takes the network's word for an attempt nobody answered, and goes on."""
    attempt = Attempt.objects.filter(call=event.call_id, outcome="", undone_at=None).first()
    if attempt is None or of_call(event.outcome) is None:
        return
    entry = (
        Entry.objects.select_for_update(of=("self",))
        .select_related("calling", "client")
        .get(pk=attempt.entry_id)
    )
    open_one = entry.tries.filter(pk=attempt.pk, outcome="", undone_at=None).select_related("call").first()
    progressive = entry.calling.mode == CallingList.Mode.PROGRESSIVE
    if open_one is not None and progressive and entry.state == Entry.State.TAKEN:
        close_by_itself(entry, open_one, now=now)
