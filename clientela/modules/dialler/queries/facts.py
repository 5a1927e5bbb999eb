"""What must be known before a client is called: the asker's word, the policy's, and what was tried today."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from clientela.foundation.hours import Hours, next_open
from clientela.modules.calls.models import Call
from clientela.modules.contacts import guards
from clientela.modules.contacts.queries import Ask, Assessed, assess_all, policy_in_force
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.rules.attempts import Made, may_call, narrowed
from clientela.modules.dialler.rules.outcomes import UNREACHED, counts


@dataclass(frozen=True, slots=True)
class Answer:
    """May this client be called now? ``until``: not before; ``dropped`` with ``fault``: not at all."""

    assessed: Assessed | None = None
    until: datetime | None = None
    dropped: str = ""
    fault: str = ""

    @property
    def may(self) -> bool:
        return not self.dropped and self.until is None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def zone_of(entry: Entry) -> ZoneInfo:
    """The client's zone; the company's where it is not known."""
    return _zone(entry.client.time_zone)


def hours_of(calling: CallingList) -> Hours:
    """When clients of a list may be called: the policy's hours within the list's own."""
    return narrowed(policy_in_force().hours, calling.opens, calling.closes)


def asleep(entries: "QuerySet[Entry]", hours: Hours, *, now: datetime) -> set[str]:
    """Zones of these entries' clients in which nobody may be called now; one statement."""
    zones = entries.order_by().values_list("client__time_zone", flat=True).distinct()
    return {name for name in zones if next_open(now, _zone(name), hours) != now}


def opens(entry: Entry, *, now: datetime) -> datetime:
    """When the client may be called at the earliest: the entry's own moment, or the morning."""
    at = max(entry.next_at, now)
    return next_open(at, zone_of(entry), hours_of(entry.calling), wish_of(entry)) or at


def wish_of(entry: Entry) -> tuple[time | None, time | None]:
    return entry.client.contact_from, entry.client.contact_to


def made(entry: Entry, *, now: datetime) -> Made:
    """What was tried for the entry in all, and with its client today, by whatever list."""
    zone = zone_of(entry)
    today = now.astimezone(zone).date()
    recent = [
        one
        for one in Attempt.objects.filter(
            client=entry.client_id, undone_at=None, began_at__gt=now - timedelta(days=2)
        )
        if one.began_at.astimezone(zone).date() == today
    ]
    talked = any(one.outcome and one.outcome not in UNREACHED for one in recent)
    return Made(entry.attempts, sum(counts(one.outcome) for one in recent), talked)


def may_be_called(entry: Entry, *, now: datetime) -> Answer:
    """Ask everybody who may forbid it: who wants the call, the communication policy, the rules of the list."""
    blocked = guards.blocked({entry.origin: [entry.origin_id]})
    if reason := blocked.get((entry.origin, entry.origin_id)):
        return Answer(dropped=reason, fault="guard")
    if entry.until <= now:
        return Answer(dropped="too_late", fault="rules")
    judged = assess_all([Ask(entry.client_id, "operator", entry.calling.purpose)], now=now)[0]
    verdict = judged.verdict
    if verdict.decision == "drop" or judged.point is None:
        return Answer(judged, dropped=verdict.reason, fault="policy")
    if verdict.decision == "wait" and verdict.until is not None:
        return Answer(judged, until=verdict.until)
    zone = zone_of(entry)
    begin, end = hours_of(entry.calling).of(now.astimezone(zone).date())
    local = now.astimezone(zone).time()
    rules = entry.calling.attempt_rules
    until = may_call(now, zone, made(entry, now=now), asked=entry.asked, rules=rules)
    if until == now and not begin <= local < end:
        until = next_open(now, zone, hours_of(entry.calling), wish_of(entry)) or entry.until
    return Answer(judged, until=until if until > now else None)


def in_call(client_ids: Collection[int]) -> set[int]:
    """Clients who talk with somebody of us right now."""
    rows = Call.objects.live().filter(client_id__in=client_ids).values_list("client_id", flat=True)
    return {pk for pk in rows if pk is not None}
