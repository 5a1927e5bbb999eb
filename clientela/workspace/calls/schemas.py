"""Shapes of calls in the API."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.foundation.api.values import Clock
from clientela.modules.calls.models import Call, CallBack
from clientela.modules.calls.rules import Do
from clientela.workspace.calls.filters import CallFilter
from clientela.workspace.calls.words import title_of

Short = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=1000)]


class CallConditions(Schema):
    """As on the screen: ``box`` is all, live, missed or mine; days are of the person's clock."""

    box: Literal["all", "live", "missed", "mine"] = "all"
    direction: Literal["", "in", "out"] = ""
    outcome: Annotated[str, Field(max_length=16)] = ""
    since: date | None = None
    until: date | None = None
    name: Annotated[str, Field(max_length=120)] = ""

    def wanted(self) -> CallFilter:
        return CallFilter(**self.dict())


class CallOut(Schema):
    """``person_id`` talks or talked; ``offered_to_id`` is rung now. ``seconds``: how long they talked."""

    id: int
    title: str
    direction: str
    state: str
    client_id: int | None
    number: str
    our_number: str
    person_id: int | None
    offered_to_id: int | None
    reasons: list[dict[str, Any]]
    reason: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str
    cause: str
    note: str
    seconds: int

    @staticmethod
    def resolve_title(call: Call) -> str:
        return title_of(call)


class CallStepOut(Schema):
    at: datetime
    kind: str
    person_id: int | None
    facts: dict[str, Any]


class RecordingOut(Schema):
    id: int
    started_at: datetime
    seconds: int
    keep_until: date


class CallWithSteps(CallOut):
    steps: list[CallStepOut]


class DialIn(Schema):
    """A client of yours (and which of the client's numbers), or any number."""

    client_id: Id | None = None
    contact_point_id: Id | None = None
    number: Annotated[str, Field(max_length=40)] = ""
    reason: Short = ""


class CallTransferIn(Schema):
    """``person_id`` null gives the call to the queue. ``ask``: talk with the person first."""

    person_id: Id | None = None
    ask: bool = False


class KeysIn(Schema):
    keys: Annotated[str, Field(min_length=1, max_length=32)]


class RecordingSwitchIn(Schema):
    on: bool


class ListeningIn(Schema):
    whisper: bool = False


class OutcomeIn(Schema):
    outcome: Annotated[str, Field(max_length=16)]
    note: Annotated[str, Field(max_length=2000)] = ""


class CallerIn(Schema):
    client_id: Id


class CallBackOut(Schema):
    """Somebody who waits to be called; ``asked_at`` is the place in the queue."""

    id: int
    client_id: int | None
    number: str
    person_id: int | None
    why: str
    asked_at: datetime
    call_by: datetime
    times: int
    done_at: datetime | None
    result: str
    note: str


class CallBackResultIn(Schema):
    """``result``: talked, otherwise (settled in another way), not_reached, no_need."""

    result: Annotated[str, Field(max_length=12)] = CallBack.Result.NO_NEED.value
    note: Annotated[str, Field(max_length=500)] = ""


class MenuKeyIn(Schema):
    """``target_id``: the person or the menu that the key leads to."""

    key: Annotated[str, Field(min_length=1, max_length=1)]
    do: Do
    words: Annotated[str, Field(max_length=120)] = ""
    say: Words = ""
    target_id: Id | None = None

    def kept(self) -> dict[str, Any]:
        return {
            "key": self.key, "do": self.do.value, "words": self.words, "say": self.say, "target": self.target_id,
        }  # fmt: skip


class MenuIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    greeting: Annotated[str, Field(min_length=1, max_length=1000)]
    keys: Annotated[list[MenuKeyIn], Field(max_length=12)]
    opens: Clock | None = None
    closes: Clock | None = None
    closed: Words = ""
    greeting_sound_id: Id | None = None
    closed_sound_id: Id | None = None


class MenuOut(Schema):
    id: int
    name: str
    greeting: str
    keys: list[dict[str, Any]]
    opens: time | None
    closes: time | None
    closed: str
    greeting_sound_id: int | None
    closed_sound_id: int | None


class SoundOut(Schema):
    """A sound as telephones play it; ``text`` is what is said in it. ``code`` is its name in dialogues."""

    id: int
    name: str
    text: str
    use: str
    code: str
    seconds: int
    uploaded_at: datetime


class MusicIn(Schema):
    """``queue``: ``centre:1``, ``branch:2``, or empty for all others; ``sound_id`` null: what is usual."""

    queue: Annotated[str, Field(max_length=24)]
    sound_id: Id | None = None


class MusicOut(Schema):
    queue: str
    name: str
    sound_id: int | None


class SoundIn(Schema):
    """``use``: empty, or the announcement it takes the place of: recording, call-back."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    text: Words = ""
    use: Literal["", "recording", "call-back"] = ""


class NumberIn(Schema):
    value: Annotated[str, Field(min_length=2, max_length=20)]
    label: Annotated[str, Field(min_length=1, max_length=80)]
    branch_id: Id | None = None
    centre_id: Id | None = None
    menu_id: Id | None = None
    by_region: bool = False
    records: bool = False
    is_active: bool = True


class NumberOut(NumberIn):
    id: int
