"""How an attempt came out: the next moment or the end, by the rules of the list; and taking that back."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call
from clientela.modules.calls.operations import acts
from clientela.modules.calls.rules import Outcome as CallOutcome
from clientela.modules.clients.operations import set_do_not_contact, update_contact_point
from clientela.modules.clients.operations.answers import Said, keep_answers
from clientela.modules.dialler.events import EntryReopened
from clientela.modules.dialler.models import Attempt, Entry
from clientela.modules.dialler.operations.states import LEASE, free, mine, open_attempt, settle
from clientela.modules.dialler.queries.facts import hours_of, made, wish_of, zone_of
from clientela.modules.dialler.rules.attempts import next_attempt
from clientela.modules.dialler.rules.outcomes import DATED, UNREACHED, Outcome, of_call
from clientela.modules.dialler.rules.questions import clean

UNDO_FOR = timedelta(minutes=10)
State = Entry.State
_AS_CALL = {
    Outcome.AGREED: CallOutcome.AGREED, Outcome.LATER: CallOutcome.CALL_BACK, Outcome.PROMISED: CallOutcome.THINKS,
    Outcome.REFUSED: CallOutcome.REFUSED, Outcome.ELSEWHERE: CallOutcome.REFUSED,
    Outcome.TOO_DEAR: CallOutcome.THINKS, Outcome.WRONG_NUMBER: CallOutcome.NOT_THE_CLIENT,
    Outcome.DO_NOT_CALL: CallOutcome.REFUSED,
}  # fmt: skip
_KEPT = ("outcome", "asked", "attempts")


class BadMoment(Refusal):
    """The client names a moment, and it is missing, past, or too late."""

    message = _("Say when: a moment from now on, before the last day of this list entry.")
    field = "moment"


class NothingToUndo(Refusal):
    """The outcome is older than ten minutes, somebody else's, or the client was called since."""

    message = _("This outcome cannot be taken back any more.")


@dataclass(frozen=True, slots=True)
class Coming:
    """What an outcome would lead to: the next attempt at ``at``, or the end."""

    at: datetime | None


def preview(
    entry: Entry, outcome: str, *, now: datetime, asked: datetime | None = None, spread: float = 0.5
) -> Coming:
    """What saving this outcome now would do; nothing is changed."""
    so_far = made(entry, now=now)
    if open_attempt(entry) is None and outcome != Outcome.FAILED:
        so_far = type(so_far)(so_far.total + 1, so_far.today + 1, so_far.talked_today)
    at = next_attempt(
        outcome, now=now, zone=zone_of(entry), made=so_far, until=entry.until, spread=spread, asked=asked,
        hours=hours_of(entry.calling), wish=wish_of(entry), rules=entry.calling.attempt_rules,
    )  # fmt: skip
    return Coming(at)


@transaction.atomic
def finish(
    *,
    actor: User,
    now: datetime,
    entry: Entry,
    outcome: str,
    note: str = "",
    moment: datetime | None = None,
    answers: Mapping[str, str] | None = None,
) -> Attempt:
    """Say how the attempt came out; the line is put down, the answers go into the client's profile.

    Raises ``NotYours``, ``BadMoment``, ``BadAnswer``, ``ValueError`` for no outcome, PermissionDenied.
    """
    row = mine(actor, entry)
    outcome = Outcome(outcome)
    if outcome in DATED and (moment is None or not now < moment <= row.until):
        raise BadMoment
    attempt = open_attempt(row) or begin(row, actor, now=now)
    _put_down(attempt, actor, outcome, note, now=now)
    _keep_answers(row, actor, answers or {}, now=now)
    _act(row, attempt, actor, outcome, note, now=now)
    _close(row, attempt, outcome, note=note, moment=moment if outcome in DATED else None, now=now)
    record(
        actor=actor, now=now, action="dialler.outcome", obj=row.client,
        changes={"outcome": [None, outcome], "next_at": [None, row.next_at if row.state == State.WAITING else None]},
        reason=note.strip()[:200],
    )  # fmt: skip
    return attempt


def begin(entry: Entry, actor: User, *, now: datetime, call: Call | None = None) -> Attempt:
    """One more attempt, which nobody has said the outcome of."""
    before = {name: getattr(entry, name) for name in _KEPT} | {"next_at": entry.next_at.isoformat()}
    entry.attempts += 1
    entry.lease_until = now + LEASE
    entry.save(update_fields=["attempts", "lease_until"])
    last = entry.tries.order_by("-number").values_list("number", flat=True).first() or 0
    return Attempt.objects.create(
        entry=entry, number=last + 1, client_id=entry.client_id, operator=actor, call=call, began_at=now,
        before=before,
    )  # fmt: skip


def close_by_itself(entry: Entry, attempt: Attempt, *, now: datetime) -> None:
    """Nobody said how it came out: the network's word counts, and a talk is one without an outcome."""
    call = attempt.call
    said = of_call(call.outcome) if call is not None and call.answered_at is None else None
    outcome = said or (Outcome.UNSAID if call is not None and call.answered_at else Outcome.FAILED)
    attempt.by_itself = True
    if outcome == Outcome.WRONG_NUMBER:
        _number_is_wrong(attempt, None, now=now)
    _close(entry, attempt, outcome, note="", moment=None, now=now)


def _close(
    entry: Entry, attempt: Attempt, outcome: Outcome, *, note: str, moment: datetime | None, now: datetime
) -> None:
    attempt.outcome, attempt.note, attempt.moment, attempt.ended_at = outcome, note.strip()[:500], moment, now
    attempt.save()
    if outcome == Outcome.FAILED:  # the client's telephone never rang
        entry.attempts = max(0, entry.attempts - 1)
    coming = preview(entry, outcome, now=now, asked=moment, spread=random.random())
    entry.outcome, entry.asked = outcome, moment is not None
    if coming.at is None:
        settle(entry, State.DONE, now=now)
        return
    until = local_today(zone_of(entry).key, moment).isoformat() if moment and outcome != Outcome.LATER else ""
    free(entry, now=now, at=coming.at, outcome=outcome, until=until)


def _put_down(attempt: Attempt, actor: User, outcome: Outcome, note: str, *, now: datetime) -> None:
    call = attempt.call
    if call is None:
        return
    if call.state != Call.State.ENDED:
        acts.hang_up_call(actor=actor, now=now, call=call)
    if call.answered_at is not None and outcome not in UNREACHED:
        said = _AS_CALL.get(outcome, CallOutcome.TALKED)
        said = said if said != CallOutcome.CALL_BACK else CallOutcome.THINKS
        acts.note_outcome(actor=actor, now=now, call=call, outcome=said, note=note)


def _keep_answers(entry: Entry, actor: User, answers: Mapping[str, str], *, now: datetime) -> None:
    known = {question.key: question for question in entry.calling.asks}
    said = [
        Said(
            key,
            known[key].label,
            known[key].label_en,
            known[key].kind,
            clean(known[key], value),
            known[key].unit,
        )
        for key, value in answers.items()
        if key in known and value.strip()
    ]
    if said:
        keep_answers(actor=actor, now=now, client=entry.client, answers=said, source=str(entry.calling))


def _act(entry: Entry, attempt: Attempt, actor: User, outcome: Outcome, note: str, *, now: datetime) -> None:
    if outcome == Outcome.DO_NOT_CALL:
        reason = note.strip() or str(_("Said so when we called"))
        set_do_not_contact(actor=actor, now=now, client=entry.client, value=True, reason=reason)
    if outcome == Outcome.WRONG_NUMBER:
        _number_is_wrong(attempt, actor, now=now)


def _number_is_wrong(attempt: Attempt, actor: User | None, *, now: datetime, wrong: bool = True) -> None:
    if attempt.call is None:
        return
    points = attempt.entry.client.contact_points.filter(kind="phone", value=attempt.call.number)
    for point in points:
        update_contact_point(actor=actor, now=now, contact_point=point, do_not_use=wrong)


@transaction.atomic
def undo(*, actor: User, now: datetime, attempt: Attempt) -> Entry:
    """Take the own last outcome back within ten minutes; the client is in the person's hands again.

    What the outcome forbade is allowed again; the answers stay, they are history. Raises ``NothingToUndo``.
    """
    ensure(actor, Permission.CONTACTS_WRITE)
    entry = (
        Entry.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .filter(pk=attempt.entry_id)
        .select_related("calling", "client")
        .first()
    )
    row = Attempt.objects.filter(pk=attempt.pk, operator=actor.pk, undone_at=None).exclude(outcome="").first()
    newest = Attempt.objects.filter(entry=attempt.entry_id).order_by("-number").values_list("pk", flat=True)
    late = row is None or row.ended_at is None or row.ended_at < now - UNDO_FOR
    if entry is None or row is None or late or newest.first() != row.pk or entry.state == State.TAKEN:
        raise NothingToUndo
    if (
        entry.state == State.DROPPED
        or Entry.objects.filter(client=entry.client_id, state=State.TAKEN).exists()
    ):
        raise NothingToUndo
    held = (
        Entry.objects.select_related("calling", "client").filter(state=State.TAKEN, taken_by=actor.pk).first()
    )
    if held is not None:
        if open_attempt(held) is not None:
            raise NothingToUndo
        free(held, now=now)
    ended, outcome = entry.state == State.DONE, row.outcome
    if outcome == Outcome.DO_NOT_CALL:
        set_do_not_contact(actor=actor, now=now, client=entry.client, value=False)
    if outcome == Outcome.WRONG_NUMBER:
        _number_is_wrong(row, actor, now=now, wrong=False)
    _restore(entry, row, actor, now=now)
    publish(
        EntryReopened(
            entry.pk, entry.client_id, entry.calling_id, entry.origin, entry.origin_id, outcome, ended
        ),
        now=now,
    )
    record(
        actor=actor, now=now, action="dialler.undone", obj=entry.client, changes={"outcome": [outcome, None]}
    )
    return entry


def _restore(entry: Entry, row: Attempt, actor: User, *, now: datetime) -> None:
    before: dict[str, Any] = row.before
    entry.outcome, entry.asked, entry.attempts = before["outcome"], before["asked"], before["attempts"] + 1
    entry.next_at = datetime.fromisoformat(before["next_at"])
    entry.state, entry.ended_at, entry.taken_by = State.TAKEN, None, actor
    entry.claimed_by, entry.lease_until = f"user:{actor.pk}", now + LEASE
    entry.save()
    row.outcome, row.ended_at, row.moment = "", None, None
    row.save(update_fields=["outcome", "ended_at", "moment"])
