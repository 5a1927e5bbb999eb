"""From a client in hand to a call: the last look, then the own desk rings, then the client."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call
from clientela.modules.calls.operations import outbound
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.dialler.operations.ending import begin
from clientela.modules.dialler.operations.states import drop, free, mine, open_attempt
from clientela.modules.dialler.queries.facts import may_be_called
from clientela.modules.dialler.queries.words import reason_of
from clientela.modules.routing.models import Station
from clientela.modules.routing.queries import presence_of


class NotFree(Refusal):
    """A list that calls by itself calls only for who is available."""

    message = _("You are not available: nobody is called for who is not there. Set your state and go on.")


class NotToBeCalled(Refusal):
    """Somebody forbids the call; the entry waits or is taken off, and says why."""

    def __init__(self, entry: Entry, now: datetime) -> None:
        super().__init__()
        self.message = _("Not called: %(reason)s.") % {"reason": reason_of(entry, now=now)}
        self.entry = entry


def dial(*, actor: User, now: datetime, entry: Entry) -> Call:
    """Call the client in hand. Asked twice, or after a crash, it is one call.

    Raises ``NotYours``, ``NotFree``, ``NotToBeCalled`` (the entry has moved on by then), ``calls.Busy``.
    """
    with transaction.atomic():
        row = mine(actor, entry)
        going = open_attempt(row)
        if going is not None and going.call is not None:
            return going.call
        if row.calling.mode == CallingList.Mode.PROGRESSIVE and not is_free(actor, now=now):
            raise NotFree
        answer = may_be_called(row, now=now)
        if answer.assessed is not None:
            row.verdict = answer.assessed.verdict.to_json()
        if answer.may and answer.assessed is not None and answer.assessed.point is not None:
            call = outbound.call_client(
                actor=actor, now=now, client=row.client, contact_point_id=answer.assessed.point.id,
                reason=row.subject or str(row.calling),
            )  # fmt: skip
            begin(row, actor, now=now, call=call)
            row.save(update_fields=["verdict"])
            return call
        if answer.dropped:
            drop(row, answer.dropped, answer.fault, now=now)
        else:
            free(row, now=now, at=answer.until)
    raise NotToBeCalled(row, now)


def is_free(person: User, *, now: datetime) -> bool:
    """Whether the person has declared to be available and is seen."""
    return presence_of([person.pk], now=now)[person.pk].state == Station.State.AVAILABLE
