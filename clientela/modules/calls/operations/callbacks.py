"""People who are to be called back: they hung up before anybody answered, or asked for it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.calls.events import CallBackAsked
from clientela.modules.calls.models import Call, CallBack
from clientela.modules.clients.queries import NotAllowed


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
        return known
    owner = call.agent.user_id if call.agent and not (call.our and call.our.by_region) else None
    back = CallBack.objects.create(
        call=call, client_id=call.client_id, number=call.number, agent_id=call.agent_id, branch_id=call.branch_id,
        centre_id=call.centre_id, person_id=owner, why=why, asked_at=call.started_at,
    )  # fmt: skip
    publish_all([CallBackAsked(back.pk, call.client_id, why)], now=now)
    return back


def reached(call: Call, now: datetime) -> None:
    """Somebody talks with this number: nobody waits for a call to it any more."""
    CallBack.objects.filter(number=call.number, done_at=None).update(done_at=now, done_by=call.person_id)


@transaction.atomic
def close(*, actor: Any, now: datetime, call_back: CallBack) -> bool:
    """Nobody need call any more. False when it was done already."""
    ensure(actor, Permission.CONTACTS_WRITE)
    if actor is not None and not CallBack.objects.visible_to(actor).filter(pk=call_back.pk).exists():
        raise NotAllowed("scope")
    rows = CallBack.objects.filter(pk=call_back.pk, done_at=None)
    done = rows.update(done_at=now, done_by=actor.pk if actor else None)
    if done:
        record(actor=actor, now=now, action="call_back.done", obj=call_back.client or call_back)
    return bool(done)
