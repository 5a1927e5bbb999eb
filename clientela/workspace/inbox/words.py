"""Conversations in words: lines of the list, things said, why it is whose."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.dates import full_years
from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.contacts.models import PUBLIC, Conversation, Message, Publication
from clientela.modules.routing.models import WorkItem
from clientela.modules.routing.rules import Why
from clientela.modules.routing.rules.wording import ICONS, describe
from clientela.workspace.calls import words as calls
from clientela.workspace.inbox.queries import Said

SOON = 15 * 60


def language() -> str:
    return get_language() or "ru"


@dataclass(frozen=True)
class Due:
    """The deadline of an answer: ``kind`` is empty, warn (soon) or bad (over)."""

    text: str
    kind: str


def due(talk: Conversation, now: datetime) -> Due | None:
    """How long there is left to answer; nothing when nobody waits."""
    if talk.answer_by is None:
        return None
    left = talk.answer_by - now
    if left.total_seconds() < 0:
        return Due(_("late %(time)s") % {"time": formats.duration(-left, language())}, "bad")
    return Due(formats.duration(left, language()), "warn" if left.total_seconds() < SOON else "")


@dataclass(frozen=True)
class Line:
    """A conversation in the list."""

    talk: Conversation
    name: str
    is_client: bool
    text: str
    due: Due | None
    is_new: bool
    icon: str
    channel_name: str


def title_of(talk: Conversation) -> str:
    """The client's name; the address while nobody knows whose it is, the own words of who writes in public."""
    if talk.client is not None:
        return talk.client.name
    if talk.name:
        return talk.name
    return format_phone(talk.address) if talk.address.startswith("+") else talk.address


def line(talk: Conversation, user: Any, now: datetime) -> Line:
    text = talk.last_text
    if talk.last_is_ours:
        text = pgettext("conversation", "We: %(text)s") % {"text": text}
    return Line(
        talk=talk, name=title_of(talk), is_client=talk.client is not None or bool(talk.name), text=text, due=due(talk, now),
        is_new=talk.is_new and talk.assignee_id == user.pk, icon=CHANNELS[talk.channel][0],
        channel_name=str(CHANNELS[talk.channel][1]),
    )  # fmt: skip


@dataclass(frozen=True)
class Bubble:
    """One thing said: ``side`` is client, ours, note or call."""

    at: datetime
    side: str
    icon: str
    who: str
    subject: str
    text: str
    state: str = ""
    is_bad: bool = False
    message: Message | None = None
    files: list[Any] = field(default_factory=list)
    call_id: int = 0

    @property
    def public(self) -> Publication | None:
        """Where everybody reads it."""
        return getattr(self.message, "publication", None)

    @property
    def is_edit(self) -> bool:
        """Whether these words put an earlier message right."""
        return self.side == "client" and self.message is not None and self.message.detail.startswith("edits ")


@dataclass(frozen=True)
class Day:
    """What was said on one day of the client's clock."""

    day: date
    bubbles: list[Bubble]


def days(talk: Conversation, said: Iterable[Said], zone: Any) -> list[Day]:
    """Things said, day by day."""
    found: list[Day] = []
    for one in said:
        day = timezone.localtime(one.at, zone).date()
        if not found or found[-1].day != day:
            found.append(Day(day, []))
        if one.call is not None:
            found[-1].bubbles.append(_called(one))
        else:
            found[-1].bubbles.append(_note(one) if one.note else _message(talk, one))
    return found


def _called(one: Said) -> Bubble:
    call = one.call
    assert call is not None
    parts = [calls.state_of(call), calls.length(call), f"«{call.note}»" if call.note else ""]
    who = str(call.person) if call.person else ""
    return Bubble(
        one.at, "call", calls.icon_of(call), who, "", " · ".join(filter(None, parts)), call_id=call.pk
    )


def _note(one: Said) -> Bubble:
    assert one.note is not None
    return Bubble(one.at, "note", "lock", str(one.note.author or ""), "", one.note.text)


def _message(talk: Conversation, one: Said) -> Bubble:
    message = one.message
    assert message is not None
    icon = CHANNELS[message.channel][0]
    if message.direction == Message.Direction.IN:
        who = (
            talk.client.greeting
            if talk.client and message.channel not in PUBLIC
            else (message.sender or title_of(talk))
        )
        return Bubble(
            one.at, "client", icon, who, message.subject, message.text, message=message, files=list(message.files.all())
        )  # fmt: skip
    who = str(message.author) if message.author else _("By the plan") if message.origin else _("Clientela")
    state = str(message.get_state_display()).lower()
    if message.opened_at:
        at = formats.near_moment(
            message.opened_at, language(), timezone.now(), timezone.get_current_timezone()
        )
        state = _("read %(when)s") % {"when": at}
    bad = message.state in (Message.State.FAILED, Message.State.DROPPED)
    return Bubble(
        one.at,
        "ours",
        icon,
        who,
        message.subject,
        message.text,
        state,
        bad,
        message,
        list(message.files.all()),
    )


def reasons(talk: Conversation, user: Any, now: datetime) -> list[dict[str, str]]:
    """Why the conversation is whose it is, and by when an answer is due."""
    found = [
        {"icon": ICONS[Why(reason["why"])], "text": _because(reason, talk, user)} for reason in talk.reasons
    ]
    if talk.answer_by is not None and talk.waiting_since is not None:
        zone = timezone.get_current_timezone()
        values = {
            "since": formats.near_moment(talk.waiting_since, language(), now, zone),
            "until": formats.near_moment(talk.answer_by, language(), now, zone),
        }
        found.append(
            {
                "icon": "clock-hour-4",
                "text": _("The client waits since %(since)s; answer until %(until)s") % values,
            }
        )
    return found


def _because(reason: dict[str, Any], talk: Conversation, user: Any) -> str:
    if talk.assignee_id == user.pk:
        if reason["why"] == Why.OWNER:
            return _("You hold the client under the agreement %(agreement)s") % reason
        if reason["why"] == Why.TAKEN:
            return _("You took the conversation")
    return describe(reason, str(talk.assignee or ""))


@dataclass(frozen=True)
class Decided:
    """One decision about whose the conversation is."""

    at: datetime
    icon: str
    text: str


def decided(work: WorkItem | None, names: dict[int, str]) -> list[Decided]:
    """Every decision of routing, the newest first; ``names`` of the people it went to."""
    if work is None:
        return []
    return [
        Decided(
            datetime.fromisoformat(one["at"]), ICONS[Why(one["why"])], describe(one, names.get(one["to"], ""))
        )
        for one in reversed(work.decisions)
    ]


def writes(talk: Conversation) -> str:
    """How the client wrote last, or that it was us who wrote."""
    values = {"channel": CHANNELS[talk.channel][1]}
    return _("writes by %(channel)s") % values if talk.last_in_at else _("written to by %(channel)s") % values


def about(talk: Conversation, today: date) -> str:
    """Age, policies, since when a client: what fits into one line."""
    client = talk.client
    if client is None:
        return ""
    parts = []
    if client.birth_date:
        age = full_years(client.birth_date, today)
        parts.append(ngettext("%(n)s year old", "%(n)s years old", age) % {"n": age})
    held = client.policies_in_force
    parts.append(ngettext("%(n)s policy", "%(n)s policies", held) % {"n": held} if held else _("no policies"))
    if client.client_since:
        parts.append(_("since %(year)s") % {"year": client.client_since.year})
    return " · ".join(parts)
