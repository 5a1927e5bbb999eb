"""The plan of a term as people see it: what went, what will go, what will not, and why."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.foundation.dates import local_moment
from clientela.modules.contacts.models import Channel
from clientela.modules.renewals.models import Renewal, Step, Touch
from clientela.modules.renewals.queries.planning import spec, steps_in_force
from clientela.modules.renewals.queries.term_facts import facts_of
from clientela.modules.renewals.rules import Reason, StepSpec, TermFacts, is_audience, is_on_side, stop_reason

# The fill of a dot on the day track, by the state of the touch.
DOTS = {
    Touch.State.PLANNED: "plan",
    Touch.State.DISPATCHING: "plan",
    Touch.State.QUEUED: "plan",
    Touch.State.SENT: "sent",
    Touch.State.DELIVERED: "sent",
    Touch.State.DONE: "sent",
    Touch.State.OPENED: "open",
    Touch.State.REPLIED: "reply",
    Touch.State.FAILED: "fail",
    Touch.State.DROPPED: "drop",
}
KINDS = {"plan": "go", "sent": "done", "open": "done", "reply": "done", "fail": "fail", "drop": "no"}
PERIODS = {Channel.ROBOT, Channel.OPERATOR}


@dataclass(frozen=True)
class PlanEntry:
    """One step of the plan of one term. ``state`` is a touch state, or ``future`` for a step still to come.

    ``kind`` is go, wait, no, done or fail; ``at`` is when it went or is due, aware; ``reason`` is a code.
    """

    key: str
    day: int
    until_day: int | None
    date: date
    channel: str
    name: str
    state: str
    kind: str
    reason: str
    reason_text: str
    at: datetime | None
    verdict: dict[str, Any] = field(default_factory=dict)
    message_id: int | None = None
    touch_id: int | None = None


@dataclass(frozen=True)
class Glance:
    """The last or the next touch of a term in a line of a list; ``kind`` as in ``PlanEntry``."""

    channel: str
    name: str
    state: str
    kind: str
    reason: str
    reason_text: str
    at: datetime


@dataclass(frozen=True)
class Marks:
    """What the day track draws: dots, hatched periods, the whole as one sentence; the last and the next touch.

    ``next`` is the nearest touch that will go; where nothing will, the nearest one that is held back.
    """

    marks: list[dict[str, Any]]
    runs: list[dict[str, int]]
    label: str
    last: Glance | None = None
    next: Glance | None = None


def plan_of(renewal: Renewal, *, today: date) -> list[PlanEntry]:
    """The touches of one term merged with the steps still to come, earliest first."""
    touches = {t.step_key: t for t in renewal.touches.select_related("step").order_by("-day", "id")}
    facts = facts_of(renewal)
    entries = [_entry_of(touch, renewal) for touch in touches.values()]
    for step in steps_in_force(today):
        known = spec(step)
        if known.key not in touches and _to_come(known, facts, today=today):
            entries.append(_future(step, known, facts, renewal, today=today))
    order = {channel: number for number, channel in enumerate(Channel.values)}
    return sorted(entries, key=lambda e: (-e.day, order.get(e.channel, 9), e.key))


def _to_come(step: StepSpec, facts: TermFacts, *, today: date) -> bool:
    last_day = step.day if step.until_day is None else step.until_day
    return is_audience(step, facts) and facts.end_date - timedelta(days=last_day) >= today


def _entry_of(touch: Touch, renewal: Renewal) -> PlanEntry:
    return PlanEntry(
        key=touch.step_key,
        day=touch.day,
        until_day=touch.step.until_day if touch.step else None,
        date=renewal.end_date - timedelta(days=touch.day),
        channel=touch.channel,
        name=touch.step.name if touch.step else str(Channel(touch.channel).label),
        state=touch.state,
        kind="wait"
        if touch.state == Touch.State.QUEUED and touch.channel not in PERIODS
        else KINDS[DOTS[Touch.State(touch.state)]],
        reason=touch.reason,
        reason_text=touch.reason_detail or _reason_text(touch.reason),
        at=touch.sent_at or touch.due_at,
        verdict=touch.verdict,
        message_id=touch.message_id,
        touch_id=touch.pk,
    )


def _future(step: Step, known: StepSpec, facts: TermFacts, renewal: Renewal, *, today: date) -> PlanEntry:
    reason = stop_reason(known, facts, today=today)
    day = max(renewal.end_date - timedelta(days=step.day), today)
    return PlanEntry(
        key=known.key,
        day=step.day,
        until_day=step.until_day,
        date=renewal.end_date - timedelta(days=step.day),
        channel=step.channel,
        name=step.name,
        state="future",
        kind="no" if reason else "go",
        reason=reason or "",
        reason_text=_reason_text(reason or ""),
        at=local_moment(day, step.at_time, renewal.time_zone),
    )


def _reason_text(code: str) -> str:
    return str(Reason(code).label) if code in Reason.values else code


def marks_of(renewals: Iterable[Renewal], *, today: date) -> dict[int, Marks]:
    """The day tracks of a page of terms in two statements: their touches, and the steps in force.

    The terms must be loaded with ``product`` and ``bank``.
    """
    terms = list(renewals)
    touches: dict[int, list[Touch]] = defaultdict(list)
    for touch in Touch.objects.filter(renewal_id__in=[t.pk for t in terms]).order_by("-day", "id"):
        touches[touch.renewal_id].append(touch)
    steps = [(step, spec(step)) for step in steps_in_force(today)]
    return {term.pk: _marks(term, touches[term.pk], steps, today=today) for term in terms}


def _marks(term: Renewal, touches: list[Touch], steps: list[tuple[Step, StepSpec]], *, today: date) -> Marks:
    facts, known = facts_of(term), {touch.step_key for touch in touches}
    steps = [(s, found) for s, found in steps if is_on_side(found, facts)]
    marks, runs = [], []
    coming: list[Glance] = []
    periods = {s.key: (step.day, step.until_day) for step, s in steps if step.until_day is not None}
    for touch in touches:
        if touch.channel == Channel.ROBOT:
            if touch.state != Touch.State.DROPPED:
                first, last = periods.get(touch.step_key, (touch.day, None))
                runs.append({"first": first, "last": last if last is not None else touch.day})
            continue
        marks.append(_mark(touch.day, touch.channel, DOTS[Touch.State(touch.state)]))
    for step, found in steps:
        if found.key in known or not _to_come(found, facts, today=today):
            continue
        reason = stop_reason(found, facts, today=today)
        stopped = reason is not None
        coming.append(_coming(step, reason, term, today=today))
        if step.channel == Channel.ROBOT:
            if not stopped:
                runs.append(
                    {"first": step.day, "last": step.until_day if step.until_day is not None else step.day}
                )
        else:
            marks.append(_mark(step.day, step.channel, "drop" if stopped else "plan"))
    marks.sort(key=lambda m: -m["day"])
    seen = [_seen(touch, steps) for touch in touches]
    latest = max((g for g in seen if g.kind in {"done", "fail"}), key=lambda g: g.at, default=None)
    ahead = [g for g in seen if g.kind in {"go", "no"}] + coming
    edge = local_moment(today, time.min, term.time_zone)
    ahead = sorted((g for g in ahead if g.kind == "go" or g.at >= edge), key=lambda g: (g.kind != "go", g.at))
    return Marks(marks, runs, _sentence(term, marks, today=today), latest, ahead[0] if ahead else None)


def _seen(touch: Touch, steps: list[tuple[Step, StepSpec]]) -> Glance:
    name = next((step.name for step, found in steps if found.key == touch.step_key), "")
    return Glance(
        channel=touch.channel,
        name=name or str(Channel(touch.channel).label),
        state=touch.state,
        kind=KINDS[DOTS[Touch.State(touch.state)]],
        reason=touch.reason,
        reason_text=touch.reason_detail or _reason_text(touch.reason),
        at=touch.sent_at or touch.due_at,
    )


def _coming(step: Step, reason: Reason | None, term: Renewal, *, today: date) -> Glance:
    day = max(term.end_date - timedelta(days=step.day), today)
    return Glance(
        channel=step.channel,
        name=step.name,
        state="future",
        kind="no" if reason else "go",
        reason=reason or "",
        reason_text=_reason_text(reason or ""),
        at=local_moment(day, step.at_time, term.time_zone),
    )


def _mark(day: int, channel: str, state: str) -> dict[str, Any]:
    return {
        "day": day,
        "channel": channel,
        "state": state,
        "label": f"{Channel(channel).label}: {_word(state)}",
    }


def _word(state: str) -> str:
    return {
        "plan": _("planned"),
        "sent": _("sent"),
        "open": _("read"),
        "reply": _("answered"),
        "drop": _("will not go"),
        "fail": _("not delivered"),
        "wait": _("waits"),
    }[state]


def _sentence(term: Renewal, marks: list[dict[str, Any]], *, today: date) -> str:
    left = (term.end_date - today).days
    by_day: dict[int, list[str]] = defaultdict(list)
    for mark in marks:
        by_day[mark["day"]].append(mark["label"])
    days = "; ".join(
        _("%(day)s days before: %(touches)s") % {"day": d, "touches": ", ".join(t)} for d, t in by_day.items()
    )
    text = ngettext("%(n)s day left.", "%(n)s days left.", left) % {"n": left}
    return f"{text} {_('Touches')}: {days}" if days else text
