"""The communication policy: whether a message may go to a client now, later or not at all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clientela.foundation.dates import local_moment
from clientela.foundation.hours import Hours, next_open
from clientela.modules.contacts.rules.links import foreign_links
from clientela.modules.contacts.rules.personal import personal_data
from clientela.modules.contacts.rules.sms import sms_size

Decision = Literal["send", "wait", "drop"]

CALLS = frozenset({"robot", "operator"})
LETTER = "letter"
PUBLIC = frozenset({"vk_wall"})
# How long after a client's own message an answer is a conversation and not a disturbance.
REPLY_WINDOW = timedelta(hours=24)
# SMS in parts, the rest in characters; more would be refused or cut by the network.
LONGEST: Mapping[str, int] = {
    "sms": 10,
    "vk": 4096,
    "telegram": 4096,
    "webchat": 4096,
    "vk_wall": 4096,
    "letter": 20_000,
    "email": 200_000,
}
_HOME = ZoneInfo("Europe/Moscow")
_FAR = 60


class Code(StrEnum):
    """What is checked, in the order in which reasons are given."""

    DO_NOT_CONTACT = "do_not_contact"
    CONTACT_POINT = "contact_point"
    CONSENT = "consent"
    AGENT_NDA = "agent_nda"
    LENGTH = "length"
    PUBLIC_DATA = "public_data"
    PREFERRED_CHANNEL = "preferred_channel"
    QUIET_HOURS = "quiet_hours"
    FREQUENCY = "frequency"


_WAITS = frozenset({Code.QUIET_HOURS, Code.FREQUENCY})


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the policy with its answer. ``detail`` holds JSON values only."""

    code: str
    passed: bool
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The policy's answer at the moment ``at``; failed checks stand first. ``until`` goes with wait."""

    decision: Decision
    checks: tuple[Check, ...]
    at: datetime
    until: datetime | None = None

    @property
    def reason(self) -> str:
        """Code of the weightiest failed check, empty when the message may go."""
        return next((check.code for check in self.checks if not check.passed), "")

    def to_json(self) -> dict[str, Any]:
        return {
            "decision": self.decision,
            "at": self.at.astimezone(UTC).isoformat(timespec="seconds"),
            "until": self.until.astimezone(UTC).isoformat(timespec="seconds") if self.until else None,
            "checks": [
                {"code": check.code, "passed": check.passed, "detail": check.detail} for check in self.checks
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The stored answer. Raises KeyError for JSON that is none."""
        return cls(
            decision=stored["decision"],
            checks=tuple(
                Check(item["code"], item["passed"], item.get("detail", {})) for item in stored["checks"]
            ),
            at=datetime.fromisoformat(stored["at"]),
            until=datetime.fromisoformat(stored["until"]) if stored.get("until") else None,
        )


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """The policy in force. ``caps``: purpose → {"day": n, "week": n}, a missing one is no limit.

    ``own_links`` are the beginnings of links that an agent's client may get (tracked, unsubscribe, pay).
    """

    hours: Hours = field(default_factory=Hours)
    caps: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    nda_patterns: tuple[re.Pattern[str], ...] = ()
    own_links: tuple[str, ...] = ()


DEFAULT_POLICY = PolicyRules(
    caps={"service": {"day": 3, "week": 10}, "advertising": {"day": 1, "week": 2}},
)


@dataclass(frozen=True, slots=True)
class PointFacts:
    """The contact point a message would go to. ``lacks`` is what a postal address is without."""

    verified: bool = True
    do_not_use: bool = False
    bad_since: date | None = None
    bad_reason: str = ""
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class SendFacts:
    """All that decides about one message. ``recent`` holds the moments of messages of the same purpose sent
    to this client by anybody in the last seven days; ``replies_to`` is when the client's message came that
    this one answers; ``awaited``: they have just asked for it in front of a screen. ``own_phones`` of the company (digits) may be written in public.
    """

    channel: str
    purpose: str
    time_zone: str
    point: PointFacts | None
    consent_since: datetime | None
    text: str = ""
    subject: str = ""
    html: str = ""
    has_agent: bool = False
    do_not_contact: bool = False
    do_not_contact_reason: str = ""
    contact_from: time | None = None
    contact_to: time | None = None
    preferred_channel: str = ""
    recent: tuple[datetime, ...] = ()
    replies_to: datetime | None = None
    own_phones: frozenset[str] = frozenset()
    awaited: bool = False


def consent_channel(channel: str) -> str:
    """The channel a consent is given for: robot and operator are both calls."""
    return "call" if channel in CALLS else channel


def assess(facts: SendFacts, policy: PolicyRules, now: datetime) -> Verdict:
    """The answer at the aware moment ``now``: drop beats wait, wait gives the next allowed moment.

    An answer in public goes to nobody's address: it needs no consent and wakes nobody, but everybody reads it. What
    somebody waits for in front of a screen is asked for by the press of a button, at any hour.
    """
    if facts.awaited:
        check = _length(facts)
        return Verdict("send" if check.passed else "drop", (check,), now)
    if facts.channel in PUBLIC:
        checks = [_public_data(facts), _length(facts)]
        if facts.has_agent:
            checks.append(_agent_nda(facts, policy))
        checks.sort(key=lambda check: check.passed)
        return Verdict("send" if all(check.passed for check in checks) else "drop", tuple(checks), now)
    zone = _zone(facts.time_zone)
    checks = [_do_not_contact(facts), _contact_point(facts), _consent(facts)]
    if facts.channel not in CALLS:
        if facts.has_agent:
            checks.append(_agent_nda(facts, policy))
        checks.append(_length(facts))
    if facts.purpose == "advertising" and facts.preferred_channel:
        checks.append(_preferred_channel(facts))
    if facts.channel == LETTER:  # paper rings at no hour and lies in no queue of messages
        until: datetime | None = now
    elif facts.replies_to is not None and now - facts.replies_to <= REPLY_WINDOW:
        checks += [
            Check(Code.QUIET_HOURS, True, {"reply": True}),
            Check(Code.FREQUENCY, True, {"reply": True}),
        ]
        until = now
    else:
        opens = next_open(now, zone, policy.hours, (facts.contact_from, facts.contact_to))
        frequency = _frequency(facts, policy, zone, now)
        checks += [_quiet_hours(facts, policy, zone, now, opens), frequency]
        until = now if opens == now and frequency.passed else _next_allowed(facts, policy, zone, opens)
    checks.sort(key=lambda check: check.passed)
    failed = [check for check in checks if not check.passed]
    if not failed:
        return Verdict("send", tuple(checks), now)
    if until is None or any(check.code not in _WAITS for check in failed):
        return Verdict("drop", tuple(checks), now)
    return Verdict("wait", tuple(checks), now, until)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return _HOME


def _do_not_contact(facts: SendFacts) -> Check:
    detail = {"reason": facts.do_not_contact_reason} if facts.do_not_contact else {}
    return Check(Code.DO_NOT_CONTACT, not facts.do_not_contact, detail)


def _contact_point(facts: SendFacts) -> Check:
    point, detail = facts.point, {"channel": consent_channel(facts.channel)}
    if point is None:
        return Check(Code.CONTACT_POINT, False, detail | {"fault": "missing"})
    if point.do_not_use:
        return Check(Code.CONTACT_POINT, False, detail | {"fault": "do_not_use"})
    if point.lacks:
        return Check(Code.CONTACT_POINT, False, detail | {"fault": "incomplete", "lacks": point.lacks})
    if point.bad_since is not None:
        bad = {"fault": "bad", "since": point.bad_since.isoformat(), "reason": point.bad_reason}
        return Check(Code.CONTACT_POINT, False, detail | bad)
    return Check(Code.CONTACT_POINT, True, detail | {"verified": point.verified})


def _consent(facts: SendFacts) -> Check:
    detail = {"purpose": facts.purpose, "channel": consent_channel(facts.channel)}
    if facts.channel == LETTER and facts.purpose == "service":  # the contract itself is the ground to write
        return Check(Code.CONSENT, True, detail | {"contract": True})
    if facts.consent_since is None:
        return Check(Code.CONSENT, False, detail)
    since = facts.consent_since.astimezone(_zone(facts.time_zone)).date()
    return Check(Code.CONSENT, True, detail | {"since": since.isoformat()})


def _agent_nda(facts: SendFacts, policy: PolicyRules) -> Check:
    whole = "\n".join((facts.subject, facts.text, facts.html))
    found = foreign_links(whole, policy.own_links)
    found += [match.group() for pattern in policy.nda_patterns if (match := pattern.search(whole))]
    found = [words[:80] for words in dict.fromkeys(found)][:5]
    return Check(Code.AGENT_NDA, not found, {"found": found} if found else {})


def _public_data(facts: SendFacts) -> Check:
    found = [list(one) for one in personal_data(facts.text, facts.own_phones)]
    return Check(Code.PUBLIC_DATA, not found, {"found": found} if found else {})


def _length(facts: SendFacts) -> Check:
    limit = LONGEST.get(facts.channel, LONGEST["email"])
    size = sms_size(facts.text).parts if facts.channel == "sms" else max(len(facts.text), len(facts.html))
    detail = {"channel": facts.channel, "size": size, "limit": limit}
    if not facts.text.strip():
        return Check(Code.LENGTH, False, detail | {"empty": True})
    return Check(Code.LENGTH, size <= limit, detail)


def _preferred_channel(facts: SendFacts) -> Check:
    detail = {"channel": consent_channel(facts.channel), "preferred": facts.preferred_channel}
    wanted = facts.preferred_channel in (facts.channel, consent_channel(facts.channel))
    return Check(Code.PREFERRED_CHANNEL, wanted, detail)


def _quiet_hours(
    facts: SendFacts, policy: PolicyRules, zone: ZoneInfo, now: datetime, opens: datetime | None
) -> Check:
    wish = (facts.contact_from, facts.contact_to)
    local = now.astimezone(zone)
    begin, end = policy.hours.of(local.date())
    detail: dict[str, Any] = {
        "local": local.time().isoformat("minutes"),
        "zone": zone.key,
        "from": begin.isoformat("minutes"),
        "to": end.isoformat("minutes"),
    }
    if facts.contact_from or facts.contact_to:
        detail["wish"] = [moment.isoformat("minutes") if moment else "" for moment in wish]
    if opens is None:
        detail["never"] = True
    return Check(Code.QUIET_HOURS, opens == now, detail)


def _days_of(facts: SendFacts, zone: ZoneInfo) -> list[date]:
    return [moment.astimezone(zone).date() for moment in facts.recent]


def _counts(days: list[date], day: date) -> tuple[int, int]:
    """Messages on ``day`` and in the seven days that end with it."""
    return days.count(day), sum(day - timedelta(days=6) <= one <= day for one in days)


def _within(caps: Mapping[str, int], counts: tuple[int, int]) -> bool:
    return all(
        name not in caps or count < caps[name] for name, count in zip(("day", "week"), counts, strict=True)
    )


def _frequency(facts: SendFacts, policy: PolicyRules, zone: ZoneInfo, now: datetime) -> Check:
    caps = policy.caps.get(facts.purpose, {})
    counts = _counts(_days_of(facts, zone), now.astimezone(zone).date())
    detail = {"today": counts[0], "week": counts[1], "purpose": facts.purpose}
    detail |= {f"{name}_cap": caps[name] for name in ("day", "week") if name in caps}
    return Check(Code.FREQUENCY, _within(caps, counts), detail)


def _next_allowed(
    facts: SendFacts, policy: PolicyRules, zone: ZoneInfo, opens: datetime | None
) -> datetime | None:
    """The first moment from ``opens`` on that both the hours and the caps allow, if nothing else is sent."""
    caps, days = policy.caps.get(facts.purpose, {}), _days_of(facts, zone)
    moment = opens
    for _ in range(_FAR):
        moment = (
            next_open(moment, zone, policy.hours, (facts.contact_from, facts.contact_to)) if moment else None
        )
        if moment is None:
            return None
        day = moment.astimezone(zone).date()
        if _within(caps, _counts(days, day)):
            return moment
        moment = local_moment(day + timedelta(days=1), time.min, zone)
    return None
