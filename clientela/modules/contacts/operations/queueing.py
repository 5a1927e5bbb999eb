"""Asking for messages: judged by the communication policy, stored with the verdict, sent later by the worker."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.accounts.access import Permission, PermissionDenied, ensure
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.events import MessageStateChanged
from clientela.modules.contacts.models import DraftFile, Message, Purpose
from clientela.modules.contacts.operations.asking import note_written
from clientela.modules.contacts.operations.files import attach
from clientela.modules.contacts.queries.facts import KINDS, Ask, Assessed, assess_all
from clientela.modules.contacts.rules import sms_size
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.mailboxes.queries import box_for, with_signature

CHUNK = 1000
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message somebody wants to send. (``origin``, ``origin_id``) is asked for once, whoever repeats it.

    ``contact_point_id`` None picks the best address of the channel; ``in_reply_to_id`` is the client's message
    that this one answers.
    """

    client_id: int
    channel: str
    text: str
    subject: str = ""
    html: str = ""
    purpose: str = Purpose.SERVICE
    origin: str = ""
    origin_id: int | None = None
    contact_point_id: int | None = None
    not_before: datetime | None = None
    in_reply_to_id: int | None = None
    sender: str = ""
    mailbox_id: int | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of a draft: ``reason`` is the code of why it waits or was dropped. ``is_new`` is False for a
    draft that had been asked for before: nothing was changed.
    """

    message_id: int
    origin: str
    origin_id: int | None
    state: str
    reason: str
    not_before: datetime
    verdict: dict[str, Any]
    is_new: bool


def queue_message(
    *,
    now: datetime,
    actor: Any,
    client: Client,
    channel: str,
    text: str,
    subject: str = "",
    html: str = "",
    purpose: str = Purpose.SERVICE,
    origin: str = "",
    origin_id: int | None = None,
    contact_point: ContactPoint | None = None,
    not_before: datetime | None = None,
    in_reply_to: Message | None = None,
    files: Sequence[DraftFile] = (),
) -> Message:
    """Ask for one message. A dropped one is stored too: its ``verdict`` says why. Raises PermissionDenied.

    An answer by the same channel goes where the message came from, whichever address is the main one. An e-mail goes
    out from the mailbox that the client wrote to, else from the writer's; a person's is signed. ``files`` go along
    (``NoFilesHere``).
    """
    if in_reply_to is not None and in_reply_to.client_id != client.pk:
        raise PermissionDenied("another client's message")
    box = _box_for(actor, client, in_reply_to) if channel == "email" else None
    if channel == "email" and actor is not None and text.strip():
        text = with_signature(text, person=actor, box=box)
    contact_point = contact_point or _where_asked(channel, in_reply_to)
    draft = Draft(
        client_id=client.pk,
        channel=channel,
        text=text,
        sender=box.sender if box else "",
        mailbox_id=box.pk if box else None,
        subject=subject,
        html=html,
        purpose=purpose,
        origin=origin,
        origin_id=origin_id,
        contact_point_id=contact_point.pk if contact_point else None,
        not_before=not_before,
        in_reply_to_id=in_reply_to.pk if in_reply_to else None,
    )
    with transaction.atomic():
        queued = queue_messages([draft], now=now, actor=actor)[0]
        if actor is not None and queued.is_new:
            record(
                actor=actor,
                now=now,
                action="message.queued",
                obj=client,
                changes={"channel": [None, channel], "state": [None, queued.state]},
                reason=queued.reason,
            )
        message = Message.objects.get(pk=queued.message_id)
        if queued.is_new and message.state != Message.State.DROPPED:
            attach(message, files)
        if actor is not None and queued.is_new and message.state != Message.State.DROPPED:
            note_written(message, actor=actor, now=now)
        return message


def _where_asked(channel: str, asked: Message | None) -> ContactPoint | None:
    if asked is None or asked.channel != channel or asked.direction != Message.Direction.IN:
        return None
    return ContactPoint.objects.filter(
        client=asked.client_id, kind=KINDS[channel], value=asked.address
    ).first()


def _box_for(actor: Any, client: Client, answered: Message | None) -> Mailbox | None:
    if answered is not None and answered.mailbox is not None and answered.mailbox.is_active:
        return answered.mailbox
    return box_for(actor, branch_id=client.branch_id, centre_id=client.centre_id)


def queue_messages(drafts: Sequence[Draft], *, now: datetime, actor: Any = None) -> list[Queued]:
    """Ask for many messages at once, in a fixed number of statements for each thousand.

    Answers in the order of ``drafts``. Repeating the call inserts nothing. Raises PermissionDenied when
    ``actor`` may not write to one of the clients (nothing is stored then), ``Client.DoesNotExist``.
    """
    ensure(actor, Permission.CONTACTS_WRITE)
    with transaction.atomic():
        if actor is not None:
            _ensure_sees(actor, {draft.client_id for draft in drafts})
        answers: list[Queued] = []
        for start in range(0, len(drafts), CHUNK):
            answers += _queue_chunk(drafts[start : start + CHUNK], now=now, actor=actor)
        return answers


def _ensure_sees(actor: Any, client_ids: set[int]) -> None:
    if Client.objects.visible_to(actor).filter(id__in=client_ids).count() != len(client_ids):
        raise PermissionDenied("scope")


def _queue_chunk(drafts: Sequence[Draft], *, now: datetime, actor: Any) -> list[Queued]:
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return _queue(drafts, now=now, actor=actor)
        except IntegrityError:  # somebody asked for the same origins at the same moment: look again
            if attempt + 1 == _TRIES:
                raise
    raise AssertionError


def _queue(drafts: Sequence[Draft], *, now: datetime, actor: Any) -> list[Queued]:
    known = _known(drafts)
    fresh: dict[tuple[str, int | None] | int, Draft] = {}
    for place, draft in enumerate(drafts):
        key = _key(draft)
        if key is None:
            fresh[place] = draft
        elif key not in known:
            fresh.setdefault(key, draft)
    replies = _reply_moments(list(fresh.values()))
    try:
        assessed = assess_all([_ask(draft, replies) for draft in fresh.values()], now=now)
    except KeyError as error:
        raise Client.DoesNotExist(f"client {error}") from error
    messages = [
        _message(draft, answer, now=now, actor=actor)
        for draft, answer in zip(fresh.values(), assessed, strict=True)
    ]
    Message.objects.bulk_create(messages)
    publish_all(
        [_dropped(message) for message in messages if message.state == Message.State.DROPPED], now=now
    )
    created = {key: _answer(message, is_new=True) for key, message in zip(fresh, messages, strict=True)}
    answers, told = [], set()
    for place, draft in enumerate(drafts):
        key = _key(draft)
        if key is None:
            answers.append(created[place])
        elif key in known:
            answers.append(known[key])
        else:
            is_new = key not in told
            told.add(key)
            answers.append(created[key] if is_new else _repeated(created[key]))
    return answers


def _key(draft: Draft) -> tuple[str, int] | None:
    return (draft.origin, draft.origin_id) if draft.origin_id is not None else None


def _known(drafts: Sequence[Draft]) -> dict[tuple[str, int], Queued]:
    by_origin: dict[str, list[int]] = {}
    for draft in drafts:
        if draft.origin_id is not None:
            by_origin.setdefault(draft.origin, []).append(draft.origin_id)
    if not by_origin:
        return {}
    wanted = Q()
    for origin, ids in by_origin.items():
        wanted |= Q(origin=origin, origin_id__in=ids)
    rows = Message.objects.filter(wanted).only(
        "origin", "origin_id", "state", "detail", "not_before", "verdict"
    )
    return {(row.origin, row.origin_id): _answer(row, is_new=False) for row in rows}  # type: ignore[misc]


def _reply_moments(drafts: Sequence[Draft]) -> dict[int, datetime]:
    ids = {draft.in_reply_to_id for draft in drafts if draft.in_reply_to_id}
    if not ids:
        return {}
    rows = Message.objects.filter(id__in=ids, direction=Message.Direction.IN)
    return dict(rows.values_list("id", "created_at"))


def _ask(draft: Draft, replies: dict[int, datetime]) -> Ask:
    return Ask(
        client_id=draft.client_id,
        channel=draft.channel,
        purpose=draft.purpose,
        text=draft.text,
        subject=draft.subject,
        html=draft.html,
        contact_point_id=draft.contact_point_id,
        replies_to=replies.get(draft.in_reply_to_id) if draft.in_reply_to_id else None,
        not_before=draft.not_before,
    )


def _message(draft: Draft, answer: Assessed, *, now: datetime, actor: Any) -> Message:
    verdict, point = answer.verdict, answer.point
    dropped = verdict.decision == "drop"
    return Message(
        direction=Message.Direction.OUT,
        channel=draft.channel,
        client_id=draft.client_id,
        contact_point_id=(point.id or None) if point else None,
        address=point.value if point else "",
        sender=draft.sender[:120],
        mailbox_id=draft.mailbox_id,
        purpose=draft.purpose,
        subject=draft.subject[:200],
        text=draft.text,
        html=draft.html,
        state=Message.State.DROPPED if dropped else Message.State.QUEUED,
        fault="policy" if dropped else "",
        detail=verdict.reason,
        origin=draft.origin,
        origin_id=draft.origin_id,
        author=actor,
        in_reply_to_id=draft.in_reply_to_id,
        token=secrets.token_urlsafe(16),
        verdict=verdict.to_json(),
        not_before=verdict.until or draft.not_before or now,
        parts=sms_size(draft.text).parts if draft.channel == "sms" else 1,
        created_at=now,
    )


def _dropped(message: Message) -> MessageStateChanged:
    return MessageStateChanged(
        message.pk,
        message.client_id,
        message.origin,
        message.origin_id,
        message.state,
        "policy",
        message.detail,
    )


def _answer(message: Message, *, is_new: bool) -> Queued:
    return Queued(
        message.pk, message.origin, message.origin_id, message.state, message.detail, message.not_before,
        message.verdict, is_new,
    )  # fmt: skip


def _repeated(answer: Queued) -> Queued:
    return Queued(
        answer.message_id, answer.origin, answer.origin_id, answer.state, answer.reason, answer.not_before,
        answer.verdict, False,
    )  # fmt: skip
