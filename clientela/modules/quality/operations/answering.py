"""What clients answer, and what is done about it when they are not content."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.queries import require
from clientela.modules.quality.events import FeedbackGiven, FeedbackSettled
from clientela.modules.quality.models import SurveyRequest
from clientela.modules.quality.rules import Group
from clientela.modules.routing.queries import working_hours
from clientela.modules.routing.rules import answer_by

OPEN_FOR = timedelta(days=60)
State, Via = SurveyRequest.State, SurveyRequest.Via


class NotOnScale(Refusal):
    """The score is none of the scale's numbers."""

    message = _("Choose one of the numbers.")
    field = "score"


class TooLate(Refusal):
    """The client was asked too long ago, or was not asked at all."""

    message = _("This survey is over. Thank you for coming by.")


class NothingToSettle(Refusal):
    """Nobody waits for a call about this answer."""

    message = _("Nobody waits for a call here: the client is content, or was called already.")


class NoteMissing(Refusal):
    """What was agreed is not written down."""

    message = _("Write what you agreed.")
    field = "note"


@transaction.atomic
def record_answer(
    *, actor: Any, now: datetime, request: SurveyRequest, score: int, comment: str = "", via: str
) -> SurveyRequest:
    """Keep a client's answer; a second one takes the place of the first, the same one changes nothing.

    By link or reply the client answers within ``OPEN_FOR`` of being asked; in a call ``actor`` writes down what the
    client says, asked or not. Who is not content is to be called back within ``settings.CALL_BACK_WITHIN`` of working
    time. Raises `NotOnScale`, `TooLate`, ``PermissionDenied``.
    """
    if actor is not None:
        require(actor, Permission.FEEDBACK_WRITE, request.client_id)
    row = (
        SurveyRequest.objects.select_for_update(of=("self",))
        .select_related("survey", "client")
        .get(pk=request.pk)
    )
    if score not in row.survey.scale.scores:
        raise NotOnScale
    if via in (Via.LINK, Via.REPLY) and (row.asked_at is None or row.asked_at < now - OPEN_FOR):
        raise TooLate
    group = row.survey.scale.group(score)
    comment = comment.strip()[:2000]
    before = (row.score, row.comment)
    if before == (score, comment):
        return row
    row.score, row.group, row.comment, row.via = score, group.value, comment, via
    row.state, row.reason, row.answered_at = State.ANSWERED, "", now
    row.asked_at = row.asked_at or now
    if row.settled_at is None:
        row.call_back_by = _call_back_by(row, now) if group == Group.BAD else None
    row.save()
    record(
        actor=actor, now=now, action="feedback.given", obj=row.client,
        changes={"survey": [None, row.survey.name], "score": [before[0], score], "via": [None, via]},
    )  # fmt: skip
    publish(FeedbackGiven(row.pk, row.client_id, row.survey.metric, score, group.value), now=now)
    return row


def _call_back_by(row: SurveyRequest, now: datetime) -> datetime:
    if row.call_back_by is not None:
        return row.call_back_by
    zone = ZoneInfo(row.client.time_zone)
    return answer_by(now, zone=zone, hours=working_hours(), within=settings.CALL_BACK_WITHIN)


@transaction.atomic
def settle(*, actor: Any, now: datetime, request: SurveyRequest, note: str) -> SurveyRequest:
    """The client was called back; ``note`` says what was agreed.

    Raises `NothingToSettle`, `NoteMissing`, ``PermissionDenied``.
    """
    require(actor, Permission.FEEDBACK_WRITE, request.client_id)
    row = SurveyRequest.objects.select_for_update(of=("self",)).select_related("client").get(pk=request.pk)
    if row.call_back_by is None or row.settled_at is not None:
        raise NothingToSettle
    if not note.strip():
        raise NoteMissing
    row.settled_at, row.settled_by, row.settled_note = now, actor, note.strip()[:500]
    row.save(update_fields=["settled_at", "settled_by", "settled_note"])
    record(
        actor=actor,
        now=now,
        action="feedback.settled",
        obj=row.client,
        changes={"note": [None, row.settled_note]},
    )
    publish(FeedbackSettled(row.pk, row.client_id), now=now)
    return row


@transaction.atomic
def unsettle(*, actor: Any, now: datetime, request: SurveyRequest) -> SurveyRequest:
    """The client is to be called back after all. Saying it again changes nothing. Raises ``PermissionDenied``."""
    require(actor, Permission.FEEDBACK_WRITE, request.client_id)
    row = SurveyRequest.objects.select_for_update(of=("self",)).select_related("client").get(pk=request.pk)
    if row.settled_at is None:
        return row
    before, row.settled_at, row.settled_by, row.settled_note = row.settled_note, None, None, ""
    if row.group != Group.BAD:
        row.call_back_by = None
    row.save(update_fields=["settled_at", "settled_by", "settled_note", "call_back_by"])
    record(
        actor=actor, now=now, action="feedback.unsettled", obj=row.client, changes={"note": [before, None]}
    )
    publish(FeedbackSettled(row.pk, row.client_id), now=now)
    return row
