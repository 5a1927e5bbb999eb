"""Shapes of consents, messages, templates and the communication policy in the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.foundation.api.values import Clock, Moment
from clientela.modules.contacts.models import CommunicationPolicy, Message
from clientela.modules.contacts.queries.templates import Preview
from clientela.modules.contacts.rules import Verdict, describe

Purpose = Literal["service", "advertising", "group_data"]
SentPurpose = Literal["service", "advertising"]
Written = Literal["sms", "email", "vk", "telegram"]
Answered = Literal["sms", "email", "vk", "telegram", "webchat"]
AnyChannel = Literal["sms", "email", "vk", "telegram", "webchat", "robot", "operator"]
ConsentChannel = Literal["sms", "email", "vk", "telegram", "webchat", "call", "data"]
Short = Annotated[str, Field(max_length=80)]
Subject = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=20_000)]
Cap = Annotated[int, Field(ge=0, le=1000)]


class ConsentIn(Schema):
    purpose: Purpose
    channel: ConsentChannel
    text_version: Annotated[str, Field(max_length=40)] = ""
    source: Short = ""


class ConsentOut(Schema):
    id: int
    purpose: str
    channel: str
    granted_at: datetime
    withdrawn_at: datetime | None
    text_version: str
    source: str
    withdrawn_via: str


class WithdrawalIn(Schema):
    """``purpose`` null withdraws every purpose of the channel."""

    channel: ConsentChannel
    purpose: Purpose | None = None
    via: Short = ""


class WithdrawalOut(Schema):
    ended: int


class CheckOut(Schema):
    """``code`` and ``detail`` are for programs, ``text`` for people."""

    code: str
    passed: bool
    detail: dict[str, Any]
    text: str


class VerdictOut(Schema):
    decision: Literal["send", "wait", "drop"]
    at: datetime
    until: datetime | None
    checks: list[CheckOut]

    @classmethod
    def of(cls, verdict: Verdict) -> "VerdictOut":
        return cls(
            decision=verdict.decision,
            at=verdict.at,
            until=verdict.until,
            checks=[
                CheckOut(code=check.code, passed=check.passed, detail=check.detail, text=str(describe(check)))
                for check in verdict.checks
            ],
        )


class MessageIn(Schema):
    """``contact_point_id`` empty picks the best address; ``in_reply_to_id`` is the client's message answered."""

    channel: Written
    text: Text
    subject: Subject = ""
    purpose: SentPurpose = "service"
    contact_point_id: Id | None = None
    in_reply_to_id: Id | None = None
    not_before: Moment | None = None


class AskIn(Schema):
    """A message that might be sent, or a call that might be made."""

    channel: AnyChannel
    text: Text = ""
    subject: Subject = ""
    purpose: SentPurpose = "service"
    contact_point_id: Id | None = None


class MessageOut(Schema):
    id: int
    client_id: int | None
    direction: str
    channel: str
    purpose: str
    state: str
    address: str
    subject: str
    text: str
    fault: str
    detail: str
    parts: int
    in_reply_to_id: int | None
    created_at: datetime
    not_before: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    replied_at: datetime | None


class MessageFileOut(Schema):
    id: int
    name: str
    content_type: str
    size: int


class MessageWithVerdict(MessageOut):
    verdict: VerdictOut | None = None
    files: list[MessageFileOut]

    @staticmethod
    def resolve_files(message: Message) -> Any:
        return message.files.all()

    @staticmethod
    def resolve_verdict(message: Message) -> VerdictOut | None:
        return VerdictOut.of(Verdict.from_json(message.verdict)) if message.verdict else None


class TemplateWords(Schema):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    purpose: SentPurpose = "service"
    subject: Subject = ""
    body: Text


class TemplateIn(TemplateWords):
    code: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[-a-zA-Z0-9_]+$")]
    channel: Written
    language: Literal["ru", "en"] = "ru"


class TemplateOut(Schema):
    id: int
    code: str
    name: str
    channel: str
    language: str
    purpose: str
    subject: str
    body: str
    version: int
    state: str
    author_id: int | None
    approved_by_id: int | None
    created_at: datetime
    approved_at: datetime | None


class SmsSizeOut(Schema):
    """How many messages of the network an SMS is; ``units`` are characters, ``left`` fit before one more part."""

    alphabet: Literal["gsm", "ucs2"]
    units: int
    parts: int
    left: int


class TemplatePreviewIn(Schema):
    """Words to show on a client, by default the first in sight with an agent."""

    channel: Written
    purpose: SentPurpose = "service"
    subject: Subject = ""
    body: Text
    client_id: Id | None = None


class TemplatePreviewOut(Schema):
    """The text as the client would get it now; ``error`` says why it becomes nothing.

    What belongs to a contract stands as a sample: a template names no contract.
    """

    client_id: int | None
    client_name: str
    subject: str
    text: str
    error: str
    size: SmsSizeOut | None
    verdict: VerdictOut | None

    @classmethod
    def of(cls, seen: Preview) -> "TemplatePreviewOut":
        client = seen.client
        return cls(
            client_id=client.pk if client else None,
            client_name=client.name if client else "",
            subject=seen.subject,
            text=seen.text,
            error=seen.error,
            size=SmsSizeOut.from_orm(seen.size) if seen.size else None,
            verdict=VerdictOut.of(seen.verdict) if seen.verdict else None,
        )


class Caps(Schema):
    """Most messages to one client; null is no limit."""

    day: Cap | None = None
    week: Cap | None = None


class CommunicationPolicyIn(Schema):
    weekday_from: Clock
    weekday_to: Clock
    weekend_from: Clock
    weekend_to: Clock
    service: Caps = Caps()
    advertising: Caps = Caps()
    nda_patterns: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)] = []

    def values(self) -> dict[str, Any]:
        """What ``set_policy`` takes."""
        hours = {
            name: getattr(self, name) for name in ("weekday_from", "weekday_to", "weekend_from", "weekend_to")
        }
        caps = {name: getattr(self, name).dict(exclude_none=True) for name in ("service", "advertising")}
        return hours | {"caps": caps, "nda_patterns": self.nda_patterns}


class CommunicationPolicyOut(CommunicationPolicyIn):
    created_at: datetime | None
    created_by_id: int | None

    @classmethod
    def of(cls, policy: CommunicationPolicy) -> "CommunicationPolicyOut":
        return cls(
            weekday_from=policy.weekday_from,
            weekday_to=policy.weekday_to,
            weekend_from=policy.weekend_from,
            weekend_to=policy.weekend_to,
            service=Caps(**policy.caps.get("service", {})),
            advertising=Caps(**policy.caps.get("advertising", {})),
            nda_patterns=policy.nda_patterns,
            created_at=policy.created_at,
            created_by_id=policy.created_by_id,
        )
