"""People who are to be called back: they hung up before anybody answered, or asked for it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.calls.events import CallBackAsked, CallBackDone
from clientela.modules.calls.models import Call, CallBack
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.routing.queries import working_hours
from clientela.modules.routing.rules import answer_by

# Of working time.
WITHIN = timedelta(hours=1)
Result = CallBack.Result


class NoSuchResult(Refusal):
    """Not a way in which a call-back ends."""

    message = _("Choose how it ended.")
    field = "result"


def ask_back(call: Call, why: str, now: datetime) -> CallBack | None:
    """Keep that the caller is to be called; who waits already keeps the place. None for a withheld number.

    The caller holds a transaction.
    """
    if not call.number:
        return None
    known = CallBack.objects.select_for_update().filter(number=call.number, done_at=None).first()
    if known is not None:
        if known.call_id != call.pk:
            known.times += 1
            known.why = CallBack.Why.ASKED if why == CallBack.Why.ASKED else known.why
            known.save(update_fields=["times", "why"])
            publish_all([CallBackAsked(known.pk, known.client_id, why)], now=now)
        return known
    owner = call.agent.user_id if call.agent and not (call.our and call.our.by_region) else None
    back = CallBack.objects.create(
        call=call, client_id=call.client_id, number=call.number, agent_id=call.agent_id, branch_id=call.branch_id,
        centre_id=call.centre_id, person_id=owner, why=why, asked_at=call.started_at, call_by=_call_by(call),
    )  # fmt: skip
    publish_all([CallBackAsked(back.pk, call.client_id, why)], now=now)
    return back


def _call_by(call: Call) -> datetime:
    """Within our working time where the client lives, or where the call came to."""
    zone = call.client.time_zone if call.client else call.branch.time_zone if call.branch else None
    return answer_by(
        call.started_at, zone=ZoneInfo(zone or settings.TIME_ZONE), hours=working_hours(), within=WITHIN
    )


def reached(call: Call, now: datetime) -> None:
    """Somebody talks with this number: nobody waits for a call to it any more."""
    waiting = CallBack.objects.filter(number=call.number, done_at=None)
    for back in waiting.select_for_update():
        _done(back, call.person_id, now, Result.TALKED)


def _done(back: CallBack, person_id: int | None, now: datetime, result: str, note: str = "") -> None:
    back.done_at, back.done_by_id, back.result, back.note = now, person_id, result, note
    back.save(update_fields=["done_at", "done_by", "result", "note"])
    publish_all([CallBackDone(back.pk, back.client_id, result)], now=now)


@transaction.atomic
def close(
    *, actor: Any, now: datetime, call_back: CallBack, result: str = Result.NO_NEED, note: str = ""
) -> bool:
    """Nobody need call any more, and how it ended. False when it was done already. Raises ``NoSuchResult``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    if actor is not None and not CallBack.objects.visible_to(actor).filter(pk=call_back.pk).exists():
        raise NotAllowed("scope")
    if result not in Result.values:
        raise NoSuchResult
    back = CallBack.objects.select_for_update().filter(pk=call_back.pk, done_at=None).first()
    if back is None:
        return False
    _done(back, actor.pk if actor else None, now, result, note.strip()[:500])
    record(
        actor=actor, now=now, action="call_back.done", obj=back.client or back,
        changes={"result": [None, result], "note": [None, back.note]},
    )  # fmt: skip
    return True
