"""From an occasion to a question on its way to the client."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from clientela.foundation.bulk import insert_missing, update_rows
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Channel, Conversation, Message
from clientela.modules.contacts.operations import Draft, queue_messages
from clientela.modules.contacts.queries.facts import Ask, assess_all
from clientela.modules.contacts.rules.texts import render
from clientela.modules.quality.models import Survey, SurveyRequest, new_token
from clientela.modules.quality.operations.answering import record_answer
from clientela.modules.robot.events import RobotCallEnded
from clientela.modules.robot.operations.requests import Request, request_calls
from clientela.modules.robot.rules.dialogue import Outcome

ORIGIN = "quality.request"
BATCH = 500
# A question about something longer ago than this is not worth asking.
LATE = timedelta(days=7)
# How long the robot tries to reach a client.
ROBOT_TRIES = timedelta(days=3)
# Outcomes in which the client did not hear the question.
NOT_ASKED = frozenset({Outcome.NOT_REACHED, Outcome.VOICEMAIL, Outcome.WRONG_PERSON, Outcome.THIRD_PARTY})
_TALK = "conversation:"
State, Reason = SurveyRequest.State, SurveyRequest.Reason


def note_occasion(*, now: datetime, kind: str, occasion: str, client_id: int, about: str = "") -> None:
    """Something happened that clients are asked about. Saying it again changes nothing."""
    surveys = list(Survey.objects.filter(occasion=kind, is_active=True))
    client = Client.objects.filter(pk=client_id).first() if surveys else None
    if client is None:
        return
    insert_missing(
        SurveyRequest,
        [
            {
                "survey": survey.pk, "client": client.pk, "agent": client.agent_id, "branch": client.branch_id,
                "centre": client.centre_id, "occasion": occasion, "about": about[:120], "state": State.WAITING,
                "reason": "", "token": new_token(), "due_at": now + timedelta(hours=survey.delay_hours),
                "group": "", "comment": "", "via": "", "settled_note": "", "created_at": now,
            }
            for survey in surveys
        ],
    )  # fmt: skip


@dataclass
class _Sorted:
    """Due requests: those to be sent with their channel, those let go with the reason."""

    sent: list[tuple[SurveyRequest, str]] = field(default_factory=list)
    dropped: list[tuple[SurveyRequest, str]] = field(default_factory=list)


@transaction.atomic
def ask_due(*, now: datetime, limit: int = BATCH) -> int:
    """Ask a batch of clients whose hour has come; returns how many requests were looked at.

    A request and its message change in one transaction, and a message is unique for its request: a crash at any point
    leaves a state from which the next run finishes once.
    """
    due = SurveyRequest.objects.filter(state=State.WAITING, due_at__lte=now).order_by("due_at", "id")
    rows = list(
        due.select_for_update(of=("self",), skip_locked=True).select_related("survey", "client")[:limit]
    )
    found = _sort(rows, now)
    _ask_robot([row for row, channel in found.sent if channel == Channel.ROBOT], now)
    found.sent = [(row, channel) for row, channel in found.sent if channel != Channel.ROBOT]
    queued = queue_messages([_draft(row, channel) for row, channel in found.sent], now=now)
    changes = {
        row.pk: {"state": State.ASKED, "asked_at": now, "message": answer.message_id}
        for (row, _channel), answer in zip(found.sent, queued, strict=True)
        if answer.state != Message.State.DROPPED
    }
    refused = {
        row.pk: {"state": State.DROPPED, "reason": Reason.UNREACHABLE, "message": answer.message_id}
        for (row, _channel), answer in zip(found.sent, queued, strict=True)
        if answer.state == Message.State.DROPPED
    }
    update_rows(SurveyRequest, changes)
    update_rows(SurveyRequest, refused)
    update_rows(
        SurveyRequest, {row.pk: {"state": State.DROPPED, "reason": reason} for row, reason in found.dropped}
    )
    return len(rows)


def dialogue_of(survey: Survey) -> str:
    """The dialogue in which the robot asks by this survey's scale."""
    return f"survey-{survey.metric}"


def _ask_robot(rows: Sequence[SurveyRequest], now: datetime) -> None:
    request_calls([_call(row, now) for row in rows], now=now)
    update_rows(SurveyRequest, {row.pk: {"state": State.ASKED, "asked_at": now} for row in rows})


def _call(row: SurveyRequest, now: datetime) -> Request:
    values = {
        "company": settings.COMPANY_NAME, "name": row.client.greeting, "question": row.survey.question,
        "survey_link": link_of(row),
    }  # fmt: skip
    return Request(
        client_id=row.client_id, dialogue=dialogue_of(row.survey), origin=ORIGIN, origin_id=row.pk, values=values,
        until=now + ROBOT_TRIES,
    )  # fmt: skip


def guard(ids: Collection[int]) -> dict[int, str]:
    """Requests about which nobody is to be asked any more, with the reason: answered otherwise, or let go."""
    over = SurveyRequest.objects.filter(pk__in=ids, state__in=[State.ANSWERED, State.DROPPED])
    return dict(over.values_list("pk", "state"))


def robot_told(event: RobotCallEnded, *, now: datetime) -> None:
    """Keep what the client told the robot; who could not be asked is let go."""
    row = SurveyRequest.objects.select_related("survey").filter(pk=event.origin_id, state=State.ASKED).first()
    if row is None:
        return
    if event.score is not None and event.score in row.survey.scale.scores:
        record_answer(actor=None, now=now, request=row, score=event.score, via=SurveyRequest.Via.ROBOT)
    elif event.dropped or event.outcome in NOT_ASKED:
        update_rows(SurveyRequest, {row.pk: {"state": State.DROPPED, "reason": Reason.UNREACHABLE}})


def _sort(rows: Sequence[SurveyRequest], now: datetime) -> _Sorted:
    found, asked = _Sorted(), _last_asked(rows)
    going_on = _open_talks(rows)
    ready = []
    for row in rows:
        reason = _held(row, asked.get(row.client_id), going_on, now)
        if reason:
            found.dropped.append((row, reason))
        else:
            asked[row.client_id] = now
            ready.append(row)
    asks = [
        Ask(row.client_id, channel, "service", _text(row)) for row in ready for channel in row.survey.channels
    ]
    verdicts = iter(assess_all(asks, now=now))
    for row in ready:
        possible = [channel for channel in row.survey.channels if next(verdicts).verdict.decision != "drop"]
        if possible:
            found.sent.append((row, possible[0]))
        else:
            found.dropped.append((row, Reason.UNREACHABLE))
    return found


def _held(row: SurveyRequest, last: datetime | None, going_on: set[int], now: datetime) -> str:
    if not row.survey.is_active:
        return Reason.OFF
    if row.due_at < now - LATE:
        return Reason.LATE
    if _talk_of(row) in going_on:
        return Reason.REOPENED
    if last is not None and last > now - timedelta(days=row.survey.rest_days):
        return Reason.LATELY
    return ""


def _last_asked(rows: Sequence[SurveyRequest]) -> dict[int, datetime]:
    asked = SurveyRequest.objects.filter(
        client_id__in={row.client_id for row in rows}, asked_at__isnull=False
    )
    return dict(asked.order_by().values_list("client_id").annotate(Max("asked_at")))


def _talk_of(row: SurveyRequest) -> int | None:
    return int(row.occasion.split(":")[1]) if row.occasion.startswith(_TALK) else None


def _open_talks(rows: Sequence[SurveyRequest]) -> set[int]:
    ids = {talk for talk in map(_talk_of, rows) if talk is not None}
    return set(Conversation.objects.open().filter(pk__in=ids).values_list("pk", flat=True))


def _draft(row: SurveyRequest, channel: str) -> Draft:
    subject = row.survey.subject if channel == "email" else ""
    return Draft(
        client_id=row.client_id,
        channel=channel,
        text=_text(row),
        subject=subject,
        origin=ORIGIN,
        origin_id=row.pk,
    )


def _text(row: SurveyRequest) -> str:
    values = {
        "greeting": row.client.greeting, "about": row.about, "company": settings.COMPANY_NAME,
        "link": link_of(row),
    }  # fmt: skip
    return render(row.survey.invitation, values)


def link_of(row: SurveyRequest) -> str:
    """Where the client answers."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/f/{row.token}/"
