"""When a client is called again: as data, with the numbers that are shipped."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_moment
from clientela.foundation.hours import Hours, next_open
from clientela.foundation.refusals import Refusal
from clientela.modules.dialler.rules.outcomes import DATED, OVER, Outcome

_DAY = 24 * 60


class BadRules(Refusal):
    """The numbers of a list make no sense."""

    message = _("The numbers of attempts and pauses must be above zero, and no pause is longer than 30 days.")
    field = "rules"


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one list: attempts at most, in all and a day; pauses in minutes; whole days after a machine or a talk.

    ``no_answer_least`` … ``no_answer_most`` is a span: attempts of one day do not come at the same minute.
    """

    most: int = 9
    a_day: int = 3
    busy: int = 15
    failed: int = 30
    no_answer_least: int = 120
    no_answer_most: int = 240
    voicemail_days: int = 1
    unsaid_days: int = 1
    morning: str = "10:00"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The rules of a list; what is not set is as shipped. Raises ``BadRules``."""
        known = {field.name for field in fields(cls)}
        if not set(data) <= known:
            raise BadRules
        rules = cls(**data)
        numbers = [value for name, value in asdict(rules).items() if name != "morning"]
        if not all(type(value) is int and 1 <= value <= 30 * _DAY for value in numbers):
            raise BadRules
        if rules.no_answer_least > rules.no_answer_most or max(rules.most, rules.a_day) > 99:
            raise BadRules
        if max(rules.voicemail_days, rules.unsaid_days) > 30:
            raise BadRules
        try:
            time.fromisoformat(rules.morning)
        except (TypeError, ValueError):
            raise BadRules from None
        return rules

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Made:
    """What was tried with the client until now, the attempt just made included."""

    total: int
    today: int
    talked_today: bool = False


def narrowed(hours: Hours, opens: time | None, closes: time | None) -> Hours:
    """The policy's hours within those of a list: a list never calls when the policy would not."""
    return replace(
        hours,
        weekday_from=max(hours.weekday_from, opens or time.min),
        weekday_to=min(hours.weekday_to, closes or time.max),
        weekend_from=max(hours.weekend_from, opens or time.min),
        weekend_to=min(hours.weekend_to, closes or time.max),
    )


def next_attempt(
    outcome: str,
    *,
    now: datetime,
    zone: ZoneInfo,
    made: Made,
    until: datetime,
    spread: float,
    asked: datetime | None = None,
    hours: Hours | None = None,
    wish: tuple[time | None, time | None] = (None, None),
    rules: Rules | None = None,
) -> datetime | None:
    """When to call again; None: the entry is over. ``asked`` is the moment the client named, ``spread`` is 0 … 1.

    A client is talked to once a day unless they name a moment themselves. The answer is never in the quiet hours of
    the client's zone and never outside of the client's own wish; later than ``until`` is never.
    """
    hours, rules = hours or Hours(), rules or Rules()
    if outcome in OVER or (made.total >= rules.most and outcome not in DATED):
        return None
    at = (
        asked if outcome in DATED and asked is not None else _by_rule(outcome, now, zone, made, rules, spread)
    )
    opens = next_open(at, zone, hours, wish)
    return opens if opens is not None and opens <= until else None


def _by_rule(
    outcome: str, now: datetime, zone: ZoneInfo, made: Made, rules: Rules, spread: float
) -> datetime:
    if outcome == Outcome.VOICEMAIL:
        return _morning(now, zone, rules, rules.voicemail_days)
    if outcome == Outcome.UNSAID:
        return _morning(now, zone, rules, rules.unsaid_days)
    if made.talked_today or made.today >= rules.a_day or outcome in DATED:
        return _morning(now, zone, rules, 1)
    if outcome == Outcome.BUSY:
        return now + timedelta(minutes=rules.busy)
    if outcome == Outcome.FAILED:
        return now + timedelta(minutes=rules.failed)
    least, most = rules.no_answer_least, rules.no_answer_most
    return now + timedelta(minutes=least + round((most - least) * spread))


def may_call(now: datetime, zone: ZoneInfo, made: Made, *, asked: bool, rules: Rules) -> datetime:
    """``now``, or the next morning when the client was talked to or rung often enough today, by any list."""
    if not asked and (made.talked_today or made.today >= rules.a_day):
        return _morning(now, zone, rules, 1)
    return now


def _morning(now: datetime, zone: ZoneInfo, rules: Rules, days: int) -> datetime:
    day = now.astimezone(zone).date() + timedelta(days=days)
    return local_moment(day, time.fromisoformat(rules.morning), zone)
